extension Service {
    /// How containers of one version take the places of those of another.
    ///
    /// Source of names and defaults: the Compose Deploy Specification, `update_config` and
    /// `rollback_config` (docs.docker.com/reference/compose-file/deploy); what they come to on an
    /// engine is in `Docs/Decisions/0021-rollouts.md`.
    package struct Rollout: Hashable, Codable, Sendable {
        /// Which of two containers of a slot makes way first.
        package enum Order: String, Codable, Sendable {
            case stopFirst = "stop-first"
            case startFirst = "start-first"
        }

        /// What becomes of a rollout of which more fails than it bears.
        package enum FailureAction: String, Codable, Sendable, CaseIterable {
            case pause, `continue`, rollback
        }

        /// Containers that are replaced at a time; zero is all.
        package var parallelism = 1
        /// How long those of a batch have to be running before the next one begins.
        package var delay = Nanoseconds(0)
        /// How long a container has to be running before it counts.
        package var monitor = Nanoseconds(0)
        package var order = Order.stopFirst
        package var failureAction = FailureAction.pause
        /// The part of a service's containers that may fail, from 0 to 1.
        package var maximumFailureRatio: Double = 0

        package init() {}

        /// What a file gets that says nothing: one container after the other, and all of the
        /// version before when one fails.
        package static var unsaid: Rollout {
            var rollout = Rollout()
            rollout.failureAction = .rollback
            return rollout
        }
    }
}

/// What keeps a new container of a service from running beside the one that it replaces.
package struct RolloutObstacle: Hashable, Sendable {
    package var field: FieldPath
    /// What it is, as in "it is a port of the node".
    package var words: String
}

extension Stack {
    /// The first thing that two containers of a slot would share (law 6); nil when there is none.
    ///
    /// What two may have at once is neither: files that nobody writes, memory, and volumes that
    /// live as long as their container.
    package func obstacle(toStartingFirst name: String) -> RolloutObstacle? {
        guard let service = services[name] else { return nil }
        let path = FieldPath("services", name)
        if isForSwarm {
            // A port of the whole Swarm is led to whoever runs.
            if let index = service.ports.firstIndex(where: { $0.mode == "host" }) {
                return .init(field: (path / "ports")[index], words: "a port of the node")
            }
        } else if !service.ports.isEmpty {
            return .init(field: path / "ports", words: "a port of the node")
        }
        if let index = service.volumes.firstIndex(where: \.isWritten) {
            let words = "something that both would write"
            return .init(field: (path / "volumes")[index], words: words)
        }
        return service.addressObstacle(path) ?? service.deviceObstacle(path)
            ?? namespaceObstacle(name, service, path)
            ?? service.containerName.map { _ in
                .init(field: path / "container_name", words: "a name that one container can have")
            }
    }

    private func namespaceObstacle(
        _ name: String,
        _ service: Service,
        _ path: FieldPath
    ) -> RolloutObstacle? {
        let words = "a namespace that others are in"
        let foreign = service.privileges.namespaces.filter { _, mode in
            mode == "host" || mode.contains(":")
        }
        if let attribute = foreign.keys.min() {
            return .init(field: path / attribute, words: words)
        }
        let guests = services.filter { $0.value.joins.values.contains(name) }
        guard let guest = guests.min(by: { $0.key < $1.key }),
            let kind = guest.value.joins.first(where: { $0.value == name })?.key
        else { return nil }
        return .init(field: FieldPath("services", guest.key, kind.attribute), words: words)
    }
}

extension Service {
    fileprivate func addressObstacle(_ path: FieldPath) -> RolloutObstacle? {
        let words = "an address that one container can have"
        if macAddress != nil { return .init(field: path / "mac_address", words: words) }
        for (network, attachment) in networks.sorted(by: { $0.key < $1.key }) {
            let asked: [(String, Bool)] = [
                ("ipv4_address", attachment.ipv4Address != nil),
                ("ipv6_address", attachment.ipv6Address != nil),
                ("link_local_ips", !attachment.linkLocalAddresses.isEmpty),
                ("mac_address", attachment.macAddress != nil),
            ]
            if let attribute = asked.first(where: \.1)?.0 {
                return .init(field: path / "networks" / network / attribute, words: words)
            }
        }
        return nil
    }

    fileprivate func deviceObstacle(_ path: FieldPath) -> RolloutObstacle? {
        let reserved = path / "deploy" / "resources" / "reservations" / "devices"
        let asked: [(FieldPath, Bool)] = [
            (path / "devices", !privileges.devices.isEmpty), (path / "gpus", !gpus.isEmpty),
            (reserved, !deviceRequests.isEmpty),
            (path / "device_cgroup_rules", !deviceRules.isEmpty),
            (path / "privileged", privileges.privileged),
        ]
        return asked.first(where: \.1).map { .init(field: $0.0, words: "a device of the node") }
    }
}

extension Mount {
    /// Whether it outlives its container and can be written.
    fileprivate var isWritten: Bool {
        switch source {
        case .bind, .volume, .other: !readOnly
        case .anonymous, .content, .external, .memory, .image: false
        }
    }
}
