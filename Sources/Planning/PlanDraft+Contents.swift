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

    /// Ships what new containers mount and nothing holds yet, has binds looked at, and removes
    /// carriers left behind.
    mutating func shipContents() {
        let wanted = wantedContents
        let volumes = create(wanted.map { ($0.volume, $0.user) })
        plan.carry(
            wanted,
            into: volumes,
            Plan.Surroundings(
                input.observation,
                owned: input.owned,
                controller: input.controller,
                grants: input.grants
            )
        )
    }

    /// What a container to be created mounts and no container has.
    private var wantedContents: [Plan.Carried] {
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

    private mutating func create(_ wanted: [(volume: ContentVolume, user: String)]) -> [Step.ID] {
        let there = Set((input.observation.volumes ?? []).map(\.name))
        return wanted.compactMap { volume, user in
            guard !there.contains(volume.name) || !input.owned.contains(volume.name) else {
                return nil
            }
            let labels = stack.id.contentLabels("volume", controller: input.controller)
            let spec = VolumeSpec(
                key: "",
                volume: Stack.Volume(name: volume.name, labels: labels)
            )
            return plan.add(.createVolume(spec), because: .mounted(by: user))
        }
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
