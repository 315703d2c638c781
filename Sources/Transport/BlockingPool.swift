internal import Dispatch
internal import Synchronization

/// A bounded number of threads for C calls that block.
///
/// A blocking call in a task freezes every other task, since their threads are as few as the
/// cores. Threads start as they are needed and stay. What finds the queue full fails at once.
package final class BlockingPool: Sendable {
    private let core: Core

    /// - Parameters:
    ///   - name: What errors call the pool.
    ///   - threads: How many calls run at the same time at most.
    ///   - queueLimit: How many may wait besides.
    package init(name: String = "blocking", threads: Int = 8, queueLimit: Int = 10_000) {
        precondition(threads > 0 && queueLimit >= 0)
        core = Core(name: name, threadLimit: threads, queueLimit: queueLimit)
    }

    deinit { core.shutdown() }

    /// Runs `body` on a thread of the pool and waits for what it returns.
    ///
    /// A task cancelled while its call still waits throws `CancellationError` at once; a call that
    /// runs is waited for, because C can't be interrupted (``runStoppable(_:)`` asks it to stop).
    package func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await runStoppable { _ in try body() }
    }

    /// Runs `body` like ``run(_:)`` and hands it a flag that is set when the task is cancelled.
    package func runStoppable<T: Sendable>(
        _ body: @escaping @Sendable (StopFlag) throws -> T
    ) async throws -> T {
        let flag = StopFlag()
        let id = core.newID()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let job = Job(
                    id: id,
                    run: { continuation.resume(with: Result { try body(flag) }) },
                    abandon: { continuation.resume(throwing: $0) }
                )
                core.add(job)
                // The handler may have run before there was a job to find.
                if Task.isCancelled { core.cancel(id) }
            }
        } onCancel: {
            flag.set()
            core.cancel(id)
        }
    }

    /// Fails what waits and lets the threads end; calls that run are finished first.
    package func shutdown() { core.shutdown() }
}

/// One call that waits for a thread.
private struct Job: Sendable {
    let id: UInt64
    let run: @Sendable () -> Void
    let abandon: @Sendable (any Error) -> Void
}

/// What the threads share; it outlives the pool until the last thread has left.
private final class Core: Sendable {
    private struct State {
        var waiting: [UInt64: Job] = [:]
        /// Keys of `waiting` in order, and of jobs cancelled since.
        var order: ArraySlice<UInt64> = []
        var nextID: UInt64 = 0
        var threads = 0
        var idle = 0
        var isShutDown = false

        mutating func takeFirst() -> Job? {
            while let id = order.popFirst() {
                if let job = waiting.removeValue(forKey: id) { return job }
            }
            return nil
        }
    }

    private let name: String
    private let threadLimit: Int
    private let queueLimit: Int
    private let state = Mutex(State())
    /// Counts jobs added; a thread takes one count for each look into the queue.
    private let added = DispatchSemaphore(value: 0)

    init(name: String, threadLimit: Int, queueLimit: Int) {
        self.name = name
        self.threadLimit = threadLimit
        self.queueLimit = queueLimit
    }

    func newID() -> UInt64 {
        state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
    }

    func add(_ job: Job) {
        let (failure, needsThread) = state.withLock { state -> (TransportError?, Bool) in
            if state.isShutDown {
                return (refusal(.shutDown, "the pool has been shut down"), false)
            }
            let room = queueLimit + threadLimit - state.threads + state.idle
            guard state.waiting.count < room else {
                return (refusal(.overloaded, "\(state.waiting.count) calls wait already"), false)
            }
            state.waiting[job.id] = job
            state.order.append(job.id)
            let needsThread = state.waiting.count > state.idle && state.threads < threadLimit
            if needsThread { state.threads += 1 }
            return (nil, needsThread)
        }
        if let failure { return job.abandon(failure) }
        added.signal()
        if needsThread { startThread() }
    }

    func cancel(_ id: UInt64) {
        let job = state.withLock { $0.waiting.removeValue(forKey: id) }
        job?.abandon(CancellationError())
    }

    func shutdown() {
        let (abandoned, threads) = state.withLock { state -> ([Job], Int) in
            state.isShutDown = true
            defer { state.waiting = [:] }
            return (Array(state.waiting.values), state.threads)
        }
        for job in abandoned { job.abandon(refusal(.shutDown, "the pool has been shut down")) }
        for _ in 0..<threads { added.signal() }
    }

    private func startThread() {
        if OSThread.start({ self.work() }) { return }
        let stranded = state.withLock { state -> Job? in
            state.threads -= 1
            return state.threads == 0 ? state.takeFirst() : nil
        }
        stranded?.abandon(refusal(.system, "the system gives no more threads"))
    }

    /// The life of one thread.
    private func work() {
        while true {
            state.withLock { $0.idle += 1 }
            added.wait()
            let (job, isOver) = state.withLock { state -> (Job?, Bool) in
                state.idle -= 1
                return (state.takeFirst(), state.isShutDown)
            }
            if let job { job.run() } else if isOver { return }
        }
    }

    private func refusal(_ code: TransportError.Code, _ message: String) -> TransportError {
        TransportError(code, operation: "thread pool \(name)", message: message)
    }
}
