internal import Model
internal import YAMLTree

extension Value {
    /// `deploy` as a Swarm takes it.
    var deployment: Service.Deployment {
        var result = Service.Deployment()
        result.mode = self["mode"]?.node.string
        result.replicas = self["replicas"]?.integer.map(Int64.init)
        result.labels = self["labels"]?.texts ?? [:]
        result.endpointMode = self["endpoint_mode"]?.node.string
        result.update = self["update_config"].map(\.update)
        result.rollback = self["rollback_config"].map(\.update)
        result.restart = self["restart_policy"].map { policy in
            var restart = Service.Restart()
            restart.condition = policy["condition"]?.node.string
            restart.delay = policy["delay"].flatMap(\.settledSpan)
            restart.attempts = policy["max_attempts"]?.integer.map(Int64.init)
            restart.window = policy["window"].flatMap(\.settledSpan)
            return restart
        }
        let placement = self["placement"]
        result.placement.constraints = placement?["constraints"]?.strings ?? []
        result.placement.spreads = (placement?["preferences"]?.listed ?? []).compactMap {
            $0["spread"]?.node.string
        }
        result.placement.maximumPerNode =
            placement?["max_replicas_per_node"]?.integer.map(Int64.init) ?? 0
        result.limits = self["resources"]?["limits"].map(\.share)
        result.reservations = self["resources"]?["reservations"].map(\.share)
        return result
    }

    /// A settled model has nothing where no time was written.
    private var settledSpan: Nanoseconds? { isNull ? Nanoseconds(0) : duration }

    private var update: Service.Update {
        var update = Service.Update()
        update.parallelism = self["parallelism"]?.integer.map(Int64.init)
        update.delay = self["delay"].flatMap(\.settledSpan)
        update.failureAction = self["failure_action"]?.node.string
        update.monitor = self["monitor"].flatMap(\.settledSpan)
        update.maximumFailureRatio = self["max_failure_ratio"]?.number ?? 0
        update.order = self["order"]?.node.string
        return update
    }

    private var share: Service.Share {
        var share = Service.Share()
        share.nanoCPUs = self["cpus"]?.exactNanoCPUs ?? 0
        share.memory = self["memory"]?.limit?.bytes ?? 0
        share.pids = self["pids"]?.integer.map(Int64.init) ?? 0
        share.generic = (self["generic_resources"]?.listed ?? []).compactMap { resource in
            guard let spec = resource["discrete_resource_spec"] else { return nil }
            return Service.Generic(
                kind: spec["kind"]?.node.string ?? "",
                value: spec["value"]?.integer.map(Int64.init) ?? 0
            )
        }
        return share
    }

    /// Exactly as many as the text says; what a billionth can't say is refused.
    private var exactNanoCPUs: Int64? {
        let rounded = nanoCPUs
        let text = node.string ?? ""
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard rounded != nil, parts.count == 2, !text.contains(where: { "eE_".contains($0) })
        else { return rounded }
        var fraction = parts[1]
        while fraction.last == "0" { fraction.removeLast() }
        guard fraction.count <= 9 else {
            fail("invalid-number", "must count billionths of a CPU at most", not: text)
            return nil
        }
        let zeros = String(repeating: "0", count: 9 - fraction.count)
        return Int64("\(parts[0])\(fraction)\(zeros)")
    }
}
