import Model
import TestSupport
import Testing

@testable import Reconciliation

/// When repositories are asked, by a clock that the tests turn.
@Suite("Polling")
struct PollScheduleTests {
    private let start = Instant(milliseconds: 1_800_000_000_000)
    private let app = PollScheduleTests.upstream("one.example.org", 1)

    static func upstream(_ host: String, _ number: Int) -> Upstream {
        let text = host.isEmpty ? "/srv/\(number).git" : "https://\(host)/\(number).git"
        let url = try? RepositoryURL(parsing: text)
        guard let url else { preconditionFailure("no URL: \(text)") }
        return Upstream(url, .branch("main"))
    }

    private func schedule(_ upstreams: [Upstream], every seconds: Int64 = 60) -> PollSchedule {
        var schedule = PollSchedule()
        let intervals = upstreams.map { ($0, Nanoseconds.seconds(seconds)) }
        schedule.follow(Dictionary(uniqueKeysWithValues: intervals), at: start)
        return schedule
    }

    private func after(_ seconds: Int64) -> Instant { start.adding(.seconds(seconds)) }

    @Test("what answers is asked again an interval after it was asked, and up to a tenth later")
    func jitter() {
        for (jitter, milliseconds) in [(0.0, Int64(60_000)), (0.5, 63_000), (1.0, 66_000)] {
            var schedule = schedule([app])
            #expect(schedule.begin(at: start) == [[app]])
            schedule.finished(app, at: after(2), isGood: true, jitter: jitter)
            #expect(schedule.next == start.adding(.milliseconds(milliseconds)))
        }
    }

    @Test("what fails is asked after growing pauses, and as ever once it answers")
    func backsOff() {
        var schedule = schedule([app])
        var now = start
        var pauses: [Int64] = []
        for _ in 0..<11 {
            #expect(schedule.begin(at: now) == [[app]])
            schedule.finished(app, at: now, isGood: false, jitter: 0)
            let next = schedule.next ?? now
            pauses.append(next.since(now).count / 1_000_000_000)
            #expect(schedule.outage(of: app) == Outage(since: start, nextTry: next))
            now = next
        }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
        #expect(schedule.begin(at: now) == [[app]])
        #expect(schedule.outage(of: app) == Outage(since: start, nextTry: nil))
        schedule.finished(app, at: now, isGood: true, jitter: 0)
        #expect(schedule.outage(of: app) == nil)
        #expect(schedule.next == now.adding(.seconds(60)))
        #expect(schedule.begin(at: now.adding(.seconds(60))) == [[app]])
        schedule.finished(app, at: now.adding(.seconds(60)), isGood: false, jitter: 0)
        #expect(schedule.next == now.adding(.seconds(61)))
    }

    @Test("the longest pause is no shorter than the interval")
    func rarely() {
        var schedule = schedule([app], every: 900)
        var now = start
        for _ in 0..<20 {
            _ = schedule.begin(at: now)
            schedule.finished(app, at: now, isGood: false, jitter: 0)
            now = schedule.next ?? now
        }
        _ = schedule.begin(at: now)
        schedule.finished(app, at: now, isGood: false, jitter: 0)
        #expect(schedule.next == now.adding(.seconds(900)))
    }

    @Test("a person who asks waits for no pause, and is not told what was seen before")
    func asked() {
        var schedule = schedule([app])
        for _ in 0..<8 {
            _ = schedule.begin(at: schedule.next ?? start)
            schedule.finished(app, at: start, isGood: false, jitter: 0)
        }
        #expect(schedule.begin(at: after(1)) == [])
        schedule.ask(app, at: after(1))
        #expect(schedule.begin(at: after(1)) == [[app]])
        schedule.ask(app, at: after(2))
        #expect(schedule.begin(at: after(2)) == [])
        schedule.finished(app, at: after(3), isGood: true, jitter: 0)
        #expect(schedule.begin(at: after(3)) == [[app]])
        schedule.finished(app, at: after(4), isGood: false, jitter: 0)
        #expect(schedule.next == after(5), "the pauses begin anew")
    }

    @Test("what is followed of one repository is asked for at once, and fails by itself")
    func together() {
        let url = app.repository
        let dev = Upstream(url, .branch("dev"))
        let tag = Upstream(url, .tag("stable"))
        let closed = Upstream(url, .branch("dev"), RepositoryAccess(credentials: .key("/key")))
        var schedule = schedule([app, dev, tag, closed])
        #expect(Set(schedule.begin(at: start)) == [[dev, app, tag], [closed]])
        schedule.finished(dev, at: after(1), isGood: true, jitter: 1)
        schedule.finished(tag, at: after(1), isGood: false, jitter: 0)
        #expect(schedule.begin(at: after(30)) == [], "it is being asked still")
        schedule.finished(app, at: after(1), isGood: true, jitter: 0)
        schedule.finished(closed, at: after(1), isGood: true, jitter: 0)
        #expect(schedule.begin(at: after(2)) == [[dev, app, tag]], "what fails takes others along")
        for upstream in [dev, app] {
            schedule.finished(upstream, at: after(2), isGood: true, jitter: 0)
        }
        schedule.finished(tag, at: after(2), isGood: false, jitter: 0)
        schedule.ask(app, at: after(3))
        #expect(schedule.begin(at: after(3)) == [[dev, app]], "a pause goes on")
    }

    @Test("many slow hosts leave room for others, also before they are known to be slow")
    func slowHosts() {
        let sound = PollScheduleTests.upstream("z.example.org", 1)
        let silent = (0..<10).flatMap { host in
            (0..<4).map { PollScheduleTests.upstream("\(host).example.org", $0) }
        }
        var schedule = schedule(silent + [sound])
        #expect(schedule.begin(at: start).count == 24)
        #expect(schedule.next == after(5), "they may be quick")
        #expect(schedule.begin(at: after(5)).contains([sound]))
        schedule.finished(sound, at: after(6), isGood: true, jitter: 0)
        for upstream in silent {
            schedule.finished(upstream, at: after(600), isGood: false, jitter: 0)
        }
        var begun = schedule.begin(at: after(700))
        #expect(begun.contains([sound]))
        for (seconds, count) in [(701, 13), (702, 12), (703, 12), (704, 4)] as [(Int64, Int)] {
            #expect(begun.count == count)
            for upstream in begun.flatMap(\.self) {
                schedule.finished(upstream, at: after(seconds), isGood: true, jitter: 0)
            }
            begun = schedule.begin(at: after(seconds))
        }
        #expect(schedule.begin(at: after(900)).count == 24, "who answers soon is slow no more")
    }

    @Test("a host that is busy leaves room for others, and so does what is asked no more")
    func room() {
        let slow = (0..<9).map { PollScheduleTests.upstream("slow.example.org", $0) }
        var schedule = schedule(slow + [app])
        let begun = schedule.begin(at: start).flatMap(\.self)
        #expect(begun.count == 5 && begun.contains(app))
        #expect(schedule.next == nil || schedule.next == start)
        schedule.finished(app, at: after(1), isGood: true, jitter: 0)
        schedule.follow([app: .seconds(60), slow[8]: .seconds(60)], at: after(2))
        #expect(schedule.begin(at: after(2)) == [], "what goes on counts")
        for upstream in begun where upstream != app {
            schedule.finished(upstream, at: after(3), isGood: true, jitter: 0)
        }
        #expect(schedule.begin(at: after(3)) == [[slow[8]]])
        schedule.finished(slow[8], at: after(4), isGood: true, jitter: 0)
        #expect(schedule.next == after(60))
    }
}
