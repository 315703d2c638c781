internal import Model

extension Gate {
    /// Limits of one of our containers, each within what is granted today.
    func update(_ call: Call, _ body: BodyField) throws(Objection) {
        try ownedContainer(call, "update")
        _ = try call.queries()
        let members = try body.members([
            "Memory", "MemorySwap", "MemoryReservation", "NanoCpus", "PidsLimit", "RestartPolicy",
            "CpuShares", "CpuQuota", "CpuPeriod", "CpusetCpus",
        ])
        if let field = members["Memory"] {
            let memory = try field.integer(1...max(1, grants.memory.maximum), .limit)
            let isBounded = enforcement.hold(Rule.memorySwap.id) == .enforced
            try judge(swap: members, memory: memory, isBounded: isBounded)
            try members["MemoryReservation"]?.integer(0...memory, .limit)
        } else if let field = members["MemorySwap"] ?? members["MemoryReservation"] {
            throw field.objection(.limit, "this is judged beside Memory only")
        }
        try members["PidsLimit"]?.integer(1...max(1, grants.pids.maximum), .limit)
        let isBounded = enforcement.hold(Rule.cpuMaximum.id) == .enforced
        let most = isBounded ? grants.maximumCPUs ?? .max : .max
        try members["NanoCpus"]?.integer(0...most, .limit)
        let isShared = enforcement.hold(Rule.scheduling.id) == .enforced
        try judge(processors: members, isShared)
        try judge(restart: members["RestartPolicy"])
    }
}
