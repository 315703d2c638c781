internal import FoundationEssentials
internal import Model

/// Writes the journal's records, one after the other, for the leader alone.
actor RecordLog {
    private let records: any RecordKeeping
    private let lead: any LeadKeeping
    /// The journal on the disk, written when the Swarm has the record.
    private let local: any JournalKeeping
    private var next = 1
    /// The last append whose fate isn't known, or that the disk doesn't have yet.
    private var pending: (append: SharedAppend, isShared: Bool)?
    /// How many appends there are that no state has.
    private var appends = 0
    /// Whether what is there adds up to nothing until a state is written.
    private var hasNoBase = false
    private var garbage: [SwarmRecord] = []
    /// How many appends there are when the state is written next.
    private var due = RecordLog.appendsPerState
    /// How often in a row the disk didn't take what the Swarm has.
    private var failures = 0
    private var isBusy = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// After how many appends the state is written whole.
    static let appendsPerState = 200
    /// So that a part is sent within a call's time over a slow line, too.
    private static let partBytes = 100_000
    /// A leader whose disk is full can decide nothing, and another one could.
    private static let failuresAllowed = 5

    init(_ records: any RecordKeeping, _ lead: any LeadKeeping, _ local: any JournalKeeping) {
        self.records = records
        self.lead = lead
        self.local = local
    }

    /// Reads what the leader before knew, and takes the next number, so that it can add nothing any
    /// more.
    func open(at time: Instant) async throws -> SharedState {
        for _ in 0..<10 {
            let found = SharedRecords(try await records.records(), of: records.controller)
            next = found.last + 1
            let append = try prepared([], at: time)
            guard try await isWritten(append) else { continue }
            let state = found.state()
            if case .sound = state, let base = found.base {
                garbage = found.needless(after: base)
                appends = next - base
            } else {
                hasNoBase = true
            }
            next += 1
            try lead.require()
            return state
        }
        throw StepFailure(.transient, "another leader goes on writing the journal in the Swarm")
    }

    /// Adds entries in one record, and then to the journal on the disk.
    ///
    /// Where it throws they may be there all the same, and are added before the next ones then.
    func append(_ entries: [JournalEntry], at time: Instant) async throws {
        await enter()
        defer { leave() }
        try await settle()
        let append = try prepared(entries, at: time)
        do {
            try await push(append)
        } catch {
            // What was refused is not there; of all else nobody knows.
            let isRefused = (error as? any ClassifiedError)?.kind == .permanent
            let isSent = !(error is StepFailure || error is NotLeading)
            if isSent, !isRefused { pending = (append, false) }
            throw error
        }
        do {
            // Stopped meanwhile, and for so long that the number was free again.
            try lead.require()
            try await keep(entries, at: time)
        } catch {
            pending = (append, true)
            throw error
        }
        await keepState(entries)
        await sweep()
    }

    /// Writes the whole state as it is now.
    func writeState() async throws {
        await enter()
        defer { leave() }
        try await putState()
    }

    private func settle() async throws {
        guard var open = pending else { return }
        if !open.isShared {
            try await push(open.append)
            open.isShared = true
            pending = open
        }
        try lead.require()
        try await keep(open.append.entries, at: Instant(milliseconds: open.append.time))
        pending = nil
    }

    /// On the disk, without which no more is decided.
    private func keep(_ entries: [JournalEntry], at time: Instant) async throws {
        do {
            try await local.append(entries, at: time)
            failures = 0
        } catch {
            failures += 1
            if failures >= RecordLog.failuresAllowed {
                lead.lose(because: "this machine's disk doesn't take the journal: \(error)")
            }
            throw error
        }
    }

    private func prepared(_ entries: [JournalEntry], at time: Instant) throws -> SharedAppend {
        let append = SharedAppend(
            number: next,
            term: lead.term,
            time: time.milliseconds,
            entries: entries
        )
        guard try append.bytes.count <= SwarmRecord.maximumBytes else {
            throw StepFailure(
                .permanent,
                "what is to be written down of this is more than a Swarm takes at once, 500 kB",
                remedy: "take some services out of the stack into another one"
            )
        }
        return append
    }

    private func push(_ append: SharedAppend) async throws {
        guard try await isWritten(append) else {
            let reason = "somebody else has written record \(append.number) of the journal"
            lead.lose(because: reason)
            throw StepFailure(.transient, reason)
        }
        next += 1
        appends += 1
    }

    /// Makes the record; false where another one has the number.
    private func isWritten(_ append: SharedAppend) async throws -> Bool {
        try lead.require()
        let bytes = try append.bytes
        if try await records.create(.journal(append.number), [:], bytes) { return true }
        return try await records.record(.journal(append.number))?.data == bytes
    }

    /// A state without a base before it is written only when the journal is trusted, which a
    /// decision or a recovery shows.
    private func keepState(_ entries: [JournalEntry]) async {
        let isTrusted = entries.contains { [.decided, .recovered].contains($0.kind) }
        guard hasNoBase ? isTrusted : appends >= due else { return }
        // It is tried again some appends later, so that none waits for it each time.
        if (try? await putState()) == nil { due = appends + RecordLog.appendsPerState / 10 }
    }

    private func putState() async throws {
        let number = next - 1
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes = Array(try encoder.encode(JournalEntry.inherited(local.state())))
        let digest = SHA256Hex.of(bytes)
        let parts = stride(from: 0, to: bytes.count, by: RecordLog.partBytes).map {
            Array(bytes[$0..<min($0 + RecordLog.partBytes, bytes.count)])
        }
        let labels = [Labels.Record.digest: digest, Labels.Record.parts: String(parts.count)]
        for (index, part) in parts.enumerated() {
            try lead.require()
            let name = RecordName.state(after: number, part: index)
            if try await records.create(name, labels, part) { continue }
            // Of a try that came to nothing.
            if let old = try await records.record(name) { try await records.remove(old) }
            guard try await records.create(name, labels, part) else {
                throw StepFailure(.transient, "a part of the journal's state can't be written")
            }
        }
        hasNoBase = false
        appends = 0
        due = RecordLog.appendsPerState
        lead.keepsJournal()
        garbage = SharedRecords(try await records.records(), of: records.controller)
            .needless(after: number)
    }

    /// Removes a little of what nobody needs, as each append makes one more of it.
    private func sweep() async {
        for record in garbage.suffix(3) {
            guard (try? lead.require()) != nil, (try? await records.remove(record)) != nil else {
                return
            }
            garbage.removeAll { $0.id == record.id }
        }
    }

    private func enter() async {
        guard isBusy else {
            isBusy = true
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func leave() {
        guard !waiting.isEmpty else {
            isBusy = false
            return
        }
        waiting.removeFirst().resume()
    }
}
