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
        try judge(labels: members.required("Labels", .label), of: .service)
        try judge(mode: members.required("Mode"))
        try judge(update: members["UpdateConfig"])
        let task = try members.required("TaskTemplate").members([
            "ContainerSpec", "ForceUpdate", "LogDriver", "Networks", "Placement", "Resources",
            "RestartPolicy",
        ])
        try task["ForceUpdate"]?.integer(0...(.max), .limit)
        try judge(placement: task["Placement"])
        try judge(restarts: task["RestartPolicy"])
        try judge(networks: task["Networks"])
        let spec = try task.required("ContainerSpec").members(Gate.taskKeys)
        try judge(labels: spec.required("Labels", .label), of: .task)
        try judge(files: spec["Configs"], isSecret: false)
        try judge(files: spec["Secrets"], isSecret: true)
        let container = try SwarmTask(spec, task, members["EndpointSpec"], swarm).container
        try judge(
            container: BodyField(translated: container),
            of: .task,
            labelled: members["Labels"]
        )
    }

    private static let taskKeys: Set<String> = [
        "Args", "CapabilityAdd", "CapabilityDrop", "Command", "Configs", "DNSConfig", "Dir", "Env",
        "Groups", "Healthcheck", "Hostname", "Hosts", "Image", "Init", "Labels", "Mounts",
        "OpenStdin", "Privileges", "ReadOnly", "Secrets", "StopGracePeriod", "StopSignal",
        "Sysctls", "TTY", "Ulimits", "User",
    ]

    private func judge(mode field: BodyField) throws(Objection) {
        let members = try field.members(["Replicated", "Global"])
        if let replicated = members["Replicated"] {
            try replicated.members(["Replicas"])["Replicas"]?.integer(0...100_000, .limit)
        }
        _ = try members["Global"]?.members([])
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
        try members["MaxFailureRatio"]?.integer(0...0, .limit)
        guard try members.required("FailureAction").string() == "pause" else {
            throw field.objection(.body, "an update that fails must stop where it is")
        }
        guard let order = try members["Order"]?.string() else { return }
        guard ["start-first", "stop-first"].contains(order) else {
            throw field.objection(.body, "this is no order of an update")
        }
    }

    private func judge(placement field: BodyField?) throws(Objection) {
        guard let members = try field?.members(["Constraints", "MaxReplicas", "Preferences"]) else {
            return
        }
        for text in try members["Constraints"]?.elements() ?? []
        where try !Text.isPrintable(text.string()) {
            throw text.objection(.body, "this has characters that can't be seen")
        }
        try members["MaxReplicas"]?.integer(0...100_000, .limit)
        for preference in try members["Preferences"]?.elements() ?? [] {
            let spread = try preference.members(["Spread"]).required("Spread")
            _ = try spread.members(["SpreadDescriptor"]).required("SpreadDescriptor").string()
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
            let external = externalNetworks.first { Text.equal($0.key, id) }?.value
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
            guard owned.contains(try id.string()) else {
                throw id.objection(.ownership, "the journal doesn't own this")
            }
            let name = try members.required("\(prefix)Name", .content)
            guard let content = contents.content(swarm: try name.string(), in: stack),
                content.isSecret == isSecret
            else { throw name.objection(.content, "the stack mounts nothing of this name") }
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
