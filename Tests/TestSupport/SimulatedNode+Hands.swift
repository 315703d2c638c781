package import Model

/// What people and accidents do to a node behind the controller's back.
extension SimulatedNode {
    package enum Mishap: String, CaseIterable, Sendable {
        case killed, stopped, removed, paused, disconnected, updated, dead, renamed
        case networkRemoved
    }

    /// Does `mishap` to the container called `name`, where it can be done.
    package mutating func befall(_ mishap: Mishap, _ name: String) {
        guard let id = id(named: name), let container = containers[id] else { return }
        switch mishap {
        case .killed where container.isRunning:
            containers[id]?.seen.state = .exited
            containers[id]?.seen.exitCode = 137
            containers[id]?.seen.health = nil
        case .stopped where container.isRunning:
            containers[id]?.seen.state = .exited
            containers[id]?.seen.exitCode = 143
            containers[id]?.seen.health = nil
        case .removed: containers[id] = nil
        case .paused where container.seen.state == .running:
            containers[id]?.seen.state = .paused
        case .disconnected: containers[id]?.seen.networks = [:]
        case .updated:
            containers[id]?.update(
                .init(nanoCPUs: 250_000_000, memory: 32 << 20, pids: 5, restart: .no)
            )
        case .dead:
            containers[id]?.seen.state = .dead
            containers[id]?.seen.health = nil
        case .renamed: containers[id]?.seen.name = "somebody-s-\(name)"
        case .networkRemoved: removeNetworks(of: id)
        case .killed, .stopped, .paused: break
        }
    }

    /// The container's networks go, as `docker network rm` would have it: without it running.
    private mutating func removeNetworks(of id: String) {
        for network in containers[id]?.seen.networks.values.sorted() ?? [] {
            for (other, container) in containers
            where container.isRunning && container.seen.networks.values.contains(network) {
                containers[other]?.seen.state = .exited
                containers[other]?.seen.exitCode = 143
                containers[other]?.seen.health = nil
            }
            networks[network] = nil
        }
    }

    /// Puts there what other people run, and what pretends to be ours.
    package mutating func addForeigners(bearing labels: [String: String]) {
        for (name, labels) in [("postgres", [:]), ("somebody-s-copy", labels)] {
            let id = newID("container")
            containers[id] = Container(
                seen: ObservedContainer(id: id, name: name, labels: labels, created: time),
                restart: .always,
                hasHealthcheck: false,
                behaviour: .runs
            )
            let network = newID("network")
            networks[network] = ObservedNetwork(id: network, name: "\(name)_net", labels: labels)
            volumes["\(name)_data"] = ObservedVolume(name: "\(name)_data", labels: labels)
        }
    }

    /// Runs somebody's container that listens on a port of the node; gives its id.
    @discardableResult
    package mutating func addStranger(listeningOn port: HostPort) -> String {
        let id = newID("container")
        containers[id] = Container(
            seen: ObservedContainer(id: id, name: "theirs-\(port.number)", ports: [port]),
            restart: .always,
            hasHealthcheck: false,
            behaviour: .runs
        )
        return id
    }

    /// The id of the container of that name.
    package func id(named name: String) -> String? {
        containers.first { $0.value.seen.name == name }?.key
    }

    /// Names and states of all containers, networks and volumes, sorted.
    package var summary: String {
        let lines =
            containers.values.map { container in
                let seen = container.seen
                let spec = seen.labels[Labels.spec].map { String($0.prefix(10)) } ?? "-"
                let image = seen.imageID.prefix(15)
                return "container \(seen.name) \(seen.state.rawValue) spec \(spec) image \(image)"
            } + networks.values.map { "network \($0.name)" }
            + volumes.keys.map { "volume \($0)" }
        return lines.sorted().joined(separator: "\n")
    }
}
