internal import Admission
package import Model
package import Planning

/// A simulated node, and what the journal of a controller would know of it.
///
/// It plans and performs as a controller does, but one step at a time and in an order that a
/// seed picks among those that a plan allows.
package struct Rehearsal: Sendable {
    package var node = SimulatedNode()
    package var owned: Set<String> = []
    package var volumesSeen: Set<String> = []
    package var completed: Set<PinKey> = []
    package var pins: [PinKey: ImagePin] = [:]
    /// Digests of the versions that went through their stability window.
    package var proven: Set<String> = []
    package var notBefore: [Slot: Instant] = [:]
    package var setback = Setback()
    package var untried: Set<String> = []
    package var drain: Nanoseconds?
    /// Services that were declared to be started beside their old containers, and may be.
    private(set) var startingFirst: Set<String> = []
    /// Whatever a step did that no step may do, in any order of events.
    package internal(set) var offences: [String] = []
    var random: SplitMix64
    private let policy = Policy(StackGenerator.tenant)
    /// Stacks that were deployed, so that policy is asked about each once.
    private var admitted: [AdmittedStack] = []

    package init(seed: Int = 0) { random = SplitMix64(seed: seed) }

    package static let controller = "rehearsal"

    /// What `stack` means now: admitted by the real policy, with the images that are pinned or
    /// on the node.
    package func desired(_ stack: Stack, commit: String) throws(Rejection) -> Desired {
        var pins: [String: ImagePin] = [:]
        for (name, spec) in SpecHash.all(of: stack) {
            let local = SimulatedNode.pin(stack.services[name]?.image ?? "")
            let known = self.pins[PinKey(stack: stack.id, service: name, spec: spec)]
            pins[name] = known ?? (node.images.contains(local.imageID) ? local : nil)
        }
        return Desired(
            admitted: try admit(stack),
            commit: commit,
            pins: pins
        )
    }

    private func admit(_ stack: Stack) throws(Rejection) -> AdmittedStack {
        if let known = admitted.first(where: { $0.stack == stack }) { return known }
        return try policy.admit(stack)
    }

    package func input(_ desired: Desired) -> PlanningInput {
        let absent = desired.pins.filter { !node.images.contains($0.value.imageID) }
        var input = PlanningInput(
            desired: desired,
            observation: node.observation.of(desired.id),
            owned: owned,
            volumesSeen: volumesSeen,
            completed: completed,
            isProven: proven.contains(desired.version.digest),
            notBefore: notBefore,
            absentImages: Set(absent.keys),
            externals: ExternalIDs(
                networks: Dictionary(node.networks.values.map { ($0.name, $0.id) }) { $1 }
            ),
            controller: Rehearsal.controller
        )
        input.grants = StackGenerator.tenant.grants
        input.setback = setback
        input.untried = untried
        input.drain = drain
        return input
    }

    /// The change from what the node has to `stack`.
    package func plan(_ stack: Stack, commit: String) throws(Rejection) -> Plan {
        Plan(from: input(try desired(stack, commit: commit)))
    }

    /// Plans `stack` and performs the plan; a success makes the version a proven one.
    @discardableResult
    package mutating func deploy(
        _ stack: Stack,
        commit: String,
        failing: Set<Step.ID> = [],
        each: (Rehearsal, Step, StepResult) -> Void = { _, _, _ in }
    ) throws(Rejection) -> Outcome {
        let target = try desired(stack, commit: commit)
        if !admitted.contains(target.admitted) { admitted.append(target.admitted) }
        for (name, service) in stack.services {
            let orders = [service.rollout?.order, service.rollback?.order]
            guard orders.contains(.startFirst), stack.obstacle(toStartingFirst: name) == nil else {
                continue
            }
            startingFirst.insert(name)
        }
        look(at: target)
        let plan = Plan(from: input(target))
        let outcome = perform(plan, towards: target, failing: failing, each: each)
        look(at: target)
        if outcome.isSuccess {
            proven.insert(try desired(stack, commit: commit).version.digest)
        }
        return outcome
    }

    /// Takes note of the tasks that are done.
    package mutating func look(at desired: Desired) {
        completed.formUnion(desired.completedTasks(in: node.observation, owned: owned))
    }

    /// Performs `plan`; the steps of `failing` fail without having done anything.
    package mutating func perform(
        _ plan: Plan,
        towards desired: Desired? = nil,
        failing: Set<Step.ID> = [],
        each: (Rehearsal, Step, StepResult) -> Void = { _, _, _ in }
    ) -> Outcome {
        var progress = PlanProgress(plan, width: 3)
        var run = Run(plan: plan, specs: desired?.specs ?? [:])
        var begun = progress.next()
        while !begun.isEmpty {
            let step = begun.remove(at: Int.random(in: begun.indices, using: &random))
            let isFailing = failing.contains(step.id)
            let result =
                isFailing ? .failed(StepFailure(.transient, "made to")) : perform(step, &run)
            progress.finished(step.id, result)
            if result == .done { run.done.insert(step.id) }
            each(self, step, result)
            begun += progress.next()
        }
        if !progress.isFinished { offences.append("the plan has steps that never ran") }
        return Outcome(plan: plan, results: progress.results)
    }
}
