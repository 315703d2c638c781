import ComposeFile
import Model
import Testing

/// What a `.gyre.yaml` comes to in a commit, and what the operator's word against it is.
@Suite("Folders of a tenant file") struct TenantFolderTests {
    private func written(_ text: String) -> WrittenText {
        WrittenText(text, at: SourceLocation(file: ".gyre.yaml", line: 2, column: 3))
    }

    private func stack(_ folder: String) -> DeclaredStack { DeclaredStack(folder: written(folder)) }

    private let files: [String: Snapshot.Entry] = [
        "web/compose.yaml": .file([]), "web/compose.override.yaml": .file([]),
        "web/compose.prod.yaml": .file([]), "web/.env": .file([]), "web/prod.env": .file([]),
        "db/compose.yml": .file([]), "shared.yaml": .file([]), "out": .link("../elsewhere"),
        "deploy/in": .link("../web"), "deploy/own": .link("real"),
        "deploy/real/compose.yaml": .file([]),
    ]

    private func folder(
        _ stack: DeclaredStack,
        below base: String = "",
        environments: [String]? = nil,
        isDeclared: (String) -> Bool = { _ in true }
    ) throws -> StackFolder {
        let commit = Commit(id: "", author: "", seconds: 0, message: "")
        let snapshot = Snapshot(commit: commit, entries: files)
        let found = TenantFile(stacks: ["web": stack]).folders(
            in: snapshot,
            below: base,
            environments: environments,
            isDeclared: isDeclared
        )
        return try #require(found.first)
    }

    @Test("a name alone is a folder as without the file")
    func plain() throws {
        let found = try folder(stack("web"))
        #expect(found == StackFolder(name: "web", folder: "web"))
    }

    @Test("an environment's files are read over the stack's, in the place of the override file")
    func overlays() throws {
        var web = stack("web")
        web.environments = [
            "prod": .init(
                files: [written("compose.prod.yaml"), written("../shared.yaml")],
                environmentFiles: [written("prod.env")]
            ),
            "dev": .init(),
        ]
        let prod = try folder(web, environments: ["prod", "dev"])
        #expect(prod.findings == [])
        #expect(prod.chosen.files == ["compose.yaml", "compose.prod.yaml", "../shared.yaml"])
        #expect(prod.chosen.environmentFiles == [".env", "prod.env"])
        web.environment = written("dev")
        let dev = try folder(web, environments: ["prod", "dev"])
        #expect(dev.findings == [] && dev.chosen.isEmpty)
        web.files = [written("compose.prod.yaml")]
        web.environmentFiles = [written("prod.env")]
        #expect(
            try folder(web).chosen
                == ChosenFiles(files: ["compose.prod.yaml"], environmentFiles: ["prod.env"])
        )
    }

    @Test("no more is asked for than the operator allows")
    func environments() throws {
        var web = stack("web")
        web.environments = ["prod": .init()]
        #expect(try folder(web).findings.map(\.code) == ["no-environment"])
        #expect(try folder(web, environments: ["prod"]).findings == [])
        #expect(
            try folder(web, environments: ["dev"]).findings.map(\.code) == ["unknown-environment"]
        )
        web.environment = written("prod")
        #expect(
            try folder(web, environments: ["dev"]).findings.map(\.code) == [
                "environment-not-allowed"
            ]
        )
        #expect(
            try folder(web, environments: []).findings.map(\.code) == ["environment-not-allowed"]
        )
        #expect(try folder(web, environments: ["dev", "prod"]).findings == [])
    }

    @Test("a folder is where the operator looks for stacks, whatever links say")
    func folders() throws {
        #expect(try folder(stack("none")).findings.map(\.code) == ["no-folder"])
        #expect(try folder(stack("real"), below: "deploy").findings == [])
        #expect(try folder(stack("own"), below: "deploy").findings == [])
        #expect(
            try folder(stack("in"), below: "deploy").findings.map(\.code) == ["folder-not-declared"]
        )
        #expect(
            try folder(stack("web")) { $0 == "db" }.findings.map(\.code) == ["folder-not-declared"]
        )
        // What stands in its place is told by whoever loads it.
        #expect(try folder(stack("out")).findings == [])
        for finding in try folder(stack("none")).findings {
            #expect(finding.location?.line == 2 && finding.fix != nil)
        }
    }

    @Test("files are there, and in the repository")
    func named() throws {
        var web = stack("web")
        web.files = [written("compose.yml")]
        #expect(try folder(web).findings.map(\.code) == ["no-file"])
        web.files = [written("../../x")]
        #expect(try folder(web).findings.map(\.code) == ["file-outside"])
        web.files = []
        web.environmentFiles = [written("nope.env")]
        #expect(try folder(web).findings.map(\.code) == ["no-file"])
    }

    /// The files of `-f` and `--env-file`, in the folder of the stack.
    @Test("what is chosen is read, and nothing else")
    func loaded() throws {
        let texts = [
            "web/compose.yaml": "services: {web: {image: 'httpd:${TAG}'}}",
            "web/compose.override.yaml": "services: {debug: {image: busybox}}",
            "web/compose.prod.yaml": "services: {web: {environment: {MODE: '${MODE}'}}}",
            "web/.env": "TAG=1\nMODE=dev\n", "web/prod.env": "MODE=prod\n",
        ]
        let commit = Commit(id: "", author: "", seconds: 0, message: "")
        let entries = texts.mapValues { Snapshot.Entry.file(Array($0.utf8)) }
        let snapshot = Snapshot(commit: commit, entries: entries)
        let id = try StackID(parsing: "shop/web")
        let usual = try StackReading(of: snapshot, at: "web", id: id)
        #expect(usual.stack.services.keys.sorted() == ["debug", "web"])
        let chosen = ChosenFiles(
            files: ["compose.yaml", "compose.prod.yaml"],
            environmentFiles: [".env", "prod.env"]
        )
        let reading = try StackReading(of: snapshot, at: "web", id: id, chosen: chosen)
        #expect(reading.errors == [])
        #expect(reading.stack.services.keys.sorted() == ["web"])
        let web = try #require(reading.stack.services["web"])
        #expect("\(web.image)".contains("httpd:1"))
        #expect("\(web.environment)".contains("prod"))
        #expect(reading.stack.files == ["web/compose.yaml", "web/compose.prod.yaml"])
    }

    /// `COMPOSE_FILE` of any file of variables is told to policy, and one that isn't used is not.
    @Test("a file of variables can't have others read in silence")
    func listed() throws {
        let texts = [
            "compose.yaml": "services: {web: {image: httpd}}",
            "evil.yaml": "services: {x: {image: y}}",
            "prod.env": "COMPOSE_FILE=evil.yaml\n",
        ]
        let commit = Commit(id: "", author: "", seconds: 0, message: "")
        let entries = texts.mapValues { Snapshot.Entry.file(Array($0.utf8)) }
        let snapshot = Snapshot(commit: commit, entries: entries)
        let id = try StackID(parsing: "shop")
        let variables = ChosenFiles(environmentFiles: ["prod.env"])
        let reading = try StackReading(of: snapshot, at: "", id: id, chosen: variables)
        #expect(reading.stack.places.wrote(FieldPath("COMPOSE_FILE")))
        let both = ChosenFiles(files: ["compose.yaml"], environmentFiles: ["prod.env"])
        let named = try StackReading(of: snapshot, at: "", id: id, chosen: both)
        #expect(!named.stack.places.wrote(FieldPath("COMPOSE_FILE")))
        #expect(named.stack.services.keys.sorted() == ["web"])
    }
}
