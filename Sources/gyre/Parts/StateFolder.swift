internal import OperatorFile
internal import Glibc
internal import Logging
internal import Model
internal import Reconciliation
internal import Store

/// Everything a controller keeps on the disk, held by this process alone.
struct StateFolder: Sendable {
    let journal: KeptJournal
    /// Why the journal that was here is not used.
    let lost: String?
    let history: History
    let key: ContentKey
    private let lock: StateLock

    /// Takes the folder's lock, then opens what is in it.
    ///
    /// A missing journal is made empty and a broken one set aside; what that means is decided
    /// by the controller, which looks at the engine.
    init(_ settings: Settings, _ logger: Logger) throws {
        let directory = settings.stateDirectory
        try StateFolder.make(directory)
        lock = try StateFolder.lock(directory)
        let found = try StateFolder.journal(in: directory)
        journal = KeptJournal(found.journal, in: directory)
        lost = found.lost
        key = try ContentKeyFile.readOrMake(in: directory)
        let opening = try History.open(at: directory)
        history = opening.history
        if let lost { logger.error("the journal was set aside", metadata: ["reason": "\(lost)"]) }
        if let reason = opening.replaced {
            logger.warning("the history starts anew", metadata: ["reason": "\(reason)"])
        }
    }

    private static func lock(_ directory: String) throws -> StateLock {
        do {
            return try StateLock(ofDirectory: directory)
        } catch {
            guard error.code == .locked else {
                throw Failure(
                    .failed,
                    "\(error)",
                    remedy: "run gyre as the user that \(directory) belongs to, or write another "
                        + "place under state: in gyre.yaml"
                )
            }
            throw Failure(
                .failed,
                "a controller keeps \(directory) already: \(error.message)",
                remedy: "ask it: gyre sync, gyre status"
            )
        }
    }

    /// Makes the folder, and those above it, where they are missing.
    static func make(_ directory: String) throws {
        var path = ""
        for component in directory.split(separator: "/") {
            path += "/\(component)"
            guard mkdir(path, 0o700) != 0, access(path, F_OK) != 0 else { continue }
            throw unusable("make", path)
        }
        if access(directory, R_OK | W_OK | X_OK) != 0 { throw unusable("write in", directory) }
    }

    private static func unusable(_ what: String, _ path: String) -> Failure {
        Failure(
            .failed,
            "can't \(what) the state directory \(path): \(String(cString: strerror(errno)))",
            remedy: "run as root, or write another place under state: in gyre.yaml"
        )
    }

    private static func journal(in directory: String) throws -> (journal: Journal, lost: String?) {
        switch try Journal.open(at: directory) {
        case .sound(let journal): return (journal, nil)
        case .missing: return (try Journal.create(at: directory), nil)
        case .broken(let reason):
            let name = try Journal.setAside(at: directory, now: Reconciliation.Clock.system.now())
            return (
                try Journal.create(at: directory),
                "the journal was broken (\(reason)) and set aside as \(name)"
            )
        }
    }
}
