import Model
import Planning
import TestSupport

/// The stacks of the example tests.
enum Gateway {
    /// Apache in front of MySQL.
    static func stack() throws -> Stack {
        var apache = Service(image: "httpd:2.4")
        apache.networks = ["default": .init()]
        apache.ports = [PortMapping(published: 8080, target: 80)]
        apache.dependsOn = ["mysql": .init(condition: .healthy)]
        apache.restart = .unlessStopped
        var mysql = Service(image: "mysql:8")
        mysql.networks = ["default": .init(), "back": .init(aliases: ["database"])]
        mysql.volumes = [Mount(source: .volume(key: "data"), target: "/var/lib/mysql")]
        mysql.healthcheck = .init(test: ["CMD", "mysqladmin", "ping"], interval: .seconds(5))
        mysql.restart = .unlessStopped
        return try stack(["apache": apache, "mysql": mysql])
    }

    /// One service of three replicas.
    static func replicated() throws -> Stack {
        var web = Service(image: "httpd:2.4")
        web.replicas = 3
        return try stack(["web": web])
    }

    /// A migration that runs once, and what waits for it.
    static func withTask() throws -> Stack {
        var migrate = Service(image: "busybox:1")
        migrate.restart = .no
        var web = Service(image: "httpd:2.4")
        web.dependsOn = ["migrate": .init(condition: .completed)]
        return try stack(["migrate": migrate, "web": web])
    }

    static func stack(
        _ services: [String: Service],
        isForSwarm: Bool = false
    ) throws -> Stack {
        let id = try StackID(project: "astro", stack: "gateway")
        var stack = Stack(id: id, services: services)
        stack.isForSwarm = isForSwarm
        return StackGenerator.coherent(stack)
    }

    static let commit = "0123456789abcdef0123456789abcdef01234567"

    /// `stack` as it runs and is proven.
    static func running(_ stack: Stack) throws -> Rehearsal {
        var rehearsal = Rehearsal()
        try rehearsal.deploy(stack, commit: commit)
        return rehearsal
    }
}
