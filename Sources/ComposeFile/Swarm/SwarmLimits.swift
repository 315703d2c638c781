internal import Model

/// Checks of values that an engine would take and a Swarm would refuse, or do otherwise.
///
/// Source: what swarmkit's `controlapi` validates of services and networks; how large files may be
/// is ``SwarmFileSize``'s.
struct SwarmLimits {
    let stack: Stack
    private let loading: Loading

    private static let leastMemory: Int64 = 4 << 20

    init(_ stack: Stack, _ loading: Loading) {
        self.stack = stack
        self.loading = loading
    }

    func check() {
        checkNames()
        checkNetworks()
        for (name, service) in stack.services.sorted(by: { $0.key < $1.key }) {
            let path = FieldPath("services", name)
            checkMode(service, path)
            checkMemory(service, path)
            checkContents(service, path)
            checkVolumes(service, path)
            checkPorts(service, path)
            checkTemplates(service, path)
            for (target, options) in service.tmpfs.sorted(by: { $0.key < $1.key }) {
                guard let option = MemoryMount(options).unknown.first else { continue }
                refuse(
                    "has the option \(option) for \(target), and a Swarm knows size and mode",
                    at: path / "tmpfs",
                    "remove it"
                )
            }
            if !service.startOnCreate {
                refuse("starts its containers by hand", at: path, "remove start_on_create")
            }
        }
    }

    private func checkMode(_ service: Service, _ path: FieldPath) {
        let mode = service.deployment?.mode ?? ""
        let deploy = path / "deploy"
        switch mode {
        case "", "replicated": break
        case "replicated-job": checkJob(service, path)
        case "global" where service.deployment?.replicas == nil && service.replicas == 1: break
        case "global-job" where service.deployment?.replicas == nil && service.replicas == 1:
            checkJob(service, path)
        case "global", "global-job":
            refuse(
                "runs one task on each node, and \(service.replicas) replicas are asked for",
                at: deploy / "mode",
                "remove it, or the number of replicas"
            )
        default:
            refuse(
                "must be replicated, global, replicated-job or global-job",
                at: deploy / "mode",
                "write one of them"
            )
        }
        let endpoint = service.deployment?.endpointMode?.lowercased() ?? ""
        if !["", "vip", "dnsrr"].contains(endpoint) {
            refuse("must be vip or dnsrr", at: deploy / "endpoint_mode", "write one of them")
        }
        if let order = service.deployment?.update?.order,
            !["", "start-first", "stop-first"].contains(order)
        {
            let place = deploy / "update_config" / "order"
            refuse("must be start-first or stop-first", at: place, "write one of them")
        }
    }

    /// Source: swarmkit's `validateJob`, and what its orchestrator of jobs does with restarts.
    private func checkJob(_ service: Service, _ path: FieldPath) {
        let deploy = path / "deploy"
        for (key, value) in [
            ("update_config", service.deployment?.update),
            ("rollback_config", service.deployment?.rollback),
        ] where value != nil {
            refuse("means nothing to a job, which is run again", at: deploy / key, "remove it")
        }
        let isAlways = service.restart == .always || service.restart == .unlessStopped
        if service.deployment?.restart?.condition == "any" {
            let place = deploy / "restart_policy" / "condition"
            refuse("can't be any for a job, which is to end", at: place, "write on-failure")
        } else if service.deployment?.restart == nil, isAlways {
            refuse("would never let the job end", at: path / "restart", "write on-failure")
        }
    }

    private func checkMemory(_ service: Service, _ path: FieldPath) {
        let values = [service.resources.memory, service.resources.reservedMemory]
        guard values.contains(where: { $0.map { $0.bytes < SwarmLimits.leastMemory } ?? false })
        else { return }
        refuse("asks for less memory than the 4 MiB that a Swarm gives", at: path, "ask for more")
    }

    private func checkContents(_ service: Service, _ path: FieldPath) {
        for (index, mount) in service.volumes.enumerated() {
            guard case .content(let content) = mount.source, content.kind == .folder else {
                continue
            }
            refuse(
                "binds a folder of the repository, and a Swarm brings only files to its nodes",
                at: (path / "volumes")[index],
                "bind its files one by one, or copy it into the image"
            )
        }
    }

    /// A volume of its node's own is empty wherever a task comes that moves.
    private func checkVolumes(_ service: Service, _ path: FieldPath) {
        let isBound = service.placement.contains { constraint in
            let text = constraint.filter { !$0.isWhitespace }
            let places = ["node.hostname==", "node.id==", "node.labels.", "engine.labels."]
            return text.contains("==") && places.contains { text.hasPrefix($0) }
        }
        guard !isBound, service.deployment?.isOnEachNode != true, service.replicas > 0 else {
            return
        }
        for (index, mount) in service.volumes.enumerated() {
            guard case .volume(let key) = mount.source, let volume = stack.volumes[key],
                !volume.isExternal, volume.options.isEmpty,
                ["", "local"].contains(volume.driver ?? "")
            else { continue }
            let place = (path / "volumes")[index]
            loading.warn(
                "volume-of-a-node",
                "the volume \(key) is each node's own: a task of \(service.image) that comes to "
                    + "another node finds it empty there",
                at: stack.places.location(of: place),
                field: place,
                fix: "name a label that one node has in deploy.placement.constraints, such as "
                    + "node.labels.data==here"
            )
        }
    }

    /// What a network of a Swarm has no word for, though the engine that is asked for one takes it.
    ///
    /// Source: moby's `BasicNetworkCreateToGRPC`.
    private func checkNetworks() {
        for (key, network) in stack.networks.sorted(by: { $0.key < $1.key })
        where !network.isExternal {
            let path = FieldPath("networks", key)
            if network.hasIPv4 == false {
                refuse("can't be off on a Swarm", at: path / "enable_ipv4", "remove it")
            }
            if network.addressing.pools.contains(where: { !$0.reserved.isEmpty }) {
                refuse(
                    "has aux_addresses, and a Swarm has no word for them",
                    at: path / "ipam",
                    "remove aux_addresses, or write ip_range"
                )
            }
        }
    }

    private func checkPorts(_ service: Service, _ path: FieldPath) {
        let isWithoutAddress = service.deployment?.endpointMode?.lowercased() == "dnsrr"
        for (index, port) in service.ports.enumerated() {
            let place = (path / "ports")[index]
            let mode = port.mode ?? ""
            if !["", "ingress", "host"].contains(mode) {
                refuse("must be published in mode ingress or host", at: place, "write one of them")
            } else if isWithoutAddress, mode != "host" {
                refuse(
                    "is published for the whole Swarm, which endpoint_mode dnsrr can't be",
                    at: place,
                    "write mode: host, or remove endpoint_mode"
                )
            }
        }
    }

    func refuse(_ message: String, at path: FieldPath, _ fix: String) {
        loading.report(
            "not-for-swarm",
            "\(path) \(message)",
            at: stack.places.location(of: path),
            field: path,
            fix: fix
        )
    }
}
