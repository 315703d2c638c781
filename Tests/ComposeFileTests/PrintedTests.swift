import ComposeFile
import Model
import Testing

/// What Docker Compose 5.6 was seen to print of a project, and to leave out.
@Suite struct PrintedTests {
    private func project(
        _ text: String,
        _ files: [String: String] = [:],
        _ change: (inout ComposeRequest) -> Void = { _ in }
    ) throws -> ComposeProject {
        var request = ComposeRequest(directory: "app")
        change(&request)
        return try ComposeProject(request, in: Sample(text, files).snapshot)
    }

    @Test func keysMayTouchTheEndOfTheirValues() throws {
        let config = try project(
            "services: {s: {image: i, deploy:, networks: {front:, back:}, labels: {a:, b: c}}}\n"
                + "networks: {front:, back:}"
        ).config
        #expect(config["services"]?["s"]?["labels"] == ["a": "", "b": "c"])
        #expect(config["services"]?["s"]?["networks"] == ["front": .null, "back": .null])
        let wrong = Sample("services: {s: {image: i, deploy:, imag: x}}")
        #expect(wrong.findings() == ["1:35 error unknown-attribute"])
    }

    @Test func whatJobsAndHooksUseIsNoUse() throws {
        let parts = """
            networks: {a: , b: }
            secrets: {a: {file: f}, b: {file: f}}
            configs: {a: {file: f}, b: {file: f}}
            volumes: {a: , b: }
            models: {a: {model: m}, b: {model: m}}
            """
        let use =
            "networks: [b], secrets: [b], configs: [b], models: [b], "
            + "volumes: [{type: volume, source: b, target: /b}]"
        let hook = try project(
            "services: {s: {image: i, pre_start: [{image: x, \(use)}]}}\n\(parts)"
        )
        #expect(hook.networkNames == ["default"])
        for project in [
            hook,
            try project(
                "services: {}\njobs: {j: {image: i, triggers: {manual: true}, \(use)}}\n\(parts)"
            ),
            try project("services: {}\njobs: {j: {image: i, triggers: {manual: true}}}\n\(parts)"),
        ] {
            let config = project.config
            #expect(config["networks"]?["b"] == nil)
            #expect(config["networks"] == nil || project.networkNames == ["default"])
            #expect(config["secrets"] == nil && config["configs"] == nil)
            #expect(project.volumeNames.isEmpty && project.modelNames.isEmpty)
        }
        let job = try project("services: {}\njobs: {j: {image: i, triggers: {manual: true}}}")
        #expect(job.networkNames.isEmpty)
        #expect(job.config["jobs"]?["j"]?["networks"] == ["default": .null])
    }

    @Test func targetsAreOneAsTheyAreWritten() throws {
        let over = "\n---\nservices: {s: {volumes: [{type: bind, source: ./b, target: /a/}]}}"
        for text in [
            "services: {s: {image: i, volumes: ['./a:/a']}}" + over,
            "services: {s: {image: i, volumes: [{type: tmpfs, target: /a//b}, './x:/a/b']}}",
        ] {
            #expect(throws: Rejection.self) { try project(text) }
            for change in [
                { $0.checksConsistency = false }, { $0.interpolates = false },
            ] as [(inout ComposeRequest) -> Void] {
                let volumes = try project(text, [:], change).config["services"]?["s"]?["volumes"]
                let targets = (volumes?.arrayValue ?? []).map { $0["target"] }
                #expect(targets.count == 2 && targets.first == targets.last, "\(text)")
            }
        }
        let short = try project("services: {s: {image: i, volumes: ['./a:/a', './b:/a/']}}")
        #expect(short.config["services"]?["s"]?["volumes"]?.arrayValue?.count == 1)
        let written = try project(
            "services: {s: {image: i, volumes: ['./a:/b/', {type: tmpfs, target: /a/}]}}"
        ) { $0.normalizes = false }
        let volumes = written.config["services"]?["s"]?["volumes"]?.arrayValue ?? []
        #expect(volumes.map { $0["target"] } == ["/b", "/a/"])
    }

    @Test func aNameIsMadeOneWhereItIsNormalised() throws {
        let text = "name: My ${X:-Proj}\nservices: {s: {image: '$COMPOSE_PROJECT_NAME'}}"
        let written = try project(text) { $0.normalizes = false }
        #expect(written.config["name"] == "My Proj")
        #expect(written.config["services"]?["s"]?["image"] == "My Proj")
        #expect(try project(text).config["name"] == "myproj")
        let none = try project("name: '!!!'\nservices: {}") { $0.normalizes = false }
        #expect(none.name == "!!!")
        let asked = try project(text) {
            $0.normalizes = false
            $0.projectName = "x"
        }
        #expect(asked.config["name"] == "x")
    }

    @Test(arguments: [
        ("${A:-{\"a\":1}}", "{\"a\":1}"), ("${A:-{}}", "{}"), ("${A:-{}", "{"),
        ("x${A-{{}}}y", "{{}"), ("${A:-{{a}", "{{a"), ("${A:-}}", ""), ("${A:-a{b}c}d", "a{b}c"),
        ("${A:-{}{}}", "{}{}"), ("${A:-{} ${B:-x}", "{} ${B:-x"), ("${A:-{${B}}}", "{${B}}"),
    ])
    func bracesInVariables(text: String, standard: String) throws {
        let change: (inout ComposeRequest) -> Void = {
            $0.interpolates = false
            $0.checksShape = false
        }
        let variables = try project("services: {s: {image: '\(text)'}}", [:], change).variables
        #expect(variables.first { $0.name == "A" }?.standard == standard)
        let other = try project("services: {s: {image: '${D:+{}}'}}", [:], change).variables
        #expect(other.map(\.alternative) == ["{}"])
        let lines = #"services: {s: {image: "${A:-x\n$B}", build: "${C:-{\n}}"}}"#
        #expect(try project(lines, [:], change).variables.map(\.name) == ["", "B"])
    }

    /// As `config --hash` of Docker Compose 5.6 has them.
    @Test func hashesHaveEveryAttribute() throws {
        let hashes = try project(
            """
            services:
              t: {image: x, use_api_socket: true}
              u:
                image: x
                pull_refresh_after: 10m0s
                post_start: [{command: a}]
                pre_stop: [{command: b}]
              w: {image: x, pull_refresh_after: 600s}
            """
        ).configHashes
        #expect(
            hashes == [
                "t": "d4dd31100d36f43a3539c540314509e6df21ef2f17c449a3494ebdb22465265e",
                "u": "689d1f8fbc58822ab52b3358420a92ee414c10b30a9b15123e9fc7585a603f0c",
                "w": "ef55db1d0acebb6822eb666f0f41315a1d6872f0c9439665f0671fba68be5ee1",
            ]
        )
    }

    @Test func agentsHavePathsOfTheFolder() throws {
        func ssh(
            _ text: String,
            _ change: (inout ComposeRequest) -> Void = { _ in }
        ) throws -> JSON? {
            try project("services: {s: {build: {context: ., ssh: \(text)}}}", [:], change)
                .config["services"]?["s"]?["build"]?["ssh"]
        }
        #expect(
            try ssh("[fake=k, z=/a/../q, default]") == ["fake: app/k", "z: /a/../q", "default"]
        )
        #expect(try ssh("{fake: k, default: }") == ["fake: app/k", "default"])
        #expect(try ssh("[fake=k]") { $0.resolvesPaths = false } == ["fake: k"])
        #expect(
            try ssh("[fake=k, default]") { $0.interpolates = false }
                == ["fake": "app/k", "default": .null]
        )
        #expect(throws: Rejection.self) { try ssh("[default, other]") }
        let over = "\n---\nservices: {s: {build: {ssh: [b=c, a=d]}}}"
        let merged = try project("services: {s: {build: {context: ., ssh: [a=b]}}}" + over)
        #expect(merged.config["services"]?["s"]?["build"]?["ssh"] == ["a: app/d", "b: app/c"])
    }

    @Test(arguments: [
        "services: {s: {image: i}}\nconfigs: {k: {file: k, content: x, external: true}}",
        "services: {s: {image: i}}\nsecrets: {k: {file: k, environment: x, external: true}}",
        "services: {s: {extends: {file: x.yaml, service: list}, image: i}}",
        "services: {s: {extends: {file: x.yaml, service: text}, image: i}}",
    ])
    func isRefused(text: String) {
        let other = "services: {list: [a], text: a, none: }"
        #expect(throws: Rejection.self) { try project(text, ["x.yaml": other]) }
    }

    @Test func anExtendedServiceMayBeNothing() throws {
        let text = "services: {s: {extends: {file: x.yaml, service: none}, image: i}}"
        let made = try project(text, ["x.yaml": "services: {none: }"])
        #expect(made.config["services"]?["s"]?["image"] == "i")
    }

    @Test func namesOfContainersAreForWhoPrintsTheModel() throws {
        let text =
            "services: {s: {image: i, container_name: ab}, t: {image: j, container_name: ab}}"
        #expect(throws: Rejection.self) { try project(text) }
        #expect(try project(text) { $0.services = ["s"] }.serviceNames == ["s"])
        #expect(try project(text) { $0.checksContainerNames = false }.imageNames == ["i", "j"])
        #expect(try project(text) { $0.interpolates = false }.serviceNames == ["s", "t"])
    }
}
