internal import Model
internal import Reconciliation
internal import Store
internal import Synchronization

/// The Swarm that managers are to be of: the one that the journal knows, else the first to be seen.
///
/// A manager leaves its Swarm, and begins or joins another, without a connection breaking; so each
/// answer of one is held against this.
final class KnownSwarm: Sendable {
    private struct Contents {
        var journal: @Sendable () -> String?
        var seen: String?
    }

    private let contents: Mutex<Contents>
    /// What a person does when the Swarm was replaced for good.
    let remedy: String

    /// Goes by `journal`, the id that the journal has.
    init(isShared: Bool = false, by journal: @escaping @Sendable () -> String? = { nil }) {
        contents = Mutex(Contents(journal: journal))
        let accept = "gyre nodes accept \(NodeName.main)"
        remedy =
            isShared
            ? "\(accept), for which see Docs/Operating.md, Controllers on several machines"
            : accept
    }

    /// One that goes by what is written down in a state directory, whoever holds that.
    convenience init(isShared: Bool, writtenIn directory: String) {
        guard case .sound(let journal)? = try? Journal.reading(at: directory) else {
            self.init(isShared: isShared)
            return
        }
        let id = KnownSwarm.id(in: journal.state())
        self.init(isShared: isShared) { id }
    }

    /// From now on goes by another journal.
    func go(by journal: any JournalKeeping) {
        contents.withLock { $0.journal = { KnownSwarm.id(in: journal.state()) } }
    }

    static func id(in state: JournalState) -> String? {
        state.engines[NodeName.swarm(NodeName.main)]
    }

    /// Takes the id of a Swarm that answers; gives it back where that is another one.
    func stranger(_ id: String) -> StrangeEngine? {
        let written = contents.withLock(\.journal)()
        return contents.withLock { contents in
            if written == nil, contents.seen == nil { contents.seen = id }
            return StrangeEngine(id, known: written ?? contents.seen)
        }
    }
}
