import Model
import Planning
import TestSupport
import Testing

@Suite struct SpecHashTests {
    /// Version 1 is frozen: `Snapshots/spec-hash-1.txt` may gain lines and never change one.
    ///
    /// A changed line would re-create every container of every stack when Gyre is updated. Where
    /// the hash has to become another, add a version 2 beside it.
    @Test func versionOneIsFrozen() throws {
        let stack = try FullService.stack()
        var service = FullService.service()
        service.privileges.privileged = true
        service.privileges.namespaces = ["network_mode": "host"]
        service.privileges.devices = ["/dev/fuse"]
        service.privileges.securityOptions = ["seccomp:unconfined"]
        var lines = [
            "# Frozen: a line may be added, none may ever change.",
            "minimal \(SpecHash.of(Service(image: "httpd"), in: stack))",
            "full \(SpecHash.of(FullService.service(), in: stack))",
            "privileged \(SpecHash.of(service, in: stack))",
        ]
        let policies: [Service.RestartPolicy] = [
            .no, .always, .unlessStopped, .onFailure(retries: 0), .onFailure(retries: 2),
        ]
        for restart in policies {
            var service = Service(image: "httpd")
            service.restart = restart
            lines.append("restart \(restart) \(SpecHash.of(service, in: stack))")
        }
        for change in SpecChange.later {
            var service = Service(image: "httpd")
            change.apply(&service)
            lines.append("\(change.name) \(SpecHash.of(service, in: stack))")
        }
        for isSecret in [false, true] {
            var service = Service(image: "httpd")
            let content = Content(
                source: .tree(path: "f"),
                kind: .file,
                digest: SHA256Hex.of("f"),
                name: isSecret ? "secret f" : "./f",
                isSecret: isSecret
            )
            service.volumes = [Mount(source: .content(content), target: "/f", readOnly: true)]
            lines.append("\(isSecret ? "secret" : "content") \(SpecHash.of(service, in: stack))")
        }
        expectSnapshot(lines.joined(separator: "\n"), named: "spec-hash-1")
    }

    /// What changes the hash re-creates containers; each attribute of the file that shapes one
    /// has to.
    @Test(arguments: SpecChange.all + SpecChange.later)
    func whatTheFileDecidesChangesIt(_ change: SpecChange) throws {
        let stack = try FullService.stack()
        var changed = FullService.service()
        change.apply(&changed)
        let isSame =
            SpecHash.of(changed, in: stack) == SpecHash.of(FullService.service(), in: stack)
        #expect(isSame == !change.recreates, "\(change.name)")
    }

    @Test func aVersionOfTheFutureIsNoReasonToChange() throws {
        let stack = try FullService.stack()
        let service = FullService.service()
        let hash = SpecHash.of(service, in: stack)
        #expect(SpecHash.matches(hash, service, in: stack))
        #expect(SpecHash.matches("2:anything", service, in: stack))
        #expect(!SpecHash.matches("1:anything", service, in: stack))
        #expect(!SpecHash.matches("", service, in: stack))
    }
}

/// A change of a service, and whether it makes containers anew.
struct SpecChange: Sendable, CustomTestStringConvertible {
    let name: String
    var recreates = true
    let apply: @Sendable (inout Service) -> Void

    var testDescription: String { name }

    /// Attributes that version 1 did not have at first.
    static let later = [
        SpecChange(name: "group_add") { $0.groups = ["5000"] },
        SpecChange(name: "sysctls") { $0.sysctls = ["net.ipv4.tcp_syncookies": "1"] },
        SpecChange(name: "ulimits") { $0.ulimits = ["nofile": .init(soft: 1, hard: 2)] },
        SpecChange(name: "extra_hosts") {
            $0.hostEntries = [.init(name: "h", address: "10.0.0.1")]
        },
        SpecChange(name: "logging") { $0.logging = .init(driver: "local") },
        SpecChange(name: "shm_size") { $0.sharedMemory = .mebibytes(16) },
        SpecChange(name: "oom_score_adj") { $0.killScore = 5 },
        SpecChange(name: "oom_kill_disable") { $0.isSparedFromKilling = true },
        SpecChange(name: "memswap_limit") { $0.resources.memoryAndSwap = 1 << 29 },
        SpecChange(name: "mem_swappiness") { $0.swappiness = 10 },
        SpecChange(name: "cpu_shares") { $0.scheduling.shares = 512 },
        SpecChange(name: "cpuset") { $0.scheduling.set = "0" },
        SpecChange(name: "domainname") { $0.domainName = "example.org" },
        SpecChange(name: "stdin_open") { $0.keepsInputOpen = true },
        SpecChange(name: "dns") { $0.resolver.servers = ["10.0.0.53"] },
        SpecChange(name: "dns_opt") { $0.resolver.options = ["ndots:2"] },
        SpecChange(name: "dns_search") { $0.resolver.search = ["example.org"] },
        SpecChange(name: "start_interval") {
            $0.healthcheck = .init(test: ["CMD", "x"])
            $0.healthcheck?.startInterval = .seconds(2)
        },
        SpecChange(name: "nocopy") {
            $0.volumes = [Mount(source: .anonymous, target: "/x")]
            $0.volumes[0].options.noCopy = true
        },
        SpecChange(name: "ipv4_address") {
            $0.networks["back"] = .init()
            $0.networks["back"]?.ipv4Address = "10.1.0.5"
        },
        SpecChange(name: "platform") { $0.platform = "linux/amd64" },
        SpecChange(name: "container_name") { $0.containerName = "astro-portal" },
        SpecChange(name: "annotations") { $0.annotations = ["a": "b"] },
        SpecChange(name: "volumes_from") { $0.volumesFrom = [.init(service: "other")] },
        SpecChange(name: "cpu_quota") { $0.scheduling.quota = 50_000 },
        SpecChange(name: "cpu_period") { $0.scheduling.period = 50_000 },
        SpecChange(name: "cpu_rt_runtime") { $0.scheduling.realtimeRuntime = 1000 },
        SpecChange(name: "blkio_config") { $0.blockIO.weight = 300 },
        SpecChange(name: "gpus") { $0.gpus = [.init(count: -1, capabilities: ["gpu"])] },
        SpecChange(name: "device_cgroup_rules") { $0.deviceRules = ["c 1:3 mr"] },
        SpecChange(name: "priority") {
            $0.networks["back"] = .init()
            $0.networks["back"]?.priority = 9
        },
    ]

    static let all = [
        SpecChange(name: "image") { $0.image = "httpd:2.5" },
        SpecChange(name: "command") { $0.command = nil },
        SpecChange(name: "empty command") { $0.command = [] },
        SpecChange(name: "entrypoint") { $0.entrypoint = [] },
        SpecChange(name: "environment") { $0.environment["A"] = "2" },
        SpecChange(name: "unset variable") { $0.environment["UNSET"] = .some("") },
        SpecChange(name: "ports") { $0.ports[0].published = 8090 },
        SpecChange(name: "expose") { $0.expose = [] },
        SpecChange(name: "volumes") { $0.volumes[0].readOnly = false },
        SpecChange(name: "tmpfs") { $0.tmpfs["/run"] = "size=32m" },
        SpecChange(name: "networks") { $0.networks["back"] = nil },
        SpecChange(name: "aliases") { $0.networks["back"] = .init(aliases: ["w4"]) },
        SpecChange(name: "links") { $0.links[0].alias = "database" },
        SpecChange(name: "healthcheck") { $0.healthcheck?.retries = 4 },
        SpecChange(name: "restart") { $0.restart = .always },
        SpecChange(name: "user") { $0.user = "41000" },
        SpecChange(name: "working directory") { $0.workingDirectory = nil },
        SpecChange(name: "hostname") { $0.hostname = "back" },
        SpecChange(name: "labels") { $0.labels = [:] },
        SpecChange(name: "cap_add") { $0.capAdd = [] },
        SpecChange(name: "cap_drop") { $0.capDrop = [] },
        SpecChange(name: "read_only") { $0.readOnly = false },
        SpecChange(name: "init") { $0.initProcess = nil },
        SpecChange(name: "tty") { $0.tty = false },
        SpecChange(name: "stop signal") { $0.stopSignal = nil },
        SpecChange(name: "grace period") { $0.stopGracePeriod = nil },
        SpecChange(name: "memory") { $0.resources.memory = nil },
        SpecChange(name: "reserved cpus") { $0.resources.reservedNanoCPUs = nil },
        SpecChange(name: "placement", recreates: false) { $0.placement = ["node.labels.a==b"] },
        SpecChange(name: "replicas", recreates: false) { $0.replicas = 7 },
        SpecChange(name: "depends_on", recreates: false) { $0.dependsOn = [:] },
        SpecChange(name: "start_on_create", recreates: false) { $0.startOnCreate = false },
    ]
}
