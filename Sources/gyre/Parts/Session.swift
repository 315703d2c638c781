internal import OperatorFile
internal import ControlAPI
internal import Glibc
internal import Logging
internal import Model
internal import Reconciliation
internal import Store

/// A command's way to a controller: the running one, or one of its own that only looks.
struct Session: Sendable {
    let file: ConfigurationFile
    let output: Output

    var settings: Settings { file.settings }

    /// The controller that runs; nil when none does.
    func running() throws -> ControlClient? {
        let socket = ControlSocket(settings.socket)
        switch socket.state() {
        case .answering: return try ControlClient(socket)
        case .absent, .stale: return nil
        case .unusable(let reason):
            throw Failure(
                .unreachable,
                "can't ask the controller on \(socket.path): \(reason)",
                remedy: access(socket.path, R_OK | W_OK) != 0 && errno == EACCES
                    ? "run gyre as the user that the controller runs as"
                    : "give another socket in gyre.yaml"
            )
        }
    }

    /// The controller that runs, for what only it can do.
    func required() throws -> ControlClient {
        if let client = try running() { return client }
        throw Failure(
            .unreachable,
            "no controller runs: nobody answers on \(settings.socket)",
            remedy: "start it: gyre serve --config \(file.path)"
        )
    }

    /// The controller that runs, else one that holds the locks, so that what a person decides can
    /// be written down; it does nothing about it.
    func deciding() async throws -> any Control {
        if let client = try running() { return client }
        let opened = try await CompositionRoot(settings, .quiet).open()
        output.note("no controller runs; gyre apply or gyre serve goes on from here")
        await opened.controller.survey()
        return LiveControl(
            controller: opened.controller,
            history: opened.folder.history,
            name: settings.controller,
            looksFirst: true,
            locks: opened
        )
    }

    /// The controller that runs, else one that looks at repositories, journal and engine itself.
    func control() async throws -> any Control {
        if let client = try running() { return client }
        output.note("no controller runs; looking at repositories and engine directly")
        let controller = try CompositionRoot(settings, .quiet).look()
        await controller.survey()
        return LiveControl(
            controller: controller,
            history: try History.reading(at: settings.stateDirectory),
            name: settings.controller,
            looksFirst: true
        )
    }

    /// Runs of the controller that runs, else those on the disk.
    func history(_ query: HistoryQuery) async throws -> [RunRecord] {
        if let client = try running() { return try await client.history(query) }
        return try await History.reading(at: settings.stateDirectory)?.answer(query) ?? []
    }
}

extension Logger {
    /// Says nothing: what went wrong is in the answer.
    static var quiet: Logger { Logger(label: "gyre", factory: { _ in SwiftLogNoOpLogHandler() }) }
}
