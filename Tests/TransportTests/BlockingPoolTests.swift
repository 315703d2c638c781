import Dispatch
import Synchronization
import Testing
import Transport

struct BlockingPoolTests {
    @Test func returnsWhatTheCallReturns() async throws {
        let pool = BlockingPool(threads: 2)
        let sums = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<200 { group.addTask { try await pool.run { number * 2 } } }
            return try await group.reduce(0, +)
        }
        #expect(sums == 39_800)
    }

    @Test func throwsWhatTheCallThrows() async {
        let pool = BlockingPool(threads: 1)
        await #expect(throws: Refused.self) { try await pool.run { throw Refused() } }
    }

    @Test func runsNoMoreCallsAtOnceThanItHasThreads() async throws {
        let pool = BlockingPool(threads: 3)
        let counts = Counts()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<30 {
                group.addTask {
                    try await pool.run {
                        counts.enter()
                        DispatchSemaphore.pause(milliseconds: 2)
                        counts.leave()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(counts.highest <= 3)
        #expect(counts.highest >= 2)
    }

    @Test func cancelsACallThatWaits() async throws {
        let pool = BlockingPool(threads: 1)
        let gate = DispatchSemaphore(value: 0)
        let entered = DispatchSemaphore(value: 0)
        async let first: Void = pool.run {
            entered.signal()
            gate.wait()
        }
        try await BlockingPool(threads: 1).run { entered.wait() }
        let waiting = Task { try await pool.run { 1 } }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        gate.signal()
        try await first
        #expect(try await pool.run { 2 } == 2)
    }

    @Test func asksARunningCallToStop() async throws {
        let pool = BlockingPool(threads: 1)
        let entered = DispatchSemaphore(value: 0)
        let running = Task {
            try await pool.runStoppable { flag in
                entered.signal()
                while !flag.isSet { DispatchSemaphore.pause(milliseconds: 1) }
                return "stopped"
            }
        }
        try await BlockingPool(threads: 1).run { entered.wait() }
        running.cancel()
        #expect(try await running.value == "stopped")
    }

    @Test func refusesWhatFindsTheQueueFull() async throws {
        let pool = BlockingPool(threads: 1, queueLimit: 1)
        let gate = DispatchSemaphore(value: 0)
        let entered = DispatchSemaphore(value: 0)
        let results = await withTaskGroup(of: TransportError.Code?.self) { group in
            group.addTask {
                await code {
                    try await pool.run {
                        entered.signal()
                        gate.wait()
                    }
                }
            }
            _ = try? await BlockingPool(threads: 1).run { entered.wait() }
            for _ in 0..<5 { group.addTask { await code { try await pool.run {} } } }
            var codes: [TransportError.Code?] = []
            while codes.count < 4, let next = await group.next() { codes.append(next) }
            gate.signal()
            for await rest in group { codes.append(rest) }
            return codes
        }
        #expect(results.filter { $0 == .overloaded }.count == 4)
        #expect(results.filter { $0 == nil }.count == 2)
    }

    @Test func failsWhatComesAfterTheShutdown() async {
        let pool = BlockingPool(threads: 1)
        pool.shutdown()
        #expect(await code { try await pool.run {} } == .shutDown)
    }

    @Test func losesNothingInAStormOfCancellations() async {
        let pool = BlockingPool(threads: 2)
        let tasks = (0..<1000).map { number in Task { try await pool.run { number } } }
        for (number, task) in tasks.enumerated() where number % 3 != 0 { task.cancel() }
        var ended = 0
        for task in tasks {
            _ = await task.result
            ended += 1
        }
        #expect(ended == 1000)
    }
}

private struct Refused: Error {}

private func code(_ body: () async throws -> Void) async -> TransportError.Code? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? TransportError)?.code
    }
}

private final class Counts: Sendable {
    private let state = Mutex((now: 0, highest: 0))

    var highest: Int { state.withLock { $0.highest } }

    func enter() {
        state.withLock {
            $0.now += 1
            $0.highest = max($0.highest, $0.now)
        }
    }

    func leave() { state.withLock { $0.now -= 1 } }
}

extension DispatchSemaphore {
    static func pause(milliseconds: Int) {
        _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .milliseconds(milliseconds))
    }
}
