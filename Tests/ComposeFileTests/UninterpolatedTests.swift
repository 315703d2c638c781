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

    /// A list or a hash needs a project: chosen, checked, each value of its type.
    @Test func aProjectIsMadeForLists() throws {
        let lists: (inout ComposeRequest) -> Void = {
            $0.interpolates = false
            $0.choosesAnyway = true
        }
        let text = """
            services:
              s: {image: "i:$TAG", mem_limit: 1m, cpus: "2", tty: "true", volumes: ["data:/v"]}
              t: {image: t, profiles: [x]}
            volumes: {data: , w: }
            networks: {n: }
            """
        let made = try project(text, [:], lists)
        #expect(made.serviceNames == ["s"])
        #expect(made.volumeNames == ["data"])
        #expect(made.networkNames == ["default"])
        #expect(made.imageNames == ["i:$TAG"])
        let plain = try project(text.replacing("i:$TAG", with: "i:1")) { _ in }
        let same = try project(text.replacing("i:$TAG", with: "i:1"), [:], lists)
        #expect(plain.configHashes == same.configHashes)
        for wrong in ["scale: $N", "tty: $B", "ports: ['$P:80']", "depends_on: [zz]"] {
            #expect(throws: Rejection.self) {
                try project("services: {s: {image: i, \(wrong)}}", [:], lists)
            }
        }
    }

    /// As Docker Compose 5.6 answers `--variables`.
    @Test(arguments: [
        "depends_on: {b: }", "ulimits: {n: }", "build: []", "gpus: 1", "links: a", "ports: {a: b}",
        "ports: [{}]", "volumes: [{}]", "volumes: {a: b}", "dns: [1]", "cap_add: [null]",
        "networks: a", "env_file: {a: b}", "devices: [{a: b}]", "secrets: {a: }", "expose: [{}]",
    ])
    func variablesNeedForms(attribute: String) {
        #expect(throws: Rejection.self) {
            try project("services: {s: {image: i, \(attribute)}}") {
                $0.interpolates = false
                $0.checksShape = false
            }
        }
    }

    @Test(arguments: [
        "imag: x", "image: 1", "command: {a: b}", "scale: [a]", "dns: 1", "ulimits: {n: x}",
        "build: {a: }", "env_file: [1]", "networks: {a: [b]}", "ports: [{target: [a]}]",
    ])
    func variablesNeedNoSchema(attribute: String) throws {
        _ = try project("services: {s: {\(attribute)}}") {
            $0.interpolates = false
            $0.checksShape = false
        }
    }

    @Test func whatIsNoVariableHasNoName() throws {
        for text in ["${SET:foo}", "${SET!x}", "${UNSET:-a\\nb}", "${A b}"] {
            let made = try project("services: {s: {image: \"\(text)\"}}")
            #expect(made.variables.map(\.name) == [""], "\(text)")
        }
        let whole = try project("services: {s: {image: \"${A:-b}${C:+d}${E?f}\"}}")
        #expect(whole.variables.map(\.name) == ["A", "C", "E"])
    }

    /// As Docker Compose 5.6 answers `--variables`.
    @Test func variablesInVariables() throws {
        func variables(_ text: String) throws -> [TemplateVariable] {
            try project("services: {s: {image: '\(text)'}}").variables
        }
        #expect(try variables("${SET:+${UN:-y}}").map(\.name) == ["SET", "UN"])
        #expect(try variables("${UN+${UN?e}}").map(\.isRequired) == [true])
        #expect(try variables("${$SET}").map(\.name) == ["", "SET"])
        #expect(try variables("${${A:-b}}").map(\.standard) == ["", "b"])
        #expect(try variables("${UN:-{{.Node.Host}}}").map(\.standard) == ["{{.Node.Host}"])
        #expect(try variables("${A:-{x}}").map(\.standard) == ["{x}"])
    }

    /// A container before a service has the service's image where it names none.
    @Test func anImageOfAServiceIsListedOnce() throws {
        let hooks = "pre_start: [{command: a}, {image: j, command: a}]"
        let made = try project("services: {s: {image: i, \(hooks)}, t: {image: i}}") { _ in }
        #expect(made.imageNames == ["i", "i", "j"])
    }

    @Test func whoeverFollowsDependenciesNeedsThem() throws {
        let needs = "services: {s: {image: i, depends_on: [zz]}}"
        for change in [
            { $0.followsDependencies = true }, { $0.services = ["s"] },
        ] as [(inout ComposeRequest) -> Void] {
            #expect(throws: Rejection.self) {
                try project(needs) {
                    $0.checksConsistency = false
                    change(&$0)
                }
            }
        }
        #expect(try project(needs) { $0.checksConsistency = false }.serviceNames == ["s"])
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
