import DockerEngine
import Model
import TestSupport
import Testing

/// What is known of an engine's clock.
@Suite(.timeLimit(.minutes(10)))
struct EngineClockTests {
    private func seconds(_ seconds: Double) -> Nanoseconds { Nanoseconds(Int64(seconds * 1e9)) }
    private func time(_ seconds: Double) -> Instant {
        Instant(milliseconds: Int64(seconds * 1000))
    }

    @Test func nothingIsKnownBeforeAnAnswer() {
        #expect(EngineClock().time(at: seconds(1)) == nil)
    }

    @Test func oneAnswerIsAsGoodAsItsJourneyWasShort() {
        var clock = EngineClock()
        clock.told(time(100), to: .seconds(1), sent: seconds(5), received: seconds(7))
        #expect(clock.time(at: seconds(7)) == time(100)...time(103))
        // The longer ago, the less is known.
        #expect(clock.time(at: seconds(2007)) == time(2099)...time(2104))
    }

    /// Whatever its clock does between and whenever it answers, what it shows is within the
    /// bounds, and soon they are narrow.
    @Test("the law of an engine's clock", arguments: 0..<50)
    func law(seed: Int) throws {
        var random = SplitMix64(seed: seed)
        var clock = EngineClock()
        var now = Double.random(in: 1...1000, using: &random)
        var lead = Double.random(in: -1e6...1e6, using: &random) + 1e7
        for round in 0..<3 {
            for _ in 0..<40 {
                now += Double.random(in: 0...3, using: &random)
                let sent = now
                now += Double.random(in: 0...0.2, using: &random)
                let told = now + lead
                now += Double.random(in: 0...0.2, using: &random)
                clock.told(
                    time(told.rounded(FloatingPointRoundingRule.down)),
                    to: .seconds(1),
                    sent: seconds(sent),
                    received: seconds(now)
                )
                let shown = try #require(clock.time(at: seconds(now)))
                #expect(shown.contains(time(now + lead)), "round \(round)")
            }
            let shown = try #require(clock.time(at: seconds(now)))
            #expect(shown.upperBound.since(shown.lowerBound) < .milliseconds(900))
            // Somebody sets it.
            lead +=
                (Bool.random(using: &random) ? 1 : -1) * Double.random(in: 3...1e5, using: &random)
        }
    }

    @Test func everyAnswerTellsTheTime() async throws {
        let fake = try FakeEngine { _ in
            .status(200, "[]", headers: "Date: Sun, 22 Nov 2026 18:11:20 GMT\r\n")
        }
        #expect(fake.engine.time() == nil)
        _ = try await fake.engine.boundPorts()
        let shown = try #require(fake.engine.time())
        let told = Instant(milliseconds: 1_795_371_080_000)
        #expect(shown.upperBound >= told && shown.lowerBound.since(told) < .seconds(60))
        let observed = try await fake.engine.observe(controller: "test", volumes: [])
        #expect(observed.time == Instant(milliseconds: 1), "that is ours")
        #expect(observed.engineTime.since(told) > .seconds(-2))
    }

    @Test(arguments: [
        "", "Date: yesterday\r\n", "Date: Sun, 32 Nov 2026 18:11:20 GMT\r\n",
        "Date: Sun, 22 Nov 2026 18:11:20 CET\r\n", "Date: Sun, 22 Foo 2026 18:11:20 GMT\r\n",
        "Date: Sun, 22 Nov 2026 25:11:20 GMT\r\n",
        "Date: Sun, 22 Nov 999999999999 18:11:20 GMT\r\n",
    ])
    func whatIsNoTimeTellsNothing(header: String) async throws {
        let fake = try FakeEngine { _ in .status(200, "[]", headers: header) }
        _ = try await fake.engine.boundPorts()
        #expect(fake.engine.time() == nil)
        let observed = try await fake.engine.observe(controller: "test", volumes: [])
        #expect(observed.engineTime == observed.time)
    }
}
