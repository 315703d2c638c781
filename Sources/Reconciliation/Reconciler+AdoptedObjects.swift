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
        let taken = Set(adoption.objects.map(\.name) + adoption.keptVolumes)
        let there = try await engine.objects(named: adoption.name, [.network, .volume])
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
