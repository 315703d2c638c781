internal import Admission
package import Model

extension Reservation {
    /// What `desired` needs once it is there, and `surges` while it comes about.
    package init(of desired: Desired, surges: [String: Int] = [:]) {
        let stack = desired.admitted.stack
        let ports = Dictionary(grouping: desired.ports, by: \.place.service)
        let shares = desired.admitted.effective.map { name, admitted in
            let service = admitted.service
            var share = Share(
                service: name,
                spec: desired.specs[name] ?? "",
                replicas: max(0, service.replicas),
                isTask: desired.isTask(name),
                memory: service.resources.memory?.bytes ?? 0,
                nanoCPUs: service.processors ?? 0,
                pids: service.resources.pids ?? 0,
                volumes: service.unnamedVolumes(of: desired.pins[name]?.config),
                ports: ports[name] ?? []
            )
            share.surge = surges[name] ?? 0
            share.isOnEachNode =
                stack.isForSwarm && service.deployment?.isOnEachNode ?? false
            return share
        }
        let volumes = stack.volumes.values.filter { !$0.isExternal }.map(\.name)
        self.init(
            shares,
            volumes: volumes,
            networks: stack.networks.values.filter { !$0.isExternal }.map(\.name),
            names: stack.reservedNames.map(\.name),
            routes: stack.routes,
            subnets: stack.networks.values.flatMap(\.namedSubnets)
                + desired.subnets.map { ReservedSubnet($0, $1, isChosen: true) }
        )
    }

    /// What containers of ours take, by their limits where somebody looked at them, and services of
    /// ours on a Swarm, by what they were sent.
    package init(
        found containers: some Sequence<ObservedContainer>,
        _ services: [ObservedService] = []
    ) {
        let kinds = Dictionary(grouping: containers.filter { $0.slot != nil }) { container in
            [container.slot?.service ?? "", container.labels[Labels.spec] ?? ""]
        }
        self.init(
            kinds.map { kind, containers in
                let limits = containers.compactMap(\.details?.limits)
                return Share(
                    service: kind[0],
                    spec: kind[1],
                    replicas: Set(containers.compactMap(\.slot)).count,
                    isTask: containers.contains { $0.labels[Labels.run] == "task" },
                    memory: limits.map(\.memory).max() ?? 0,
                    nanoCPUs: limits.map(\.nanoCPUs).max() ?? 0,
                    pids: max(0, limits.map(\.pids).max() ?? 0),
                    ports: Set(containers.flatMap(\.reservedPorts)).sorted()
                )
            } + services.map(\.share)
        )
    }

    /// What of it is still there, by the stack's own containers, networks and services of a Swarm.
    package func kept(
        by containers: some Sequence<ObservedContainer>,
        _ networks: some Sequence<ObservedNetwork>,
        _ services: [ObservedService] = []
    ) -> Reservation {
        let made = Set(networks.map(\.name))
        let kinds = Set(
            containers.map { [$0.slot?.service ?? "", $0.labels[Labels.spec] ?? ""] }
        )
        let isEmpty = kinds.isEmpty && services.isEmpty
        return Reservation(
            shares.filter { share in
                kinds.contains([share.service, share.spec])
                    || services.contains { $0.mayHave(share) }
            },
            volumes: volumes,
            networks: self.networks.filter(made.contains),
            // Whose they are isn't known, so that all stay while anything does.
            names: isEmpty ? [] : names,
            routes: isEmpty ? [] : routes,
            subnets: subnets.filter { made.contains($0.network) }
        )
    }

    /// The same, with what is counted by now of shares that `other` has too: CPUs of containers
    /// that had no limit, volumes without a name, and tasks on each node; and with those of its
    /// networks that are among `made`.
    ///
    /// So what was there before is no growth because somebody began to count it.
    package func counted(
        as other: Reservation,
        _ made: some Sequence<ObservedNetwork> = []
    ) -> Reservation {
        let there = Set(made.map(\.name)).intersection(other.networks)
        let shares = shares.map { share in
            let same = other.shares.first { $0.service == share.service && $0.spec == share.spec }
            var share = share
            if share.nanoCPUs == 0 { share.nanoCPUs = same?.nanoCPUs ?? 0 }
            share.volumes = max(share.volumes, same?.volumes ?? 0)
            share.isOnEachNode = share.isOnEachNode || same?.isOnEachNode ?? false
            return share
        }
        return Reservation(
            shares,
            volumes: volumes,
            networks: networks + there,
            names: names,
            routes: routes,
            subnets: subnets
        )
    }

    /// What it comes to, but for volumes with a name, of which those count that are there besides.
    ///
    /// Where two shares fill one slot, one after the other, the larger counts (law 6); what runs
    /// beside counts besides.
    package var usage: Usage { usage(onNodes: 1) }

    /// The same where a service that has a task on each node has as many.
    package func usage(onNodes nodes: Int) -> Usage {
        let shares = self.shares.map { share in
            var share = share
            guard share.isOnEachNode else { return share }
            share.replicas = nodes
            share.surge = min(share.surge, nodes)
            return share
        }
        var usage = Dictionary(grouping: shares, by: \.service).values.reduce(Usage()) {
            $0 + Reservation.together($1)
        }
        usage.networks = Int64(networks.count)
        return usage
    }

    /// Shares of one service: slot by slot the largest of them.
    private static func together(_ shares: [Share]) -> Usage {
        // Between two numbers of replicas, the same shares fill every slot.
        let counts = Set(shares.map(\.replicas)).sorted()
        var sum = Usage()
        var filled = 0
        for count in counts where count > filled {
            let slot = shares.filter { $0.replicas >= count }.map(\.one).reduce(Usage()) {
                $0.most($1)
            }
            sum = sum + slot * Int64(count - filled)
            filled = count
        }
        let most = shares.map(\.one).reduce(Usage()) { $0.most($1) }
        sum = sum + most * Int64(shares.map(\.surge).max() ?? 0)
        sum.ports = Int64(shares.map(\.ports.count).max() ?? 0)
        return sum
    }
}

extension ObservedContainer {
    /// What it listens on, or would.
    fileprivate var reservedPorts: [ReservedPort] {
        guard let slot else { return [] }
        return bindings.map { binding in
            let place = ReservedPort.Place(
                service: slot.service,
                slot: slot.number,
                target: binding.target,
                protocol: binding.protocol,
                address: binding.address
            )
            return ReservedPort(place, binding.number)
        }
    }
}

extension Reservation.Share {
    /// What one of its containers takes.
    fileprivate var one: Usage {
        var usage = Usage()
        usage.containers = 1
        usage.replicas = isTask ? 0 : 1
        usage.memory = memory
        usage.nanoCPUs = nanoCPUs
        usage.pids = pids
        usage.volumes = volumes
        return usage
    }
}

extension Service {
    /// How many volumes without a name a container gets: its own, and those of its image at whose
    /// place it mounts nothing.
    fileprivate func unnamedVolumes(of image: ImageConfig?) -> Int64 {
        let mounted = Set(volumes.map(\.target)).union(tmpfs.keys)
        let brought = Set(image?.volumes ?? []).subtracting(mounted)
        return anonymousVolumes + Int64(brought.count)
    }
}
