internal import ControlAPI
internal import Dispatch
internal import Glibc
internal import Logging
internal import OperatorFile
internal import Reconciliation
internal import ServiceLifecycle

/// The controller's loop, until shutdown.
struct ControllerService: Service {
    let controller: Controller

    func run() async throws {
        await cancelWhenGracefulShutdown { await controller.run() }
    }
}

/// What answers the command line, until shutdown.
struct ControlService: Service {
    let server: ControlServer

    func run() async throws { try await server.run() }
}

/// What tells an ingress which containers serve, until shutdown.
struct IngressService: Service {
    private let server: IngressServer

    init(_ settings: Settings.Ingress, _ controller: Controller, _ logger: Logger) {
        server = IngressServer(on: settings.address, port: settings.port, logger: logger) { node in
            try await controller.routes(on: node)
        }
    }

    func run() async throws { try await server.run() }
}

/// Ends this controller when another one leads.
struct LeadService: Service {
    let lead: Leadership

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while lead.loss == nil, !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(200))
            }
        }
        guard !Task.isShuttingDownGracefully, let loss = lead.loss else { return }
        throw Failure(
            .failed,
            "this controller leads no more: \(loss)",
            remedy: "start it again with gyre serve --standby"
        )
    }
}

/// Ends the process when it takes too long to stop: everything that must last is durable already,
/// and the next start repairs what is half done.
struct StopDeadline: Service {
    let logger: Logger

    private static let seconds = 9

    func run() async throws {
        try await gracefulShutdown()
        logger.info("stopping")
        DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(StopDeadline.seconds)) {
            logger.warning("what still runs is given up")
            _exit(ExitCode.success.rawValue)
        }
    }
}
