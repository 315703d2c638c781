import ComposeFile
import Model
import Testing

/// Which folders hold stacks, and what stands beside a compose file.
@Suite struct FolderTests {
    private func snapshot(_ entries: [String: Snapshot.Entry]) -> Snapshot {
        Snapshot(commit: Commit(id: "0", author: "", seconds: 0, message: ""), entries: entries)
    }

    @Test func aFolderWithAComposeFileIsTheProjectsStack() {
        let files = snapshot(["a/compose.yml": .file([]), "a/b/compose.yaml": .file([])])
        #expect(
            Stack.folders(in: files, below: "a", project: "p") == [
                StackFolder(name: "p", folder: "a")
            ]
        )
    }

    @Test func elseEachFolderBelow() {
        let files = snapshot([
            "x/compose.yaml": .file([]), "y/docker-compose.yml": .file([]),
            "z/README.md": .file([]),
            ".git/compose.yaml": .file([]), "v/w/compose.yaml": .file([]),
        ])
        #expect(
            Stack.folders(in: files, below: "", project: "p") == [
                StackFolder(name: "x", folder: "x"), StackFolder(name: "y", folder: "y"),
            ]
        )
        #expect(
            Stack.folders(in: files, below: "./v/", project: "p")
                == [StackFolder(name: "w", folder: "v/w")]
        )
        #expect(Stack.folders(in: files, below: "none", project: "p").isEmpty)
    }

    /// A stack whose file can't be read is not one that was removed.
    @Test(arguments: [
        Snapshot.Entry.link("nowhere"), .link("/etc/passwd"), .link("compose.yaml"), .submodule,
        .omitted(byteCount: 1 << 40), .lfsPointer,
    ])
    func anUnreadableComposeFileIsThere(entry: Snapshot.Entry) throws {
        let files = snapshot(["compose.yaml": entry])
        let folder = StackFolder(name: "p", folder: "")
        #expect(Stack.folders(in: files, below: "", project: "p") == [folder])
        do {
            _ = try Stack(reading: files, at: "", id: .of("p"))
            Issue.record("accepted")
        } catch {
            let finding = try #require(error.diagnostics.first)
            let codes = [
                "unreadable-file", "file-outside", "in-submodule", "lfs-pointer", "yaml-too-large",
            ]
            #expect(codes.contains(finding.code))
            #expect(finding.location?.file == "compose.yaml")
        }
    }

    @Test func aFolderInThePlaceOfAComposeFileIsThere() {
        let files = snapshot(["compose.yaml/x": .file([])])
        let folder = StackFolder(name: "p", folder: "")
        #expect(Stack.folders(in: files, below: "", project: "p") == [folder])
    }

    /// Nor is one whose folder can't be looked into one without a compose file.
    @Test(arguments: [
        (
            Snapshot.Entry.link("nowhere"), "unreadable-folder",
            "a link to nowhere, where nothing is"
        ),
        (.link("/etc"), "file-outside", "a link to /etc, which is not in the repository"),
        (.link("web"), "unreadable-folder", "a link to web, which leads in a circle"),
        (.file([]), "unreadable-folder", "a file and no folder"),
        (.submodule, "in-submodule", "a submodule, which Gyre doesn't fetch"),
    ])
    func aFolderThatIsNoneIsTold(entry: Snapshot.Entry, code: String, words: String) throws {
        do {
            _ = try Stack(reading: snapshot(["a/web": entry]), at: "a/web", id: .of("p/web"))
            Issue.record("accepted")
        } catch {
            #expect(error.diagnostics.map(\.code) == [code])
            let finding = try #require(error.diagnostics.first)
            #expect(finding.message == "the stack's folder can't be read: a/web is \(words)")
            #expect(finding.location?.file == "a/web" && finding.fix != nil)
        }
    }

    @Test func linksInsideTheTreeAreFollowed() throws {
        let text = Array("services: {s: {image: i, env_file: e}}".utf8)
        let files = snapshot([
            "shared/base.yaml": .file(text), "a/compose.yaml": .link("../shared/base.yaml"),
            "a/e": .link("../../outside"),
        ])
        do {
            _ = try Stack(reading: files, at: "a", id: .of("p/a"))
            Issue.record("accepted")
        } catch {
            let finding = try #require(error.diagnostics.first)
            #expect(finding.code == "env-file-outside")
            #expect(finding.message == "a/e leads out of the repository")
        }
    }

    @Test func anEnvironmentFileOutsideTheTreeIsNotPassedOver() throws {
        let text = Array("services: {}".utf8)
        let files = snapshot(["a/compose.yaml": .file(text), "a/.env": .link("/etc/passwd")])
        do {
            _ = try Stack(reading: files, at: "a", id: .of("p/a"))
            Issue.record("accepted")
        } catch {
            #expect(error.diagnostics.map(\.code) == ["env-file-outside"])
        }
    }

    @Test func rootAndNames() throws {
        let text = Array("services: {s: {image: i, volumes: [data:/d]}}\nvolumes: {data: }".utf8)
        let stack = try Stack(
            reading: snapshot(["compose.yaml": .file(text)]),
            at: "",
            id: .of("astro/web")
        )
        #expect(stack.files == ["compose.yaml"])
        #expect(stack.networks["default"]?.name == "astro_web_default")
        #expect(stack.volumes["data"]?.name == "astro_web_data")
        #expect(
            stack.places.location(of: FieldPath("services", "s"))?.description
                == "compose.yaml:1:12"
        )
    }

    @Test func rancherCompose() throws {
        let rancher = """
            version: '2'
            services:
              s: {scale: 0, start_on_create: false}
            """
        let stack = try Sample(service: "scale: 4", ["rancher-compose.yml": rancher]).load()
        #expect(stack.services["s"]?.replicas == 1)
        #expect(stack.services["s"]?.startOnCreate == false)
        #expect(stack.files == ["app/compose.yaml", "app/rancher-compose.yml"])
        let scale = FieldPath("services", "s", "scale")
        #expect(stack.places.location(of: scale)?.description == "app/rancher-compose.yml:3:14")
        #expect(
            stack.places.location(of: FieldPath("services", "s", "image"))?.description
                == "app/compose.yaml:3:12"
        )
    }

    @Test(arguments: [
        ("services: {t: {scale: 1}}", "1:12 error undefined-reference"),
        ("services: {s: {scale: -1}}", "1:23 error invalid-number"),
        ("services: {s: {health_check: {}}}", "1:16 warning rancher-not-honoured"),
        ("s: {scale: 1}", "1:1 error missing-attribute"),
        ("services: {s: {scal: 1}}", "1:16 error unknown-attribute"),
        ("[]", "1:1 error wrong-type"),
    ])
    func rancherComposeThatIsWrong(text: String, expected: String) {
        let sample = Sample(service: "user: \"1\"", ["rancher-compose.yaml": text])
        #expect(sample.findings() == ["app/rancher-compose.yaml:\(expected)"])
    }

    @Test func scaleOfRancherMeetsPorts() {
        let sample = Sample(
            service: "ports: [\"80:80\"]",
            ["rancher-compose.yml": "services: {s: {scale: 2}}"]
        )
        #expect(sample.findings() == ["4:13 error port-with-replicas"])
    }
}
