internal import Admission
internal import Model

/// What services of a Swarm let go of, and come to have, with the steps of a plan; and so which of
/// these come first: a Swarm refuses a port that a service has, and lets two write one volume.
struct Handover {
    /// What a service has no more, or has, once a step is done.
    private struct Part {
        var step: Step.ID
        var holdings: Holdings
    }

    /// Of services that stay, by key.
    private var losses: [String: Part] = [:]
    /// Of services that stay or come, by key.
    private var gains: [String: Part] = [:]
    /// The removals of services that go, before the steps of those that take over from them.
    private var removals: [(first: Step.ID, second: Step.ID)] = []

    /// Takes in a service that lets go of what it has with one step, where it is there, and comes
    /// to have something with another one, which may be the same.
    mutating func pass(
        _ name: String,
        from before: Holdings?,
        by release: Step.ID,
        to after: Holdings,
        by take: Step.ID
    ) {
        losses[name] = before.map { Part(step: release, holdings: $0.beyond(after)) }
        gains[name] = Part(step: take, holdings: before.map(after.beyond) ?? after)
    }

    /// The services that come to have something of what one has that goes, by name.
    func takers(of gone: Holdings) -> [(name: String, thing: String, step: Step.ID)] {
        gains.sorted { $0.key < $1.key }.compactMap { name, gain in
            gone.shared(with: gain.holdings).map { (name, $0, gain.step) }
        }
    }

    mutating func remove(_ removal: Step.ID, before takers: [Step.ID]) {
        removals += takers.map { (removal, $0) }
    }

    /// Steps of which the first has to come before the second.
    ///
    /// In such an order that a graph in which they are ordered one after the other gives up none of
    /// them for another, only what else was to come first: a pair that begins where another ends
    /// stands before that one, and nothing comes before a removal. Of services that swap their
    /// ports one pair is given up: no order has a Swarm do that.
    var order: [(first: Step.ID, second: Step.ID)] {
        var order: [(first: Step.ID, second: Step.ID)] = []
        var seen: Set<String> = []
        func visit(_ giver: String) {
            guard seen.insert(giver).inserted, let loss = losses[giver] else { return }
            let ports = loss.holdings.ports
            for (taker, gain) in gains.sorted(by: { $0.key < $1.key })
            where taker != giver && !gain.holdings.ports.isDisjoint(with: ports) {
                visit(taker)
                order.append((loss.step, gain.step))
            }
        }
        for giver in losses.keys.sorted() { visit(giver) }
        return order + removals
    }
}

extension SwarmDraft {
    func holdings(_ spec: JSON) -> Holdings { Holdings(of: spec, networks: networkNames) }

    /// Those that the file has no more, by name.
    var leaving: [ObservedService] {
        let stack = input.desired.admitted.stack
        let wanted = Set(stack.services.keys.map { "\(stack.composeProjectName)_\($0)" })
        return existing.values.filter { !wanted.contains($0.name) && !isLeft($0) }
            .sorted { $0.name < $1.name }
    }

    /// Looks at what services have that a pause left as they are, beyond what the file gives them.
    mutating func lookAtLeft(_ networks: [String: ObservedNetwork]) {
        for service in existing.values.sorted(by: { $0.name < $1.name }) where isLeft(service) {
            var has = holdings(service.spec)
            let name = service.labels[Labels.service] ?? ""
            if input.desired.admitted.stack.services[name] != nil,
                let body = try? rendering(name, networks).body
            {
                has = has.beyond(holdings(body))
            }
            left.append((service.name, has))
        }
    }

    /// Why a service can't come to have this, in words: one has it that a pause left as it is.
    func obstacle(to gain: Holdings) -> String? {
        for (name, holdings) in left {
            if let thing = holdings.shared(with: gain) {
                return "it needs what \(name) has, which a pause left: \(thing)"
            }
        }
        return nil
    }
}

extension PlanDraft {
    /// Removes services that the file has no more: when all that is new has come up, or as soon as
    /// all else is there that a service needs which comes to have what they have (law 6).
    ///
    /// Whatever ends a run between the two, the next plan finds the one gone and writes the other.
    ///
    /// - Returns: The steps.
    mutating func removeServices(_ swarm: inout SwarmDraft, after proofs: [Step.ID]) -> [Step.ID] {
        swarm.leaving.map { service in
            let takers = swarm.handover.takers(of: swarm.holdings(service.spec))
            var (before, reason) = (proofs, Reason.serviceRemoved)
            if let taker = takers.first {
                before = takers.flatMap { plan.steps[$0.step - 1].after }
                reason = .makesWay(for: taker.name, needing: taker.thing)
            }
            let change = SwarmChange(.remove(id: service.id), .service, service.name)
            let removal = plan.add(.change(change), after: before, because: reason)
            swarm.handover.remove(removal, before: takers.map(\.step))
            return removal
        }
    }

    /// Has each step come after those that let go of what it takes.
    mutating func order(by handover: Handover) {
        let order = handover.order
        guard !order.isEmpty else { return }
        var graph = PlanGraph(plan)
        for (first, second) in order { graph.order(first, before: second) }
        plan = graph.plan
    }
}
