import ComposeFile
import Model
import Testing

/// What `docker stack deploy` of docker/cli 28 refuses, and what it takes beside that, each as it
/// answered.
@Suite struct SwarmFilesTests {
    @Test(arguments: [
        "name: shop", "version: '3.14'", "version: '2.4'", "version: '3.3'\nx-mine: 1",
        "networks: {n: {ipam: {config: [{gateway: 10.0.0.1}]}}}",
        "secrets: {s: {driver: vault, file: f}}",
    ])
    func refusesAtTheTop(_ text: String) throws {
        #expect(try isRefused(text + "\nservices: {s: {image: i}}"))
    }

    @Test(arguments: [
        "profiles: [p]", "command: null", "entrypoint: null",
        "devices: [{source: /dev/null, target: /dev/null}]",
        "env_file: [{path: e}]", "environment: {A: true}", "extra_hosts: {h: [10.0.0.1]}",
        "labels: {a: true}", "networks: {default: {priority: 1}}",
        "ports: [{target: '80'}]", "ports: [{target: 80, host_ip: 10.0.0.1}]",
        "ports: [{target: 80, published: '81'}]", "shm_size: 1024", "cap_add: [A, A]",
        "expose: [80, 80]",
        "configs: [{source: c, mode: '0440'}]",
        "volumes: [{type: tmpfs, target: /t, tmpfs: {size: 1m}}]",
        "deploy: {replicas: '3'}", "deploy: {resources: {limits: {cpus: 0.5}}}",
        "deploy: {resources: {reservations: {devices: [{capabilities: [gpu]}]}}}",
        "init: \"${FLAG:-true}\"", "deploy: {resources: {limits: {pids: \"${COUNT:-3}\"}}}",
        "imag: x", "deploy: {labls: {a: b}}",
        "read_only: 'true'", "depends_on: {other: {condition: service_started}}", "mem_limit: 1g",
    ])
    func refusesInAService(_ attribute: String) throws {
        #expect(try isRefused("services: {s: {image: i, \(attribute)}}"))
    }

    /// What passes the schemas and not what comes after them; of the four that docker/cli sends
    /// `Docs/Compose.md` tells.
    @Test(arguments: [
        "user: '$'", "user: a$", "user: $ a", "user: $1", "user: $(x)", "user: $é", "user: $$$",
        "user: '${UNSET:+x}'", "user: '${UNSET+x}'", "user: '${UNSET'", "user: $UNSET?none",
        "x-mine: $1", "stop_grace_period: 1d", "deploy: {update_config: {delay: 1w}}",
        "healthcheck: {test: a, interval: 2d}", "command: 'a \\'", "command: \"a 'b\"",
        "restart: 'on-failure:x'", "restart: 'on-failure:3:4'", "restart: 'on-failure:1.5'",
        "restart: ':'", "deploy: {resources: {limits: {cpus: '0.0000000001'}}}",
        "deploy: {resources: {limits: {memory: '-1'}}}", "ports: ['+80']", "ports: ['80:+80']",
        "ports: [{target: 80, published: '${UNSET:-80-82}'}]",
        "ports: [{target: 80, published: '${UNSET}'}]",
        "ports: [{target: 80, published: -1}]", "ports: [{target: 80, published: 70000}]",
        "stop_grace_period: -1s", "restart: 'on-failure:-1'", "user: '$ ${UNSET-x}'",
        "configs: [{source: c, mode: -1}]", "credential_spec: {file: f, registry: r}",
        "credential_spec: {config: nowhere}",
    ])
    func refusesWhatCantBeSent(_ attribute: String) throws {
        let configs = "\nconfigs: {c: {file: ./f}}"
        #expect(try isRefused("services: {s: {image: i, \(attribute)}}" + configs))
    }

    @Test(arguments: [
        "{type: volume, source: vol, target: /t, bind: {propagation: shared}}",
        "{type: volume, source: vol, target: /t, tmpfs: {size: 1}}", "'vol:/t:rprivate'",
        "{type: bind, source: /a, target: /t, volume: {nocopy: true}}", "'/a:/t:nocopy'",
        "{type: bind, source: /a, target: /t, tmpfs: {size: 1}}",
        "{type: bind, source: '', target: /t}", "{type: tmpfs, source: x, target: /t}",
        "{type: tmpfs, target: /t, volume: {nocopy: true}}", "{type: npipe, target: /t}",
        "{type: npipe, source: a, target: /t, volume: {nocopy: true}}",
        "{type: cluster, target: /t}",
    ])
    func refusesMountsWithTheOptionsOfOthers(_ mount: String) throws {
        let service = "services: {s: {image: i, volumes: [\(mount)]}}\nvolumes: {vol: }"
        #expect(try isRefused(service))
    }

    @Test(arguments: ["volumes", "configs", "secrets"])
    func refusesTwoNames(_ part: String) throws {
        let named = "\n\(part): {x: {external: {name: a}, name: a}}"
        #expect(try isRefused("services: {s: {image: i}}" + named))
    }

    @Test(arguments: [
        ("3.0", "init: true"), ("3.7", "deploy: {resources: {limits: {pids: 5}}}"),
        ("3.12", "oom_score_adj: 1"), ("3.1", "ports: [{target: 80}]"), ("3.6", "x-mine: 1"),
    ])
    func refusesWhatTheVersionLacks(_ version: String, _ attribute: String) throws {
        let service = "\nservices: {s: {image: i, \(attribute)}}"
        #expect(try isRefused("version: '\(version)'" + service))
        #expect(try !isRefused("version: '3.13'" + service))
    }

    @Test(arguments: [
        "read_only: \"${FLAG:-true}\"", "deploy: {replicas: \"${COUNT:-3}\"}", "x-mine: {a: 1}",
        "tmpfs: /t", "command: [a]", "environment: [A, B=c]", "ulimits: {core: 0}", "pid: null",
        "healthcheck: {retries: \"${COUNT:-3}\"}",
        "oom_score_adj: \"${SCORE:-5}\"", "healthcheck: {test: [a, b]}",
        "volumes: ['/x', '/x']", "container_name: a, deploy: {replicas: 3}",
        "deploy: null", "volumes: [{type: volume, target: /v, volume: {nocopy: true}}]",
    ])
    func takes(_ attribute: String) throws {
        #expect(try !isRefused("services: {s: {image: i, \(attribute)}}"))
    }

    /// The schemas of docker/cli are open where Compose's are not.
    @Test func whatNobodyKnowsIsPassedOver() throws {
        let service = "services: {s: {image: i, configs: [{source: c, extra: 1}]}}"
        #expect(try !isRefused(service + "\nconfigs: {c: {file: ./f}}"))
    }

    /// Files of variables are lines to docker/cli, not the language that Compose reads them as.
    @Test func filesOfVariablesAreTakenLineByLine() throws {
        var request = ComposeRequest(directory: "app")
        request.files = ["compose.yaml"]
        request.projectName = "shop"
        request.environment = ["HOME": "/root"]
        let sample = Sample(
            """
            services:
              s:
                image: i
                env_file: [one, two]
                environment: {OWN: "1"}
            """,
            [
                "one": "A='q' # c\n  # none\nC=\"x\\ny\"\nHOME\nOWN\nUNKNOWN\n",
                "two": "B=$A\nA\nD= d \n",
            ]
        )
        let stack = try Stack(forSwarm: request, in: sample.snapshot, id: .of("app"))
        let environment = stack.services["s"]?.environment
        #expect(
            environment == [
                "A": "'q' # c", "B": "$A", "C": "\"x\\ny\"", "D": " d ", "HOME": "/root",
                "OWN": "1",
            ]
        )
    }

    @Test(arguments: ["A B=1", "A =1", "=1", "export A=1"])
    func refusesLinesOfNoVariable(_ line: String) throws {
        let sample = Sample(
            "services: {s: {image: i, env_file: e}}",
            ["e": line + "\n"]
        )
        var request = ComposeRequest(directory: "app")
        request.files = ["compose.yaml"]
        request.projectName = "shop"
        #expect(throws: (any Error).self) {
            try Stack(forSwarm: request, in: sample.snapshot, id: .of("app"))
        }
    }

    /// Targets and the folder of a local volume go as they are written, and each mount goes.
    @Test func mountsAreSentAsWritten() throws {
        var request = ComposeRequest(directory: "app")
        request.files = ["compose.yaml"]
        request.projectName = "shop"
        let sample = Sample(
            """
            services:
              s:
                image: i
                volumes: ["/a:/t/", "/b:/t/", {type: volume, source: v, target: /x/../y}]
            volumes: {v: {driver: local, driver_opts: {type: none, o: bind, device: ./sub}}}
            """
        )
        let stack = try Stack(forSwarm: request, in: sample.snapshot, id: .of("app"))
        #expect(stack.services["s"]?.volumes.map(\.target) == ["/t/", "/t/", "/x/../y"])
        #expect(stack.volumes["v"]?.options["device"] == "./sub")
    }

    @Test func filesHaveOneVersion() throws {
        let compose = "version: '3.8'\nservices: {s: {image: i}}"
        #expect(try isRefused(compose, ["o.yaml": "version: '3.7'\nservices: {s: {tty: true}}"]))
        #expect(try !isRefused(compose, ["o.yaml": "version: '3.8'\nservices: {s: {tty: true}}"]))
    }

    /// `others` are merged over it.
    private func isRefused(_ compose: String, _ others: [String: String] = [:]) throws -> Bool {
        var request = ComposeRequest(directory: "app")
        request.files = ["compose.yaml"] + others.keys.sorted()
        request.projectName = "shop"
        let snapshot = Sample(compose, others.merging(["f": "", "e": ""]) { $1 }).snapshot
        do {
            _ = try Stack(forSwarm: request, in: snapshot, id: .of("app"))
            return false
        } catch {
            return error.diagnostics.contains { $0.severity == .error }
        }
    }
}
