internal import Synchronization

/// Notices when a file that is open is no longer what its name leads to.
///
/// A file that was removed can still be written to, and what is written is gone with the process.
final class FileWatch: Sendable {
    private let file: StateFile
    private let known: Mutex<[String: StateFile.Identity]>

    /// Takes what is there now for what has been opened.
    init(_ file: StateFile) {
        self.file = file
        known = Mutex(file.identities)
    }

    /// Takes note of parts that have been made since.
    func complete() {
        guard known.withLock({ $0.count }) < StateFile.suffixes.count else { return }
        let now = file.identities
        known.withLock { known in known.merge(now) { first, _ in first } }
    }

    /// What happened to the file; nil when nothing did.
    func loss() -> String? {
        let now = file.identities
        for (part, identity) in known.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            guard let found = now[part] else {
                return "\(file.path)\(part) was removed while it was in use"
            }
            if found != identity {
                return "another file was put in the place of \(file.path)\(part)"
            }
        }
        return nil
    }
}
