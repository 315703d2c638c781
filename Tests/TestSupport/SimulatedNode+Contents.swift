import Model

extension SimulatedNode {
    /// Creates the container that contents are shipped through.
    mutating func create(_ carrier: CarrierSpec) throws(Refusal) -> String {
        guard !containers.values.contains(where: { $0.seen.name == carrier.name }) else {
            throw Refusal("the name \(carrier.name) is in use")
        }
        for volume in carrier.volumes where volumes[volume.name] == nil {
            throw Refusal("the engine would make volume \(volume.name) without labels")
        }
        let id = newID("container")
        let seen = ObservedContainer(
            id: id,
            name: carrier.name,
            labels: carrier.labels,
            state: .created,
            created: time,
            volumes: carrier.volumes.map(\.name)
        )
        containers[id] = Container(
            seen: seen,
            restart: .no,
            hasHealthcheck: false,
            behaviour: .exits(127)
        )
        return id
    }

    /// Ships a content.
    mutating func fill(_ volume: ContentVolume, through id: String) throws(Refusal) {
        guard containers[id]?.seen.volumes.contains(volume.name) == true else {
            throw Refusal("the carrier doesn't mount \(volume.name)")
        }
        filled.insert(volume.name)
    }

    /// Removes the volume of a content.
    mutating func remove(_ volume: ContentVolume) throws(Refusal) {
        guard !containers.values.contains(where: { $0.seen.volumes.contains(volume.name) }) else {
            throw Refusal("volume \(volume.name) is in use")
        }
        volumes[volume.name] = nil
        filled.remove(volume.name)
    }
}
