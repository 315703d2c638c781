import Model
import Planning
import Testing

/// The clock is the argument: seconds since the wait began.
@Suite struct JudgementTests {
    @Test func runningThroughTheWindowIsStable() {
        var wait = Wait(.stable)
        #expect(wait.see(.running, at: 0) == .waiting)
        #expect(wait.see(.running, at: 9) == .waiting)
        #expect(wait.see(.running, at: 10) == .met)
    }

    /// What ran long before the wait began need not prove it again.
    @Test func whatIsOldIsStableAtOnce() {
        var wait = Wait(.stable)
        #expect(wait.see(.running, at: 0, started: -60) == .met)
        var healthy = Wait(.stable)
        #expect(healthy.see(.running, health: .healthy, at: 0, started: -60) == .met)
    }

    @Test func aHealthyContainerIsStableAfterItsOwnWindow() {
        var wait = Wait(.stable)
        #expect(wait.see(.running, health: .starting, at: 0, started: 0) == .waiting)
        #expect(wait.see(.running, health: .healthy, at: 2, started: 0) == .waiting)
        #expect(wait.see(.running, health: .healthy, at: 6, started: 0) == .waiting)
        #expect(wait.see(.running, health: .healthy, at: 7, started: 0) == .met)
    }

    @Test func unhealthyFails() {
        var wait = Wait(.stable)
        #expect(wait.see(.running, health: .starting, at: 0) == .waiting)
        #expect(wait.see(.running, health: .unhealthy, at: 3) == .failed("its health check failed"))
    }

    /// The window begins anew with every start.
    @Test func aRestartBeginsTheWindowAnew() {
        var wait = Wait(.stable)
        #expect(wait.see(.running, at: 8, started: 0) == .waiting)
        #expect(wait.see(.running, at: 11, started: 9, restarts: 1) == .waiting)
        #expect(wait.see(.running, at: 18, started: 9, restarts: 1) == .waiting)
        #expect(wait.see(.running, at: 19, started: 9, restarts: 1) == .met)
    }

    @Test func aRestartBeginsTheWindowOfHealthAnew() {
        var wait = Wait(.stable)
        #expect(wait.see(.running, health: .healthy, at: 3, started: 0) == .waiting)
        #expect(wait.see(.running, health: .starting, at: 4, started: 4, restarts: 1) == .waiting)
        #expect(wait.see(.running, health: .healthy, at: 6, started: 4, restarts: 1) == .waiting)
        #expect(wait.see(.running, health: .healthy, at: 9, started: 4, restarts: 1) == .waiting)
        #expect(wait.see(.running, health: .healthy, at: 11, started: 4, restarts: 1) == .met)
    }

    /// It was started again and became healthy between two looks.
    @Test func anUnseenRestartBeginsTheWindowOfHealthAnew() {
        var wait = Wait(.stable)
        #expect(wait.see(.running, health: .healthy, at: 2, started: 0) == .waiting)
        #expect(wait.see(.running, health: .healthy, at: 8, started: 5) == .waiting)
        #expect(wait.see(.running, health: .healthy, at: 13, started: 5) == .met)
    }

    @Test func withoutAnInspectTheFirstLookCounts() {
        var wait = Wait(.stable)
        #expect(wait.see(.running, at: 1, hasDetails: false) == .waiting)
        #expect(wait.see(.restarting, at: 5, hasDetails: false) == .waiting)
        #expect(wait.see(.running, at: 6, hasDetails: false) == .waiting)
        #expect(wait.see(.running, at: 15, hasDetails: false) == .waiting)
        #expect(wait.see(.running, at: 16, hasDetails: false) == .met)
    }

    /// An engine whose clock is an hour ahead or behind dates everything by that.
    @Test(arguments: [-3600, 3600] as [Int64])
    func whatIsOldIsOldByTheEnginesOwnClock(lead: Int64) {
        var fresh = Wait(.stable)
        #expect(fresh.see(.running, at: 0, started: lead, engineAt: lead) == .waiting)
        #expect(fresh.see(.running, at: 9, started: lead, engineAt: lead + 9) == .waiting)
        #expect(fresh.see(.running, at: 10, started: lead, engineAt: lead + 10) == .met)
        var old = Wait(.stable)
        #expect(old.see(.running, at: 0, started: lead - 60, engineAt: lead) == .met)
    }

    /// That the engine's clock is set while somebody looks on changes nothing.
    @Test(arguments: [-3600, 3600] as [Int64])
    func whatIsWatchedIsTimedByTheWatcher(step: Int64) {
        var wait = Wait(.stable)
        #expect(wait.see(.running, at: 0, started: 0) == .waiting)
        #expect(wait.see(.running, at: 5, started: 0, engineAt: step + 5) == .waiting)
        #expect(wait.see(.running, at: 9, started: 0, engineAt: step + 9) == .waiting)
        #expect(wait.see(.running, at: 10, started: 0, engineAt: step + 10) == .met)
        var restarted = Wait(.stable)
        #expect(restarted.see(.running, at: 0, started: 0) == .waiting)
        // It was started again since the last look, whatever its date says.
        #expect(restarted.see(.running, at: 5, started: 4, engineAt: step + 5) == .waiting)
        #expect(restarted.see(.running, at: 15, started: 4, engineAt: step + 15) == .met)
    }

    @Test func threeRestartsAreALoop() {
        var wait = Wait(.stable)
        #expect(wait.see(.running, at: 0, restarts: 5) == .waiting)
        #expect(wait.see(.restarting, at: 1, restarts: 7) == .waiting)
        #expect(
            wait.see(.restarting, at: 2, restarts: 8, code: 1)
                == .failed("it keeps dying: the engine restarted it 3 times, last with status 1")
        )
    }

    @Test func aTaskThatEndsWellIsStable() {
        var wait = Wait(.stable, isTask: true)
        #expect(wait.see(.exited, at: 1, code: 0) == .met)
        var service = Wait(.stable)
        #expect(service.see(.exited, at: 1, code: 0) == .failed("it exited with status 0"))
    }

    @Test func aTaskThatEndsBadlyFails() {
        var wait = Wait(.completed, isTask: true)
        #expect(wait.see(.running, at: 0) == .waiting)
        #expect(wait.see(.exited, at: 1, code: 3) == .failed("it exited with status 3"))
    }

    @Test func completionIsNotRunning() {
        var wait = Wait(.completed)
        #expect(wait.see(.running, at: 100, started: 0) == .waiting)
        #expect(wait.see(.exited, at: 101, code: 0) == .met)
    }

    @Test func memoryIsNamed() {
        var wait = Wait(.stable)
        #expect(
            wait.see(.exited, at: 1, code: 137, outOfMemory: true)
                == .failed("it exited with status 137, out of memory")
        )
    }

    @Test func healthyIsMetAtOnce() {
        var wait = Wait(.healthy)
        #expect(wait.see(.running, health: .starting, at: 0) == .waiting)
        #expect(wait.see(.running, health: .healthy, at: 1) == .met)
        var without = Wait(.healthy)
        #expect(
            without.see(.running, at: 0) == .failed("it has no health check to wait for")
        )
    }

    @Test(arguments: [
        (WaitCondition.healthy, "it was not healthy within 300 s"),
        (.completed, "it did not complete within 300 s"),
        (.stable, "it was not stable within 300 s"),
    ])
    func everyWaitEnds(condition: WaitCondition, message: String) {
        var wait = Wait(condition)
        #expect(wait.see(.created, at: 300) == .waiting)
        #expect(wait.see(.created, at: 301) == .failed(message))
    }

    @Test func goneAndDeadAreFailures() {
        var wait = Wait(.stable)
        #expect(wait.see(.dead, at: 0) == .failed("the engine calls it dead"))
        #expect(wait.seeNothing(at: 1) == .failed("it was removed"))
    }
}

/// A judgement with seconds for its clock.
private struct Wait {
    private var judgement: Judgement
    private let isTask: Bool

    init(_ condition: WaitCondition, isTask: Bool = false) {
        judgement = Judgement(condition, window: .init(), began: Wait.time(0))
        self.isTask = isTask
    }

    private static func time(_ seconds: Int64) -> Instant {
        Instant(milliseconds: 1_000_000 + seconds * 1000)
    }

    mutating func see(
        _ state: ObservedContainer.State,
        health: ObservedContainer.Health? = nil,
        at now: Int64,
        started: Int64 = 0,
        restarts: Int = 0,
        code: Int? = nil,
        outOfMemory: Bool = false,
        hasDetails: Bool = true,
        engineAt: Int64? = nil
    ) -> Judgement.Verdict {
        let details = ObservedContainer.Details(
            started: Wait.time(started),
            restartCount: restarts,
            outOfMemory: outOfMemory
        )
        let container = ObservedContainer(
            id: "1",
            name: "web",
            labels: isTask ? [Labels.run: "task"] : [:],
            state: state,
            health: health,
            exitCode: code,
            details: hasDetails ? details : nil
        )
        return judgement.see(
            container,
            at: Wait.time(now),
            engineTime: Wait.time(engineAt ?? now)
        )
    }

    mutating func seeNothing(at now: Int64) -> Judgement.Verdict {
        judgement.see(nil, at: Wait.time(now), engineTime: nil)
    }
}
