internal import Model

/// What one request shows of what is counted: what the stack's others take is not in sight.
extension Gate {
    /// Judges what `count` such containers take of the stack's quota.
    ///
    /// That of the project is the ledger's, which knows what ran before it was lowered.
    func judge(
        shares host: Members,
        of labels: BodyField,
        count: Int64 = 1
    ) throws(Objection) {
        let any = Int64.min...Int64.max
        let run = try labels.entries().first { Text.equal($0.key, Labels.run) }
        var one = Usage()
        one.containers = 1
        one.replicas = try run?.field.string() == "task" ? 0 : 1
        one.memory = try host["Memory"]?.integer(any, .limit) ?? 0
        one.pids = try host["PidsLimit"]?.integer(any, .limit) ?? 0
        one.nanoCPUs = try processors(of: host)
        one.ports = try bindings(of: host)
        if enforcement.hold(Rule.quota.id) == .enforced {
            guard grants.quota.exceeded(by: one * count).isEmpty else {
                throw Objection(.limit, host.name, "this alone takes more than the quota")
            }
        }
        guard enforcement.hold(Rule.portCount.id) == .enforced else { return }
        guard one.ports <= grants.maximumPorts else {
            throw Objection(.port, "\(host.name).PortBindings", "these are too many ports")
        }
    }

    /// How many processors a container may use, in billionths; 0 without a limit.
    func processors(of host: Members) throws(Objection) -> Int64 {
        let any = Int64.min...Int64.max
        let limit = try host["NanoCpus"]?.integer(0...(.max), .limit) ?? 0
        var service = Service(image: "")
        service.resources.nanoCPUs = limit == 0 ? nil : limit
        service.scheduling.quota = try host["CpuQuota"]?.integer(any, .limit) ?? 0
        service.scheduling.period = try host["CpuPeriod"]?.integer(any, .limit) ?? 0
        return service.processors ?? 0
    }

    private func bindings(of host: Members) throws(Objection) -> Int64 {
        var count: Int64 = 0
        for (_, field) in try host["PortBindings"]?.entries() ?? [] {
            count += Int64(try field.elements().count)
        }
        return count
    }
}
