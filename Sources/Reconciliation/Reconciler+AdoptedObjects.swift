internal import Admission
internal import Model
internal import Planning

/// What networks and volumes are that become a stack's own.
extension Reconciler {
    /// Judges what is taken over as what a file names and doesn't make.
    ///
    /// A volume can be any folder of its node, and a network can reach the node's own; afterwards
    /// nobody asks again. A manager lists its own volumes alone, so of those that other nodes have
    /// a Swarm's services tell, of what is `found`, as what they were made.
    func refuseStrange(_ adoption: Adoption, among found: Observation) async throws {
        for service in found.swarm?.services ?? [] {
            for volume in service.madeVolumes {
                guard let objection = objection(to: volume) else { continue }
                throw NotAdoptable(
                    why: "is to take over \(adoption.name), whose service \(service.name) mounts "
                        + "the volume \(volume.name), but \(objection)",
                    remedy: "\(exception(for: volume)), or remove the service and, on its nodes, "
                        + "the volume"
                )
            }
        }
        let kinds: Set<OwnedObject.Kind> = [.network, .volume]
        let owned = adoption.objects.filter { kinds.contains($0.kind) }
        let taken = Set(owned.map(\.name) + adoption.keptVolumes)
        var there = try await engine.objects(named: adoption.name, kinds)
        // A file may give names of its own.
        for name in taken where !name.hasPrefix(adoption.name) {
            there += try await engine.objects(named: name, kinds)
        }
        for object in there.sorted(by: { $0.name < $1.name }) where taken.contains(object.name) {
            guard let objection = objection(to: object) else { continue }
            throw NotAdoptable(
                why: "is to take over the \(object.kind.rawValue) \(object.name), but \(objection)",
                remedy: "\(exception(for: object)), or make it anew"
            )
        }
    }

    private func exception(for object: NamedObject) -> String {
        "except the stack from \(object.kind.rawValue)-driver for a time, in gyre.yaml"
    }

    private func objection(to object: NamedObject) -> String? {
        tenant.objection(toExternal: object, for: id, at: clock.now())
    }
}

extension ObservedService {
    /// The volumes that its tasks' nodes make by what it says of a driver.
    fileprivate var madeVolumes: [NamedObject] {
        let mounts = spec["TaskTemplate"]?["ContainerSpec"]?["Mounts"]?.arrayValue ?? []
        return mounts.compactMap { mount in
            guard let driver = mount["VolumeOptions"]?["DriverConfig"],
                let name = mount["Source"]?.stringValue
            else { return nil }
            let word = driver["Name"]?.stringValue ?? ""
            return NamedObject(
                kind: .volume,
                id: name,
                name: name,
                driver: word.isEmpty ? nil : word,
                options: (driver["Options"]?.objectValue ?? [:]).mapValues { $0.stringValue ?? "" }
            )
        }
    }
}
