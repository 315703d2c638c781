import Foundation
import GitSource
import Model
import Testing

/// What can't be read is an error, never an empty answer.
@Suite struct RefusalTests {
    @Test func emptyRepository() async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        await expectError(.emptyRepository) {
            try await fixture.source.head(of: "main", at: app.url)
        }
    }

    @Test func missingAndVanishedBranch() async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        let id = try app.commit("one")
        try app.git("branch", "dev")
        _ = try await fixture.source.head(of: "dev", at: app.url)
        try app.git("branch", "-D", "dev")
        await expectError(.branchMissing) {
            try await fixture.source.head(of: "dev", at: app.url)
        }
        #expect(try await fixture.source.lastFetched(branch: "dev", at: app.url)?.id == id)
    }

    @Test(arguments: ["", "a b", "../x", "*", "a..b", "-x/", "x.lock", "a\u{0}b", "refs/*"])
    func invalidBranch(_ branch: String) async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        try app.commit("one")
        await expectError(.invalidBranch) {
            try await fixture.source.head(of: branch, at: app.url)
        }
    }

    @Test func vanishedPath() async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        let id = try app.commit("one")
        _ = try await fixture.source.head(of: "main", at: app.url)
        try FileManager.default.removeItem(atPath: app.path)
        await expectError(.pathMissing) {
            try await fixture.source.head(of: "main", at: app.url)
        }
        #expect(try await fixture.source.lastFetched(branch: "main", at: app.url)?.id == id)
    }

    @Test func notARepository() async throws {
        let fixture = try Fixture()
        let folder = try RepositoryURL(parsing: fixture.root)
        await expectError(.notARepository) {
            try await fixture.source.head(of: "main", at: folder)
        }
        let file = WorkTree(path: fixture.root)
        try file.write("", to: "file")
        let url = try RepositoryURL(parsing: fixture.root + "/file")
        await expectError(.notARepository) {
            try await fixture.source.head(of: "main", at: url)
        }
    }

    @Test func corruptRemotePack() async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        for index in 0..<20 {
            try app.write(String(repeating: "line \(index)\n", count: 500), to: "f\(index)")
        }
        try app.commit("one")
        try app.git("gc", "-q")
        let folder = app.path + "/.git/objects/pack"
        let pack = try #require(
            FileManager.default.contentsOfDirectory(atPath: folder).first { $0.hasSuffix(".pack") }
        )
        var bytes = try Data(contentsOf: URL(filePath: "\(folder)/\(pack)"))
        for index in stride(from: 200, to: bytes.count - 20, by: 7) { bytes[index] ^= 0xFF }
        try run(["chmod", "-R", "u+w", folder])
        try bytes.write(to: URL(filePath: "\(folder)/\(pack)"))
        await expectError(.corruptRemote) {
            try await fixture.source.head(of: "main", at: app.url)
        }
    }

    @Test func unknownCommit() async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        try app.commit("one")
        let id = String(repeating: "1", count: 40)
        await expectError(.commitMissing) { try await fixture.source.commit(id, at: app.url) }
        await expectError(.commitMissing) { try await fixture.source.commit("x", at: app.url) }
        let commit = Commit(id: id, author: "", seconds: 0, message: "")
        await expectError(.commitMissing) {
            try await fixture.source.snapshot(of: commit, at: app.url)
        }
        let stack = try StackID(project: "shop", stack: "web")
        await expectError(.commitMissing) {
            try await fixture.source.markGood(commit, stack: stack, at: app.url)
        }
    }
}
