import ComposeFile
import Model
import Testing

/// What is refused or warned of, with its exact place and code.
@Suite struct DiagnosticTests {
    /// A body of a service and what is found in it; its first line is line 4 of the file.
    @Test(arguments: [
        ("imag: x", "4:5 error unknown-attribute"),
        ("build: .", "4:5 error not-supported"),
        ("healthcheck: {intervall: 1s}", "4:19 error unknown-attribute"),
        ("external_links: [x]", "4:5 error not-supported"), ("runtime: runc", ""),
        ("healthcheck: {test: [curl]}", "4:19 error invalid-healthcheck"),
        ("healthcheck: {interval: 10}", "4:29 error wrong-type"),
        ("user: 1000", "4:11 error wrong-type"), ("command: [sleep, 10]", "4:22 error wrong-type"),
        ("command: echo (x)", "4:14 error invalid-command"),
        ("command: a && b", "4:14 warning command-cut"),
        ("tty: \"yes\"", "4:10 warning obsolete-boolean"),
        ("tty: maybe", "4:10 error invalid-boolean"),
        ("scale: 1.5", "4:12 error wrong-type"), ("scale: three", "4:12 error invalid-number"),
        ("scale: -1", "4:12 error invalid-number"), ("mem_limit: abc", "4:16 error invalid-size"),
        ("mem_limit: 1.5", "4:16 error invalid-size"), ("mem_limit: -1", "4:16 error invalid-size"),
        ("stop_grace_period: \"10\"", "4:24 error invalid-duration"),
        ("stop_grace_period: -5s", "4:24 error invalid-duration"),
        ("restart: banana", "4:14 error invalid-restart"),
        ("cgroup: foo", "4:13 error invalid-value"),
        ("ports: [\"99999:80\"]", "4:13 error invalid-port"),
        ("ports: [80.5]", "4:13 error wrong-type"),
        ("ports: [\"8000-8010:80\"]", ""),
        ("ports: [{target: 80, published: 8010-8000}]", "4:37 error invalid-port"),
        ("ports: [{target: 80, published: 8000-8010, mode: host}]", ""),
        ("userns_mode: \"\"", ""), ("pid: \"\"", ""), ("network_mode: \"\"", ""),
        ("ports: [\"80-81:8000-8002\"]", "4:13 error invalid-port"),
        ("ports: [\"localhost:80:80\"]", "4:13 error invalid-port"),
        ("ports: [{published: 80}]", "4:13 error missing-attribute"),
        ("ports: [\"80:80\", \"80:81\"]", "4:22 error duplicate-port"),
        ("ports: [\"80:80\"]\nscale: 2", "4:13 error port-with-replicas"),
        ("expose: [\"80:80\"]", "4:14 error invalid-port"),
        ("volumes: [./x:/x]", "4:15 error bind-of-repository-writable"),
        // Policy's, which says it among all else.
        ("volumes: [~/x:/x]", ""), ("volumes: [/a/../b:/x]", ""), ("volumes: [../../x:/x]", ""),
        ("volumes: [v:/x]", "4:15 error invalid-volume"),
        ("volumes: [/a:x]", "4:15 error invalid-volume"),
        ("volumes: [/a::ro]", "4:15 error invalid-volume"),
        ("volumes: [\"/a:/b:ro,foo\"]", "4:15 warning no-effect"),
        ("volumes: [/a:/b:z]", ""),
        ("volumes: [\"./compose.yaml:/x:ro,z\"]", "4:15 warning no-effect"),
        (
            "volumes: [{type: bind, source: /a, target: /b, bind: {propagation: up}}]",
            "4:72 error invalid-volume"
        ),
        ("volumes: [{type: image, source: i, target: /x}]", "4:22 error not-supported"),
        ("isolation: default", "4:5 warning no-effect"),
        ("isolation: hyperv", "4:5 error not-supported"),
        ("volumes: [/a:/b:cached]", "4:15 warning no-effect"),
        ("pull_policy: always", "4:5 warning no-effect"),
        ("pull_policy: build", "4:5 error not-supported"),
        ("tmpfs: [/a, \"/a:size=1m\"]", "4:17 error conflicting-values"),
        ("volumes: [data:/x]", "4:15 error undefined-reference"),
        ("volumes: [{type: foo, target: /x}]", "4:22 error invalid-value"),
        ("volumes: [{target: /x}]", "4:15 error missing-attribute"),
        ("networks: [front]", "4:16 error undefined-reference"),
        ("networks: {default: {interface_name: eth9}}", ""),
        ("network_mode: host\nnetworks: [default]", "4:19 error conflicting-values"),
        ("network_mode: service:zz", "4:19 error undefined-reference"),
        ("depends_on: [zz]", "4:18 error undefined-reference"),
        ("depends_on: [s]", "4:18 error dependency-cycle"),
        (
            "depends_on: {s: {restart: true}}",
            "4:18 error dependency-cycle|4:18 error missing-attribute"
        ),
        ("scale: 2\ndeploy: {replicas: 3}", "4:12 error conflicting-values"),
        (
            "mem_limit: 1g\ndeploy: {resources: {limits: {cpus: 1}}}",
            "4:16 error conflicting-values"
        ),
        ("deploy: {resource: {}}", "4:14 error unknown-attribute"),
        ("deploy: {mode: global}", ""),
        ("deploy: {mode: global, replicas: 2}", "4:20 error not-supported"),
        ("deploy: {mode: replicated-job}", "4:20 error not-supported"),
        ("deploy: {replicas: 2, placement: {max_replicas_per_node: 2}}", ""),
        (
            "deploy: {replicas: 3, placement: {max_replicas_per_node: 2}}",
            "4:62 warning no-effect"
        ),
        ("deploy: {update_config: {parallelism: 0, order: start-first}}", ""),
        (
            "deploy: {update_config: {order: start-first}}\nports: [\"80:80\"]",
            "4:37 warning stop-first"
        ),
        (
            "deploy: {rollback_config: {order: start-first}}\nvolumes: [/a:/a]",
            "4:39 warning stop-first"
        ),
        ("deploy: {update_config: {order: start-first}}\nvolumes: [/a:/a:ro]", ""),
        ("deploy: {update_config: {failure_action: stop}}", "4:46 error invalid-value"),
        ("deploy: {update_config: {max_failure_ratio: 1.5}}", "4:49 error invalid-number"),
        ("deploy: {update_config: {delay: 25h}}", "4:37 error invalid-duration"),
        ("deploy: {update_config: {monitor: -1s}}", "4:39 error invalid-duration"),
        ("environment: A=1", "4:18 error wrong-type"),
        ("environment: [12]", "4:19 error wrong-type"),
        ("environment: [\"A =1\"]", "4:19 error invalid-environment"),
        ("environment: {A: {b: c}}", "4:19 error wrong-type"),
        ("environment: {A: .nan}", "4:22 error invalid-number"),
        ("env_file: none.env", "4:15 error env-file-missing"),
        ("env_file: /etc/passwd", "4:15 error env-file-outside"),
        ("env_file: ../../x", "4:15 error env-file-outside"),
        ("ports: !reset [x]", ""),
        ("labels: {a: !foo b}", "4:17 error unknown-tag"),
        ("labels: {a: $NONE}", "4:17 warning unset-variable"),
        ("labels: {a: \"${NONE:?must}\"}", "4:17 error required-variable"),
        ("labels: {a: \"${}\"}", "4:17 error invalid-interpolation"),
        ("ports:", "4:5 error wrong-type"), ("hostname: ~", "4:5 error wrong-type"),
        ("image: x", "4:5 error yaml-duplicate-key"), ("\tuser: x", "4:5 error yaml-syntax"),
    ])
    func serviceFindings(body: String, expected: String) {
        #expect(Sample(service: body).findings().joined(separator: "|") == expected)
    }

    @Test(arguments: [
        ("# nothing\n", "1:1 error empty-file"), ("hello", "1:1 error wrong-type"),
        ("version: \"3\"\nservices: {}", "1:10 warning obsolete-version"),
        ("services:", "1:1 error wrong-type"), ("services: [a]", "1:1 error wrong-type"),
        ("services: {a b: {image: i}}", "1:12 error invalid-name"),
        ("services: {a: {user: \"1\"}}", "1:12 error missing-attribute"),
        ("services: {a: }", "1:12 error wrong-type"),
        ("web: {image: i}", "1:1 error missing-attribute|1:1 error unknown-attribute"),
        ("name: other\nservices: {}", "1:7 error project-name"), ("name: app\nservices: {}", ""),
        ("include: [x.yaml]\nservices: {}", "1:11 error unreadable-file"),
        ("servces: {}\nservices: {}", "1:1 error unknown-attribute"),
        ("services: {}\nnetworks: {n: {driver: overlay}}", ""),
        ("services: {}\nnetworks: {n: {external: true}}\nvolumes: {v: {external: true}}", ""),
        ("services: {}\nnetworks: {n: {external: false}}", ""),
        (
            "services: {}\nvolumes: {v: {driver: local, driver_opts: "
                + "{type: none, o: bind, device: ./x}}}",
            "2:73 error bind-of-repository-file"
        ),
        ("services: {}\n---\nservices: {}", ""),
        (
            "services: {a: {image: i, container_name: app-b-2}, b: {image: i, scale: 2}}",
            "1:42 error conflicting-values"
        ), ("services: {a: {image: i, container_name: app-a-1}, b: {image: i}}", ""),
        (
            "services: {a: {image: i, cpus: 1, cpu_quota: 5000, cpu_period: 5000}}",
            "1:46 error conflicting-values|1:64 error conflicting-values"
        ),
        (
            "services: {a: {image: i, volumes: [/x]}, b: {image: i, volumes_from: [a]}}",
            "1:71 error unnamed-volume"
        ),
        (
            "services: {a: {image: i, volumes: [/x]}, "
                + "b: {image: i, tmpfs: /x, volumes_from: [a]}}", ""
        ),
        (
            "services: {a: {image: i, depends_on: [b]}, b: {image: i, depends_on: [c]}, "
                + "c: {image: i, depends_on: [b]}}", "1:71 error dependency-cycle"
        ),
        (
            "services: {a: {image: i, ports: [80:80]}, b: {image: i, ports: [80:81]}}",
            "1:65 error port-of-two-services"
        ),
        (
            "services: {a: {image: i, ports: [80:80]}, b: {image: i, ports: ['1.2.3.4:80:81']}}",
            "1:65 error port-of-two-services"
        ),
        (
            "services: {a: {image: i, ports: ['1.2.3.4:80:80']}, "
                + "b: {image: i, ports: ['1.2.3.5:80:81', '1.2.3.4:80:80/udp']}}", ""
        ),
        (
            "services: {a: {image: i, ports: [80:80]}, b: {image: i, scale: 0, ports: [80:81]}}",
            ""
        ),
        (
            "services: {a: {image: i, ports: [80:80]}, "
                + "b: {image: i, profiles: [other], ports: [80:81]}}", ""
        ),
        ("services: {a: {image: i, ports: [80-81:80, '80:81']}}", ""),
        (
            "services: {a: {image: i, ports: [80:80, '127.0.0.1:80:81']}}",
            "1:41 error duplicate-port"
        ),
    ])
    func fileFindings(text: String, expected: String) {
        #expect(Sample(text).findings().joined(separator: "|") == expected)
    }

    @Test func everythingIsFoundAtOnceAndSorted() {
        let sample = Sample(
            """
            services:
              web: {imag: i, ports: ["x"]}
              db: {image: i, user: 1, volumes: [./x:/x]}
            networks: {n: {foo: 1}}
            """,
            [".env": "A=1\nB!=2"]
        )
        #expect(
            sample.findings() == [
                "app/.env:2:2 error env-file-syntax", "2:3 error missing-attribute",
                "2:9 error unknown-attribute", "2:26 error invalid-port", "3:24 error wrong-type",
                "3:37 error bind-of-repository-writable", "4:16 error unknown-attribute",
            ]
        )
    }

    /// One line to mend is told once, whoever has it through an anchor or a base.
    @Test func oneMistakeOfManyServicesIsToldOnce() {
        let anchored = "x-b: &b {image: i, restrat: always}\nservices: {a: *b, b: *b, c: *b}"
        #expect(Sample(anchored).findings() == ["1:20 error unknown-attribute"])
        let extended = Sample(
            "services: {a: {extends: {file: x.yaml, service: s}}, b: "
                + "{extends: {file: x.yaml, service: s}}}",
            ["x.yaml": "services: {s: {image: i, mem_limit: 1gg, user: 5}}"]
        )
        #expect(
            extended.findings() == [
                "app/x.yaml:1:37 error invalid-size", "app/x.yaml:1:48 error wrong-type",
            ]
        )
        let missing = Sample(
            "services: {a: {extends: {file: x.yaml, service: z}}}",
            ["x.yaml": "services: {s: {image: i}}"]
        )
        #expect(missing.findings() == ["1:49 error undefined-reference"])
    }

    @Test func whatIsNoTruthIsToldHowToBeOne() throws {
        #expect(try Sample(service: "stdin_open: 3").finding().fix == "write true or false")
    }

    @Test func messagesNameTheFieldAndTheFix() throws {
        let misspelt = try Sample(service: "imag: x").finding()
        #expect(
            misspelt.description == """
                app/compose.yaml:4:5: error: a service has no attribute "imag" [unknown-attribute]
                  fix: did you mean "image"?
                """
        )
        #expect(misspelt.field?.description == "services.s.imag")
        let build = try Sample(service: "build: .").finding()
        #expect(build.fix == "build the image in CI, push it to a registry and name it in image:")
        let cycle = try Sample(
            "services: {a: {image: i, depends_on: [b]}, b: {image: i, depends_on: [a]}}"
        ).finding()
        #expect(cycle.message == "services wait for each other: a -> b -> a")
        let volume = try Sample(
            "services: {s: {image: i, volumes: [dta:/x]}}\nvolumes: {data: }"
        ).finding()
        #expect(volume.fix == "did you mean \"data\"?")
        let old = Sample("services: {}\nweb: {image: i}\nvolums: {}")
        #expect(try old.finding().fix == "put it below services:")
    }

    @Test(arguments: [
        "scale: $SECRET", "restart: $SECRET", "ports: [\"$SECRET\"]",
        "mem_limit: $SECRET", "stop_grace_period: $SECRET", "tty: $SECRET", "volumes: \"$SECRET\"",
        "ports: [\"$SECRET:80:80\"]",
        "env_file: [{path: a, format: $SECRET}]",
    ])
    func whatVariablesHoldIsNotShown(body: String) throws {
        let finding = try Sample(service: body, [".env": "SECRET=hunter2"]).finding()
        #expect(finding.severity == .error)
        #expect(!finding.description.contains("hunter2"))
    }

    @Test func whatVariablesHoldIsNotWarnedOf() throws {
        let sample = Sample(service: "volumes: [\"/a:/b:$SECRET\"]", [".env": "SECRET=hunter2"])
        #expect(sample.findings() == ["4:15 warning no-effect"])
        #expect(!(try sample.finding().description.contains("hunter2")))
    }

    @Test func filesThatAreNotRead() throws {
        var sample = Sample("services: {}", ["docker-compose.yml": "x"])
        #expect(sample.findings() == ["app/docker-compose.yml:1:1 warning several-compose-files"])
        sample = Sample("services: {}", ["compose.override.yml": "x"])
        #expect(sample.findings() == ["app/compose.override.yml:1:1 error wrong-type"])
        sample.files = [:]
        #expect(sample.findings() == ["- error no-compose-file"])
    }

    /// What somebody reads as a line of Gyre's is one.
    @Test(arguments: [
        #"depends_on: ["x\nverdict: allow"]"#, #""x\nverdict: allow": 1"#,
        #"mem_limit: "1\nverdict: allow""#, #"environment: {"a b\r\nverdict: allow": [1]}"#,
        #"stop_grace_period: "1\nverdict: allow""#, #"networks: ["n\nverdict: allow"]"#,
        #"extends: {service: "o\nverdict: allow"}"#, #"env_file: "e\nverdict: allow""#,
    ])
    func aFindingIsOneLine(_ attribute: String) {
        do {
            _ = try Sample(service: attribute).load()
            Issue.record("it is taken")
        } catch {
            for finding in error.diagnostics {
                #expect("\(finding)".split(separator: "\n").allSatisfy { !$0.hasPrefix("verdict") })
                #expect(finding.field.map { !"\($0)".contains("\n") } ?? true)
            }
        }
    }
}
