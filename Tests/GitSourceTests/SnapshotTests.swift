import Foundation
import GitSource
import Model
import Testing

@Suite struct SnapshotTests {
    @Test func readsFilesLinksAndSubmodules() async throws {
        let fixture = try Fixture()
        let library = try fixture.repository("library")
        try library.commit("one")
        let app = try fixture.repository()
        try app.write("services: {}\n", to: "web/compose.yaml")
        try app.write("secret\n", to: "shared/env")
        try app.write("", to: "empty")
        try FileManager.default.createSymbolicLink(
            atPath: app.path + "/web/env",
            withDestinationPath: "../shared/env"
        )
        try FileManager.default.createSymbolicLink(
            atPath: app.path + "/web/passwd",
            withDestinationPath: "/etc/passwd"
        )
        try FileManager.default.createSymbolicLink(
            atPath: app.path + "/web/up",
            withDestinationPath: "../../outside"
        )
        try app.git("submodule", "--quiet", "add", library.path, "vendor/library")
        try app.commit("one")

        let commit = try await fixture.source.head(of: "main", at: app.url)
        let snapshot = try await fixture.source.snapshot(of: commit, at: app.url, folder: "web")
        #expect(snapshot.commit == commit)
        #expect(try snapshot.read("web/compose.yaml") == Array("services: {}\n".utf8))
        #expect(try snapshot.read("web/env") == Array("secret\n".utf8))
        #expect(try snapshot.read("empty") == [])
        #expect(snapshot.entries["web/passwd"] == .link("/etc/passwd"))
        #expect(throws: Snapshot.ReadError.outsideTree) { try snapshot.read("web/passwd") }
        #expect(throws: Snapshot.ReadError.outsideTree) { try snapshot.read("web/up") }
        #expect(snapshot.entries["vendor/library"] == .submodule)
        #expect(snapshot.folders(in: "") == ["shared", "vendor", "web"])
    }

    @Test func leavesOutWhatIsLarge() async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        try app.write(String(repeating: "x", count: 1001), to: "web/large")
        try app.write(String(repeating: "x", count: 1000), to: "web/fits")
        for index in 0..<5 {
            try app.write(String(repeating: "\(index)", count: 900), to: "a/\(index)")
        }
        try app.commit("one")
        let commit = try await fixture.source.head(of: "main", at: app.url)
        let snapshot = try await fixture.source.snapshot(
            of: commit,
            at: app.url,
            folder: "./web/",
            bounds: SnapshotBounds(fileSize: 1000, totalSize: 2000)
        )
        #expect(snapshot.entries["web/large"] == .omitted(byteCount: 1001))
        #expect(try snapshot.read("web/fits").count == 1000)
        #expect(try snapshot.read("a/0").count == 900)
        #expect(snapshot.entries["a/1"] == .omitted(byteCount: 900))
        #expect(snapshot.entries.count == 7)
    }

    @Test func boundsTheTree() async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        var script = "blob\nmark :1\ndata 1\nx\n"
        script += "commit refs/heads/main\ncommitter A <a@example.org> 0 +0000\ndata 0\n"
        for index in 0..<10_000 { script += "M 100644 :1 d\(index % 100)/f\(index)\n" }
        try app.git("fast-import", "--quiet", input: script)
        let commit = try await fixture.source.head(of: "main", at: app.url)
        let whole = try await fixture.source.snapshot(of: commit, at: app.url)
        #expect(whole.entries.count == 10_000)
        await expectError(.tooLarge) {
            try await fixture.source.snapshot(
                of: commit,
                at: app.url,
                bounds: SnapshotBounds(entries: 10_099)
            )
        }
        await expectError(.tooLarge) {
            try await fixture.source.snapshot(
                of: commit,
                at: app.url,
                bounds: SnapshotBounds(depth: 0)
            )
        }
        await expectError(.tooLarge) {
            try await fixture.source.snapshot(
                of: commit,
                at: app.url,
                bounds: SnapshotBounds(pathLength: 6)
            )
        }
    }

    /// A long name of a folder stands in each path below it, and a tree holds it once.
    @Test func boundsThePathsInAll() async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        let folder = String(repeating: "d", count: 200)
        var script = "blob\nmark :1\ndata 1\nx\n"
        script += "commit refs/heads/main\ncommitter A <a@example.org> 0 +0000\ndata 0\n"
        for index in 0..<10 { script += "M 100644 :1 \(folder)/\(index)\n" }
        try app.git("fast-import", "--quiet", input: script)
        let commit = try await fixture.source.head(of: "main", at: app.url)
        // The folder has 200 bytes, each file 202 of a path and one of its own.
        @Sendable func snapshot(_ bytes: Int64) async throws -> Snapshot {
            try await fixture.source.snapshot(
                of: commit,
                at: app.url,
                bounds: SnapshotBounds(totalSize: bytes)
            )
        }
        await expectError(.tooLarge) { try await snapshot(2219) }
        let bare = try await snapshot(2220)
        #expect(bare.entries.count == 10)
        #expect(bare.entries.values.allSatisfy { $0 == .omitted(byteCount: 1) })
        let some = try await snapshot(2225)
        #expect(some.entries.values.count { $0 == .file([0x78]) } == 5)
    }

    /// Forty levels of a tree that holds the level below twice: 2^40 paths in 41 objects.
    @Test func survivesATreeBomb() async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        let blob = try app.git("hash-object", "-w", "--stdin", input: "x")
        var tree = try app.git("mktree", input: "100644 blob \(blob)\ta\n")
        for _ in 0..<40 {
            tree = try app.git("mktree", input: "040000 tree \(tree)\ta\n040000 tree \(tree)\tb\n")
        }
        let id = try app.git("commit-tree", tree, "-m", "bomb")
        try app.git("update-ref", "refs/heads/main", id)
        let commit = try await fixture.source.head(of: "main", at: app.url)
        await expectError(.tooLarge) {
            try await fixture.source.snapshot(of: commit, at: app.url)
        }
    }

    @Test(arguments: [".git", "..", ".GIT", "."])
    func refusesNamesThatGitWouldNotCheckOut(_ name: String) async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        let blob = try app.git("hash-object", "-w", "--stdin", input: "x")
        let bytes = (0..<20).map { index in
            let start = blob.index(blob.startIndex, offsetBy: index * 2)
            return UInt8(blob[start...].prefix(2), radix: 16) ?? 0
        }
        try (Data("100644 \(name)\u{0}".utf8) + bytes).write(to: URL(filePath: app.path + "/t"))
        let tree = try app.git("hash-object", "-w", "-t", "tree", "--literally", "t")
        let id = try app.git("commit-tree", tree, "-m", "bad name")
        try app.git("update-ref", "refs/heads/main", id)
        let commit = try await fixture.source.head(of: "main", at: app.url)
        await expectError(.invalidTree) {
            try await fixture.source.snapshot(of: commit, at: app.url)
        }
    }

    /// A link that would stand in for a folder where letter case is not told apart.
    @Test func refusesALinkInDisguise() async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        let blob = try app.git("hash-object", "-w", "--stdin", input: "x")
        let folder = try app.git("mktree", input: "100644 blob \(blob)\tpost-checkout\n")
        let tree = try app.git(
            "mktree",
            input: "040000 tree \(folder)\tA\n120000 blob \(blob)\ta\n"
        )
        let id = try app.git("commit-tree", tree, "-m", "disguised")
        try app.git("update-ref", "refs/heads/main", id)
        let commit = try await fixture.source.head(of: "main", at: app.url)
        await expectError(.invalidTree) {
            try await fixture.source.snapshot(of: commit, at: app.url)
        }
    }

    @Test func showsNamesThatAreNotTextWithoutTheirContents() async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        let blob = try app.git("hash-object", "-w", "--stdin", input: "x")
        let tree = try app.git("mktree", input: "100644 blob \(blob)\t\"caf\\351\"\n")
        let id = try app.git("commit-tree", tree, "-m", "Latin-1")
        try app.git("update-ref", "refs/heads/main", id)
        let commit = try await fixture.source.head(of: "main", at: app.url)
        let snapshot = try await fixture.source.snapshot(of: commit, at: app.url)
        #expect(snapshot.entries == ["caf\u{FFFD}": .omitted(byteCount: 1)])
    }

    @Test func tellsWhetherAFolderChanged() async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        try app.write("1", to: "web/a")
        try app.write("1", to: "db/a")
        try app.commit("one")
        let source = fixture.source
        let url = try app.url
        let one = try await source.head(of: "main", at: url)
        try app.write("2", to: "db/a")
        try app.commit("two")
        let two = try await source.head(of: "main", at: url)
        #expect(try await source.changed(from: one, to: two, at: url, folder: "db"))
        #expect(try await source.changed(from: one, to: two, at: url))
        #expect(try await !source.changed(from: one, to: two, at: url, folder: "web"))
        #expect(try await !source.changed(from: one, to: two, at: url, folder: "none"))
        #expect(try await source.changed(from: nil, to: two, at: url, folder: "web"))
        let gone = Commit(
            id: String(repeating: "2", count: 40),
            author: "",
            seconds: 0,
            message: ""
        )
        #expect(try await source.changed(from: gone, to: two, at: url, folder: "web"))
    }

    /// What is kept elsewhere is told from what is missing.
    @Test func submodulesAndLargeFilesAreNamed() async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        let library = try fixture.repository("library")
        try library.write("services: {}\n", to: "compose.yaml")
        try library.commit("one")
        try app.git("submodule", "--quiet", "add", library.path, "deploy/library")
        let pointer = """
            version https://git-lfs.github.com/spec/v1
            oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
            size 12345

            """
        try app.write(pointer, to: "data.bin")
        try app.write("not " + pointer, to: "plain.txt")
        try app.commit("two")
        let head = try await fixture.source.head(of: "main", at: app.url)
        let snapshot = try await fixture.source.snapshot(of: head, at: app.url)
        #expect(throws: Snapshot.ReadError.submodule) {
            try snapshot.read("deploy/library/compose.yaml")
        }
        #expect(throws: Snapshot.ReadError.submodule) { try snapshot.read("deploy/library") }
        #expect(throws: Snapshot.ReadError.missing) { try snapshot.read("deploy/other/file") }
        #expect(throws: Snapshot.ReadError.lfsPointer) { try snapshot.read("data.bin") }
        #expect(try snapshot.read("plain.txt").count > 100)
    }

    /// What git itself puts in the place of a folder, and a folder that it deletes.
    @Test(arguments: ["submodule", "link", "file", "deleted"])
    func aFolderThatIsNoneIsNotGone(_ change: String) async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        let library = try fixture.repository("library")
        try library.write("services: {}\n", to: "compose.yaml")
        try library.commit("one")
        try app.write("services: {}\n", to: "teams/web/compose.yaml")
        try app.write("", to: "teams/README.md")
        try app.commit("one")
        let before = try await fixture.source.head(of: "main", at: app.url)
        try app.git("rm", "-rq", "teams/web")
        var expected: FolderObstacle?
        switch change {
        case "submodule":
            try app.git("submodule", "--quiet", "add", library.path, "teams/web")
            expected = FolderObstacle("teams/web", .submodule)
        case "link":
            try FileManager.default.createSymbolicLink(
                atPath: app.path + "/teams/web",
                withDestinationPath: "../moved"
            )
            expected = FolderObstacle("teams/web", .link(target: "../moved", .nowhere))
        case "file":
            try app.write("moved\n", to: "teams/web")
            expected = FolderObstacle("teams/web", .file)
        default: break
        }
        try app.commit("two")
        let head = try await fixture.source.head(of: "main", at: app.url)
        for (commit, obstacle) in [(before, nil), (head, expected)] {
            let snapshot = try await fixture.source.snapshot(
                of: commit,
                at: app.url,
                folder: "teams/web"
            )
            #expect(snapshot.obstacle(at: "teams/web") == obstacle)
        }
    }
}
