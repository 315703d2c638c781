import Admission
import Model
import Planning

/// A service that uses every attribute that the restricted profile can grant.
enum FullService {
    static func stack() throws -> Stack {
        var stack = Stack(id: try StackID(project: "astro", stack: "astro"))
        stack.services = ["full": service(), "other": other()]
        stack.networks = [
            "back": .init(name: "astro_back", isInternal: true),
            "default": .init(name: "astro_default"),
        ]
        stack.volumes = ["data": .init(name: "astro_data")]
        return stack
    }

    static func service() -> Service {
        var service = Service(image: "httpd:2.4")
        service.command = ["httpd", "-D", "FOREGROUND"]
        service.entrypoint = ["/entry.sh"]
        service.environment = ["A": "1", "B": "two words", "UNSET": nil]
        service.ports = [
            PortMapping(hostIP: "127.0.0.1", published: 8080, target: 80),
            PortMapping(published: 8081, target: 80),
            PortMapping(published: 8053, target: 53, protocol: "udp"),
        ]
        service.expose = ["9000", "9001/udp"]
        service.volumes = [
            Mount(source: .bind(path: "/global/astro"), target: "/global", readOnly: true),
            Mount(source: .volume(key: "data"), target: "/data"),
            Mount(source: .anonymous, target: "/scratch"),
        ]
        service.tmpfs = ["/run": "size=64m"]
        service.networks = ["back": .init(aliases: ["w3"]), "default": .init()]
        service.links = [.init(service: "other", alias: "db")]
        service.dependsOn = ["other": .init(condition: .healthy, restart: true)]
        service.healthcheck = .init(
            test: ["CMD-SHELL", "curl -f http://localhost"],
            interval: .seconds(30),
            timeout: .seconds(5),
            startPeriod: .seconds(10),
            retries: 3
        )
        service.restart = .onFailure(retries: 4)
        service.user = "41000:5000"
        service.workingDirectory = "/srv"
        service.hostname = "front"
        service.labels = ["org.example.team": "red"]
        service.capAdd = ["NET_BIND_SERVICE"]
        service.capDrop = ["CHOWN"]
        service.readOnly = true
        service.initProcess = true
        service.tty = true
        service.stopSignal = "SIGINT"
        service.stopGracePeriod = .seconds(20)
        service.replicas = 2
        service.resources = .init(
            nanoCPUs: 1_500_000_000,
            memory: .mebibytes(256),
            pids: 100,
            reservedMemory: .mebibytes(128),
            reservedNanoCPUs: 250_000_000
        )
        return service
    }

    private static func other() -> Service {
        var other = Service(image: "mysql:8")
        other.networks = ["back": .init()]
        other.replicas = 2
        other.healthcheck = .init(test: ["CMD", "true"])
        return other
    }

    static func desired() throws -> Desired {
        let policy = Policy(
            TenantPolicy(
                grants: Grants(
                    mounts: [MountGrant(path: "/global/astro")],
                    uids: [41000...41000],
                    gids: [5000...5000],
                    ports: [8000...8999]
                )
            )
        )
        return Desired(admitted: try policy.admit(try stack()), commit: "1", pins: [:])
    }
}
