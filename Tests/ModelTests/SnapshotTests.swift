import Model
import Testing

@Suite struct SnapshotTests {
    @Test func filesAreRead() throws {
        let snapshot = tree(["a/b.txt": .file([1, 2]), "c": .file([])])
        #expect(try snapshot.read("a/b.txt") == [1, 2])
        #expect(try snapshot.read("./a/./b.txt") == [1, 2])
        #expect(try snapshot.read("a//b.txt") == [1, 2])
        #expect(try snapshot.read("a/../c") == [])
        #expect(snapshot.hasFile("c"))
        #expect(snapshot.isDirectory("a"))
        #expect(snapshot.isDirectory(""))
        #expect(!snapshot.isDirectory("c"))
    }

    @Test func whyAPathCannotBeRead() {
        let snapshot = tree([
            "a/b": .file([]), "large": .omitted(byteCount: 9), "module": .submodule,
        ])
        #expect(throws: Snapshot.ReadError.missing) { try snapshot.read("x") }
        #expect(throws: Snapshot.ReadError.isDirectory) { try snapshot.read("a") }
        #expect(throws: Snapshot.ReadError.tooLarge(byteCount: 9)) { try snapshot.read("large") }
        #expect(throws: Snapshot.ReadError.submodule) { try snapshot.read("module") }
        #expect(snapshot.hasFile("large"))
    }

    /// What stands in a file's place is not no file.
    @Test(arguments: ["folder", "module", "large", "astray", "up/astray", "outside"])
    func whatCannotBeReadStandsThere(path: String) {
        let snapshot = tree([
            "folder/b": .file([]), "large": .omitted(byteCount: 9), "module": .submodule,
            "astray": .link("nowhere"), "outside": .link("/etc/passwd"),
            "deep/er/astray": .link("../../../x"), "up": .link("deep/er"),
        ])
        #expect(snapshot.hasFile(path))
        #expect(throws: Snapshot.ReadError.self) { try snapshot.read(path) }
        #expect(!snapshot.hasFile(path + "2"))
        #expect(!snapshot.hasFile(path + "/compose.yaml"))
    }

    /// What is no folder is told from a folder that isn't there.
    @Test(arguments: [
        ("module", FolderObstacle("module", .submodule)),
        ("./module/deep/", FolderObstacle("module", .submodule)),
        ("b/file", FolderObstacle("b/file", .file)),
        ("large/x", FolderObstacle("large", .file)),
        ("nowhere", FolderObstacle("nowhere", .link(target: "x", .nowhere))),
        ("nowhere/x", FolderObstacle("nowhere", .link(target: "x", .nowhere))),
        ("etc", FolderObstacle("etc", .link(target: "/etc", .outside))),
        ("b/up", FolderObstacle("b/up", .link(target: "../../b", .outside))),
        ("self", FolderObstacle("self", .link(target: "self", .circle))),
        ("into", FolderObstacle("into", .link(target: "module/x", .submodule))),
        ("beside", FolderObstacle("beside", .link(target: "b/file", .file))),
        ("alias/file", FolderObstacle("alias/file", .file)),
        ("b", nil), ("alias", nil), ("root", nil), ("root/b", nil), ("", nil), (".", nil),
        ("gone", nil), ("gone/x", nil), ("b/gone", nil), ("alias/gone", nil),
    ])
    func whatStandsInAFoldersPlace(path: String, obstacle: FolderObstacle?) {
        let snapshot = tree([
            "b/file": .file([]), "large": .omitted(byteCount: 9), "module": .submodule,
            "nowhere": .link("x"), "etc": .link("/etc"), "b/up": .link("../../b"),
            "self": .link("self"), "into": .link("module/x"), "beside": .link("b/file"),
            "alias": .link("b"), "root": .link("."),
        ])
        #expect(snapshot.obstacle(at: path) == obstacle)
    }

    @Test func linksAreFollowedInsideTheTree() throws {
        let snapshot = tree([
            "shared/web.yaml": .file([7]), "astro/web.yaml": .link("../shared/web.yaml"),
            "current": .link("shared"), "again": .link("current"),
        ])
        #expect(try snapshot.read("astro/web.yaml") == [7])
        #expect(try snapshot.read("current/web.yaml") == [7])
        #expect(try snapshot.resolve("again/web.yaml") == "shared/web.yaml")
        #expect(snapshot.hasFile("again/web.yaml"))
    }

    /// Work that grows with what is asked times what is there takes hours here.
    @Test(.timeLimit(.minutes(2)))
    func lookingForWhatIsMissingWalksNothing() {
        var entries: [String: Snapshot.Entry] = [:]
        for index in 0..<100_000 { entries["d\(index / 2)/f\(index % 2)"] = .file([]) }
        let snapshot = tree(entries)
        var found = 0
        for index in 0..<50_000 {
            if snapshot.hasFile("d\(index)/compose.yaml") { found += 1 }
            if snapshot.isDirectory("e\(index)") { found += 1 }
            if (try? snapshot.read("d\(index)/none")) != nil { found += 1 }
        }
        #expect(found == 0)
        #expect(snapshot.isDirectory("d49999") && !snapshot.isDirectory("d50000"))
        #expect(snapshot.folders(in: "").count == 50_000)
    }

    @Test func foldersAreThoseThatHoldSomething() {
        let snapshot = tree(["a/b/c/d": .file([]), "a/x": .link("b"), "ab/y": .submodule])
        #expect(snapshot.folders(in: "") == ["a", "ab"])
        #expect(snapshot.folders(in: "a") == ["b"])
        #expect(snapshot.folders(in: "a/b") == ["c"])
        #expect(snapshot.folders(in: "a/b/c") == [] && snapshot.folders(in: "b") == [])
        for path in ["a", "a/b", "a/b/c", "ab"] { #expect(snapshot.isDirectory(path)) }
        for path in ["a/b/c/d", "a/x", "ab/y", "b", "a/"] { #expect(!snapshot.isDirectory(path)) }
    }

    /// A path that a tenant writes has a bound for what it costs, links and all.
    @Test func aPathHasNoMoreComponentsThanAnyTree() {
        let circles = String(repeating: "b/../", count: 100)
        let snapshot = tree(["a/b/c": .file([7]), "l": .link("\(circles)a"), "dot": .link(".")])
        #expect(snapshot.hasFile("\(String(repeating: "a/../", count: 100))a/b/c"))
        #expect(snapshot.hasFile("l/b/c"))
        #expect(throws: Snapshot.ReadError.missing) {
            try snapshot.read(String(repeating: "a/../", count: 200) + "a/b/c")
        }
        #expect(throws: Snapshot.ReadError.tooManyLinks) { try snapshot.read("l/../l/b/c") }
        #expect(snapshot.obstacle(at: String(repeating: "dot/", count: 300) + "a/b/c") == nil)
    }

    /// As the kernel does it: `..` is taken of where a link leads, not of its name.
    @Test func dotsComeAfterLinks() throws {
        let snapshot = tree([
            "deep/er/x": .file([1]), "deep/y": .file([2]), "y": .file([3]),
            "link": .link("deep/er"),
        ])
        #expect(try snapshot.read("link/../y") == [2])
    }

    @Test(arguments: [
        "/etc/passwd", "..", "../x", "a/../../a/b", "a/b/../../../a/b", "out", "up/b",
    ])
    func nothingLeavesTheTree(path: String) {
        let snapshot = tree([
            "a/b": .file([]), "out": .link("/etc/passwd"), "up": .link("../../a"),
        ])
        #expect(throws: Snapshot.ReadError.outsideTree) { try snapshot.read(path) }
    }

    @Test func loopsEnd() {
        let snapshot = tree([
            "self": .link("self"), "a": .link("b"), "b": .link("a"),
            "grows": .link("grows/grows/grows"),
        ])
        for path in ["self", "a", "b/c", "grows"] {
            #expect(throws: Snapshot.ReadError.tooManyLinks, "\(path)") {
                try snapshot.read(path)
            }
        }
    }

    @Test func aChainOfFortyLinksIsTheLongest() throws {
        var entries: [String: Snapshot.Entry] = ["l0": .file([1])]
        for number in 1...41 { entries["l\(number)"] = .link("l\(number - 1)") }
        let snapshot = tree(entries)
        #expect(try snapshot.read("l40") == [1])
        #expect(throws: Snapshot.ReadError.tooManyLinks) { try snapshot.read("l41") }
    }

    @Test func foldersAreListed() {
        let snapshot = tree([
            "b/compose.yaml": .file([]), "a/x/y": .file([]), "file": .file([]),
            "ab/z": .file([]),
        ])
        #expect(snapshot.folders(in: "") == ["a", "ab", "b"])
        #expect(snapshot.folders(in: "a") == ["x"])
        #expect(snapshot.folders(in: "b") == [])
    }

    private func tree(_ entries: [String: Snapshot.Entry]) -> Snapshot {
        Snapshot(commit: Commit(id: "1", author: "a", seconds: 0, message: ""), entries: entries)
    }
}
