import Model
import Reconciliation
import Synchronization
import TestSupport

/// A Swarm's configs, which can be told to answer badly.
final class FakeRecords: RecordKeeping {
    /// What becomes of a call that writes.
    enum Fate {
        case well, unansweredBefore, unansweredAfter, refused
    }

    let controller = "spin"
    private let kept = Mutex<(all: [SwarmRecord], made: Int)>(([], 0))
    private let fates = Mutex<[Fate]>([])
    /// Whether somebody else's config has the name of the key.
    let hasForeignKey = Mutex(false)

    var all: [SwarmRecord] { kept.withLock { $0.all } }

    /// What becomes of the next calls that make something; of those after them nothing bad.
    func next(_ fates: Fate...) { self.fates.withLock { $0 = fates } }

    func drop(_ name: RecordName) {
        kept.withLock { $0.all.removeAll { $0.name == name.text(of: controller) } }
    }

    func records() async throws -> [SwarmRecord] { all }

    func record(_ name: RecordName) async throws -> SwarmRecord? {
        all.first { $0.name == name.text(of: controller) }
    }

    func create(
        _ name: RecordName,
        _ labels: [String: String],
        _ data: [UInt8]
    ) async throws -> Bool {
        let fate = fates.withLock { $0.isEmpty ? .well : $0.removeFirst() }
        if fate == .unansweredBefore { throw Unanswered() }
        if fate == .refused { throw Unanswered(kind: .permanent) }
        if name == .key, hasForeignKey.withLock(\.self) { return false }
        let text = name.text(of: controller)
        let isNew = kept.withLock { kept in
            guard !kept.all.contains(where: { $0.name == text }) else { return false }
            kept.made += 1
            let id = "\(kept.made)"
            kept.all.append(
                SwarmRecord(id: id, version: 1, name: text, labels: labels, data: data)
            )
            return true
        }
        if fate == .unansweredAfter { throw Unanswered() }
        return isNew
    }

    func relabel(_ record: SwarmRecord, _ labels: [String: String]) async throws -> Bool {
        kept.withLock { kept in
            guard let index = kept.all.firstIndex(where: { $0.id == record.id }),
                kept.all[index].version == record.version
            else { return false }
            kept.all[index].labels = labels
            kept.all[index].version += 1
            return true
        }
    }

    func remove(_ record: SwarmRecord) async throws {
        kept.withLock { $0.all.removeAll { $0.id == record.id } }
    }

    struct Unanswered: ClassifiedError {
        var kind = StepFailure.Kind.transient
        var reason: String { "no answer" }
    }
}

/// A lead that a test gives and takes.
final class FakeLead: LeadKeeping {
    let term: Int
    let name: String
    private let state = Mutex<(looks: Int, loss: String?, isKept: Bool)>((.max, nil, false))

    init(_ term: Int) {
        self.term = term
        name = "leader \(term)"
    }

    var loss: String? { state.withLock { $0.loss } }
    var isKept: Bool { state.withLock { $0.isKept } }
    /// How often it is still found to lead.
    func open(for looks: Int) { state.withLock { $0.looks = looks } }

    func require() throws {
        let isOpen = state.withLock { state in
            guard state.looks > 0 else { return false }
            state.looks -= 1
            return state.loss == nil
        }
        guard isOpen else {
            throw NotLeading(because: "a test has it")
        }
    }
    func lose(because reason: String) { state.withLock { $0.loss = reason } }
    func keepsJournal() { state.withLock { $0.isKept = true } }
}

/// A journal on a disk that may be full.
final class FullableJournal: JournalKeeping {
    private let kept = Mutex(JournalState())
    private let full = Mutex(false)

    func fill(_ isFull: Bool) { full.withLock { $0 = isFull } }
    func state() -> JournalState { kept.withLock { $0 } }
    func append(_ entries: [JournalEntry], at time: Instant) async throws {
        if full.withLock({ $0 }) { throw FakeRecords.Unanswered() }
        kept.withLock { state in for entry in entries { state.apply(entry) } }
    }
}
