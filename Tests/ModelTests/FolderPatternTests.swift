import Model
import Testing

@Suite struct FolderPatternTests {
    @Test(arguments: [
        ("teams/*", ["teams/a", "teams/b.c"], ["teams", "teams/a/b", "teams/.a", "x/a"]),
        ("./teams/*/deploy/", ["teams/a/deploy"], ["teams/deploy", "teams/a/b/deploy"]),
        ("apps/**", ["apps", "apps/a", "apps/a/b"], ["app", "apps/.git", "apps/a/.b/c"]),
        ("**/prod", ["prod", "a/prod", "a/b/prod"], ["a/prod/b", "a/nonprod"]),
        ("a/**/b/**/c", ["a/b/c", "a/x/b/y/z/c"], ["a/c", "b/c"]),
        ("web-*-eu*", ["web-1-eu", "web-a-b-eu2"], ["web-eu", "web-1-us"]),
        ("*a*a", ["aa", "xaya"], ["a", "ab"]),
        (".*", [".a"], ["a"]),
        ("fixed", ["fixed"], ["fixed/a", ""]),
    ])
    func matches(_ text: String, _ inside: [String], _ outside: [String]) throws {
        let pattern = try #require(FolderPattern(text))
        for folder in inside { #expect(pattern.matches(folder), "\(folder)") }
        for folder in outside { #expect(!pattern.matches(folder), "\(folder)") }
    }

    @Test func knowsWhatAllMatchesShare() throws {
        #expect(try #require(FolderPattern("a/b/*/c")).base == "a/b")
        #expect(try #require(FolderPattern("**")).base == "")
    }

    @Test(arguments: [
        ("teams/*", "teams/a", "a"), ("teams/*/deploy", "teams/a/deploy", "a"),
        ("apps/**", "apps/a/b", "b"), ("apps/**/a/b", "apps/x/y/a/b", "y"),
        ("**/prod", "prod", "prod"), ("web-*", "web-eu", "web-eu"), ("a/b", "a/b", "b"),
    ])
    func names(_ text: String, _ folder: String, _ name: String) throws {
        let pattern = try #require(FolderPattern(text))
        #expect(pattern.matches(folder) && pattern.name(of: folder) == name)
    }

    @Test(arguments: ["", ".", "/a", "a/../b", "a**", "a\nb"])
    func refuses(_ text: String) { #expect(FolderPattern(text) == nil) }

    /// A pattern is an operator's, a path anybody's: neither may cost more than their product.
    @Test func isQuickOnNastyPaths() throws {
        let pattern = try #require(FolderPattern("**/a*a*a*a*a*a*b/**/a*a*a*a*b/**/c"))
        let name = String(repeating: "a", count: 250)
        #expect(!pattern.matches(Array(repeating: name, count: 16).joined(separator: "/")))
    }
}
