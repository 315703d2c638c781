package import Model

/// Whether a container came up as its version promised, from what is seen of it over time.
///
/// What the controller sees itself it measures by a clock that nobody sets. How old a container is
/// that ran before, only the engine's dates tell: they are held against the engine's own clock.
package struct Judgement: Sendable {
    /// How long things must hold, and how long they may take.
    package struct Window: Hashable, Codable, Sendable {
        /// Running without a health check.
        package var running: Nanoseconds
        /// Healthy, with one.
        package var healthy: Nanoseconds
        /// After this the container has failed.
        package var deadline: Nanoseconds

        package init(
            running: Nanoseconds = .seconds(10),
            healthy: Nanoseconds = .seconds(5),
            deadline: Nanoseconds = .seconds(300)
        ) {
            self.running = running
            self.healthy = healthy
            self.deadline = deadline
        }
    }

    /// What can be said so far.
    package enum Verdict: Hashable, Sendable {
        case waiting
        case met
        case failed(String)
    }

    /// Restarts by the engine after which a container counts as looping.
    package static let restartLimit = 3

    private let condition: WaitCondition
    private let window: Window
    private let began: Instant
    private var healthySince: Instant?
    /// The start that runs now: the engine's date of it, and when it was by our clock.
    private var start: (date: Instant?, since: Instant)?
    private var lastLook: Instant?
    private var baseRestarts: Int?

    package init(_ condition: WaitCondition, window: Window, began: Instant) {
        self.condition = condition
        self.window = window
        self.began = began
    }

    /// Takes in one look; nil means that the container is gone.
    ///
    /// `now` and the time at which the wait began are those of the clock that nobody sets;
    /// `engineTime` is what the engine's showed at the look, nil where nobody knows.
    package mutating func see(
        _ container: ObservedContainer?,
        at now: Instant,
        engineTime: Instant?
    ) -> Verdict {
        defer { lastLook = now }
        if case .drained(let span) = condition {
            let isGone = container.map { $0.state != .running } ?? true
            return isGone || now.since(began) >= span ? .met : .waiting
        }
        guard let container else { return .failed("it was removed") }
        let verdict = judge(container, at: now, engineTime)
        if verdict == .waiting, now.since(began) > deadline {
            return .failed("\(waitedFor) within \(deadline)")
        }
        return verdict
    }

    private var deadline: Nanoseconds {
        if case .running(let span) = condition { span + window.deadline } else { window.deadline }
    }

    private var waitedFor: String {
        switch condition {
        case .healthy: "it was not healthy"
        case .completed: "it did not complete"
        case .stable: "it was not stable"
        case .running(let span): "it was not running for \(span)"
        case .drained: "it was not drained"
        }
    }

    private mutating func judge(
        _ container: ObservedContainer,
        at now: Instant,
        _ engineTime: Instant?
    ) -> Verdict {
        if let failure = loop(container) { return .failed(failure) }
        switch container.state {
        case .exited: return exited(container)
        case .dead: return .failed("the engine calls it dead")
        case .running:
            let started = began(container, at: now, engineTime)
            return running(container, since: started, at: now)
        case .created, .paused, .restarting, .removing:
            start = nil
            healthySince = nil
            return .waiting
        }
    }

    private func exited(_ container: ObservedContainer) -> Verdict {
        let code = container.exitCode ?? 0
        let isTask = container.labels[Labels.run] == "task"
        if code == 0, condition == .completed || (isTask && condition != .healthy) { return .met }
        let memory = container.details?.outOfMemory == true ? ", out of memory" : ""
        return .failed("it exited with status \(code)\(memory)")
    }

    /// When it was started last, by our clock.
    private mutating func began(
        _ container: ObservedContainer,
        at now: Instant,
        _ engineTime: Instant?
    ) -> Instant {
        let date = container.details?.started
        if let start, start.date == date { return start.since }
        // Started again between two looks: the window begins anew.
        healthySince = nil
        var since = now
        if let date, let engineTime {
            let age = Nanoseconds(max(0, engineTime.since(date).count))
            since = max(now.adding(.init(-age.count)), lastLook ?? .init(milliseconds: .min))
        }
        start = (date, since)
        return since
    }

    private mutating func running(
        _ container: ObservedContainer,
        since started: Instant,
        at now: Instant
    ) -> Verdict {
        if container.health != .healthy { healthySince = nil }
        switch (condition, container.health) {
        case (.completed, _): return .waiting
        case (_, .unhealthy):
            let check = container.details?.lastCheck.map { " \($0)" } ?? ""
            return .failed("its health check failed\(check)")
        case (_, .starting): return .waiting
        case (.healthy, .healthy): return .met
        case (.healthy, nil): return .failed("it has no health check to wait for")
        case (.stable, .healthy):
            let since = healthySince ?? now
            healthySince = since
            let isOld = now.since(started) >= window.running + window.healthy
            return isOld || now.since(since) >= window.healthy ? .met : .waiting
        case (.stable, nil):
            return now.since(started) >= window.running ? .met : .waiting
        case (.running(let span), _):
            return now.since(started) >= span ? .met : .waiting
        case (.drained, _): return .waiting
        }
    }

    /// Counts restarts since the first look.
    private mutating func loop(_ container: ObservedContainer) -> String? {
        guard let count = container.details?.restartCount else { return nil }
        let base = baseRestarts ?? count
        baseRestarts = base
        guard count - base >= Judgement.restartLimit else { return nil }
        let code = container.exitCode.map { ", last with status \($0)" } ?? ""
        return "it keeps dying: the engine restarted it \(count - base) times\(code)"
    }
}

extension Nanoseconds {
    static func + (a: Nanoseconds, b: Nanoseconds) -> Nanoseconds { .init(a.count + b.count) }
}
