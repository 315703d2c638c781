internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
package import Logging
package import Model

/// Tells a Traefik which containers serve, until it is shut down.
///
/// It reads, and takes no demand: whoever reaches its port is nobody in particular.
package struct IngressServer: Sendable {
    private let address: String
    private let port: Int
    private let routes: @Sendable (_ node: String?) async throws -> [IngressRoute]
    private let logger: Logger

    package init(
        on address: String,
        port: Int,
        logger: Logger,
        routes: @escaping @Sendable (_ node: String?) async throws -> [IngressRoute]
    ) {
        self.address = address
        self.port = port
        self.logger = logger
        self.routes = routes
    }

    /// Listens, and ends by graceful shutdown; never cancel it, as ``ControlServer/run()``.
    package func run() async throws {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        let application = Application(
            router: router(),
            configuration: ApplicationConfiguration(
                address: .hostname(address, port: port),
                availableConnectionsDelegate: MaximumAvailableConnections(64)
            ),
            onServerRunning: { _ in
                logger.info("telling routes", metadata: ["address": "\(address):\(port)"])
            },
            logger: quiet
        )
        try await application.run()
    }

    func router() -> Router<ControlContext> {
        let router = Router(context: ControlContext.self)
        router.add(middleware: FailureResponses())
        router.get("traefik") { _, _ in try await answer(nil) }
        router.get("traefik/:node") { _, context in try await answer(context.node()) }
        return router
    }

    private func answer(_ node: String?) async throws -> Response {
        try Response(TraefikConfiguration(try await routes(node)), status: .ok)
    }
}
