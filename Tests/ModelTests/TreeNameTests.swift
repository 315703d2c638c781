import Model
import Testing

/// Names that mislead who looks at a tree elsewhere.
@Suite struct TreeNameTests {
    @Test(arguments: [
        ".git", ".GIT", ".Git", "git~1", "GIT~1", ".g\u{200C}it", ".git ", ".git.", ".git. . ",
        ".git::$INDEX_ALLOCATION", "\u{FEFF}.git", "", ".", "..", "a/b", "a\nb", "\u{1B}[2J", "x\r",
        "x\u{7F}",
    ])
    func isRefused(name: String) { #expect(TreeName.objection(to: name) != nil) }

    @Test(arguments: [
        ".gitignore", ".gitattributes", ".gitmodules", ".github", "git", "git~2", "a.git", ".gitx",
        "compose.yaml", "naïve ✨.txt", " .git x", "...",
    ])
    func isTaken(name: String) { #expect(TreeName.objection(to: name) == nil) }

    @Test func aLinkIsNotTheSameAsAnotherEntryButForCase() {
        let file = Snapshot.Entry.file([])
        let link = Snapshot.Entry.link(".git")
        #expect(Snapshot.linkInDisguise(["A/x": file, "a": link]) == "a")
        #expect(Snapshot.linkInDisguise(["d/README": link, "d/readme": file]) == "d/README")
        #expect(Snapshot.linkInDisguise(["a": link, "A": link]) != nil)
        #expect(Snapshot.linkInDisguise(["A/x": file, "a/x": file]) == nil)
        #expect(Snapshot.linkInDisguise(["a": link, "ab": file, "b/A": file]) == nil)
        #expect(Snapshot.linkInDisguise(["a/b": link, "a/B/c/d": file]) == "a/b")
        #expect(Snapshot.linkInDisguise(["a": link, "b": link, "c/d/e": file]) == nil)
    }
}
