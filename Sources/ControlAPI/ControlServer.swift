internal import Hummingbird
internal import HummingbirdCore
package import Logging

/// Answers the command line on a unix socket until it is shut down.
package struct ControlServer: Sendable {
    private let control: any Control
    private let socket: ControlSocket
    private let logger: Logger

    package init(_ control: any Control, on socket: ControlSocket, logger: Logger) {
        self.control = control
        self.socket = socket
        self.logger = logger
    }

    /// Listens; the surrounding process's `umask` keeps others out until the mode is set.
    ///
    /// Ends by graceful shutdown. Never cancel it: NIO traps when the server's task is cancelled
    /// while a connection waits to be accepted.
    ///
    /// Throws a ``ControlFailure`` when somebody answers on the socket already.
    package func run() async throws {
        try socket.clear()
        try await application().run()
    }

    private func application() -> some ApplicationProtocol {
        // The server's own lines are about itself, not about what people look for in a log.
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        return Application(
            router: ControlRoutes(control: control).router(),
            configuration: ApplicationConfiguration(
                address: .unixDomainSocket(path: socket.path),
                availableConnectionsDelegate: MaximumAvailableConnections(64)
            ),
            onServerRunning: { _ in
                socket.protect()
                logger.info("answering", metadata: ["socket": "\(socket.path)"])
            },
            logger: quiet
        )
    }
}
