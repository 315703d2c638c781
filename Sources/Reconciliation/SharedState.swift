internal import FoundationEssentials
package import Model

/// What the leader before knew, as its records have it.
package enum SharedState: Sendable {
    /// Nobody has written anything.
    case none
    case sound(JournalState)
    /// Something of it is missing, or can't be read.
    case broken(reason: String)
    /// It is whole, but a newer version wrote it.
    case newer(reason: String)
}

/// The journal's records, read.
package struct SharedRecords: Sendable {
    /// By number.
    let appends: [Int: SwarmRecord]
    /// Parts of states, by the number of the append that each is the state after.
    let states: [Int: [Int: SwarmRecord]]
    /// The highest number that anything has.
    package let last: Int

    package init(_ records: [SwarmRecord], of controller: String) {
        var appends: [Int: SwarmRecord] = [:]
        var states: [Int: [Int: SwarmRecord]] = [:]
        for record in records {
            switch RecordName(record.name, of: controller) {
            case .journal(let number): appends[number] = record
            case .state(let number, let part): states[number, default: [:]][part] = record
            case .lease, .key, nil: break
            }
        }
        self.appends = appends
        self.states = states
        last = max(appends.keys.max() ?? 0, states.keys.max() ?? 0)
    }

    /// The number of the newest state that is whole; nil where none is.
    var base: Int? { whole?.number }

    private var whole: (number: Int, bytes: [UInt8])? {
        for (number, parts) in states.sorted(by: { $0.key > $1.key }) {
            let first = parts[0]
            guard let count = first?.labels[Labels.Record.parts].flatMap(Int.init),
                count == parts.count, let digest = first?.labels[Labels.Record.digest]
            else { continue }
            let bytes = parts.sorted { $0.key < $1.key }.flatMap(\.value.data)
            if SHA256Hex.of(bytes) == digest { return (number, bytes) }
        }
        return nil
    }

    /// What all of it adds up to.
    package func state() -> SharedState {
        guard let base = whole else {
            return last == 0
                ? .none : .broken(reason: "no whole state of the journal is in the Swarm")
        }
        do {
            let entry = try JSONDecoder().decode(JournalEntry.self, from: Data(base.bytes))
            var state = JournalState([entry])
            for number in base.number..<max(base.number, last) {
                guard let record = appends[number + 1] else {
                    return .broken(reason: "record \(number + 1) of the journal is missing")
                }
                let append = try JSONDecoder().decode(
                    SharedAppend.self,
                    from: Data(record.data)
                )
                for entry in append.entries { state.apply(entry) }
            }
            return .sound(state)
        } catch let newer as NewerJournal {
            return .newer(reason: "\(newer)")
        } catch {
            return .broken(reason: "a record of the journal can't be read: \(error)")
        }
    }

    /// What nobody needs any more when there is a state after the append of that number.
    func needless(after number: Int) -> [SwarmRecord] {
        appends.filter { $0.key <= number }.map(\.value)
            + states.filter { $0.key < number }.flatMap(\.value.values)
    }
}

/// One append to the journal, as its record holds it.
struct SharedAppend: Codable {
    var number: Int
    /// Whose, so that no two leaders write the same bytes.
    var term: Int
    var time: Int64
    var entries: [JournalEntry]

    var bytes: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return Array(try encoder.encode(self))
        }
    }
}
