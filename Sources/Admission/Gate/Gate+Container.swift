internal import Model

/// The body that a container is created from.
extension Gate {
    func createContainer(_ call: Call, _ body: BodyField) throws(Objection) {
        try call.matches("POST", "containers", "create")
        try ownContainerName(try call.queries("name")["name"])
        try judge(container: body, of: .container)
    }

    /// Judges what a container, or each of `count` tasks of a Swarm, is made from; an ingress reads
    /// the labels of its service too.
    @discardableResult
    func judge(
        container body: BodyField,
        of kind: ObjectKind,
        labelled service: BodyField? = nil,
        count: Int64 = 1
    ) throws(Objection) -> ContainerFacts {
        let members = try body.members(Gate.containerKeys)
        let host = try members.required("HostConfig").members(Gate.hostKeys)
        let labels = try members.required("Labels", .label)
        try judge(labels: labels, of: kind)
        let pin = try pin(members.required("Image", .image))
        var facts = try facts(labels, host, pin)
        facts.hosts += RoutingLabel.hosts(try service?.labels() ?? [])
        try judge(routing: labels, facts)
        facts.joinsPublic = try judge(namespaces: host, labels, facts)
        try judge(processes: host, facts)
        try judge(image: pin, members, facts)
        let memory = try judge(limits: host, facts)
        try judge(shares: host, of: labels, count: count)
        try judge(scheduling: host, facts)
        try judge(devices: host["Devices"], facts)
        try judge(requests: host, facts)
        try judge(annotations: host["Annotations"], facts)
        try judge(runtime: host, facts)
        try judge(binds: host["Binds"], facts)
        try judge(mounts: host["Mounts"], facts, memory: memory)
        let usesShared = try usesShared(host, facts)
        try judge(user: members["User"], host["GroupAdd"], facts, usesShared: usesShared)
        try judge(privileges: host, facts, usesShared: usesShared)
        try judge(kernel: host, facts, memory: memory)
        try judge(tmpfs: host["Tmpfs"], facts, memory: memory)
        try judge(ports: members, host, facts)
        try judge(network: host, members["NetworkingConfig"], facts)
        try judge(resolver: host, facts)
        try judge(process: members, facts)
        try judge(hostname: members["Hostname"], on: host["NetworkMode"])
        try judge(restart: host["RestartPolicy"])
        try judge(log: host["LogConfig"], facts)
        try host["ReadonlyRootfs"]?.bool()
        try host["Init"]?.bool()
        return facts
    }

    private static let containerKeys: Set<String> = [
        "Image", "Cmd", "Entrypoint", "Env", "ExposedPorts", "Hostname", "Domainname", "User",
        "WorkingDir", "Labels", "Tty", "OpenStdin", "StopSignal", "StopTimeout", "Healthcheck",
        "Volumes", "HostConfig", "NetworkingConfig",
    ]

    private static let hostKeys: Set<String> = [
        "Binds", "Mounts", "CapAdd", "CapDrop", "SecurityOpt", "Privileged", "ReadonlyRootfs",
        "Init", "Tmpfs", "Memory", "MemorySwap", "MemoryReservation", "MemorySwappiness",
        "NanoCpus", "CpuShares", "CpusetCpus", "PidsLimit", "PortBindings", "RestartPolicy",
        "NetworkMode", "LogConfig", "GroupAdd", "Sysctls", "Ulimits", "ShmSize", "OomScoreAdj",
        "OomKillDisable", "ExtraHosts", "Dns", "DnsOptions", "DnsSearch", "IpcMode", "PidMode",
        "CgroupnsMode", "UTSMode", "UsernsMode", "Devices", "MaskedPaths", "ReadonlyPaths",
        "CpuPeriod", "CpuQuota", "CpuRealtimePeriod", "CpuRealtimeRuntime", "BlkioWeight",
        "BlkioWeightDevice", "BlkioDeviceReadBps", "BlkioDeviceReadIOps", "BlkioDeviceWriteBps",
        "BlkioDeviceWriteIOps", "Annotations", "DeviceRequests", "DeviceCgroupRules",
        "CgroupParent", "Runtime", "StorageOpt",
    ]

    /// What profiles are chosen by, read from the body.
    private func facts(
        _ labels: BodyField,
        _ host: Members,
        _ pin: ImagePin
    ) throws(Objection) -> ContainerFacts {
        let service = try labels.entries().first { Text.equal($0.key, Labels.service) }
        var sources: [String] = []
        for bind in try host["Binds"]?.elements() ?? [] {
            sources.append(String(try bind.string().prefix { $0 != ":" }))
        }
        for mount in try host["Mounts"]?.elements() ?? []
        where try mount.members(Gate.mountKeys)["Type"]?.string() == "bind" {
            let source = try mount.members(Gate.mountKeys)["Source"]?.string() ?? ""
            if contents.volume(boundBy: source) == nil { sources.append(source) }
        }
        return ContainerFacts(
            service: try service?.field.string() ?? "",
            // The others are names of volumes.
            binds: sources.filter { $0.utf8.first == 0x2F },
            ports: try ports(host["PortBindings"]),
            image: pin.reference,
            hosts: hosts(try labels.labels())
        )
    }

    /// What can't be read as a number is refused later.
    private func ports(_ field: BodyField?) throws(Objection) -> [ContainerFacts.Port] {
        var ports: [ContainerFacts.Port] = []
        for (_, bindings) in try field?.entries() ?? [] {
            for binding in try bindings.elements() {
                let port = try binding.members(["HostIp", "HostPort"])["HostPort"]?.string()
                let number = port.flatMap { Int($0) } ?? 0
                ports.append(number == 0 ? .open(nil) : .number(number))
            }
        }
        return ports
    }

    /// Whether the tenant's rule holds for a container; the gate never asks less than it.
    func enforces(_ rule: Rule, _ facts: ContainerFacts) -> Bool {
        enforcement.enforces(rule.id, for: facts)
    }

    private func pin(_ field: BodyField) throws(Objection) -> ImagePin {
        let image = try field.string()
        let candidates = pins.filter { Text.equal($0.pinned, image) }
        let granted = candidates.first { pin in
            if case .granted = grants.judge(image: pin.reference) { true } else { false }
        }
        guard let pin = granted ?? candidates.first else {
            throw field.objection(.image, "this is no pin of the stack")
        }
        return pin
    }

    /// Of a reference that is granted today; what the image itself brings is judged too, since no
    /// file shows it.
    private func judge(
        image pin: ImagePin,
        _ members: Members,
        _ facts: ContainerFacts
    ) throws(Objection) {
        if enforces(.imageGranted, facts) {
            guard case .granted = grants.judge(image: pin.reference) else {
                throw Objection(.image, "body.Image", "this pin is of an image that is not granted")
            }
        }
        if enforces(.imageTag, facts), let objection = grants.objection(tagOf: pin.reference) {
            throw Objection(.image, "body.Image", objection)
        }
        for brought in Brought.all(of: pin.config, beside: try said(members), grants)
        where enforcement.hold(brought, for: facts) == .enforced {
            throw Objection(brought.check, "body.Image", brought.message)
        }
    }

    /// What the body sets of all that an image may bring.
    private func said(_ members: Members) throws(Objection) -> Brought.Said {
        var said = Brought.Said()
        said.labels = Set(try members.required("Labels").entries().map { Array($0.key.utf8) })
        said.hasWorkingDirectory = try members["WorkingDir"]?.string().isEmpty == false
        guard let check = try members["Healthcheck"]?.members(Gate.checkKeys) else { return said }
        said.test = try check["Test"]?.strings().first
        let any = Int64.min...Int64.max
        said.hasInterval = try (check["Interval"]?.integer(any, .limit) ?? 0) != 0
        said.hasStartInterval = try (check["StartInterval"]?.integer(any, .limit) ?? 0) != 0
        return said
    }

    private func judge(
        user field: BodyField?,
        _ groups: BodyField?,
        _ facts: ContainerFacts,
        usesShared: Bool
    ) throws(Objection) {
        let user = try field?.string()
        if let user, !Text.isPrintable(user) {
            throw Objection(.identity, "body.User", "this user has characters that can't be seen")
        }
        guard enforces(.identity, facts) else { return }
        for group in try groups?.elements() ?? [] {
            let text = try group.string()
            guard let objection = grants.objection(group: text, withShared: usesShared) else {
                continue
            }
            throw group.objection(.identity, objection)
        }
        guard usesShared else { return }
        if let remapping = enforcement.users.remapping {
            throw Objection(.identity, "body.User", "beside a shared file system, \(remapping)")
        }
        guard let objection = grants.objection(toUser: user) else { return }
        throw Objection(.identity, "body.User", "beside a shared file system, \(objection)")
    }

    /// The engine resolves host names too, since API 1.44.
    ///
    /// Networks that are joined later don't show in this request: for those the rule is all there
    /// is.
    private func judge(hostname field: BodyField?, on network: BodyField?) throws(Objection) {
        guard let field, let network = try network?.string(), isGuest(on: network, by: .guestName),
            externals.networks.contains(network)
        else { return }
        guard try tenant.allows(guestName: field.string(), of: stack) else {
            throw field.objection(.name, "this name may be another project's")
        }
    }

    /// What runs inside: harmless to the node, but every value has its type and bound.
    private func judge(
        process members: Members,
        _ facts: ContainerFacts
    ) throws(Objection) {
        for key in ["Cmd", "Entrypoint", "Env"] { _ = try members[key]?.strings() }
        try members["Tty"]?.bool()
        try members["OpenStdin"]?.bool()
        let longest = enforces(.stopGracePeriod, facts) ? Bound.stopSeconds : .max
        try members["StopTimeout"]?.integer(0...longest, .limit)
        for key in ["Hostname", "Domainname"] {
            guard let field = members[key], try !Text.isHostName(field.string()) else { continue }
            throw field.objection(.name, "this is no host name")
        }
        if let field = members["StopSignal"], try !Text.isSignal(field.string()) {
            throw field.objection(.body, "this is no signal")
        }
        if let field = members["WorkingDir"], enforces(.workingDirectory, facts) {
            let directory = try field.string()
            guard directory == "/" || !Gate.isReserved(directory) else {
                throw field.objection(.target, "no process may start there")
            }
        }
        for (target, field) in try members["Volumes"]?.entries() ?? [] {
            _ = try field.members([])
            guard isFree(target, facts) else {
                throw field.objection(.target, "nothing may be mounted there")
            }
        }
        if let check = members["Healthcheck"] { try judge(healthcheck: check, facts) }
    }

    private static let checkKeys: Set<String> = [
        "Test", "Interval", "Timeout", "StartPeriod", "StartInterval", "Retries",
    ]

    private func judge(healthcheck field: BodyField, _ facts: ContainerFacts) throws(Objection) {
        let members = try field.members(Gate.checkKeys)
        _ = try members["Test"]?.strings()
        for key in ["Interval", "StartInterval"] {
            guard let interval = members[key], try interval.integer(0...(.max), .limit) != 0,
                enforces(.healthcheckInterval, facts)
            else { continue }
            try interval.integer(Bound.checkInterval...(.max), .limit)
        }
        for key in ["Timeout", "StartPeriod", "Retries"] {
            try members[key]?.integer(0...(.max), .limit)
        }
    }

    /// Whether something may be mounted at `path`.
    func isFree(_ path: String, _ facts: ContainerFacts) -> Bool {
        !Gate.isReserved(path) || !enforces(.mountTarget, facts)
    }

    static func isReserved(_ path: String) -> Bool {
        AbsolutePath(path)?.isReservedInContainer ?? true
    }
}

extension BodyField {
    /// Its keys and values, which have to be texts.
    fileprivate func labels() throws(Objection) -> [(key: String, value: String)] {
        var labels: [(key: String, value: String)] = []
        for (key, field) in try entries() { labels.append((key, try field.string())) }
        return labels
    }
}
