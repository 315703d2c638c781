package import Model

/// How far a run has come with its plan.
package struct RunState: Sendable {
    package var plan: Plan
    /// Steps that began.
    package var begun: Set<Step.ID> = []
    /// Those of them that did what they should.
    package var done: Set<Step.ID> = []

    package init(_ plan: Plan) { self.plan = plan }
}

/// Which containers requests from outside may be led to, from what runs and what is being done.
///
/// Of a slot in which several run, the oldest serves until the run has judged another; see
/// `Docs/Decisions/0022-ingress.md`.
package struct IngressTargets: Sendable {
    private let containers: [ObservedContainer]
    private let run: RunState?

    /// `containers` are a stack's own; `run` is what goes on, nil where nothing does.
    package init(_ containers: [ObservedContainer], _ run: RunState?) {
        self.containers = containers
        self.run = run
    }

    /// The containers of a service that serve, by name.
    package func serving(_ service: String) -> [ObservedContainer] {
        let fit = containers.filter { $0.slot?.service == service && $0.isFit }
        let oldest = Dictionary(grouping: fit, by: \.slot).compactMapValues { slot in
            slot.min { ($0.created, $0.id) < ($1.created, $1.id) }?.id
        }
        return fit.sortedByName.filter { container in
            guard !isDraining(container) else { return false }
            if isJudged(container) { return true }
            return oldest[container.slot] == container.id && !isComing(container)
        }
    }

    /// Where a service listens, sorted.
    package func addresses(of service: String, port: UInt16) -> [String] {
        serving(service).compactMap { container in
            container.addresses.min { $0.key < $1.key }.map { "\($0.value):\(port)" }
        }.sorted()
    }

    /// What is drained to be restarted serves again once it was judged.
    private func isDraining(_ container: ObservedContainer) -> Bool {
        guard !isJudged(container) else { return false }
        return steps(on: container).contains { step in
            if case .wait(_, .drained) = step.operation { isBegun(step) } else { false }
        }
    }

    private func isJudged(_ container: ObservedContainer) -> Bool {
        steps(on: container).contains { step in
            step.operation.isJudgement && run?.done.contains(step.id) == true
        }
    }

    /// Whether the run starts it, and has to judge it still.
    private func isComing(_ container: ObservedContainer) -> Bool {
        let steps = steps(on: container)
        return steps.contains(where: \.operation.isJudgement)
            && steps.contains { step in
                switch step.operation {
                case .start, .unpause: true
                // Until then it is what it was.
                case .restart: isBegun(step)
                default: false
                }
            }
    }

    private func steps(on container: ObservedContainer) -> [Step] {
        (run?.plan.steps ?? []).filter { step in
            guard let reference = step.operation.container else { return false }
            // One that the plan makes has no id in it, and this name until it was judged.
            return reference.id.map { $0 == container.id }
                ?? (reference.slot == container.slot && reference.name == container.name)
        }
    }

    private func isBegun(_ step: Step) -> Bool { run?.begun.contains(step.id) == true }
}

extension ObservedContainer {
    /// Whether it does what it is for, as far as the engine knows.
    fileprivate var isFit: Bool {
        state == .running && (health == nil || health == .healthy)
    }
}

extension Operation {
    /// Whether it is a wait after which a container counts.
    fileprivate var isJudgement: Bool {
        if case .wait(_, .stable) = self { true } else { false }
    }
}
