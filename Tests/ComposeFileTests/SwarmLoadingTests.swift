import ComposeFile
import Model
import Testing

/// Files that are loaded to be run on a Swarm.
@Suite struct SwarmLoadingTests {
    private func reading(_ text: String, isForSwarm: Bool = true) throws -> StackReading {
        let commit = Commit(id: "c", author: "", seconds: 0, message: "")
        let snapshot = Snapshot(
            commit: commit,
            entries: ["compose.yaml": .file(Array(text.utf8))],
            executables: []
        )
        return try StackReading(
            of: snapshot,
            at: "",
            id: try StackID(project: "a", stack: "a"),
            isForSwarm: isForSwarm
        )
    }

    private let heeded = """
        services:
          web:
            image: web:1
            ports: [{target: 80, published: 8080, mode: host}]
            deploy:
              mode: replicated
              replicas: 2
              endpoint_mode: dnsrr
              labels: {a: b}
              placement: {constraints: [node.role==worker], preferences: [{spread: node.labels.z}]}
              restart_policy: {condition: any, delay: 1s, window: 2s}
              update_config: {parallelism: 2, delay: 3s, monitor: 4s, order: start-first}
        """

    @Test func whatASwarmHeedsIsReadWithoutAWarning() throws {
        let reading = try reading(heeded)
        #expect(reading.errors.isEmpty, "\(reading.errors)")
        // But that a port in mode host can't be had by two.
        #expect(reading.stack.warnings.map(\.code) == ["stop-first"])
        #expect(reading.stack.isForSwarm)
        let deployment = try #require(reading.stack.services["web"]?.deployment)
        #expect(deployment.endpointMode == "dnsrr" && deployment.update?.parallelism == 2)
        #expect(deployment.placement.spreads == ["node.labels.z"])
        // An engine can do less.
        let engine = try self.reading(heeded, isForSwarm: false)
        #expect(engine.errors.contains { $0.code == "port-with-replicas" })
        #expect(!engine.stack.warnings.isEmpty)
    }

    /// A Swarm has a service's ports whether it has tasks or not; of two in mode `host` it runs
    /// each where the other doesn't.
    @Test(arguments: [
        ("", "", ["port-of-two-services"]), ("host", "", ["port-of-two-services"]),
        ("host", "host", []),
    ])
    func onePortOfTwoServices(first: String, second: String, codes: [String]) throws {
        func port(_ mode: String) -> String { "{target: 80, published: 8080, mode: '\(mode)'}" }
        let text = """
            services:
              a: {image: i, ports: [\(port(first))]}
              b: {image: i, ports: [\(port(second))], deploy: {replicas: 0}}
              c: {image: i, ports: [{target: 80, published: 81, mode: host}]}
            """
        #expect(try reading(text).errors.map(\.code) == codes)
        let own = "{target: 81, published: 81, mode: host}"
        let twice = text.replacing("mode: host}]", with: "mode: host}, \(own)]")
        #expect(try reading(twice).errors.map(\.code) == codes + ["duplicate-port"])
    }

    @Test(arguments: [
        "container_name: xy", "privileged: true", "devices: [/dev/null]", "network_mode: host",
        "pid: host", "ipc: host", "uts: host", "userns_mode: host", "cgroup: host",
        "security_opt: ['seccomp=unconfined']", "shm_size: 1m", "domainname: x.org",
        "oom_score_adj: 1", "memswap_limit: 1g", "cpu_shares: 2", "cpuset: '0'",
        "volumes_from: [other]", "links: [other]", "ports: ['127.0.0.1:80:80']",
        "runtime: runc", "platform: linux/amd64", "mac_address: '02:42:ac:11:00:02'",
        "networks: {default: {ipv4_address: 10.1.2.3}}", "volumes: ['.:/srv:ro']",
        "deploy: {mode: job}", "deploy: {mode: global-job, replicas: 2}",
        "deploy: {mode: replicated-job, update_config: {parallelism: 1}}",
        "deploy: {mode: replicated-job, restart_policy: {condition: any}}",
        "deploy: {endpoint_mode: x}",
        "deploy: {resources: {limits: {memory: 1m}}}", "tmpfs: ['/x:noexec']",
        "deploy: {mode: global, replicas: 2}",
        #"volumes: ['/srv/{{"\x2e\x2e"}}:/x']"#, #"volumes: ['/srv:/{{"proc"}}']"#,
        #"tmpfs: ['/{{"proc"}}']"#, "networks: {default: {aliases: ['{{.Task.Name}}']}}",
        #"environment: {A: '{{define "a"}}{{template "a"}}{{end}}'}"#, "environment: ['A={{']",
        #"hostname: '{{env "PATH"}}'"#,
    ])
    func whatItCannotDoIsAnErrorWithItsPlace(attribute: String) throws {
        let text = "services:\n  web:\n    image: web:1\n    \(attribute)\n  other: {image: o:1}\n"
        let errors = try reading(text).errors
        let found = errors.filter { $0.code == "not-for-swarm" }
        #expect(found.count == 1, "\(errors)")
        #expect(found.first?.location?.line == 4 || attribute.contains("memory"))
        #expect(found.first?.fix != nil)
    }

    /// An engine that is asked to make one for its Swarm would drop it.
    @Test(arguments: [
        "enable_ipv4: false",
        "ipam: {config: [{subnet: 10.9.0.0/24, aux_addresses: {a: 10.9.0.2}}]}",
    ])
    func whatANetworkOfASwarmHasNoWordFor(attribute: String) throws {
        let text = "services: {web: {image: web:1}}\nnetworks:\n  default: {\(attribute)}\n"
        let errors = try reading(text).errors
        #expect(errors.map(\.code) == ["not-for-swarm"], "\(errors)")
        #expect(errors.first?.location?.line == 3 && errors.first?.fix != nil)
        #expect(try reading(text, isForSwarm: false).errors.isEmpty)
    }

    /// Swarmkit takes names of hosts for its services and networks.
    @Test(arguments: [
        ("web", "back", 0), ("Web_a--b", "b-1", 0), ("web.v2", "back", 2), ("web-", "back", 2),
        ("web_", "back", 2), ("web", "b.1", 3), ("web", "b-", 3),
        (String(repeating: "w", count: 61), "back", 0),
        (String(repeating: "w", count: 62), "back", 2),
        ("web", String(repeating: "n", count: 62), 3),
    ])
    func whatASwarmCallsNothingIsAnError(service: String, network: String, line: Int) throws {
        let text = """
            services:
              \(service): {image: web:1, networks: [\(network)]}
            networks: {\(network): {}}
            """
        let errors = try reading(text).errors
        let found = errors.map { "\($0.code) \($0.location?.line ?? 0)" }
        #expect(found == (line == 0 ? [] : ["not-for-swarm \(line)"]), "\(errors)")
        #expect(errors.allSatisfy { $0.fix != nil })
        let engine = try reading(text, isForSwarm: false)
        #expect(engine.errors.isEmpty, "\(engine.errors)")
    }

    /// Those of others are somebody else's, and volumes are each node's own.
    @Test func namesOfOthersAreTheirs() throws {
        let text = """
            services: {web: {image: web:1, networks: [n], volumes: ["a.b:/x"]}}
            networks: {n: {external: true, name: a_b.c}}
            volumes: {a.b: {}}
            """
        #expect(try reading(text).errors.isEmpty)
    }

    /// What becomes of an update that fails is said as on an engine.
    @Test func rolloutsAreReadAsOnAnEngine() throws {
        let text = """
            services:
              web:
                image: web:1
                deploy:
                  update_config: {failure_action: rollback, max_failure_ratio: 0.25, monitor: 1m}
                  rollback_config: {parallelism: 0, order: start-first}
            """
        let readings = try [true, false].map { try reading(text, isForSwarm: $0) }
        #expect(readings.allSatisfy { $0.errors.isEmpty && $0.stack.warnings.isEmpty })
        let services = readings.map { $0.stack.services["web"] }
        #expect(services[0]?.rollout == services[1]?.rollout)
        #expect(services[0]?.rollback == services[1]?.rollback)
        #expect(services[0]?.rollout?.failureAction == .rollback)
        #expect(services[0]?.rollback?.order == .startFirst)
        let wrong = text.replacing("action: rollback", with: "action: nothing")
        #expect(try reading(wrong).errors.map(\.location?.line) == [5])
    }

    /// A task that moves finds a volume of its node's own empty.
    @Test(arguments: [
        ("{}", "{}", true), ("{}", "{driver: local}", true),
        ("{placement: {constraints: [node.role == manager]}}", "{}", true),
        ("{placement: {constraints: ['node.hostname != a']}}", "{}", true),
        ("{placement: {constraints: ['node.hostname == a']}}", "{}", false),
        ("{placement: {constraints: [node.labels.data==db]}}", "{}", false),
        ("{mode: global}", "{}", false), ("{replicas: 0}", "{}", false),
        ("{}", "{driver: nfs}", false), ("{}", "{driver_opts: {type: nfs}}", false),
        ("{}", "{external: true}", false),
    ])
    func aVolumeOfANodeIsToldOf(deploy: String, volume: String, isWarned: Bool) throws {
        let text = """
            services:
              db:
                image: db:1
                deploy: \(deploy)
                volumes: [data:/data]
            volumes: {data: \(volume)}
            """
        let warnings = try reading(text).stack.warnings.filter { $0.code == "volume-of-a-node" }
        #expect(warnings.map(\.location?.line) == (isWarned ? [5] : []))
        let engine = try reading(text, isForSwarm: false).stack.warnings.map(\.code)
        #expect(!engine.contains("volume-of-a-node"))
    }

    /// What two tasks would both write, or bind, is said where the order stands.
    @Test(arguments: [
        ("volumes: [data:/data]", true), ("volumes: [\"data:/data:ro\"]", false),
        ("ports: [\"80:80\"]", false), ("ports: [{target: 80, published: 80, mode: host}]", true),
    ])
    func startFirstBesideWhatIsSharedIsStopFirst(attribute: String, isWarned: Bool) throws {
        let text = """
            services:
              db:
                image: db:1
                deploy: {update_config: {order: start-first}}
                \(attribute)
            volumes: {data: {}}
            """
        let reading = try reading(text)
        #expect(reading.errors.isEmpty)
        let warnings = reading.stack.warnings.filter { $0.code == "stop-first" }
        #expect(warnings.map(\.location?.line) == (isWarned ? [4] : []))
    }

    /// Which task it is, tasks may be told.
    @Test func plainPlaceholdersAreNoErrors() throws {
        let text = """
            services:
              web:
                image: web:1
                hostname: "web-{{.Task.Slot}}"
                environment: {NODE: "{{ .Node.Hostname }}", BRACES: "{x} }} {"}
            """
        #expect(try reading(text).errors.isEmpty)
    }

    @Test func aJobIsToEnd() throws {
        let text = """
            services:
              once: {image: web:1, deploy: {mode: replicated-job, replicas: 2}}
              each: {image: web:1, restart: on-failure, deploy: {mode: global-job}}
            """
        let reading = try reading(text)
        #expect(reading.errors.isEmpty, "\(reading.errors)")
        #expect(["once", "each"].allSatisfy(reading.stack.isTask))
        let always = text.replacing("on-failure", with: "always")
        #expect(try self.reading(always).errors.map(\.code) == ["not-for-swarm"])
    }

    /// Where they are, and whose, is said as with those of the stack's own.
    @Test func whatASwarmKeepsIsMountedUnderItsKey() throws {
        let text = """
            services:
              web:
                image: web:1
                configs:
                - site
                - {source: other, target: /etc/other, uid: "7", gid: "8", mode: 0440}
                secrets: [key, {source: key, target: tls.key, mode: 0400}]
            configs: {site: {external: true}, other: {external: true, name: a_real}}
            secrets: {key: {external: true, name: a_key}}
            """
        let reading = try reading(text)
        let stack = reading.stack
        #expect(reading.errors.isEmpty && stack.warnings.isEmpty, "\(reading)")
        let mounts = stack.services["web"]?.volumes ?? []
        let told = mounts.map { mount in
            guard case .external(let file) = mount.source, mount.readOnly else { return "" }
            let (user, group) = (file.attributes.user, file.attributes.group)
            let mode = String(file.attributes.mode, radix: 8)
            let name = stack.name(of: file)
            return "\(file.kind) \(name) \(mount.target) \(user):\(group) \(mode)"
        }
        #expect(
            told == [
                "config site /site 0:0 444", "config a_real /etc/other 7:8 440",
                "secret a_key /run/secrets/key 0:0 444",
                "secret a_key /run/secrets/tls.key 0:0 400",
            ]
        )
        let place = FieldPath("services", "web", "volumes")[1]
        #expect(stack.places.location(of: place)?.line == 6)
        #expect(stack.externalNames.configs == ["site", "a_real"])
        #expect(stack.externalNames.secrets == ["a_key"])

        let engine = try self.reading(text, isForSwarm: false)
        #expect(engine.errors.isEmpty && engine.stack.services["web"]?.volumes == [])
        #expect(Set(engine.stack.warnings.map(\.code)) == ["needs-swarm"])
    }
}
