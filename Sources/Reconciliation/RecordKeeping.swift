package import Model

/// What controllers of one name keep for themselves in a Swarm.
package protocol RecordKeeping: Sendable {
    /// Their name.
    var controller: String { get }
    /// All of them; what can't be read whole is thrown.
    func records() async throws -> [SwarmRecord]
    /// The one of this name; nil where there is none.
    func record(_ name: RecordName) async throws -> SwarmRecord?
    /// Makes one; false where the name is taken.
    func create(
        _ name: RecordName,
        _ labels: [String: String],
        _ data: [UInt8]
    ) async throws
        -> Bool
    /// Gives one other labels; false where somebody was faster.
    func relabel(_ record: SwarmRecord, _ labels: [String: String]) async throws -> Bool
    /// Removes one, which may be gone already.
    func remove(_ record: SwarmRecord) async throws
}

/// The lead of this controller, as whatever depends on it needs it.
package protocol LeadKeeping: Sendable {
    /// How many have led, up to this one.
    var term: Int { get }
    /// Who leads, for people.
    var name: String { get }
    /// Throws where nothing may be changed now.
    func require() throws
    /// Gives the lead up for good: somebody else has written what only the leader writes.
    func lose(because reason: String)
    /// From now on a journal stands beside the lease.
    func keepsJournal()
}

/// Nothing may be changed, as this controller doesn't lead at the moment, or never will again.
package struct NotLeading: ClassifiedError, EngineSideError, CustomStringConvertible {
    package let description: String

    package init(because reason: String) { description = reason }

    package var kind: StepFailure.Kind { .transient }
    package var isAnswer: Bool { false }
}

extension Lease.Record {
    /// As the labels of a lease have it; nil where they aren't those of one.
    package init?(_ labels: [String: String]) {
        guard let term = labels[Labels.Record.term].flatMap(Int.init), term >= 0,
            let beat = labels[Labels.Record.beat].flatMap(Int.init)
        else { return nil }
        let token = labels[Labels.Record.holder] ?? ""
        let name = labels[Labels.Record.host] ?? "?"
        self.init(
            holder: token.isEmpty ? nil : Lease.Holder(token: token, name: name),
            term: term,
            beat: beat,
            isKept: labels[Labels.Record.kept] == "yes"
        )
    }

    package var labels: [String: String] {
        var labels = [Labels.Record.term: String(term), Labels.Record.beat: String(beat)]
        labels[Labels.Record.holder] = holder?.token
        labels[Labels.Record.host] = holder?.name
        labels[Labels.Record.kept] = isKept ? "yes" : nil
        return labels
    }
}
