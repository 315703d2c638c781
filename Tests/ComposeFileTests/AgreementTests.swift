import ComposeFile
import Model
import Testing

/// What Docker Compose takes, refuses or prints where one would think otherwise.
@Suite struct AgreementTests {
    @Test(arguments: [
        "mem_limit: '1e3'", "mem_limit: .5g", "mem_limit: 5.g", "mem_limit: '1_0'",
        "mem_limit: '+5k'", "mem_limit: 1 g", "ports: ['+80:80']", "deploy: {replicas: 0}",
        "volumes: ['/a:/x', {type: tmpfs, target: /x}]", "tmpfs: ['/a', '/a/']",
        "gpus: [{count: ALL}]", "ports: [{target: 80.0}]",
        "deploy: {resources: {reservations: {devices: [{capabilities: [x], count: All}]}}}",
    ])
    func isTaken(body: String) throws {
        #expect(try Sample(service: body).config()["services"]?["s"]?["image"] == "i")
    }

    @Test(arguments: [
        "mem_limit: '0x10'", "mem_limit: inf", "mem_limit: 1,5g", "mem_limit: '5  k'",
        "mem_limit: 1kib5", "ports: [0]", "ports: ['0:0']", "blkio_config: {weight: 5.5}",
        "configs: [{source: c, mode: 4.5}]", "environment: {'': b}", "group_add: [1.5]",
        "networks: {default: {priority: '5'}}", "storage_opt: {size: true}",
        "tmpfs: ['/run:size=1', /run]", "scale: -1", "cpus: '0x1'",
        "volumes: [{type: tmpfs, target: /v, tmpfs: {size: -1}}]", "x-a: [.inf]",
        "build: {context: ., additional_contexts: {a: 'service:s2'}}", "links: ['a:b:c']",
        "ports: [{target: -1}]", "volumes: [{type: tmpfs, target: /v, tmpfs: {mode: -1}}]",
        "blkio_config: {weight: -1}", "blkio_config: {weight_device: [{path: /a, weight: -1}]}",
        "deploy: {update_config: {parallelism: -1}}", "cpu_percent: '${V:--1}'",
        "deploy: {placement: {max_replicas_per_node: '${V:--1}'}}", "cpu_percent: '${V:-1_000}'",
        "deploy: {restart_policy: {max_attempts: -3}}", "ports: [{target: 80, published: 80.0}]",
        "expose: [1e2]", "ulimits: {nofile: 10.0}", "ports: [{target: 80, host_ip: ''}]",
        "build: {context: ., additional_contexts: [a]}",
        "develop: {watch: [{path: x, action: sync, target: ''}]}",
        "environment: {A: !!null x}", "environment: {A: !!int 5.0}", "environment: {A: !!bool y}",
        "environment: {A: !!timestamp x}", "environment: {A: !!binary '%%%'}",
    ])
    func isRefused(body: String) {
        var sample = Sample(service: body)
        sample.files["compose.yaml", default: ""] += "configs: {c: {content: x}}\n"
        #expect(throws: Rejection.self) { try sample.config() }
    }

    @Test(arguments: [
        "services: {s: {image: ''}}", "services: {s: {image: '$NOBODY'}}",
        "services: {s: {image: i}}\njobs: {j: {image: i, triggers: {}}}",
        "services: {s: {image: i}}\njobs: {s: {image: i, triggers: {manual: true}}}",
        """
        services:
          s:
            image: i
            network_mode: service:o
            depends_on: {o: {condition: service_started, required: false}}
          o: {image: i, profiles: [p]}
        """,
        "services: {s: {image: i}}\nsecrets: {k: {environment: ''}}",
        "services: {s: {image: i}}\nsecrets: {k: {external: false}}",
        "services: {s: {image: i}}\nconfigs: {k: {}}", "include: [config.yaml]",
    ])
    func fileIsRefused(text: String) {
        let config = "services: {t: {image: i}}\nconfigs: {k: {environment: SET}}"
        let sample = Sample(text, ["config.yaml": config, ".env": "SET=x"])
        #expect(throws: Rejection.self) { try sample.config() }
    }

    /// Nothing is said by what says nothing, be it written.
    @Test(arguments: [
        "{}", "include: []", "include: [{}]", "version: '3'", "include: [x.yaml]",
        "services: {s: {image: i}}\n---\nservices: !reset {}",
    ])
    func emptyIsRefused(text: String) {
        let sample = Sample(text, ["x.yaml": "x-a: 1"])
        #expect(throws: Rejection.self) { try sample.config() }
        let errors = sample.findings().filter { !$0.contains(" warning ") }
        #expect(errors == ["1:1 error empty-file"])
    }

    @Test(arguments: ["name: x", "x-a: 1", "services: {}", "secrets: {}"])
    func littleIsTaken(text: String) throws {
        #expect(try Sample(text).config()["services"] == [:])
    }

    @Test(arguments: [
        "services: {s: {image: i}}\ninclude:", "services: {s: {image: i}}\ninclude: [{}]",
        "services: {s: {image: i}}\ninclude: [{path: x.yaml, env_file: /dev/null}]",
        "services: {s: {image: i}}\njobs: {j: {triggers: {manual: true}}}",
        "services: {s: {image: i}}\ninclude: [null]",
        "services: {s: {image: i}}\ninclude: [{path: }]",
        "services: {s: {image: i, configs: [k]}}\nconfigs: {k: {external: false, name: x}}",
    ])
    func fileIsTaken(text: String) throws {
        let sample = Sample(text, ["x.yaml": "services: {t: {image: i}}"])
        #expect(try sample.config()["services"]?["s"]?["image"] == "i")
    }

    @Test func whatIsLeftOutIsPrintedAsGoHasIt() throws {
        let config = try Sample(
            service: "blkio_config: {device_read_bps: [{}]}\npre_stop: [{command: }]"
        ).config()
        let service = config["services"]?["s"]
        #expect(service?["blkio_config"]?["device_read_bps"] == [["Path": "", "Rate": "0"]])
        #expect(service?["pre_stop"] == [["command": .null]])
    }

    /// What is empty is not given: the included folder's own `.env` is read.
    @Test(arguments: ["project_directory: ''", "project_directory: ", "env_file: ", "env_file: []"])
    func emptyFieldsOfAnInclude(field: String) throws {
        let sample = Sample(
            "services: {s: {image: i}}\ninclude: [{path: x/x.yaml, \(field)}]",
            [
                "x/x.yaml": "services: {t: {image: 'i$V', label_file: l}}", "x/.env": "V=1",
                "x/l": "",
            ]
        )
        let service = try sample.config()["services"]?["t"]
        #expect(service?["image"] == "i1")
        #expect(service?["label_file"]?.arrayValue?.first?.stringValue?.hasSuffix("x/l") == true)
    }

    @Test func aConfigWithoutContentIsNotRun() {
        let sample = Sample(
            "services: {s: {image: i, configs: [k]}}\nconfigs: {k: {external: false}}"
        )
        #expect(sample.findings().contains { $0.hasSuffix("error missing-attribute") })
    }

    @Test func tagsOfYAMLAreHeeded() throws {
        let config = try Sample(
            service:
                "environment: {A: !!binary aGVsbG8=, B: !!timestamp '2020-01-01', C: !!float 5}"
        ).config()
        let date = "2020-01-01 00:00:00 +0000 UTC"
        let expected: JSON = ["A": "hello", "B": .string(date), "C": "5"]
        #expect(config["services"]?["s"]?["environment"] == expected)
    }

    @Test func aDeviceWithoutAWeightHasNone() throws {
        let sample = Sample(service: "blkio_config: {weight_device: [{path: /a}]}")
        let weights = try sample.config()["services"]?["s"]?["blkio_config"]?["weight_device"]
        #expect(weights == [["Path": "/a", "Weight": 0]])
        #expect(try sample.configYAML().contains("- path: /a\n          weight: 0\n"))
    }

    @Test func findingsInAnExtendedServiceHaveItsName() throws {
        let sample = Sample(
            "services: {s: {extends: {file: x.yaml, service: base}}}",
            ["x.yaml": "services: {base: {image: i, devices: ['a:b:c:d']}}"]
        )
        #expect(try sample.finding().field?.description == "services.base.devices[0]")
    }

    @Test func someFilesMayBeEmpty() throws {
        let sample = Sample(
            "include: [x.yaml]\nservices: {s: {image: i}}",
            ["compose.override.yaml": "# nothing yet\n", "x.yaml": ""]
        )
        #expect(try sample.config()["services"]?["s"]?["image"] == "i")
        let null = Sample(
            "services: {s: {image: i}}",
            ["compose.override.yaml": "services:\n"]
        )
        #expect(null.findings() == ["app/compose.override.yaml:1:1 error wrong-type"])
    }

    @Test func targetsAreCleaned() throws {
        let config = try Sample(
            service: "volumes: [v, {type: volume, target: /a/../b/}]\ndevices: ['/dev/a::r']"
        ).config()
        let service = config["services"]?["s"]
        #expect(
            service?["volumes"]
                == [["type": "volume", "target": "v"], ["type": "volume", "target": "/b"]]
        )
        #expect(
            service?["devices"]
                == [["source": "/dev/a", "target": "/dev/a", "permissions": "r"]]
        )
    }

    @Test func whatIsThereIsNotAddedAgain() throws {
        let config = try Sample(
            """
            services:
              b: {image: i, pre_stop: [{command: a}], label_file: l}
              s: {extends: b, pre_stop: [{command: a}, {command: c}], label_file: [l, l]}
            """,
            ["l": "k=v\n"]
        ).config()
        let service = config["services"]?["s"]
        #expect(service?["pre_stop"] == [["command": ["a"]], ["command": ["c"]]])
        #expect(service?["label_file"]?.arrayValue?.count == 1)
        #expect(service?["labels"] == ["k": "v"])
    }

    @Test func aResetLeavesWhatAMergeKeyBrings() throws {
        let base = "services: {s: {image: i, cap_add: [Q], tty: true}}\n---\n"
        let config = try Sample(
            base + "x-b: &b {cap_add: [ALL]}\n"
                + "services: {s: {<<: *b, cap_add: !reset [], tty: !reset false}}"
        ).config()
        let service = config["services"]?["s"]
        #expect(service?["cap_add"] == ["ALL"])
        #expect(service?["tty"] == nil)
    }

    @Test func yamlNamesJobsAndWritesNumbersAsGo() throws {
        let text = try Sample(
            """
            services: {}
            networks: {default: {ipam: {}}}
            jobs: {j: {image: i, triggers: {manual: true}}}
            x-a: [1234567.5, 1e20, 0.5]
            """
        ).configYAML()
        #expect(text.contains("  j:\n    name: j\n"))
        #expect(!text.contains("ipam"))
        #expect(text.contains("x-a:\n  - 1.2345675e+06\n  - 1e+20\n  - 0.5\n"))
    }

    @Test func yamlIsFoldedBeforeDollarsAreDoubled() throws {
        let words = "echo $$A $$B $$C $$D $$E $$F $$G $$H $$I $$J $$K $$L $$M $$N $$O $$P $$Q $$R"
        let sample = Sample(service: "labels: {a: '\(words) $$S $$T $$U $$V $$W $$X'}")
        let text = try sample.configYAML()
        #expect(text.contains("      a: \(words) $$S $$T $$U $$V $$W\n        $$X\n"))
    }

    /// A folder to build from is one of this machine; a mount may be of another's.
    @Test func drivesOfWindowsAreForMounts() throws {
        let config = try Sample(
            service: "build: 'C:\\x'\nvolumes: [{type: bind, source: 'C:\\x', target: /y},"
                + " {type: bind, source: '\\\\h', target: /z}]"
        ).config()
        let service = config["services"]?["s"]
        let directory = try #require(service?["build"]?["context"]?.stringValue)
        #expect(directory.hasSuffix("/C:\\x"))
        let volumes = try #require(service?["volumes"]?.arrayValue)
        #expect(volumes.map { $0["source"] } == ["C:\\x", "\\\\h"])
    }

    @Test func anEmptyDockerfileIsNone() throws {
        let config = try Sample(
            service: "build: {context: ., dockerfile_inline: FROM x, dockerfile: '$UNSET'}"
        ).config()
        let build = config["services"]?["s"]?["build"]
        #expect(build?["dockerfile_inline"] == "FROM x")
        #expect(build?["dockerfile"] == nil)
    }

    @Test(arguments: ["app/compose.yaml:", ":app/compose.yaml", "compose.yaml::o.yaml", ":"])
    func anEmptyPartOfComposeFileIsNoFile(list: String) {
        let sample = Sample(service: "tty: true", [".env": "COMPOSE_FILE=\(list)\n"])
        #expect(throws: Rejection.self) { try sample.config() }
    }

    @Test func yamlKeepsZeroLimits() throws {
        let sample = Sample(service: "ulimits: {core: 0}")
        #expect(try sample.configYAML().contains("      core:\n        soft: 0\n        hard: 0\n"))
        #expect(try sample.config()["services"]?["s"]?["ulimits"] == ["core": [:]])
    }
}
