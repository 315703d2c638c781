import ComposeFile
import Model
import Testing

/// Files of the commit that services mount.
@Suite struct ContentTests {
    private func mounts(_ body: String, _ files: [String: String]) throws -> [Mount] {
        try Sample(service: body, files).service().volumes
    }

    private func content(_ mount: Mount?) -> Content? {
        if case .content(let content)? = mount?.source { content } else { nil }
    }

    @Test func aFileAndAFolderAreBoundByContent() throws {
        let files = ["web.conf": "a", "site/index.html": "b", "site/sub/x": "c"]
        let mounts = try mounts(
            "volumes: [\"./web.conf:/etc/web.conf:ro\", "
                + "{type: bind, source: site, target: /www, read_only: true}]",
            files
        )
        let file = try #require(content(mounts.first))
        #expect(file.kind == .file && file.name == "./app/web.conf")
        #expect(file.source == .tree(path: "app/web.conf"))
        let folder = try #require(content(mounts.last))
        #expect(folder.kind == .folder && folder.source == .tree(path: "app/site"))
        #expect(mounts.map(\.target) == ["/etc/web.conf", "/www"])
        #expect(mounts.allSatisfy { $0.readOnly })
    }

    /// The digest is the bytes', wherever they are and whatever else the commit holds.
    @Test func theDigestIsTheContents() throws {
        func digest(_ body: String, _ files: [String: String]) throws -> String? {
            content(try mounts("volumes: [\(body)]", files).first)?.digest
        }
        let one = try digest("./a:/x:ro", ["a": "1", "b": "2"])
        #expect(try digest("./b:/x:ro", ["a": "0", "b": "1"]) == one)
        #expect(try digest("./a:/x:ro", ["a": "2", "b": "2"]) != one)
        #expect(try digest("./f:/x:ro", ["f/a": "1"]) != one)
    }

    @Test(arguments: [
        ("./a:/x", "4:15 error bind-of-repository-writable"),
        ("./none:/x:ro", "4:15 error bind-of-repository-file"),
        // No file of the repository: policy says so.
        ("../../a:/x:ro", ""),
        ("./a:/x:ro", ""), ("./:/x:ro", ""), ("../app/a:/x:ro", ""),
    ])
    func findings(mount: String, expected: String) {
        let sample = Sample(service: "volumes: [\"\(mount)\"]", ["a": "1"])
        #expect(sample.findings().joined(separator: "|") == expected)
    }

    @Test func messagesSayWhatToDo() throws {
        let writable = try Sample(service: "volumes: [./a:/x]", ["a": "1"]).finding()
        #expect(
            writable.description == """
                app/compose.yaml:4:15: error: services.s.volumes[0].source binds a file of the \
                repository for writing, and what is written there would be in no commit \
                [bind-of-repository-writable]
                  fix: add :ro, or write to a named volume
                """
        )
        let missing = try Sample(service: "volumes: [./b:/x:ro]").finding()
        #expect(missing.message.contains("app/b can't be read: there is no such file"))
    }
}
