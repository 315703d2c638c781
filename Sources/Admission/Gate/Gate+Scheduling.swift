internal import Model

/// How the node's processors and disks are shared out, and what reaches beyond them.
extension Gate {
    func judge(scheduling host: Members, _ facts: ContainerFacts) throws(Objection) {
        let isBounded = enforces(.scheduling, facts)
        try judge(processors: host, isBounded)
        for key in ["CpuRealtimePeriod", "CpuRealtimeRuntime"] {
            try host[key]?.integer(0...(isBounded ? 0 : .max), .limit)
        }
        let most = isBounded ? Bound.diskWeight.upperBound : 1000
        try zero(or: Bound.diskWeight.lowerBound...most, host["BlkioWeight"])
        try judge(rates: host["BlkioWeightDevice"], "Weight", isBounded)
        for kind in ["ReadBps", "ReadIOps", "WriteBps", "WriteIOps"] {
            try judge(rates: host["BlkioDevice\(kind)"], "Rate", isBounded)
        }
    }

    /// Shares, quota, period and numbers of processors, also of an update.
    func judge(processors members: Members, _ isBounded: Bool) throws(Objection) {
        try members["CpuShares"]?.integer(0...Bound.shares, .limit)
        // -1 is no quota at all.
        try zero(or: (isBounded ? 1000 : -1)...(.max), members["CpuQuota"])
        try zero(or: Bound.period, members["CpuPeriod"])
        if let field = members["CpusetCpus"], try !Text.isNumberList(field.string()) {
            throw field.objection(.limit, "these are no numbers of CPUs")
        }
    }

    /// Zero says nothing.
    private func zero(or range: ClosedRange<Int64>, _ field: BodyField?) throws(Objection) {
        guard let field, try field.integer(.min...(.max), .limit) != 0 else { return }
        try field.integer(range, .limit)
    }

    private func judge(
        rates field: BodyField?,
        _ value: String,
        _ isBounded: Bool
    ) throws(Objection) {
        guard let field else { return }
        guard !isBounded else {
            throw field.objection(.limit, "disks of the node can't be named")
        }
        for rate in try field.elements() {
            let members = try rate.members(["Path", value])
            _ = try members.required("Path", .limit).string()
            try members[value]?.integer(0...(.max), .limit)
        }
    }

    /// Devices by a driver's choice, and rules for those that a container makes itself.
    func judge(requests host: Members, _ facts: ContainerFacts) throws(Objection) {
        for key in ["DeviceRequests", "DeviceCgroupRules"] {
            guard let field = host[key] else { continue }
            guard !enforces(.device, facts) else {
                throw field.objection(.privilege, "devices are not granted")
            }
        }
        _ = try host["DeviceCgroupRules"]?.strings()
        for request in try host["DeviceRequests"]?.elements() ?? [] {
            let members = try request.members([
                "Driver", "Count", "DeviceIDs", "Capabilities", "Options",
            ])
            _ = try members["Driver"]?.string()
            try members["Count"]?.integer(-1...(.max), .limit)
            _ = try members["DeviceIDs"]?.strings()
            for all in try members["Capabilities"]?.elements() ?? [] { _ = try all.strings() }
            for (_, option) in try members["Options"]?.entries() ?? [] { _ = try option.string() }
        }
    }

    /// What a container is run by, whose bounds it shares, and what its own files may take.
    func judge(runtime host: Members, _ facts: ContainerFacts) throws(Objection) {
        let kinds: [(key: String, rule: Rule, check: GateCheck)] = [
            ("Runtime", .runtime, .privilege), ("CgroupParent", .controlGroup, .limit),
            ("StorageOpt", .storage, .limit),
        ]
        for kind in kinds {
            guard let field = host[kind.key] else { continue }
            guard !enforces(kind.rule, facts) else {
                throw field.objection(kind.check, "this is not granted")
            }
            let texts = try kind.key == "StorageOpt" ? field.entries().map(\.field) : [field]
            for text in texts where try !Text.isPrintable(text.string()) {
                throw text.objection(.body, "this has characters that can't be seen")
            }
        }
    }

    /// What a container's runtime reads.
    func judge(annotations field: BodyField?, _ facts: ContainerFacts) throws(Objection) {
        guard let field else { return }
        guard !enforces(.annotation, facts) else {
            throw field.objection(.privilege, "annotations are not granted")
        }
        for (name, value) in try field.entries() {
            guard Text.isPrintable(name), try Text.isPrintable(value.string()) else {
                throw value.objection(.body, "this has characters that can't be seen")
            }
        }
    }
}
