internal import ArgumentParser
internal import OperatorFile
internal import ControlAPI
internal import Logging
internal import ServiceLifecycle
internal import UnixSignals

/// `gyre serve`: the controller.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Keep the engine equal to git, until stopped.",
        discussion: """
            Runs in the foreground and logs to standard error, with --json one JSON object a \
            line. SIGTERM and SIGINT stop it; \
            containers keep running. SIGHUP reads gyre.yaml anew; a wrong one is refused whole \
            and the old one stays, and so is one with another controller, state, engine, \
            socket, ingress or git. gyre status says so.

            With --standby it waits for as long as another controller has the same state \
            directory, and takes over when that one ends or is killed: a second unit on the same \
            machine, or the new version before the old one is stopped. With shared: true under \
            swarm: it also waits for a controller of the same name on another machine.

            Examples:
              gyre serve
              gyre serve --config /etc/gyre/gyre.yaml --log-level debug
              gyre serve --standby
              kill -HUP "$(gyre version --json | jq .controller.process)"
            """
    )

    @OptionGroup var options: FileOptions
    @Flag(help: "Wait for the controller that leads to end, then take over.")
    var standby = false
    @Option(help: "From which level lines are logged.") var logLevel = LogLevel.info

    func run() async throws {
        let file = try ConfigurationFile(options.config)
        let (level, isJSON) = (logLevel.level, options.out.json)
        let logger = Logger(label: "gyre") { _ in LineLog(level: level, isJSON: isJSON) }
        for warning in file.settings.warnings {
            logger.warning("gyre.yaml", metadata: warning.metadata)
        }
        guard standby else {
            let opened = try await CompositionRoot(file.settings, logger).open()
            return try await serve(file, opened, logger)
        }
        guard let turn = try await Standby(file, logger).takeOver() else {
            return logger.info("gyre stood by and has stopped")
        }
        try await serve(turn.file, turn.opened, logger)
    }

    private func serve(
        _ file: ConfigurationFile,
        _ opened: CompositionRoot.Opened,
        _ logger: Logger
    ) async throws {
        let settings = file.settings
        await opened.begin("serve", file)
        let control = LiveControl(
            controller: opened.controller,
            history: opened.folder.history,
            name: settings.controller
        )
        let socket = ControlSocket(settings.socket)
        try socket.clear()
        logger.info("gyre serves", metadata: settings.metadata)
        var services: [any Service] = [
            ControllerService(controller: opened.controller),
            ControlService(server: ControlServer(control, on: socket, logger: logger)),
            Reloading(
                controller: opened.controller,
                running: settings,
                path: file.path,
                audit: opened.folder.audit,
                logger: logger
            ),
            StopDeadline(logger: logger),
        ]
        if let ingress = settings.ingress {
            services.append(IngressService(ingress, opened.controller, logger))
        }
        if let lead = opened.lead { services.append(LeadService(lead: lead)) }
        try await group(services, logger).run()
        await opened.end()
        logger.info("gyre has stopped; containers keep running")
        withExtendedLifetime(opened) {}
    }

    /// Services that end together, and each gracefully: a server must not be cancelled.
    private func group(_ services: [any Service], _ logger: Logger) -> ServiceGroup {
        var configuration = ServiceGroupConfiguration(
            services: services.map {
                .init(service: $0, failureTerminationBehavior: .gracefullyShutdownGroup)
            },
            logger: logger.from(.error)
        )
        configuration.gracefulShutdownSignals = [.sigterm, .sigint]
        return ServiceGroup(configuration: configuration)
    }
}

/// What a person can ask the log for.
enum LogLevel: String, ExpressibleByArgument, CaseIterable {
    case debug, info, warning, error

    var level: Logger.Level {
        switch self {
        case .debug: .debug
        case .info: .info
        case .warning: .warning
        case .error: .error
        }
    }
}

extension Logger {
    /// The same, for a part whose own lines are about itself.
    fileprivate func from(_ level: Level) -> Logger {
        var logger = self
        logger.logLevel = max(logLevel, level)
        return logger
    }
}

extension Settings {
    fileprivate var metadata: Logger.Metadata {
        [
            "version": "\(Program.version)", "controller": "\(controller)",
            "engine": "\(engine)", "state": "\(stateDirectory)", "projects": "\(projects.count)",
        ]
    }
}
