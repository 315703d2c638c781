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
        let wanted: [(GitReference, String)] = [
            (.branch("main"), "the branch \"main\""), (.tag("v1"), "the tag \"v1\""),
            (.versions(try #require(VersionRange("^1.2"))), "a tag in ^1.2"),
        ]
        let answers = try await fixture.source.heads(of: wanted.map(\.0), at: app.url)
        for (answer, (_, words)) in zip(answers, wanted) {
            #expect(throws: GitError.self) { try answer.get() }
            guard case .failure(let error) = answer else { continue }
            #expect(error.message == "the repository has no commit yet; push \(words)")
        }
    }

    /// Not the repository's fault, and told in the operating system's words.
    @Test func noPlaceForMirrors() async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        try app.commit("one")
        let file = FileManager.default.createFile(atPath: fixture.root + "/mirrors", contents: nil)
        #expect(file)
        await #expect {
            try await fixture.source.head(of: "main", at: app.url)
        } throws: { error in
            let text = "\(error)"
            return text.contains("create the mirror") && text.contains(": file exists")
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

    /// A team that deletes its only branch is not told that it has to begin.
    @Test func vanishedLastBranch() async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        let id = try app.commit("one")
        _ = try await fixture.source.head(of: "main", at: app.url)
        try app.git("update-ref", "-d", "refs/heads/main")
        await expectError(.branchMissing) {
            try await fixture.source.head(of: "main", at: app.url)
        }
        #expect(try await fixture.source.lastFetched(branch: "main", at: app.url)?.id == id)
    }

    @Test func codesAreWordsForPeopleToo() {
        let error = GitError(.pathMissing, operation: "open /x", message: "there is no such path")
        #expect(
            "\(error)"
                == "open /x: there is no such path; mend url: in gyre.yaml [path-missing]"
        )
        #expect(GitError.Code.notARepository.word == "not-a-repository")
        #expect(GitError.Code.failed.word == "failed")
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

    @Test func aBranchThatNamesNoCommit() async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        let id = try app.commit("one")
        try app.git("tag", "-a", "-m", "tag", "v1")
        let tag = try app.git("rev-parse", "refs/tags/v1")
        let ref = URL(filePath: app.path + "/.git/refs/heads/main")
        for _ in 0..<2 {
            try Data((tag + "\n").utf8).write(to: ref)
            await expectError(.notACommit) {
                try await fixture.source.head(of: "main", at: app.url)
            }
            try Data((id + "\n").utf8).write(to: ref)
            #expect(try await fixture.source.head(of: "main", at: app.url).id == id)
        }
        try Data((tag + "\n").utf8).write(to: ref)
        await expectError(.notACommit) { try await fixture.source.head(of: "main", at: app.url) }
        #expect(try await fixture.source.lastFetched(branch: "main", at: app.url)?.id == id)
    }

    @Test func unsupportedKinds() async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        try app.commit("one")
        try app.commit("two")
        let shallow = fixture.root + "/shallow"
        try app.git("clone", "-q", "--depth", "1", "file://" + app.path, shallow)
        let url = try RepositoryURL(parsing: shallow)
        await expectError(.unsupported) { try await fixture.source.head(of: "main", at: url) }

        let newer = WorkTree(path: fixture.root + "/sha256")
        try app.git("init", "-q", "-b", "main", "--object-format=sha256", newer.path)
        try newer.commit("one")
        await expectError(.unsupported) {
            try await fixture.source.head(of: "main", at: newer.url)
        }
    }

    @Test func aFetchWithoutBounds() async throws {
        var rules = GitRules()
        rules.limits.pack = .mebibytes(1)
        let fixture = try Fixture(rules)
        let app = try fixture.repository()
        let id = try app.commit("one")
        _ = try await fixture.source.head(of: "main", at: app.url)
        try run(["dd", "if=/dev/urandom", "of=\(app.path)/large", "bs=1M", "count=8"])
        try app.commit("two")
        await expectError(.tooLarge) { try await fixture.source.head(of: "main", at: app.url) }
        #expect(try await fixture.source.lastFetched(branch: "main", at: app.url)?.id == id)
        let mirror = try #require(fixture.mirrors().first)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: mirror + "/objects/pack").count
                == 2,
            "one pack and its index"
        )
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
