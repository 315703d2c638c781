import Model
import Reconciliation
import TestSupport

/// Controllers that share one lease, over a network that is slow and loses things.
///
/// Their machines' clocks run apart, and they are frozen and killed.
struct LeaseWorld {
    /// One process; another one takes its number when it was killed.
    private struct Process {
        var lease: Lease
        /// How fast its clock runs, and where it began.
        let rate: Double
        let offset: Double
        var frozenUntil = 0
        /// What it waits for; an answer to anything else is too late.
        var ticket = 0
        var sent = Nanoseconds(0)
        /// Told apart from those before it.
        let birth: Int
    }

    private enum Event {
        case look
        case readArrives(ticket: Int)
        case readAnswer(ticket: Int, Lease.Found?)
        case writeArrives(ticket: Int, Lease.Move)
        case writeAnswer(ticket: Int, isTaken: Bool)
        case timeout(ticket: Int)
        case tick
    }

    private struct Due {
        var time: Int
        var order: Int
        var process: Int
        var birth: Int
        var event: Event
    }

    private var random: SplitMix64
    private let times: Lease.Times
    private var processes: [Process] = []
    private var found: Lease.Found?
    private var agenda: [Due] = []
    private var order = 0
    /// In milliseconds.
    private(set) var now = 0
    /// Whether anything goes wrong.
    var isCalm = false
    /// Who could write last, and when.
    private(set) var writer: (birth: Int, time: Int)?
    /// Every law that was broken.
    private(set) var broken: [String] = []
    /// How many have led.
    private(set) var terms = 0
    private var births = 0

    /// The longest call of a leader, by the slowest clock.
    private static let longestCall = 4211

    init(seed: Int, times: Lease.Times = Lease.Times(), isCalm: Bool = false) {
        random = SplitMix64(seed: seed)
        self.times = times
        self.isCalm = isCalm
        for number in 0..<3 {
            processes.append(newborn(number))
            add(.look, in: 0...1000, to: number)
        }
        add(.tick, in: 50...50, to: 0)
    }

    private mutating func newborn(_ number: Int) -> Process {
        births += 1
        return Process(
            lease: Lease(.init(token: "\(births)", name: "process \(births)"), times: times),
            rate: Double.random(in: 0.95...1.05, using: &random),
            offset: Double.random(in: 0...1e9, using: &random),
            birth: births
        )
    }

    private func clock(of number: Int) -> Nanoseconds {
        let process = processes[number]
        return Nanoseconds(Int64((Double(now) * process.rate + process.offset) * 1e6))
    }

    private mutating func add(_ event: Event, in span: ClosedRange<Int>, to number: Int) {
        order += 1
        let time = now + Int.random(in: span, using: &random)
        let birth = processes[number].birth
        agenda.append(
            Due(time: time, order: order, process: number, birth: birth, event: event)
        )
    }

    /// How long a message takes; it may be longer than anybody waits for it.
    private var delay: ClosedRange<Int> { isCalm ? 1...60 : 1...900 }
    private mutating func isLost() -> Bool { !isCalm && random.chance(8) }

    mutating func run(milliseconds: Int) {
        let end = now + milliseconds
        while let index = agenda.indices.min(by: {
            (agenda[$0].time, agenda[$0].order) < (agenda[$1].time, agenda[$1].order)
        }), agenda[index].time <= end {
            let due = agenda.remove(at: index)
            now = due.time
            take(due)
            watch()
        }
        now = end
    }

    /// Kills whoever may write; false where nobody may.
    mutating func killLeader() -> Bool {
        let leader = processes.indices.first { processes[$0].lease.mayWrite(at: clock(of: $0)) }
        guard let leader else { return false }
        kill(leader)
        return true
    }

    private mutating func kill(_ number: Int) {
        processes[number] = newborn(number)
        add(.look, in: 200...3000, to: number)
    }

    private mutating func take(_ due: Due) {
        if case .tick = due.event { return tick() }
        // What is on its way goes on without whoever sent it.
        switch due.event {
        case .readArrives(let ticket):
            guard !isLost() else { return }
            return reply(.readAnswer(ticket: ticket, found), due)
        case .writeArrives(let ticket, let move):
            let isTaken = move.version == found?.version
            if isTaken { found = Lease.Found(move.record, version: (found?.version ?? 0) + 1) }
            guard !isLost() else { return }
            return reply(.writeAnswer(ticket: ticket, isTaken: isTaken), due)
        default: break
        }
        guard processes[due.process].birth == due.birth else { return }
        guard processes[due.process].frozenUntil <= now else {
            var later = due
            later.time = processes[due.process].frozenUntil
            return agenda.append(later)
        }
        act(due.event, due.process)
    }

    private mutating func reply(_ event: Event, _ due: Due) {
        guard processes[due.process].birth == due.birth else { return }
        add(event, in: delay, to: due.process)
    }

    private mutating func act(_ event: Event, _ number: Int) {
        switch event {
        case .look:
            let ticket = begin(number)
            if !isLost() { add(.readArrives(ticket: ticket), in: delay, to: number) }
        case .readAnswer(let ticket, let found) where ticket == processes[number].ticket:
            guard let move = processes[number].lease.saw(found, at: clock(of: number)) else {
                return rest(number)
            }
            processes[number].sent = clock(of: number)
            let ticket = begin(number)
            // Stopped when it had looked at its clock, and before anything left.
            if !isCalm, random.chance(5) { freeze(number) }
            let wait = max(0, processes[number].frozenUntil - now)
            let span = wait + delay.lowerBound...wait + delay.upperBound
            if !isLost() { add(.writeArrives(ticket: ticket, move), in: span, to: number) }
        case .writeAnswer(let ticket, let isTaken) where ticket == processes[number].ticket:
            if isTaken {
                processes[number].lease.wrote(
                    sent: processes[number].sent,
                    answered: clock(of: number)
                )
            }
            rest(number)
        case .timeout(let ticket) where ticket == processes[number].ticket:
            add(.look, in: 10...300, to: number)
            processes[number].ticket += 1
        default: break
        }
    }

    private mutating func begin(_ number: Int) -> Int {
        processes[number].ticket += 1
        let ticket = processes[number].ticket
        add(.timeout(ticket: ticket), in: 1500...1500, to: number)
        return ticket
    }

    private mutating func rest(_ number: Int) {
        processes[number].ticket += 1
        switch processes[number].lease.state {
        case .lost: kill(number)
        case .leading: add(.look, in: 2000...2000, to: number)
        case .standingBy: add(.look, in: 1000...1000, to: number)
        }
    }

    private mutating func tick() {
        add(.tick, in: 50...50, to: 0)
        agenda[agenda.count - 1].birth = 0
        guard !isCalm, random.chance(1) else { return }
        let number = Int.random(in: processes.indices, using: &random)
        if random.chance(70) { freeze(number) } else { kill(number) }
    }

    private mutating func freeze(_ number: Int) {
        processes[number].frozenUntil = now + Int.random(in: 100...20_000, using: &random)
    }

    /// Never two at once, nor one while a call of another may be under way.
    ///
    /// A frozen one counts: it may be thawed just now.
    private mutating func watch() {
        let writers = processes.indices.filter { processes[$0].lease.mayWrite(at: clock(of: $0)) }
        if writers.count > 1 { broken.append("\(now): \(writers.count) may write") }
        guard let number = writers.first else { return }
        let birth = processes[number].birth
        if let writer, writer.birth != birth, now - writer.time < LeaseWorld.longestCall {
            broken.append("\(now): a call of \(writer.birth) may be under way beside \(birth)")
        }
        if writer?.birth != birth { terms += 1 }
        writer = (birth, now)
    }
}
