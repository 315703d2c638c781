import ComposeFile
import Model
import Testing

/// `compose config --no-interpolate`, `--variables` and `--no-path-resolution`: the files as
/// written, with the short forms long.
@Suite struct UninterpolatedTests {
    private func project(
        _ text: String,
        _ files: [String: String] = [:],
        _ change: (inout ComposeRequest) -> Void = { $0.interpolates = false }
    ) throws -> ComposeProject {
        var all = files.mapValues { Snapshot.Entry.file(Array($0.utf8)) }
        all["compose.yaml"] = .file(Array(text.utf8))
        var request = ComposeRequest(directory: "")
        request.projectName = "p"
        change(&request)
        let commit = Commit(id: "0", author: "", seconds: 0, message: "")
        return try ComposeProject(request, in: Snapshot(commit: commit, entries: all))
    }

    @Test func colonsInVariablesPartNothing() throws {
        let config = try project("services: {s: {image: i, volumes: ['${V:-v}:/v', '$W:$X']}}")
            .config
        let volumes = config["services"]?["s"]?["volumes"]
        #expect(
            volumes == [
                ["type": "volume", "source": "${V:-v}", "target": "/v", "volume": [:]],
                ["type": "volume", "source": "$W", "target": "$X", "volume": [:]],
            ]
        )
        #expect(throws: Rejection.self) {
            try project("services: {s: {image: i, volumes: ['${V:/v']}}")
        }
    }

    @Test func everythingIsKeptAndNothingChosen() throws {
        let config = try project(
            """
            services:
              s: {image: i, profiles: [x], scale: -1, deploy: {}, dns_search: a, gpus: all}
            volumes: {v: }
            """
        ) {
            $0.interpolates = false
            $0.services = ["nobody"]
        }.config
        let service = config["services"]?["s"]
        #expect(config["volumes"] == ["v": ["name": "p_v"]])
        #expect(service?["deploy"] == [:])
        #expect(service?["dns_search"] == "a")
        #expect(service?["gpus"] == [["count": "all"]])
    }

    @Test func whatIsTrueByDefaultIsSaid() throws {
        let config = try project(
            "services: {s: {image: i, env_file: e, volumes: ['./a:/b'], build: {args: [A=1, B]}}}"
        ).config
        let service = config["services"]?["s"]
        #expect(service?["env_file"] == [["path": "e", "required": true]])
        #expect(service?["volumes"]?.arrayValue?.first?["bind"] == ["create_host_path": true])
        #expect(service?["build"]?["args"] == ["A=1"])
    }

    @Test func variablesOfFilesThatNobodyChecked() throws {
        let text = "services: {s: {image: 3, foo: '$A ${A:-x} ${}', bar: '$$B', z: '${A:?m} ${C'}}"
        let project = try project(text) {
            $0.interpolates = false
            $0.checksShape = false
        }
        #expect(project.variables.map { "\($0.name)=\($0.standard)" } == ["=", "A=x"])
        #expect(project.variables.last?.isRequired == true)
    }

    @Test func pathsOfOtherFilesAreSeenFromTheProject() throws {
        let files = [
            "a/b/x.yaml": "services: {t: {image: i, volumes: ['./c:/c', '../d:/d', '/e:/e']}}"
        ]
        let text = "include: [a/b/x.yaml]\nservices: {s: {image: i, volumes: ['./f:/f']}}"
        let config = try project(text, files) { $0.resolvesPaths = false }.config
        func sources(_ service: String) -> [JSON?] {
            (config["services"]?[service]?["volumes"]?.arrayValue ?? []).map { $0["source"] }
        }
        #expect(sources("t") == ["a/b/c", "a/d", "/e"])
        #expect(sources("s") == ["./f"])
    }
}
