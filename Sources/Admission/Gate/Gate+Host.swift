internal import Model

/// What stands behind the last colon of a bind.
private struct BindMode {
    let isReadOnly: Bool
    /// Whether the engine labels the files anew, for SELinux.
    let isRelabelling: Bool

    init?(_ text: String) {
        guard
            ["ro", "rw", "ro,z", "ro,Z", "rw,z", "rw,Z"].contains(where: { Text.equal($0, text) })
        else { return nil }
        isReadOnly = Text.hasPrefix(text, "ro")
        isRelabelling = text.utf8.count > 2
    }
}

/// What a container gets of the node.
extension Gate {
    /// Judges each `source:target:mode`.
    func judge(binds field: BodyField?, _ facts: ContainerFacts) throws(Objection) {
        for bind in try field?.elements() ?? [] {
            let parts = try bind.string().split(separator: ":", omittingEmptySubsequences: false)
                .map(String.init)
            guard parts.count == 3, let mode = BindMode(parts[2]) else {
                throw bind.objection(.bind, "this is not source:target:mode")
            }
            guard !mode.isRelabelling || !enforces(.bindOption, facts) else {
                throw bind.objection(.bind, "labels of the node's files are not changed")
            }
            guard isFree(parts[1], facts) else {
                throw bind.objection(.target, "nothing may be mounted there")
            }
            if AbsolutePath(parts[0]) == nil {
                try judge(volume: parts[0], bind)
            } else {
                try judge(bind: parts[0], readOnly: mode.isReadOnly, bind, facts)
                guard !enforces(.bindOption, facts) else {
                    throw bind.objection(.bind, "the engine would make this where it is missing")
                }
            }
        }
    }

    func judge(
        bind path: String,
        readOnly: Bool,
        _ field: BodyField,
        _ facts: ContainerFacts
    ) throws(Objection) {
        let verdict = grants.judge(bind: path, readOnly: readOnly)
        if let rule = verdict.rule, enforces(rule, facts) {
            throw field.objection(.bind, "neither a volume of the stack nor granted so")
        }
        guard !readOnly, enforces(.publicReadOnly, facts), grants.isShared(bind: path),
            facts.isPublic(grants)
        else { return }
        throw field.objection(.bind, "a public service may not write to a shared file system")
    }

    /// A volume that the journal owns, else the engine would make it, or mount what somebody else
    /// made; or one that the operator lets the project use besides.
    func judge(volume name: String, _ field: BodyField) throws(Objection) {
        if isExternal(volume: name) { return }
        if tenant.owns(objectName: name, of: stack), !tenant.isClaimed(name, beside: stack) {
            // A Swarm's nodes make it where a task mounts it; the name is nobody else's.
            guard owned.contains(name) || rules != nil else {
                throw field.objection(.ownership, "the journal doesn't own this volume")
            }
            return
        }
        guard isOwn(name, externals.volumes) else {
            throw field.objection(.bind, "neither a volume of the stack nor granted so")
        }
    }

    /// Whether a network called `name` is the stack's own, or the stack may use it besides.
    func isOwn(network name: String) -> Bool { isOwn(name, externals.networks) }

    private func isOwn(_ name: String, _ externals: Set<String>) -> Bool {
        if Text.hasPrefix(name, ContentVolume.prefix) { return false }
        if isExternal(name, externals) || grants.shared.contains(where: { Text.equal($0, name) }) {
            return true
        }
        return tenant.allows(objectName: name, of: stack)
            && !tenant.isClaimed(name, beside: stack)
    }

    /// Whether a network called `name` is another project's, in which the stack is a guest.
    ///
    /// It is asked for one of the rules about guests, and says no where that doesn't hold.
    func isGuest(on name: String, by rule: Rule) -> Bool {
        let isOwned = Gate.isID(name) || rules != nil && owned.contains(name)
        let isOurs = isOwned || tenant.owns(objectName: name, of: stack)
        return !isOurs && tenant.isOfOthers(network: name, stack)
            && enforcement.enforcesEverywhere(rule.id)
    }

    /// Whether the stack uses a volume called `name` that somebody else makes, and may.
    func isExternal(volume name: String) -> Bool { isExternal(name, externals.volumes) }

    func isExternal(_ name: String, _ externals: Set<String>) -> Bool {
        externals.contains { Text.equal($0, name) }
            && tenant.allows(externalName: name, of: stack)
    }

    func judge(
        privileges host: Members,
        _ facts: ContainerFacts,
        usesShared: Bool
    ) throws(Objection) {
        if let field = host["Privileged"], try field.bool(), enforces(.privileged, facts) {
            throw field.objection(.privilege, "no container is privileged")
        }
        let drop = try host.required("CapDrop", .capability)
        guard try drop.strings() == [Capability.all] else {
            throw drop.objection(.capability, "this must be ALL and nothing else")
        }
        let granted =
            enforces(.capabilityGranted, facts)
            ? grants.capabilities(withShared: usesShared)
            : Capability.known.union([Capability.all])
        for field in try host["CapAdd"]?.elements() ?? [] {
            let name = try field.string()
            guard granted.contains(where: { Text.equal($0, name) }) else {
                throw field.objection(.capability, "this capability is not granted")
            }
        }
        let security = try host.required("SecurityOpt", .privilege)
        let options = try security.strings()
        let isMasked = host["MaskedPaths"] == nil && host["ReadonlyPaths"] == nil
        let isHarmless =
            options.allSatisfy(SecurityOption.isHarmless) && isMasked
            || !enforces(.securityOption, facts)
        guard isHarmless, SecurityOption.enforced.allSatisfy(options.contains) else {
            throw security.objection(
                .privilege,
                "no-new-privileges must be there, and nothing that weakens it"
            )
        }
    }

    /// Judges what bounds a container, and returns its memory.
    func judge(limits host: Members, _ facts: ContainerFacts) throws(Objection) -> Int64 {
        let mostMemory = enforces(.memoryMaximum, facts) ? grants.memory.maximum : .max / 2
        let memory = try host.required("Memory", .limit).integer(1...max(1, mostMemory), .limit)
        try judge(swap: host, memory: memory, isBounded: enforces(.memorySwap, facts))
        let mostPids = enforces(.pidsMaximum, facts) ? grants.pids.maximum : .max
        try host.required("PidsLimit", .limit).integer(1...max(1, mostPids), .limit)
        try host["MemoryReservation"]?.integer(0...memory, .limit)
        try judge(cpus: host, facts)
        return memory
    }

    private func judge(cpus host: Members, _ facts: ContainerFacts) throws(Objection) {
        let cpus = try processors(of: host)
        if enforces(.cpuDefault, facts), grants.filledCPUs != nil, cpus == 0 {
            throw Objection(
                .limit,
                "body.HostConfig.NanoCpus",
                "the container has no limit of CPUs"
            )
        }
        if enforces(.cpuMaximum, facts), cpus > grants.maximumCPUs ?? .max {
            throw Objection(.limit, "body.HostConfig.NanoCpus", "this is more than is granted")
        }
    }

    /// Memory and swap together, which must be said: the engine's default depends on the node.
    func judge(swap host: Members, memory: Int64, isBounded: Bool) throws(Objection) {
        let field = try host.required("MemorySwap", .limit)
        let swap = try field.integer(-1...(.max), .limit)
        guard isBounded, let objection = grants.objection(memoryAndSwap: swap, memory: memory)
        else { return }
        throw field.objection(.limit, objection)
    }

    func judge(
        tmpfs field: BodyField?,
        _ facts: ContainerFacts,
        memory: Int64
    ) throws(Objection) {
        for (target, options) in try field?.entries() ?? [] {
            guard isFree(target, facts) else {
                throw options.objection(.target, "nothing may be mounted there")
            }
            guard let tmpfs = Tmpfs(options: try options.string()), (tmpfs.size ?? 0) <= memory
            else { throw options.objection(.limit, "these options are not offered") }
        }
    }

    func judge(
        ports members: Members,
        _ host: Members,
        _ facts: ContainerFacts
    ) throws(Objection) {
        for (port, field) in try members["ExposedPorts"]?.entries() ?? [] {
            _ = try field.members([])
            guard Gate.isPort(port) else { throw field.objection(.port, "this is no port") }
        }
        for (port, bindings) in try host["PortBindings"]?.entries() ?? [] {
            guard Gate.isPort(port), !port.utf8.contains(0x2D), !port.hasSuffix("/sctp") else {
                throw bindings.objection(.port, "this is no port")
            }
            for binding in try bindings.elements() { try judge(binding: binding, facts) }
        }
    }

    private func judge(binding: BodyField, _ facts: ContainerFacts) throws(Objection) {
        let members = try binding.members(["HostIp", "HostPort"])
        if let field = members["HostIp"] {
            let address = try field.string()
            guard address.isEmpty || Text.isAddress(address) else {
                throw field.objection(.port, "this is no address")
            }
        }
        let field = try members.required("HostPort", .port)
        guard let port = Text.number(try field.string(), atMost: 65535), port > 0,
            (grants.ports + grants.allocatedPorts).contains(where: { $0.contains(Int(port)) })
                || !enforces(.portGranted, facts)
        else { throw field.objection(.port, "this host port is not granted") }
    }

    /// The stack's own network or none; what the body says of its endpoint is about that one.
    func judge(
        network host: Members,
        _ networking: BodyField?,
        _ facts: ContainerFacts
    ) throws(Objection) {
        let field = try host.required("NetworkMode", .network)
        let mode = try field.string()
        guard
            Text.equal(mode, "none") || isOwn(network: mode) || isOwnContainer(mode)
                || !enforces(.namespace, facts)
        else { throw field.objection(.network, "neither a network of the stack nor none") }
        guard let networking,
            let endpoints = try networking.members(["EndpointsConfig"])["EndpointsConfig"]
        else { return }
        for (name, endpoint) in try endpoints.entries() {
            guard Text.equal(name, mode), isOwn(network: name) else {
                throw endpoint.objection(.network, "this is not the network of NetworkMode")
            }
            try judge(endpoint: endpoint, of: name)
        }
    }

    func judge(restart field: BodyField?) throws(Objection) {
        guard let members = try field?.members(["Name", "MaximumRetryCount"]) else { return }
        let name = try members.required("Name").string()
        guard ["no", "always", "unless-stopped", "on-failure"].contains(name) else {
            throw Objection(.body, "\(members.name).Name", "this is no restart policy")
        }
        try members["MaximumRetryCount"]?.integer(0...1_000_000, .limit)
    }

    /// Only drivers that write to the container's own files on the node, with an end to them.
    func judge(log field: BodyField?, _ facts: ContainerFacts) throws(Objection) {
        guard let members = try field?.members(["Type", "Config"]) else {
            guard enforces(.logging, facts) else { return }
            throw Objection(.driver, "body.HostConfig.LogConfig", "this is missing")
        }
        let type = try members.required("Type", .driver)
        let driver = try type.string()
        guard enforces(.logging, facts) else {
            for (_, value) in try members["Config"]?.entries() ?? [] { _ = try value.string() }
            return
        }
        guard grants.logDrivers.contains(where: { Text.equal($0, driver) }) else {
            throw type.objection(.driver, "this log driver is not offered")
        }
        let config = try members.required("Config", .driver)
        let values = try config.members(Grants.logOptions)
        var options: [String: String] = [:]
        for key in Grants.logOptions {
            guard let value = values[key] else { continue }
            let text = try value.string()
            let isText = Grants.logTexts.contains(key) || key == "max-size"
            guard isText ? Text.isPrintable(text) : Text.isName(text) else {
                throw value.objection(.driver, "this is no size and no number")
            }
            options[key] = text
        }
        guard options["max-size"] != nil, options["max-file"] != nil else {
            throw config.objection(.driver, "the log has no end")
        }
        let logging = Service.Logging(driver: driver, options: options)
        guard let objection = grants.objection(toLog: logging, asked: logging) else { return }
        throw config.objection(.driver, objection.text)
    }

    /// `80/tcp`, or a range such as `3000-3005/udp`.
    private static func isPort(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, ["tcp", "udp", "sctp"].contains(parts[1]) else { return false }
        let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        return (1...2).contains(ends.count)
            && ends.allSatisfy { (Text.number(String($0), atMost: 65535) ?? 0) > 0 }
    }
}
