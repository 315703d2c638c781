internal import Admission
internal import Model

/// The order in which the slots of a service are brought; see `Docs/Decisions/0021-rollouts.md`.
extension PlanDraft {
    /// How long after its start a container may still have to be judged, when nobody knows whether
    /// it was: the longest that a wait takes.
    private static let young = Nanoseconds.seconds(300)

    /// Fills the slots of a service: first whatever is up or comes beside what runs, then, batch by
    /// batch, those whose running container makes way.
    ///
    /// A batch begins when all before it have been judged, so that no more than one batch is
    /// missing at any time, wherever a plan before this one ended.
    mutating func bring(_ name: String) {
        guard let service = stack.services[name] else { return }
        let slots = (0..<max(0, service.replicas)).map { Slot(service: name, number: $0 + 1) }
        let waiting = inOrder(slots.filter { makesWay($0, service) })
        let isWaiting = Set(waiting)
        let rollout = rollout(of: service)
        let size = rollout.parallelism > 0 ? rollout.parallelism : max(1, waiting.count)
        var gate: [Step.ID] = []
        for slot in slots where !isWaiting.contains(slot) {
            let last = fill(slot, of: service, after: [])
            guard !waiting.isEmpty else { continue }
            gate += serve(slot, after: last.map { [$0] } ?? [])
            gate += pause(after: slot, rollout, last: last)
        }
        let batches = stride(from: 0, to: waiting.count, by: size).map { start in
            Array(waiting[start..<min(start + size, waiting.count)])
        }
        for (index, batch) in batches.enumerated() {
            var ends: [Step.ID] = []
            for slot in batch {
                let last = fill(slot, of: service, after: gate)
                ends += last.map { [$0] } ?? []
                guard index + 1 < batches.count else { continue }
                ends += pause(after: slot, rollout, last: last)
            }
            if !ends.isEmpty { gate = ends }
        }
        tell(batches, of: name, service)
    }

    /// By which words of the file containers of the service are replaced.
    func rollout(of service: Service) -> Service.Rollout {
        (input.setback.isRollback ? service.rollback : service.rollout) ?? .unsaid
    }

    /// Whether new containers of a service are started beside the old ones.
    func startsFirst(_ name: String) -> Bool {
        guard let service = stack.services[name] else { return false }
        return rollout(of: service).order == .startFirst
            && stack.obstacle(toStartingFirst: name) == nil
    }

    /// Whether a container that may be serving makes way in the slot for another, or is restarted.
    func makesWay(_ slot: Slot, _ service: Service) -> Bool {
        guard !isSetAside(slot) else { return false }
        let (keep, others) = sort(slots[slot] ?? [], of: service)
        guard let keep, !isLeft(keep) else {
            return keep == nil && others.contains { $0.state.holdsResources }
        }
        if !keep.state.holdsResources || keep.state == .paused {
            // What runs beside one that it made stop, and is ill, is no loss.
            return others.contains { other in
                other.state.holdsResources && other.health != .unhealthy
            }
        }
        return replacedDependency(of: service, filledBy: keep) != nil
    }

    /// Slots that may not be serving come first, so that one batch is all that is missing: where a
    /// container was never judged, because something newer came, or is not well.
    private func inOrder(_ slots: [Slot]) -> [Slot] {
        let ranked = slots.map { slot in (slot: slot, rank: trust(in: slot)) }
        return ranked.sorted { ($0.rank, $0.slot) < ($1.rank, $1.slot) }.map(\.slot)
    }

    private func trust(in slot: Slot) -> Int {
        // One that came after another that is still there may not have been judged.
        guard let oldest = slots[slot]?.first, oldest.state == .running,
            oldest.health != .unhealthy
        else { return 0 }
        return isYoung(oldest, PlanDraft.young) ? 1 : 2
    }

    /// A wait for one that was started not long ago and stays, before others are taken down.
    ///
    /// One that is ill or keeps dying would not be any better for being waited for.
    private mutating func serve(_ slot: Slot, after last: [Step.ID]) -> [Step.ID] {
        guard let filling = filled[slot], filling.proof == nil, let seen = filling.observed,
            isYoung(seen, PlanDraft.young)
        else { return last }
        let proof = plan.add(.wait(filling.container, .stable), after: last, because: .servesFirst)
        filled[slot]?.proof = proof
        return last + [proof]
    }

    /// A wait until a container has been running for the time that lies between batches.
    private mutating func pause(
        after slot: Slot,
        _ rollout: Service.Rollout,
        last: Step.ID?
    ) -> [Step.ID] {
        guard rollout.delay.count > 0, let filling = filled[slot], !isSetAside(slot) else {
            return []
        }
        let isRecent = filling.observed.map { isYoung($0, rollout.delay) } ?? false
        guard filling.start != nil || isRecent else { return [] }
        let wait = Operation.wait(filling.container, .running(for: rollout.delay))
        let before = [filling.proof, last].compactMap(\.self)
        return [plan.add(wait, after: before, because: .delay)]
    }

    private func isYoung(_ container: ObservedContainer, _ span: Nanoseconds) -> Bool {
        guard container.state == .running, container.health != .unhealthy,
            let details = container.details, details.restartCount == 0,
            let started = details.started
        else { return false }
        return input.observation.engineTime.since(started) < span
    }

    /// Says what is done in which order, where the file has words for it.
    private mutating func tell(_ batches: [[Slot]], of name: String, _ service: Service) {
        let section = input.setback.isRollback ? "rollback_config" : "update_config"
        let said = input.setback.isRollback ? service.rollback : service.rollout
        guard let said, !batches.isEmpty else { return }
        var words = startsFirst(name) ? "start-first" : "stop-first"
        if said.order == .startFirst, !startsFirst(name),
            let obstacle = stack.obstacle(toStartingFirst: name)
        {
            words += ", since \(obstacle.field) is \(obstacle.words)"
        }
        if said.delay.count > 0, batches.count > 1 { words += ", \(said.delay) apart" }
        let shown = batches.prefix(8).map { batch in
            let numbers = batch.prefix(16).map { "\($0.number)" }.joined(separator: " ")
            return numbers + (batch.count > 16 ? " …" : "")
        }
        let rest = batches.count > 8 ? ", …" : ""
        let count = batches.count == 1 ? "1 batch" : "\(batches.count) batches"
        plan.rollouts.append(
            "\(name) in \(count), \(words), as deploy.\(section) says: "
                + shown.joined(separator: ", then ") + rest
        )
    }
}
