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
    let audit: KeptAudit
    let history: History
    let key: ContentKey
    private let lock: StateLock
    /// Why the journal was made anew; nil where it wasn't.
    private let newJournal: String?

    /// Takes the folder's lock, then opens what is in it.
    ///
    /// A missing journal is made empty and a broken one set aside; what that means is decided
    /// by the controller, which looks at the engine.
    init(_ settings: Settings, _ logger: Logger) throws {
        let directory = settings.stateDirectory
        try StateFolder.make(directory)
        lock = try StateFolder.lock(directory)
        let found = try StateFolder.journal(in: directory)
        let log = try StateFolder.audit(in: directory, found.journal, logger)
        let kept = KeptJournal(found.journal, in: directory, beside: log)
        audit = KeptAudit(log, beside: kept, logger: logger)
        journal = kept
        lost = found.lost
        // A first log knows of no journal before this one.
        let isNews = found.isNew && log.head.sequence > 1
        newJournal = isNews ? found.lost ?? "there was none" : nil
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

    /// Tells the audit log that what it knows of the journal is of another one, if that is so.
    func noteNewJournal() async {
        guard let newJournal else { return }
        await audit.note([.newJournal(because: newJournal)], at: Reconciliation.Clock.system.now())
    }

    /// The audit log, which goes on where the last one ended.
    ///
    /// A missing or broken one stops nothing: what it lacks is told by the one that takes its
    /// place, and by `gyre audit verify`.
    private static func audit(
        in directory: String,
        _ journal: Journal,
        _ logger: Logger
    ) throws -> AuditLog {
        let now = Reconciliation.Clock.system.now()
        var reason = "there was none before"
        let known = [AuditLog.notedHead(at: directory), try journal.lastOfAudit()]
        let head = known.compactMap(\.self).max { $0.sequence < $1.sequence } ?? .start
        switch try AuditLog.open(at: directory) {
        case .sound(let log): return log
        case .missing:
            guard head != .start else { break }
            reason = "the file with the entries up to \(head.sequence) was taken away"
        case .broken(let why):
            let name = try AuditLog.setAside(at: directory, now: now)
            reason = "the log was broken (\(why)) and set aside as \(name)"
        }
        if head != .start {
            logger.error("the audit log begins anew", metadata: ["reason": "\(reason)"])
        }
        return try AuditLog.create(
            at: directory,
            after: head,
            .began(because: reason),
            at: now,
            journal: journal.head
        )
    }

    private static func journal(
        in directory: String
    ) throws -> (journal: Journal, lost: String?, isNew: Bool) {
        switch try Journal.open(at: directory) {
        case .sound(let journal): return (journal, nil, false)
        case .missing: return (try Journal.create(at: directory), nil, true)
        case .broken(let reason):
            let name = try Journal.setAside(at: directory, now: Reconciliation.Clock.system.now())
            return (
                try Journal.create(at: directory),
                "the journal was broken (\(reason)) and set aside as \(name)", true
            )
        }
    }
}
