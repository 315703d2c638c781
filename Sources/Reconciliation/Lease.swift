package import Model

/// Who of several controllers leads: one controller's part in it, as a state machine.
///
/// It is told what it found and what was written, each time with its own monotonic clock, and says
/// what to write and whether it may change anything; no clock of another machine counts. See
/// `Docs/Decisions/0023-several-controllers.md`.
package struct Lease: Sendable {
    /// What all controllers of one name see.
    package struct Record: Hashable, Sendable {
        /// nil where whoever led has ended in order.
        package var holder: Holder?
        /// How many have led, up to this one.
        package var term: Int
        /// How often this one has renewed it.
        package var beat: Int
        /// Whether a journal was written beside it, so that none found is one lost.
        package var isKept: Bool

        package init(holder: Holder?, term: Int, beat: Int = 0, isKept: Bool = false) {
            self.holder = holder
            self.term = term
            self.beat = beat
            self.isKept = isKept
        }
    }

    /// One process that may lead.
    package struct Holder: Hashable, Sendable {
        /// Nobody else's, not even that of the same process once more.
        package var token: String
        /// For people: the machine and the process.
        package var name: String

        package init(token: String, name: String) {
            self.token = token
            self.name = name
        }
    }

    /// A record, and the version by which it is replaced or not at all.
    package struct Found: Hashable, Sendable {
        package var record: Record
        package var version: Int64

        package init(_ record: Record, version: Int64) {
            self.record = record
            self.version = version
        }
    }

    /// What is to be written: over the version, or where nothing is.
    package struct Move: Hashable, Sendable {
        package var record: Record
        package var version: Int64?

        package init(record: Record, version: Int64? = nil) {
            self.record = record
            self.version = version
        }
    }

    /// The spans that make it safe, each counted by one clock.
    package struct Times: Hashable, Sendable {
        /// After how long without a renewal a leader stops.
        package var deadline: Nanoseconds
        /// After how long without a change somebody else writes itself in.
        package var patience: Nanoseconds
        /// The longest call of a leader, which the next one waits out.
        package var call: Nanoseconds

        package init(
            deadline: Nanoseconds = .seconds(4),
            patience: Nanoseconds = .seconds(5),
            call: Nanoseconds = .seconds(4)
        ) {
            self.deadline = deadline
            self.patience = patience
            self.call = call
        }
    }

    /// Where it stands.
    package enum State: Hashable, Sendable {
        case standingBy
        case leading(Leading)
        /// Another one leads, or nobody knows who: this one never does again.
        case lost
    }

    /// What a leader knows of its lead.
    package struct Leading: Hashable, Sendable {
        package var record: Record
        /// When the last renewal that succeeded was sent.
        package fileprivate(set) var renewed: Nanoseconds
        /// From when on it may change anything.
        package fileprivate(set) var opens: Nanoseconds
    }

    package let holder: Holder
    package let times: Times
    package private(set) var state = State.standingBy
    /// The newest record that was found, and when it was first.
    package private(set) var seen: (found: Found, since: Nanoseconds)?
    /// Since when there has been none.
    private var missing: Nanoseconds?
    /// What is being written.
    private var move: Move?

    package init(_ holder: Holder, times: Times = Times()) {
        self.holder = holder
        self.times = times
    }

    /// Takes what was found, `now` that the answer is here; gives what is to be written.
    package mutating func saw(_ found: Found?, at now: Nanoseconds) -> Move? {
        if let found, found.version != seen?.found.version { seen = (found, now) }
        missing = found == nil ? missing ?? now : nil
        move = next(found, at: now)
        return move
    }

    private mutating func next(_ found: Found?, at now: Nanoseconds) -> Move? {
        switch state {
        case .lost: return nil
        case .leading(let leading):
            guard let found, isMine(found.record), found.record.term == leading.record.term else {
                state = .lost
                return nil
            }
            return renewal(of: found)
        case .standingBy:
            guard let found else {
                // Somebody may have removed that of a leader which can't be told.
                let isOld = missing.map { now.count - $0.count >= times.patience.count } ?? false
                return isOld ? Move(record: Record(holder: holder, term: 1)) : nil
            }
            // A write whose answer didn't come.
            if isMine(found.record) { return renewal(of: found) }
            guard found.record.holder == nil || isStill(at: now) else { return nil }
            var record = Record(holder: holder, term: found.record.term + 1)
            record.isKept = found.record.isKept
            return Move(record: record, version: found.version)
        }
    }

    private func renewal(of found: Found) -> Move {
        var record = found.record
        record.beat += 1
        return Move(record: record, version: found.version)
    }

    private func isMine(_ record: Record) -> Bool { record.holder == holder }

    private func isStill(at now: Nanoseconds) -> Bool {
        guard let seen else { return false }
        return now.count - seen.since.count >= times.patience.count
    }

    /// What was to be written is: it was sent then, and answered by now.
    package mutating func wrote(sent: Nanoseconds, answered: Nanoseconds) {
        guard let record = move?.record else { return }
        move = nil
        switch state {
        case .lost: break
        case .leading(var leading):
            leading.record = record
            leading.renewed = sent
            state = .leading(leading)
        case .standingBy:
            let opens = Nanoseconds(answered.count + times.call.count)
            state = .leading(Leading(record: record, renewed: sent, opens: opens))
        }
    }

    /// Whether anything may be changed now.
    package func mayWrite(at now: Nanoseconds) -> Bool {
        guard case .leading(let leading) = state else { return false }
        return now >= leading.opens && now.count - leading.renewed.count < times.deadline.count
    }

    /// What is to be written when nothing is sent any more, over what was found; nil where it is
    /// another's.
    package func release(_ found: Found?) -> Move? {
        guard case .leading = state, let found, isMine(found.record) else { return nil }
        var record = found.record
        record.holder = nil
        return Move(record: record, version: found.version)
    }
}
