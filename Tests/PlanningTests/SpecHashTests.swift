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
        expectSnapshot(lines.joined(separator: "\n"), named: "spec-hash-1")
    }

    /// What changes the hash re-creates containers; each attribute of the file that shapes one
    /// has to.
    @Test(arguments: SpecChange.all)
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
        SpecChange(name: "replicas", recreates: false) { $0.replicas = 7 },
        SpecChange(name: "depends_on", recreates: false) { $0.dependsOn = [:] },
        SpecChange(name: "start_on_create", recreates: false) { $0.startOnCreate = false },
    ]
}
