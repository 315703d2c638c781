package import Model

/// Whether a container came up as its version promised, from what is seen of it over time.
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
    private var runningSince: Instant?
    private var baseRestarts: Int?

    package init(_ condition: WaitCondition, window: Window, began: Instant) {
        self.condition = condition
        self.window = window
        self.began = began
    }

    /// Takes in one look; nil means that the container is gone.
    package mutating func see(_ container: ObservedContainer?, at now: Instant) -> Verdict {
        if case .drained(let span) = condition {
            let isGone = container.map { $0.state != .running } ?? true
            return isGone || now.since(began) >= span ? .met : .waiting
        }
        guard let container else { return .failed("it was removed") }
        let verdict = judge(container, at: now)
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

    private mutating func judge(_ container: ObservedContainer, at now: Instant) -> Verdict {
        if let failure = loop(container) { return .failed(failure) }
        switch container.state {
        case .exited: return exited(container)
        case .dead: return .failed("the engine calls it dead")
        case .running: return running(container, at: now)
        case .created, .paused, .restarting, .removing:
            runningSince = nil
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

    private mutating func running(_ container: ObservedContainer, at now: Instant) -> Verdict {
        let started = container.details?.started ?? runningSince ?? now
        // Started again between two looks, or never healthy since: the window begins anew.
        if started != runningSince || container.health != .healthy { healthySince = nil }
        runningSince = started
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
