internal import OperatorFile
internal import DockerEngine
internal import FoundationEssentials
internal import Glibc
internal import Model
internal import Store

/// Keeps a second controller of the same name off an engine, whatever its state directory.
struct EngineLock: Sendable {
    private let locks: [StateLock]

    /// Locks the engine's address, and its id where it answers: one engine may have several
    /// addresses.
    init(_ settings: Settings, _ engine: DockerEngine) async throws {
        StateLock.sweep(EngineLock.directory(), where: EngineLock.isName)
        var names = [EngineLock.address(settings.engine)]
        if let identity = try? await engine.identity() { names.append(identity.id) }
        locks = try names.map { name in
            let path = EngineLock.path(name, settings)
            do throws(StoreError) {
                return try StateLock(at: path, isPassing: true)
            } catch {
                throw EngineLock.failure(error, at: path, settings)
            }
        }
    }

    /// Who works on the engine under the controller's name; nil when nobody does.
    static func holder(_ settings: Settings) -> String? {
        StateLock.holder(at: path(address(settings.engine), settings))
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
            let message = "\(holder) works on \(settings.engine) already: \(error.message)"
            return Failure(.failed, message, remedy: "stop it, or \(name)")
        }
        return Failure(
            .failed,
            "can't tell whether \(holder) works on \(settings.engine) already: \(error)",
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
