internal import Admission
internal import Model
internal import Planning

/// What networks and volumes are that become a stack's own.
extension Reconciler {
    /// Judges what is taken over as what a file names and doesn't make.
    ///
    /// A volume can be any folder of its node, and a network can reach the node's own; afterwards
    /// nobody asks again.
    func refuseStrange(_ adoption: Adoption) async throws {
        let kinds: Set<OwnedObject.Kind> = [.network, .volume]
        let owned = adoption.objects.filter { kinds.contains($0.kind) }
        let taken = Set(owned.map(\.name) + adoption.keptVolumes)
        var there = try await engine.objects(named: adoption.name, kinds)
        // A file may give names of its own.
        for name in taken where !name.hasPrefix(adoption.name) {
            there += try await engine.objects(named: name, kinds)
        }
        for object in there.sorted(by: { $0.name < $1.name }) where taken.contains(object.name) {
            let objection = tenant.objection(toExternal: object, for: id, at: clock.now())
            guard let objection else { continue }
            throw NotAdoptable(
                why: "is to take over the \(object.kind.rawValue) \(object.name), but \(objection)",
                remedy: "name it under shared: in the project's grants, or make it anew"
            )
        }
    }
}
