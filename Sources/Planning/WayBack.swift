package import Model

/// The way back to what ran of the good version and stands still.
///
/// It is for where nothing may be made, and needs nobody's leave, since nothing of it is new.
package struct WayBack: Sendable {
    /// What the good version's files say.
    package var good: Stack
    /// Engine ids that the journal owns for the stack.
    package var owned: Set<String>
    /// Ids of containers of a version that is paused: they fill their slots.
    package var left: Set<String>
    /// Tasks that ran to their end.
    package var completed: Set<PinKey>

    package init(
        to good: Stack,
        owned: Set<String>,
        left: Set<String> = [],
        completed: Set<PinKey> = []
    ) {
        self.good = good
        self.owned = owned
        self.left = left
        self.completed = completed
    }

    /// A container of the good version, and those of another that run in its slot.
    struct Exchange {
        var old: ObservedContainer
        var live: [ObservedContainer]
    }

    /// Whether a slot of `observation` has both what runs and what stands still.
    package static func mayBe(in observation: Observation) -> Bool {
        let slots = Dictionary(grouping: observation.containers.filter { $0.slot != nil }) {
            $0.slot
        }
        return slots.values.contains { containers in
            containers.contains { $0.state.holdsResources }
                && containers.contains { $0.state == .exited }
        }
    }

    /// By slot: what makes way there, and for what.
    ///
    /// One writer always: where something of another version runs on beside it that has what the
    /// old one needs, and isn't meant to share that with it, the slot stays as it is. So it does
    /// where what the old one joins doesn't run.
    func exchanges(in observation: Observation) -> [Slot: Exchange] {
        let running = observation.containers.filter(\.state.holdsResources)
        var found: [Slot: Exchange] = [:]
        for (slot, containers) in Dictionary(grouping: observation.containers, by: \.slot) {
            guard let slot else { continue }
            found[slot] = exchange(in: slot, containers)
        }
        var count: Int
        repeat {
            count = found.count
            let gone = Set(found.values.flatMap(\.live).map(\.id))
            let staying = running.filter { !gone.contains($0.id) }
            let there = Set(staying.map(\.id) + found.values.map(\.old.id))
            found = found.filter { slot, exchange in
                exchange.old.joinedIDs.allSatisfy(there.contains)
                    && !staying.contains { $0.slot != slot && isInTheWay($0, of: exchange.old) }
            }
        } while found.count < count
        return found
    }

    private func exchange(in slot: Slot, _ containers: [ObservedContainer]) -> Exchange? {
        guard let service = good.services[slot.service], service.startOnCreate,
            slot.number <= service.replicas,
            containers.allSatisfy({ owned.contains($0.id) && !left.contains($0.id) })
        else { return nil }
        let key = PinKey(
            stack: good.id,
            service: slot.service,
            spec: SpecHash.of(service, in: good)
        )
        let own = good.containerName(of: slot)
        let live = containers.sortedByName.filter(\.state.holdsResources)
        guard !completed.contains(key), !live.isEmpty, !live.contains(where: isGood),
            let old = containers.first(where: { $0.name == own }),
            old.state == .exited, isGood(old),
            live.allSatisfy({ $0.created > old.created })
        else { return nil }
        return Exchange(old: old, live: live)
    }

    /// Whether a container is what the good version's files say.
    private func isGood(_ container: ObservedContainer) -> Bool {
        guard let slot = container.slot, let service = good.services[slot.service],
            SpecHash.matches(container.labels[Labels.spec] ?? "", service, in: good)
        else { return false }
        guard let now = SecretMark(of: service, in: good),
            let then = SecretMark(label: container.labels[Labels.secrets])
        else { return true }
        return now.changes(from: then).isEmpty
    }

    /// Whether `container` stays as it stands, for the good version's sake.
    ///
    /// What runs of that, or is to in the place of others, has what it needs.
    func bars(
        _ container: ObservedContainer,
        in observation: Observation,
        _ exchanges: [Slot: Exchange]
    ) -> Bool {
        let gone = Set(exchanges.values.flatMap(\.live).map(\.id))
        let serving = observation.containers.filter { other in
            other.state.holdsResources && !gone.contains(other.id) && isGood(other)
        }
        return (serving + exchanges.values.map(\.old)).contains { other in
            other.id != container.id && isInTheWay(container, of: other)
        }
    }

    private func isInTheWay(_ other: ObservedContainer, of old: ObservedContainer) -> Bool {
        guard !isGood(other) else { return false }
        if !other.ports.isDisjoint(with: old.ports) { return true }
        return old.sharedMounts(with: other).contains { !isShared($0, by: other) }
    }

    /// Whether the good version's files mount it in the other's service as well.
    private func isShared(_ mount: ObservedMount, by other: ObservedContainer) -> Bool {
        guard let slot = other.slot, let service = good.services[slot.service] else { return false }
        return service.volumes.contains { own in
            good.source(of: own).map(mount.overlaps) ?? false
        }
    }
}

extension Plan {
    /// Has what runs in the place of the good version's containers stop, and starts those.
    ///
    /// - Parameter exchanges: What makes way, and for what.
    /// - Returns: The steps that stop something, each with its container.
    mutating func goBack(
        _ exchanges: [Slot: WayBack.Exchange]
    ) -> [(container: ObservedContainer, stop: Step.ID)] {
        let inOrder = exchanges.sorted { $0.key < $1.key }.map(\.value)
        let stops = inOrder.flatMap(\.live).map { container in
            let stop = Operation.stop(
                container.reference,
                grace: container.details?.stopTimeout
            )
            return (container: container, stop: add(stop, because: .replaced))
        }
        var starts: [String: Step.ID] = [:]
        func start(_ exchange: WayBack.Exchange) {
            let old = exchange.old
            guard starts[old.id] == nil, let live = exchange.live.first else { return }
            for host in inOrder where old.joinedIDs.contains(host.old.id) { start(host) }
            let own = stops.filter { stop in exchange.live.contains { $0.id == stop.container.id } }
            let before =
                own.map { $0.stop } + Plan.letting(old, go: stops)
                + old.joinedIDs.compactMap { starts[$0] }
            starts[old.id] = add(
                .start(old.reference),
                after: before,
                because: .replaces(name: live.name)
            )
        }
        for exchange in inOrder { start(exchange) }
        return stops
    }

    /// Those of `stops` after which nothing has any more what `container` needs.
    static func letting(
        _ container: ObservedContainer,
        go stops: [(container: ObservedContainer, stop: Step.ID)]
    ) -> [Step.ID] {
        stops.filter { other, _ in
            !other.ports.isDisjoint(with: container.ports)
                || !container.sharedMounts(with: other).isEmpty
        }.map { $0.stop }
    }
}

extension ObservedContainer {
    /// Engine ids of the containers in whose namespaces it lives.
    fileprivate var joinedIDs: Set<String> {
        Set(Joined.reading(labels[Labels.joins]).map(\.id))
    }

    /// What it mounts that another one mounts as well, and one of them writes.
    fileprivate func sharedMounts(with other: ObservedContainer) -> [ObservedMount] {
        mounts.filter { own in
            other.mounts.contains { !($0.readOnly && own.readOnly) && $0.overlaps(own.source) }
        }
    }
}
