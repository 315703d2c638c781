internal import OperatorFile
internal import ControlAPI
internal import Glibc
internal import Logging
internal import Model
internal import Reconciliation
internal import Store

/// A command's way to a controller: the running one, or one of its own that only looks.
///
/// The running one is asked even where the operator's file can't be used: that is when people
/// most need to see where things stand.
struct Session: Sendable {
    let output: Output
    let socket: ControlSocket
    /// The operator's file, or why it can't be used.
    private let file: Result<ConfigurationFile, Failure>
    /// Whether somebody named the socket, so that no other will do.
    private let isNamed: Bool
    /// Whether the operator's file is there, usable or not.
    let hasFile: Bool

    /// `config` and `socket` are what the user named.
    init(config: String?, socket named: String?, output: Output) {
        self.output = output
        isNamed = named != nil
        hasFile = ConfigurationFile.exists(config)
        do {
            let found = try ConfigurationFile(config)
            file = .success(found)
            socket = ControlSocket(named ?? found.settings.socket)
        } catch {
            file = .failure(Failure(error))
            let told = ConfigurationFile.socket(config)
            socket = ControlSocket(named ?? told ?? Settings().socket)
        }
    }

    var settings: Settings { get throws { try file.get().settings } }
    var configuration: ConfigurationFile { get throws { try file.get() } }
    /// Where findings are explained; in Gyre's own pages where the file can't be used.
    var docs: DocumentLinks { DocumentLinks(folder: (try? settings)?.docs) }

    /// The controller that runs; nil when none does.
    func running() throws -> ControlClient? {
        // A name that leads to no file is a slip, and the next controller not the one meant.
        if case .failure(let failure) = file, !hasFile, !isNamed { throw failure }
        switch socket.state() {
        case .answering:
            warn()
            return try ControlClient(socket)
        case .absent, .stale:
            if !isNamed { _ = try file.get() }
            return nil
        case .unusable(let reason):
            if !isNamed { _ = try file.get() }
            throw Failure(
                .unreachable,
                "can't ask the controller on \(socket.path): \(reason)",
                remedy: access(socket.path, R_OK | W_OK) != 0 && errno == EACCES
                    ? "run gyre as the user that the controller runs as"
                    : "give another socket in gyre.yaml, or with --socket PATH"
            )
        }
    }

    /// Says that the file can't be used although somebody answers.
    private func warn() {
        guard hasFile, case .failure(let failure) = file else { return }
        let first = failure.diagnostics.first { $0.severity == .error }
        let detail = first.map { ": \(Excerpt($0).text(.plain))" } ?? ""
        output.warn(
            "the operator's file can't be used, \(failure.message)\(detail)\n"
                + "going on with the controller that answers on \(socket.path)"
        )
    }

    /// The controller that runs, for what only it can do.
    func required() async throws -> ControlClient {
        if let client = try running() { return client }
        if !isNamed, let leader = await leader() { throw Leadership.led(by: leader) }
        throw nobody
    }

    /// Who leads the controllers that share a Swarm; nil where nobody does, or it can't be told.
    func leader() async -> Lease.Record? {
        guard let settings = try? settings,
            let lead = try? Leadership(settings, .quiet)
        else { return nil }
        return try? await lead.leader()
    }

    /// Somebody works on the engine with another state directory and socket than the file has now:
    /// what would be seen past it is not how things stand.
    private var elsewhere: Failure? {
        guard let settings = try? settings,
            StateLock.holder(at: "\(settings.stateDirectory)/lock") == nil,
            let holder = EngineLock.holder(settings)
        else { return nil }
        return Failure(
            .unreachable,
            "a controller named \(settings.controller) works on \(settings.engines) (\(holder)), "
                + "but not with the state directory and socket that the operator's file has now",
            remedy: "name its socket with --socket PATH; if the file was changed, restart the "
                + "controller or change it back"
        )
    }

    private var nobody: Failure {
        if !isNamed, let elsewhere { return elsewhere }
        let path = (try? file.get().path).map { " --config \($0)" } ?? ""
        return Failure(
            .unreachable,
            "no controller runs: nobody answers on \(socket.path)",
            remedy: isNamed
                ? "name the socket of one that runs with --socket PATH or GYRE_SOCKET"
                : "start it: gyre serve\(path)"
        )
    }

    /// The controller that runs, else one that holds the locks, so that what a person decides can
    /// be written down; it does nothing about it.
    func deciding() async throws -> any Control {
        if let client = try running() { return client }
        if isNamed { throw nobody }
        let settings = try settings
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
        if isNamed { throw nobody }
        if let elsewhere { throw elsewhere }
        let settings = try settings
        if let client = try await starting(settings) { return client }
        let holder = StateLock.holder(at: "\(settings.stateDirectory)/lock")
        let leader = await leader()
        output.note(
            (leader.map(Leadership.words)
                ?? holder.map { "\($0) (the state directory), as gyre apply does" }
                ?? "no controller runs") + "; looking at repositories and engine directly"
        )
        let controller = try await CompositionRoot(settings, .quiet).look()
        await controller.survey()
        return LiveControl(
            controller: controller,
            history: try History.reading(at: settings.stateDirectory),
            name: settings.controller,
            looksFirst: true
        )
    }

    /// The controller that has the state directory and is about to answer; nil if there is none, or
    /// it goes on without, as `gyre apply` does.
    private func starting(_ settings: Settings) async throws -> ControlClient? {
        let lock = "\(settings.stateDirectory)/lock"
        for _ in 0..<40 where StateLock.holder(at: lock) != nil {
            try await Task.sleep(for: .milliseconds(50))
            if let client = try running() { return client }
        }
        return nil
    }

    /// Sees that there is such a stack, in a repository or left on the engine.
    func require(_ stack: StackID) async throws {
        let status = try await control().status()
        let known = status.stacks.map(\.stack) + status.orphans.map(\.stack)
        guard known.contains(stack) else { throw status.unknown(stack) }
    }

    /// Runs of the controller that runs, else those on the disk.
    func history(_ query: HistoryQuery) async throws -> [RunRecord] {
        if let client = try running() { return try await client.history(query) }
        if isNamed { throw nobody }
        if let elsewhere { throw elsewhere }
        return try await History.reading(at: try settings.stateDirectory)?.answer(query) ?? []
    }
}

extension Logger {
    /// Says nothing: what went wrong is in the answer.
    static var quiet: Logger { Logger(label: "gyre", factory: { _ in SwiftLogNoOpLogHandler() }) }
}
