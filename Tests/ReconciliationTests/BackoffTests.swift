import Model
import Reconciliation
import Testing

@Suite("Back-off")
struct BackoffTests {
    private let start = Instant(milliseconds: 1_000_000)

    @Test("each failure doubles the pause, up to the longest")
    func doubles() {
        let settings = Backoff.Settings(first: .seconds(1), longest: .seconds(300))
        var backoff = Backoff()
        let pauses = (0..<11).map { _ in
            backoff.fail(at: start, settings)
            return backoff.until.since(start).count / 1_000_000_000
        }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
    }

    @Test("no number of failures overflows")
    func manyFailures() {
        var backoff = Backoff()
        for _ in 0..<1000 { backoff.fail(at: start, .init(), jitter: 1) }
        #expect(backoff.until.since(start) == .seconds(330))
    }

    @Test("it is stalled from the fifth failure in a row on")
    func stalls() {
        let settings = Backoff.Settings(stalledAfter: 5)
        var backoff = Backoff()
        let stalled = (1...6).map { _ in
            backoff.fail(at: start, settings)
            return backoff.isStalled(settings)
        }
        #expect(stalled == [false, false, false, false, true, true])
    }

    @Test("jitter adds at most a tenth", arguments: [0.0, 0.25, 0.5, 1.0])
    func jitter(_ jitter: Double) {
        var backoff = Backoff()
        backoff.fail(at: start, .init(first: .seconds(10)), jitter: jitter)
        #expect(backoff.until.since(start) == .milliseconds(10_000 + Int64(1000 * jitter)))
    }
}
