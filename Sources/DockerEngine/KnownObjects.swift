internal import Model
internal import Synchronization

/// What was ours at the last observation, by which events of networks and volumes are sorted.
final class KnownObjects: Sendable {
    private struct State {
        /// Labels of containers and networks by engine id.
        var labels: [String: [String: String]] = [:]
        /// Engine ids of networks by name.
        var networks: [String: String] = [:]
        var volumes: Set<String> = []
    }

    private let state = Mutex(State())

    func remember(_ observation: Observation) {
        var new = State()
        for container in observation.containers { new.labels[container.id] = container.labels }
        for network in observation.networks { new.labels[network.id] = network.labels }
        for service in observation.swarm?.services ?? [] { new.labels[service.id] = service.labels }
        for file in observation.swarm?.files ?? [] { new.labels[file.id] = file.labels }
        new.networks = KnownObjects.ids(of: observation.networks)
        new.volumes = Set(observation.containers.flatMap(\.volumes))
        for volume in observation.volumes ?? [] { new.volumes.insert(volume.name) }
        state.withLock { state in
            // Most observations list no volumes, so a name stays until its end is told.
            new.volumes.formUnion(state.volumes)
            state = new
        }
    }

    /// Labels of a container or network; nil when it was not there, or not ours.
    func labels(of id: String) -> [String: String]? { state.withLock { $0.labels[id] } }

    func hasVolume(_ name: String) -> Bool { state.withLock { $0.volumes.contains(name) } }

    func forgetVolume(_ name: String) { state.withLock { _ = $0.volumes.remove(name) } }

    /// The engine id of our network of that name.
    func network(named name: String) -> String? { state.withLock { $0.networks[name] } }

    /// Engine ids by name; two networks of one name are possible, and then neither is the one
    /// that is meant for sure.
    static func ids(of networks: [ObservedNetwork]) -> [String: String] {
        Dictionary(networks.map { ($0.name, $0.id) }) { _, _ in "" }
    }
}
