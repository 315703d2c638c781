package import Model
internal import Planning
internal import Synchronization

/// How far a run is, for whoever asks while it goes on.
package struct RunProgress: Hashable, Codable, Sendable {
    /// Steps that are over.
    package var done: Int
    /// Steps in all.
    package var steps: Int
    /// What has been going on longest, such as `wait until web-1 is stable`; nil between steps.
    package var step: String?
    /// When that began.
    package var since: Instant

    package init(done: Int, steps: Int, step: String?, since: Instant) {
        self.done = done
        self.steps = steps
        self.step = step
        self.since = since
    }
}

/// A run that goes on, as its steps report it.
final class LiveView: Sendable {
    /// What can be said of the run.
    struct Run: Sendable {
        var target: Target?
        var census: Census
        var isChange: Bool
        var began: Instant
        var steps: Int
        var done = 0
        var underWay: [Step.ID: (text: String, since: Instant)] = [:]
        /// How far it is with which plan.
        var state: RunState

        var progress: RunProgress {
            let longest = underWay.sorted { $0.key < $1.key }.min {
                $0.value.since < $1.value.since
            }
            return RunProgress(
                done: done,
                steps: steps,
                step: longest?.value.text,
                since: longest?.value.since ?? began
            )
        }
    }

    private let contents = Mutex<Run?>(nil)
    private let turns = Mutex(0)

    /// Changes whenever a run begins or has ended.
    var turn: Int { turns.withLock { $0 } }

    /// The run that goes on; nil when none does.
    var run: Run? { contents.withLock { $0 } }

    func begin(_ plan: Plan, _ report: PassReport, at now: Instant) {
        turns.withLock { $0 += 1 }
        contents.withLock {
            $0 = Run(
                target: report.target,
                census: report.census,
                isChange: plan.changesAnything,
                began: now,
                steps: plan.steps.count,
                state: RunState(plan)
            )
        }
    }

    func began(_ step: Step, at now: Instant) {
        contents.withLock { run in
            run?.underWay[step.id] = (step.operation.description, now)
            run?.state.begun.insert(step.id)
        }
    }

    /// A step that takes its time says how far it is.
    func told(_ step: Step, _ text: String) {
        contents.withLock { $0?.underWay[step.id]?.text = "\(step.operation), \(text)" }
    }

    /// A step is over; `container` is the one it was about.
    func finished(_ step: Step, _ result: StepResult, on container: String?) {
        let container = result == .done ? container : nil
        contents.withLock { run in
            if result == .done { run?.state.done.insert(step.id) }
            run?.underWay[step.id] = nil
            run?.done += 1
            if let container { run?.census.did(step.operation, to: container) }
        }
    }

    func saw(_ id: String, _ container: ObservedContainer?) {
        contents.withLock { $0?.census.saw(id, container) }
    }

    func end() {
        turns.withLock { $0 += 1 }
        contents.withLock { $0 = nil }
    }
}
