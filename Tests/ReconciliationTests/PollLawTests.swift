import Model
import TestSupport
import Testing

@testable import Reconciliation

/// What holds for every schedule: many repositories on a few hosts, some slow, some failing for a
/// while, and people who ask in between.
@Suite("Laws of polling")
struct PollLawTests {
    @Test(arguments: 0..<60) func holds(_ seed: Int) {
        var world = PolledWorld(seed: seed)
        world.run(for: .seconds(3600))
        #expect(world.broken == [])
        #expect(world.begun > world.upstreams.count)
    }
}

/// Repositories that take their time, and a note of every law that is broken.
private struct PolledWorld {
    private struct Poll {
        var upstream: Upstream
        var began: Instant
        var end: Instant
        var isGood: Bool
    }

    /// When one may be asked again, as the last answer has it.
    private struct Promise {
        var earliest: Instant
        var latest: Instant
        var failures = 0
    }

    private static let slowest = Nanoseconds.seconds(20)

    private var random: SplitMix64
    private var schedule = PollSchedule()
    private var now = Instant(milliseconds: 1_800_000_000_000)
    private var underWay: [Poll] = []
    private var promises: [Upstream: Promise] = [:]
    private let intervals: [Upstream: Nanoseconds]
    private(set) var broken: [String] = []
    private(set) var begun = 0

    var upstreams: [Upstream] { intervals.keys.sorted { $0.text < $1.text } }

    init(seed: Int) {
        random = SplitMix64(seed: seed)
        let hosts = ["", "a.example.org", "b.example.org", "c.example.org"]
            .prefix(Int.random(in: 1...4, using: &random))
        var intervals: [Upstream: Nanoseconds] = [:]
        for number in 0..<Int.random(in: 1...40, using: &random) {
            let host = random.pick(Array(hosts))
            let seconds = random.pick([5, 15, 60, 600] as [Int64])
            intervals[PollScheduleTests.upstream(host, number)] = .seconds(seconds)
        }
        self.intervals = intervals
        schedule.rules.perHost = Int.random(in: 1...12, using: &random)
        schedule.rules.width = random.pick([2, 8, 24])
        schedule.follow(intervals, at: now)
        for upstream in intervals.keys {
            promises[upstream] = Promise(earliest: now, latest: now)
        }
    }

    mutating func run(for span: Nanoseconds) {
        let end = now.adding(span)
        while now < end {
            begin()
            let ends = underWay.map(\.end)
            let times = (ends + [schedule.next].compactMap { $0 }).filter { $0 > now }
            now = times.min() ?? end
            finish()
            if random.chance(3) { ask() }
        }
    }

    private mutating func begin() {
        for upstream in schedule.begin(at: now).flatMap(\.self) {
            begun += 1
            if underWay.contains(where: { $0.upstream == upstream }) { note("twice at once") }
            judge(upstream)
            let isSlow = upstream.host == "b.example.org"
            let longest = isSlow ? PolledWorld.slowest : .seconds(2)
            let took = Nanoseconds(Int64.random(in: 1...longest.count, using: &random))
            underWay.append(
                Poll(
                    upstream: upstream,
                    began: now,
                    end: now.adding(.milliseconds(max(1, took.count / 1_000_000))),
                    isGood: !isFailing(upstream)
                )
            )
        }
        if underWay.count > 4 * schedule.rules.width { note("\(underWay.count) in all") }
        for host in Set(underWay.map(\.upstream.host)) where !host.isEmpty {
            let count = underWay.count { $0.upstream.host == host }
            if count > schedule.rules.perHost { note("\(count) of \(host)") }
        }
    }

    /// Not before what was promised, and not long after what all others ahead of it may take.
    private mutating func judge(_ upstream: Upstream) {
        guard let promise = promises[upstream] else { return note("nobody follows it") }
        if now < promise.earliest { note("too early") }
        let queue = Nanoseconds(Int64(intervals.count) * PolledWorld.slowest.count)
        if now > promise.latest.adding(queue) { note("starved") }
    }

    private mutating func finish() {
        for poll in underWay where poll.end <= now {
            let jitter = Double.random(in: 0...1, using: &random)
            schedule.finished(poll.upstream, at: now, isGood: poll.isGood, jitter: jitter)
            let failures = promises[poll.upstream].map { $0.failures } ?? 0
            promises[poll.upstream] = promise(poll, failures: poll.isGood ? 0 : failures + 1)
        }
        underWay.removeAll { $0.end <= now }
    }

    private func promise(_ poll: Poll, failures: Int) -> Promise {
        let interval = intervals[poll.upstream] ?? .seconds(60)
        let pause: Nanoseconds
        if poll.isGood {
            pause = interval
        } else {
            let doubled = Nanoseconds(Int64(1_000_000_000) << min(failures - 1, 30))
            pause = min(doubled, max(.seconds(300), interval))
        }
        let base = poll.isGood ? poll.began : now
        let latest = base.adding(Nanoseconds(pause.count + pause.count / 10 + 2_000_000))
        return Promise(
            earliest: max(now, base.adding(pause)),
            latest: max(now, latest),
            failures: failures
        )
    }

    /// A person asks for one of them: it may be asked from now on, and its pauses begin anew.
    private mutating func ask() {
        let upstream = random.pick(upstreams)
        let isUnderWay = underWay.contains { $0.upstream == upstream }
        schedule.ask(upstream, at: now)
        guard !isUnderWay else { return forgive(upstream) }
        promises[upstream] = Promise(earliest: now, latest: now)
    }

    /// It is asked once more right after, which is early by what is promised then.
    private mutating func forgive(_ upstream: Upstream) {
        for index in underWay.indices where underWay[index].upstream == upstream {
            let poll = underWay.remove(at: index)
            schedule.finished(upstream, at: now, isGood: poll.isGood, jitter: 0)
            promises[upstream] = Promise(
                earliest: now,
                latest: now,
                failures: poll.isGood ? 0 : 1
            )
            return
        }
    }

    /// Every third repository fails for ten minutes of each half hour.
    private func isFailing(_ upstream: Upstream) -> Bool {
        let minutes = now.milliseconds / 60_000
        return upstream.text.utf8.reduce(0) { $0 + Int64($1) } % 3 == 0 && minutes % 30 < 10
    }

    private mutating func note(_ law: String) {
        if broken.count < 5 { broken.append("\(now.milliseconds): \(law)") }
    }
}
