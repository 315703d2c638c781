internal import Admission
internal import Model

/// What containers mount of their commit: shipped before they are created, taken away when none
/// mounts it.
///
/// A volume that a container of ours mounts is whole, because none is created before its contents
/// are there. What none mounts may be the rest of a run that was cut short, and is shipped again:
/// the same bytes to the same place. So there is nothing to be remembered.
extension PlanDraft {
    /// How many volumes a plan takes away at most; the rest is for the next one.
    private static let mostRemovals = 32

    /// Ships what new containers mount and nothing holds yet, and removes carriers left behind.
    mutating func shipContents() {
        let wanted = wantedContents
        let cleared = leftCarriers.map { plan.add(.remove($0.reference), because: .abandoned) }
        guard !wanted.isEmpty else { return }
        let carrier = carrier(of: wanted.map(\.volume))
        let volumes = create(wanted.map { ($0.volume, $0.user) })
        let made = plan.add(.createCarrier(carrier), after: cleared + volumes, because: .shipping)
        var graph: [(ship: Step.ID, volume: ContentVolume)] = []
        for item in wanted {
            let shipment = Shipment(
                content: item.content,
                volume: item.volume,
                carrier: carrier.container
            )
            let reason = Reason.mounted(by: item.user)
            graph.append((plan.add(.ship(shipment), after: [made], because: reason), item.volume))
        }
        plan.add(.remove(carrier.container), after: graph.map(\.ship), because: .shipped)
        order(graph)
    }

    /// What a container to be created mounts and no container has.
    private var wantedContents: [(volume: ContentVolume, content: Content, user: String)] {
        let whole = Set(input.observation.containers.filter(isOwnFiller).flatMap(\.volumes))
        var wanted: [ContentVolume: (Content, String)] = [:]
        for step in plan.steps {
            guard case .createContainer(let spec) = step.operation else { continue }
            for mount in spec.contents
            where !whole.contains(mount.volume.name) && wanted[mount.volume] == nil {
                wanted[mount.volume] = (mount.content, spec.name)
            }
        }
        return wanted.sorted { $0.key < $1.key }.map { ($0.key, $0.value.0, $0.value.1) }
    }

    private func isOwnFiller(_ container: ObservedContainer) -> Bool {
        container.slot != nil && input.owned.contains(container.id)
    }

    private var leftCarriers: [ObservedContainer] {
        input.observation.containers.sortedByName.filter {
            $0.isCarrier && input.owned.contains($0.id) && $0.state != .removing
        }
    }

    private mutating func create(_ wanted: [(volume: ContentVolume, user: String)]) -> [Step.ID] {
        let there = Set((input.observation.volumes ?? []).map(\.name))
        return wanted.compactMap { volume, user in
            guard !there.contains(volume.name) || !input.owned.contains(volume.name) else {
                return nil
            }
            let labels = contentLabels("volume")
            let spec = VolumeSpec(
                key: "",
                volume: Stack.Volume(name: volume.name, labels: labels)
            )
            return plan.add(.createVolume(spec), because: .mounted(by: user))
        }
    }

    private func carrier(of volumes: [ContentVolume]) -> CarrierSpec {
        CarrierSpec(
            stack: stack.id,
            name: ContentVolume.carrier(of: stack.id, controller: input.controller),
            volumes: volumes,
            labels: contentLabels("carrier")
        )
    }

    private func contentLabels(_ kind: String) -> [String: String] {
        [
            Labels.controller: input.controller, Labels.project: stack.id.project,
            Labels.stack: stack.id.stack, Labels.content: kind,
        ]
    }

    /// Lets each container be created only when what it mounts is there.
    private mutating func order(_ ships: [(ship: Step.ID, volume: ContentVolume)]) {
        var graph = PlanGraph(plan)
        for step in plan.steps {
            guard case .createContainer(let spec) = step.operation else { continue }
            let mounted = Set(spec.contents.map(\.volume))
            for (ship, volume) in ships where mounted.contains(volume) {
                graph.order(ship, before: step.id)
            }
        }
        plan = graph.plan
    }

    /// Takes away contents that the file doesn't mention and no container is left to mount.
    mutating func removeContents() {
        let wanted = stack.contents(controller: input.controller)
        let unused = input.owned.contents.filter { wanted[$0] == nil }
        plan.removeContents(
            unused.prefix(PlanDraft.mostRemovals),
            from: input.observation,
            because: .unused
        )
    }
}

extension Plan {
    /// Removes those of `volumes` that no container will mount, after the last has gone.
    mutating func removeContents(
        _ volumes: some Sequence<ContentVolume>,
        from observation: Observation,
        because reason: Reason
    ) {
        var removals: [String: Step.ID] = [:]
        for step in steps {
            if case .remove(let container) = step.operation, let id = container.id {
                removals[id] = step.id
            }
        }
        for volume in volumes {
            let users = observation.containers.filter { $0.volumes.contains(volume.name) }
            let before = users.compactMap { removals[$0.id] }
            guard before.count == users.count else { continue }
            add(.removeContent(volume), after: before, because: reason)
        }
    }
}

extension Set<String> {
    /// Those that name a content's volume, sorted.
    var contents: [ContentVolume] { compactMap(ContentVolume.init(name:)).sorted() }
}
