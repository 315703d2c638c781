package import Model

/// Whether a Swarm's service came up as its version promised, from what is seen of it over time.
///
/// A Swarm starts again what dies, and would go on for ever: the first task of the version that
/// fails says enough, as with containers.
package struct ServiceJudgement: Sendable {
    private let wanted: ServiceRef
    /// The tasks' image.
    private let image: String
    private let window: Judgement.Window
    /// When more of its tasks ran than ever before.
    private var began: Instant
    private var most = 0
    /// Whether nothing speaks against the version but what befell nodes.
    package private(set) var blamesNodes = false
    private var steady: (tasks: Set<String>, since: Instant)?

    package init(_ wanted: ServiceRef, image: String, window: Judgement.Window, began: Instant) {
        self.wanted = wanted
        self.image = image
        self.window = window
        self.began = began
    }

    /// Takes in one look; nil means that the service is gone.
    package mutating func see(
        _ service: ObservedService?,
        at now: Instant
    ) -> Judgement.Verdict {
        guard let service else { return .failed("it was removed") }
        let tasks = service.tasks.filter { task in
            let spec = task.labels[Labels.spec]
            guard !wanted.isAnew || !wanted.known.contains(task.id) else { return false }
            return [wanted.spec, wanted.formerSpec].contains(spec) && task.image == image
        }
        let fresh = tasks.filter { !wanted.known.contains($0.id) }
        let failed = fresh.first { $0.hasFailed && !$0.mayBeItsNodes }
        blamesNodes = failed == nil && fresh.contains(where: \.mayBeItsNodes)
        if let failed, !wanted.bearsFailures { return .failed(ServiceJudgement.words(failed)) }
        if let update = service.update, update == "paused" || update.hasPrefix("rollback") {
            // A node may have been lost before anybody here looked: a leader goes on from there.
            blamesNodes = failed == nil && tasks.contains(where: \.mayBeItsNodes)
            let words = failed.map { "; \(ServiceJudgement.words($0))" } ?? ""
            return .failed("the Swarm gave the update up: \(service.message)\(words)")
        }
        if isUp(service, tasks, at: now) { return .met }
        let running = tasks.count(where: \.isRunning)
        if running > most { (most, began) = (running, now) }
        let patience = Nanoseconds(
            window.deadline.count + wanted.delay.count + wanted.monitor.count
        )
        guard now.since(began) > patience else { return .waiting }
        let why = service.tasks.first { $0.isWanted && !$0.isRunning && !$0.error.isEmpty }
        let reason = why.map { ": \($0.error)" } ?? ""
        let what = wanted.mustEnd ? "it did not complete" : "it was not stable"
        return .failed("\(what) within \(patience)\(reason)")
    }

    private mutating func isUp(
        _ service: ObservedService,
        _ tasks: [ObservedTask],
        at now: Instant
    ) -> Bool {
        // Some nodes may not have been come to yet.
        if wanted.isAnew, service.update == "updating" { return false }
        let running = Set(tasks.filter(\.isRunning).map(\.id))
        let ended = wanted.isTask ? tasks.count(where: \.isComplete) : 0
        let all = service.tasks.filter(\.isWanted)
        // Of each node one, where no number is said; and none of another version any more.
        let count = service.replicas.map(Int.init) ?? max(1, all.count)
        let isAlone = all.allSatisfy { running.contains($0.id) }
        // Another node's doesn't count for what failed on one.
        let isWhole = service.replicas != nil || !service.lacksTasks
        if wanted.mustEnd { return all.isEmpty && ended >= count && isWhole }
        guard running.count + min(ended, count) >= count, isAlone, isWhole else {
            steady = nil
            return false
        }
        if steady?.tasks != running { steady = (running, now) }
        guard let since = steady?.since, !running.isEmpty else { return true }
        let span = wanted.isChecked ? window.healthy : window.running
        return now.since(since) >= max(span, wanted.monitor)
    }

    /// How a task failed.
    package static func words(_ task: ObservedTask) -> String {
        let code = task.exitCode.flatMap { $0 == 0 ? nil : "with status \($0)" }
        let error = task.error.isEmpty ? nil : task.error
        let state = task.state == "rejected" ? "a node refused a task" : "a task ended"
        return [state, code, error.map { "(\($0))" }].compactMap(\.self).joined(separator: " ")
    }
}
