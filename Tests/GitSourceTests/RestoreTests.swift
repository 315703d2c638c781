import Foundation
import GitSource
import Model
import Testing

@Suite struct RestoreTests {
    private let fixture: Fixture
    private let app: WorkTree
    private let bare: RepositoryURL

    init() throws {
        fixture = try Fixture()
        app = try fixture.repository()
        try app.write("one", to: "web/compose.yaml")
        try app.write("same", to: "other/file")
        try app.commit("one")
        try app.git("tag", "one")
        try app.write("two", to: "web/compose.yaml")
        try app.write("added", to: "web/deep/er/added")
        try app.write("new", to: "new/file")
        try app.commit("two")
        try app.git("clone", "-q", "--bare", ".", fixture.root + "/bare.git")
        bare = try RepositoryURL(parsing: fixture.root + "/bare.git")
    }

    private func git(_ arguments: String...) throws -> String {
        try run(["git", "-C", bare.path] + arguments)
    }

    private func restore(
        _ path: String,
        except: Set<String> = [],
        on branch: String = "main"
    ) async throws -> Commit? {
        try await restored(path, except: except, on: branch).commit
    }

    private func restored(
        _ path: String,
        except: Set<String> = [],
        on branch: String = "main",
        isPushed: Bool = true
    ) async throws -> Restored {
        _ = try await fixture.source.head(of: branch, at: bare)
        let one = try await fixture.source.commit(try app.git("rev-parse", "one"), at: bare)
        let restoration = Restoration(
            path,
            except: except,
            from: one,
            onto: branch,
            message: "Roll back \(path)\n\nBy Ada.",
            author: .init(name: "Gyre", email: "gyre@example.org", seconds: 1_800_000_000)
        )
        return try await fixture.source.restore(restoration, at: bare, isPushed: isPushed)
    }

    @Test func replacesAFolderAndNothingElse() async throws {
        let before = try git("rev-parse", "main")
        let commit = try #require(try await restore("./web/"))
        #expect(try git("rev-parse", "main") == commit.id)
        #expect(try git("rev-parse", "main~1") == before)
        #expect(commit.subject == "Roll back ./web/" && commit.seconds == 1_800_000_000)
        #expect(
            try git("ls-tree", "-r", "--name-only", "main").split(separator: "\n")
                == ["new/file", "other/file", "web/compose.yaml"]
        )
        #expect(try git("show", "main:web/compose.yaml") == "one")
        #expect(try git("fsck", "--strict") == "")
        #expect(try await fixture.source.lastFetched(branch: "main", at: bare) == commit)
    }

    @Test func leavesWhatIsExcepted() async throws {
        _ = try await restore("", except: ["web/deep", "new"])
        #expect(
            try git("ls-tree", "-r", "--name-only", "main").split(separator: "\n")
                == ["new/file", "other/file", "web/compose.yaml", "web/deep/er/added"]
        )
        #expect(try git("show", "main:web/compose.yaml") == "one")
        #expect(try await restore("web", except: ["web/compose.yaml", "web/deep"]) == nil)
    }

    @Test func tellsWhatItChanges() async throws {
        let before = try git("rev-parse", "main")
        let trial = try await restored("", isPushed: false)
        #expect(trial.tip.id == before && trial.commit == nil)
        #expect(
            trial.changes == [
                FileChange("new/file", .removed), FileChange("web/compose.yaml", .changed),
                FileChange("web/deep/er/added", .removed),
            ]
        )
        #expect(try git("rev-parse", "main") == before)
        #expect(try await restored("").changes == trial.changes)
        #expect(try await restored("").changes == [])
    }

    /// What is pushed by path runs no hook, so one that could say no is not passed by.
    @Test func passesNoHookBy() async throws {
        let hook = bare.path + "/hooks/update"
        try Data("#!/bin/sh\nexit 1\n".utf8).write(to: URL(filePath: hook))
        _ = try await restored("web")
        try run(["chmod", "+x", hook])
        await expectError(.unsupported) { try await restored("other/file") }
        #expect(try await restored("", isPushed: false).changes.count == 1)
    }

    @Test func findsCommitsOfTheBranchByTheStartOfTheirIDs() async throws {
        try app.git("checkout", "-q", "-b", "side", "one")
        let side = try app.commit("side")
        try app.git("push", "-q", bare.path, "side")
        let source = fixture.source
        _ = try await source.head(of: "main", at: bare)
        _ = try await source.head(of: "side", at: bare)
        let one = try app.git("rev-parse", "one")
        let main = GitReference.branch("main")
        for count in [7, 12, 40] {
            let start = String(one.prefix(count)).uppercased()
            #expect(try await source.commit(startingWith: start, in: main, at: bare).id == one)
        }
        let branch = GitReference.branch("side")
        #expect(try await source.commit(startingWith: side, in: branch, at: bare).id == side)
        for wrong in [side, "one", "abc", "0000000", one + "0", ""] {
            await expectError(.commitMissing) {
                try await source.commit(startingWith: wrong, in: main, at: bare)
            }
        }
    }

    @Test func removesWhatWasNotThere() async throws {
        _ = try await restore("new/file")
        #expect(
            try git("ls-tree", "-r", "--name-only", "main").split(separator: "\n")
                == ["other/file", "web/compose.yaml", "web/deep/er/added"]
        )
    }

    @Test func restoresTheRoot() async throws {
        _ = try await restore("")
        #expect(try git("rev-parse", "main^{tree}") == app.git("rev-parse", "one^{tree}"))
    }

    @Test func writesNothingWhereNothingDiffers() async throws {
        let before = try git("rev-parse", "main")
        #expect(try await restore("other") == nil)
        #expect(try await restore("never/there") == nil)
        #expect(try git("rev-parse", "main") == before)
    }

    @Test func beginsAtTheTipAsItIsNow() async throws {
        _ = try await fixture.source.head(of: "main", at: bare)
        try app.write("three", to: "other/file")
        try app.commit("three")
        try app.git("push", "-q", bare.path, "main")
        let commit = try #require(try await restore("web"))
        #expect(try git("rev-parse", "main") == commit.id)
        #expect(try git("show", "main:other/file") == "three")
    }

    @Test func needsTheBranch() async throws {
        await expectError(.branchMissing) { try await restore("web", on: "dev") }
    }
}
