internal import OperatorFile
internal import DockerEngine
internal import FoundationEssentials
internal import Glibc
internal import Model
internal import Store

/// Keeps a second controller of the same name off the engines, whatever its state directory.
struct EngineLock: Sendable {
    private let locks: [StateLock]

    /// Locks each engine's address, and its id where it has answered: one engine may have several
    /// addresses.
    ///
    /// `swarm` is the id of the Swarm that the journal knows; managers of another are passed over.
    init(
        _ settings: Settings,
        _ engines: [String: DockerEngine],
        _ ids: [String: String],
        in swarm: String?
    ) async throws {
        StateLock.sweep(EngineLock.directory(), where: EngineLock.isName)
        try EngineLock.refuseTwins(ids)
        let nodes = settings.doors.sorted { $0.key < $1.key }
        var names = nodes.map { EngineLock.address($1.engine) } + ids.values.sorted()
        // Two controllers may know a Swarm by different managers.
        if settings.swarm != nil { names += try await EngineLock.swarms(of: engines, swarm) }
        // Those that share one take turns by their lease, on whatever machine they are.
        guard settings.swarm?.isShared != true else {
            locks = []
            return
        }
        // Two addresses may lead to one socket, of which nobody knows an id.
        locks = try Set(names).sorted().map { name in
            let path = EngineLock.path(name, settings)
            do throws(StoreError) {
                return try StateLock(at: path, isPassing: true)
            } catch {
                throw EngineLock.failure(error, at: path, settings)
            }
        }
    }

    /// How long an engine has to say who it is: whoever takes over is wanted soon, and one that
    /// hangs must hold up none of the others.
    private static let patience = Duration.seconds(3)

    /// The ids of the engines that answer soon, by node.
    static func identities(of engines: [String: DockerEngine]) async -> [String: String] {
        await answers(of: engines) { try await $0.identity().id }
    }

    /// What each engine says, by node, of those that answer soon.
    private static func answers(
        of engines: [String: DockerEngine],
        to question: @escaping @Sendable (DockerEngine) async throws -> String?
    ) async -> [String: String] {
        await withTaskGroup(of: (String, String?).self) { group in
            for (name, engine) in engines {
                group.addTask { (name, await soon { try await question(engine) }) }
            }
            var answers: [String: String] = [:]
            for await (name, answer) in group { answers[name] = answer }
            return answers
        }
    }

    private static func soon(
        _ question: @escaping @Sendable () async throws -> String?
    ) async -> String? {
        await withTaskGroup(of: String?.self) { group in
            group.addTask { try? await question() }
            group.addTask {
                try? await Task.sleep(for: patience)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    /// The Swarms that the managers are in; managers of two are an error where neither is `known`.
    private static func swarms(
        of engines: [String: DockerEngine],
        _ known: String?
    ) async throws -> [String] {
        let swarms = Set(await answers(of: engines) { try await $0.swarmID() }.values)
        if let known, swarms.contains(known) { return [known] }
        guard swarms.count > 1 else { return swarms.sorted() }
        throw Failure(
            .usage,
            "the managers under swarm: are of \(swarms.count) different Swarms",
            remedy: "leave those of one under managers: in gyre.yaml"
        )
    }

    /// Two nodes of one engine would each think of the other's containers as strangers'.
    private static func refuseTwins(_ ids: [String: String]) throws {
        let twins = Dictionary(grouping: ids.keys.sorted()) { ids[$0] }.values.first {
            $0.count > 1
        }
        guard let twins else { return }
        throw Failure(
            .usage,
            "the nodes \(twins.joined(separator: " and ")) are one engine",
            remedy: "take all but one of them out of nodes: in gyre.yaml"
        )
    }

    /// Who works on one of the engines under the controller's name; nil when nobody does.
    static func holder(_ settings: Settings) -> String? {
        settings.doors.values.lazy
            .compactMap { StateLock.holder(at: path(address($0.engine), settings)) }.first
    }

    private static func path(_ name: String, _ settings: Settings) -> String {
        let key = SHA256Hex.of("\(name)\n\(settings.controller)").prefix(32)
        return "\(directory())/\(settings.controller)-\(key).lock"
    }

    /// Whether a file's name is one of those that ``path(_:_:)`` gives, whosever it is.
    static func isName(_ name: String) -> Bool {
        name.wholeMatch(of: /[a-z0-9][a-z0-9-]*-[0-9a-f]{32}\.lock/) != nil
    }

    private static func failure(
        _ error: StoreError,
        at path: String,
        _ settings: Settings
    ) -> Failure {
        let holder = "a controller named \(settings.controller)"
        let name = "give this one another name: controller: in gyre.yaml"
        if error.code == .locked {
            let message = "\(holder) works on \(settings.engines) already: \(error.message)"
            return Failure(.failed, message, remedy: "stop it, or \(name)")
        }
        return Failure(
            .failed,
            "can't tell whether \(holder) works on \(settings.engines) already: \(error)",
            remedy: "another user's controller left \(path): run gyre as that user, or \(name)"
        )
    }

    /// The real path of the engine's socket.
    private static func address(_ engine: EngineAddress) -> String {
        guard case .unix(let path) = engine, let real = realpath(path, nil) else {
            return engine.description
        }
        defer { free(real) }
        return String(cString: real)
    }

    /// `/run/lock/gyre`, or a folder for temporary files where that can't be.
    private static func directory() -> String {
        let temporary = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        for place in ["/run/lock/gyre", "\(temporary)/gyre-lock"] {
            // Like /tmp: controllers of other users put their locks beside ours.
            if mkdir(place, 0o1777) == 0 { chmod(place, 0o1777) }
            if access(place, W_OK | X_OK) == 0 { return place }
        }
        return temporary
    }
}
