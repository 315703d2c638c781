import Foundation
import Glibc

/// Traefik in the network of the stage's engine.
struct Proxy: Sendable {
    private let stage: Stage
    private let port: Int
    private let routes = 8_700

    /// Who tells it where to lead requests.
    enum Source { case gyre, labels }

    init(in stage: Stage, port: Int = 29_900) {
        self.stage = stage
        self.port = port
    }

    /// What gyre.yaml says of it: the listener is where the engine's network sees this machine.
    var entry: String { "{address: \(machine), port: \(routes), drain: 3s}" }

    var url: String { "http://\(stage.testbed.host):\(port)/" }

    var log: String { Files.text(of: "\(stage.folder)/traefik.log") }

    private var machine: String {
        stage.testbed.host.split(separator: ".").dropLast().joined(separator: ".") + ".1"
    }

    func start(asking source: Source) throws -> pid_t {
        let enter = ["nsenter", "--net=/run/netns/\(stage.testbed.network)", "--no-fork"]
        let options = [
            Environment.traefik ?? "traefik", "--entryPoints.web.address=:\(port)",
            "--providers.providersThrottleDuration=100ms", "--global.checkNewVersion=false",
            "--global.sendAnonymousUsage=false", "--log.level=INFO",
        ]
        let provider =
            switch source {
            case .gyre:
                [
                    "--providers.http.endpoint=http://\(machine):\(routes)/traefik",
                    "--providers.http.pollInterval=500ms",
                ]
            case .labels:
                [
                    "--providers.docker.endpoint=\(stage.engine.address)",
                    "--providers.docker.exposedByDefault=false",
                ]
            }
        return try Program.start(enter + options + provider, log: "\(stage.folder)/traefik.log")
    }

    /// By force: a child of the tests comes with their signals blocked.
    func stop(_ process: pid_t) {
        kill(process, SIGKILL)
        waitpid(process, nil, 0)
    }
}
