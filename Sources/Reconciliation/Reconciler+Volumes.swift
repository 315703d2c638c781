internal import Admission
internal import Model
internal import Planning

extension Reconciler {
    /// Writes down the volumes that a Swarm is to mount for the stack, before it is told to.
    ///
    /// Its nodes make them, and keep them when the services are gone: then nobody else knows whose
    /// they were.
    func noteVolumes(of desired: Desired) async throws {
        guard node.swarm != nil, trust == .sound else { return }
        let stack = desired.admitted.stack
        let mounted = stack.services.values.flatMap(\.volumes).compactMap { mount -> String? in
            guard case .volume(let key) = mount.source, let volume = stack.volumes[key],
                !volume.isExternal
            else { return nil }
            return volume.name
        }
        let known = journal.state().volumes(of: id, on: node.name)
        let new = Set(mounted).subtracting(known).sorted()
        guard !new.isEmpty else { return }
        try await journal.append(
            new.map { .volumeSeen(name: $0, stack: id, node: node.name) },
            at: clock.now()
        )
    }
}
