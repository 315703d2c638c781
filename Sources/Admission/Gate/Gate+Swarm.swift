internal import Model

/// Services, configs and secrets of a Swarm.
///
/// What a task gets is put into the shape of a container's create body, and the code that judges
/// those judges it: whatever a container may not have, a task may not have either.
extension Gate {
    func createService(_ call: Call, _ body: BodyField) throws(Objection) {
        try call.matches("POST", "services", "create")
        _ = try call.queries()
        try judge(service: body)
    }

    func updateService(_ call: Call, _ body: BodyField) throws(Objection) {
        try ownSwarmObject(try call.matches("POST", "services", "*", "update"), call)
        guard let version = try call.queries("version")["version"],
            Text.number(version, atMost: .max) != nil
        else { throw Objection(.call, "query.version", "an update names what it looked at") }
        try judge(service: body)
    }

    func removeSwarmObject(_ call: Call, _ collection: String) throws(Objection) {
        try ownSwarmObject(try call.matches("DELETE", collection, "*"), call)
        _ = try call.queries()
    }

    /// A config or secret: what the stack mounts of its commit, under the name of what it holds.
    func createFile(_ call: Call, _ body: BodyField, isSecret: Bool) throws(Objection) {
        try call.matches("POST", isSecret ? "secrets" : "configs", "create")
        _ = try call.queries()
        let members = try body.members(["Name", "Labels", "Data"])
        let name = try members.required("Name", .name)
        guard let content = contents.content(swarm: try name.string(), in: stack),
            content.isSecret == isSecret
        else { throw name.objection(.content, "the stack mounts nothing of this name") }
        let data = try members.required("Data", .content)
        guard let bytes = Base64.decode(try data.string()),
            contents.digest(of: content, isFile: bytes)
        else { throw data.objection(.content, "this is not what the commit has") }
        try judge(labels: members.required("Labels", .label), of: .file)
    }

    /// A network between the nodes of the Swarm, encrypted where the operator wants that.
    func judge(span members: Members, _ rules: SwarmRules) throws(Objection) {
        let driver = try members.required("Driver", .driver)
        guard rules.isEncrypted, try driver.string() == "overlay" else { return }
        guard try members["Options"]?.entries().contains(where: { $0.key == "encrypted" }) == true
        else { throw driver.objection(.network, "traffic between nodes is not encrypted") }
    }

    private func judge(service body: BodyField) throws(Objection) {
        let members = try body.members([
            "Name", "Labels", "TaskTemplate", "Mode", "UpdateConfig", "EndpointSpec",
        ])
        let name = try members.required("Name", .name)
        guard tenant.owns(objectName: try name.string(), of: stack),
            !tenant.isClaimed(try name.string(), beside: stack)
        else { throw name.objection(.name, "this name is not the stack's own") }
        let labels = try members.required("Labels", .label)
        try judge(labels: labels, of: .service)
        let mode = try mode(members.required("Mode"))
        try judge(update: members["UpdateConfig"])
        let task = try members.required("TaskTemplate").members([
            "ContainerSpec", "ForceUpdate", "LogDriver", "Networks", "Placement", "Resources",
            "RestartPolicy",
        ])
        try task["ForceUpdate"]?.integer(0...(.max), .limit)
        try judge(restarts: task["RestartPolicy"])
        try judge(networks: task["Networks"])
        let spec = try task.required("ContainerSpec").members(Gate.taskKeys)
        try judge(labels: spec.required("Labels", .label), of: .task)
        try judge(files: spec["Configs"], isSecret: false)
        try judge(files: spec["Secrets"], isSecret: true)
        let container = try SwarmTask(spec, task, members["EndpointSpec"], swarm).container
        let facts = try judge(
            container: BodyField(translated: container),
            of: .task,
            labelled: members["Labels"],
            count: mode.replicas ?? 1
        )
        try judge(routing: labels, facts)
        if enforces(.bindBelow, facts), facts.binds.contains(where: grants.needsLook) {
            throw body.objection(.bind, "nobody can look for links on the way to what is bound")
        }
        try judge(mode: mode, facts)
        try judge(placement: task["Placement"], facts)
        try judge(reservations: task["Resources"], facts)
    }

    private static let taskKeys: Set<String> = [
        "Args", "CapabilityAdd", "CapabilityDrop", "Command", "Configs", "DNSConfig", "Dir", "Env",
        "Groups", "Healthcheck", "Hostname", "Hosts", "Image", "Init", "Labels", "Mounts",
        "OpenStdin", "Privileges", "ReadOnly", "Secrets", "StopGracePeriod", "StopSignal",
        "Sysctls", "TTY", "Ulimits", "User",
    ]

    /// How many tasks there are: so many, or one on each node.
    private struct Mode {
        let field: BodyField
        /// nil: one on each node.
        let replicas: Int64?
    }

    private func mode(_ field: BodyField) throws(Objection) -> Mode {
        let names: Set<String> = ["Replicated", "Global", "ReplicatedJob", "GlobalJob"]
        let members = try field.members(names)
        let asked = names.filter { members[$0] != nil }
        guard asked.count == 1, let name = asked.first, let mode = members[name] else {
            throw field.objection(.body, "a service has one mode")
        }
        guard name.hasPrefix("Replicated") else {
            _ = try mode.members([])
            return Mode(field: field, replicas: nil)
        }
        let isJob = name == "ReplicatedJob"
        let keys: Set<String> = isJob ? ["MaxConcurrent", "TotalCompletions"] : ["Replicas"]
        let counts = try mode.members(keys)
        var most: Int64?
        for key in keys.sorted() {
            guard let count = try counts[key]?.integer(0...(.max), .limit) else { continue }
            most = max(most ?? 0, count)
        }
        return Mode(field: field, replicas: most ?? 1)
    }

    private func judge(mode: Mode, _ facts: ContainerFacts) throws(Objection) {
        guard enforces(.replicaCount, facts) else { return }
        guard let count = mode.replicas else {
            throw mode.field.objection(.limit, "a task on every node is not granted")
        }
        guard count <= grants.maximumReplicas else {
            throw mode.field.objection(.limit, "these are more replicas than are granted")
        }
    }

    /// What nodes keep free for a task, which nobody else gets then.
    private func judge(reservations field: BodyField?, _ facts: ContainerFacts) throws(Objection) {
        let members = try field?.members(["Limits", "Reservations"])
        let shares: Set<String> = ["MemoryBytes", "NanoCPUs", "Pids"]
        guard let reserved = try members?["Reservations"]?.members(shares)["NanoCPUs"],
            enforces(.cpuReservation, facts)
        else { return }
        let limit = try members?["Limits"]?.members(shares)["NanoCPUs"]?.integer(0...(.max), .limit)
        guard let limit, limit > 0 else { return }
        try reserved.integer(0...limit, .limit)
    }

    /// A Swarm that rolls back by itself would decide beside Gyre.
    private func judge(update field: BodyField?) throws(Objection) {
        guard let field else { return }
        let members = try field.members([
            "Parallelism", "Delay", "FailureAction", "MaxFailureRatio", "Monitor", "Order",
        ])
        for key in ["Parallelism", "Delay", "Monitor"] {
            try members[key]?.integer(0...(.max), .limit)
        }
        try members["MaxFailureRatio"]?.part(.limit)
        guard ["pause", "continue"].contains(try members.required("FailureAction").string()) else {
            throw field.objection(.body, "an update that fails must not go back by itself")
        }
        guard let order = try members["Order"]?.string() else { return }
        guard ["start-first", "stop-first"].contains(order) else {
            throw field.objection(.body, "this is no order of an update")
        }
    }

    private func judge(placement field: BodyField?, _ facts: ContainerFacts) throws(Objection) {
        guard let members = try field?.members(["Constraints", "MaxReplicas", "Preferences"]) else {
            return
        }
        for text in try members["Constraints"]?.elements() ?? [] {
            try judge(printable: text)
            guard try Text.isBelow(text.string(), "node.labels.") || !enforces(.placement, facts)
            else { throw text.objection(.body, "only labels of nodes can be asked for") }
        }
        try members["MaxReplicas"]?.integer(0...100_000, .limit)
        for preference in try members["Preferences"]?.elements() ?? [] {
            let spread = try preference.members(["Spread"]).required("Spread")
            try judge(
                printable: spread.members(["SpreadDescriptor"]).required("SpreadDescriptor")
            )
        }
    }

    private func judge(printable text: BodyField) throws(Objection) {
        guard try Text.isPrintable(text.string()) else {
            throw text.objection(.body, "this has characters that can't be seen")
        }
    }

    private func judge(restarts field: BodyField?) throws(Objection) {
        guard let members = try field?.members(["Condition", "Delay", "MaxAttempts", "Window"])
        else { return }
        if let condition = members["Condition"] {
            guard ["none", "on-failure", "any"].contains(try condition.string()) else {
                throw condition.objection(.body, "this is no restart policy")
            }
        }
        for key in ["Delay", "MaxAttempts", "Window"] {
            try members[key]?.integer(0...(.max), .limit)
        }
    }

    /// By the Swarm's id: the stack's own, or one that was found under an external's name.
    private func judge(networks field: BodyField?) throws(Objection) {
        for network in try field?.elements() ?? [] {
            let members = try network.members(["Target", "Aliases", "DriverOpts"])
            let target = try members.required("Target", .network)
            let id = try target.string()
            let external = found.name(of: id, .network)
            guard Gate.isSwarmID(id), external.map(isOwn(network:)) ?? owned.contains(id) else {
                throw target.objection(.network, "neither a network of the stack nor granted so")
            }
            try judge(endpoint: network, of: external ?? id, isTask: true)
        }
    }

    private func judge(files field: BodyField?, isSecret: Bool) throws(Objection) {
        let prefix = isSecret ? "Secret" : "Config"
        for file in try field?.elements() ?? [] {
            let members = try file.members(["\(prefix)ID", "\(prefix)Name", "File"])
            let id = try members.required("\(prefix)ID", .ownership)
            let name = try members.required("\(prefix)Name", .content)
            if owned.contains(try id.string()) {
                guard let content = contents.content(swarm: try name.string(), in: stack),
                    content.isSecret == isSecret
                else { throw name.objection(.content, "the stack mounts nothing of this name") }
            } else {
                try judge(external: id, called: name, isSecret ? .secret : .config)
            }
            let target = try members.required("File").members(["Name", "UID", "GID", "Mode"])
            // Where it may be put is judged with what else a container mounts.
            _ = try target.required("Name", .target).string()
            for key in ["UID", "GID"] {
                guard let text = try target[key]?.string() else { continue }
                guard Text.number(text, atMost: 2_097_151) != nil else {
                    throw file.objection(.identity, "this is no number of a user")
                }
            }
            try target["Mode"]?.integer(0...0o777, .limit)
        }
    }

    /// A config or secret that somebody else makes: what was found under the name of an external
    /// one that the stack may use.
    private func judge(
        external id: BodyField,
        called name: BodyField,
        _ kind: OwnedObject.Kind
    ) throws(Objection) {
        let text = try id.string()
        guard Gate.isSwarmID(text), let known = found.name(of: text, kind),
            isExternal(known, kind == .secret ? externals.secrets : externals.configs)
        else { throw id.objection(.ownership, "neither the stack's own nor granted so") }
        guard try Text.equal(name.string(), known) else {
            throw name.objection(.name, "this is not what has that id")
        }
    }

    private func ownSwarmObject(_ id: String, _ call: Call) throws(Objection) {
        guard let target = call.target, Text.equal(target, id) else {
            throw Objection(.ownership, "path", "the path names something else than the target")
        }
        guard Gate.isSwarmID(id), owned.contains(id) else {
            throw Objection(.ownership, "path", "the journal doesn't own this object")
        }
    }

    /// An id in full: 25 digits and small letters; anything shorter may match a name.
    static func isSwarmID(_ text: String) -> Bool {
        text.utf8.count == 25
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) }
    }
}
