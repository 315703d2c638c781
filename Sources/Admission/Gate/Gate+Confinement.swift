internal import Model

/// What a container shares with others, and what it tunes of the kernel.
extension Gate {
    static let mountKeys: Set<String> = [
        "Type", "Source", "Target", "ReadOnly", "BindOptions", "VolumeOptions", "TmpfsOptions",
    ]

    /// Judges mounts in the long form: binds, volumes and tmpfs, and images that are granted.
    func judge(
        mounts field: BodyField?,
        _ facts: ContainerFacts,
        memory: Int64
    ) throws(Objection) {
        for mount in try field?.elements() ?? [] {
            let members = try mount.members(Gate.mountKeys)
            let target = try members.required("Target", .target)
            guard isFree(try target.string(), facts) else {
                throw target.objection(.target, "nothing may be mounted there")
            }
            let readOnly = try members["ReadOnly"]?.bool() ?? false
            let source = try members["Source"]?.string() ?? ""
            let type = try members.required("Type", .bind)
            try refuseOptions(of: members, besides: type.string())
            if try judge(content: mount, members) { continue }
            switch try type.string() {
            case "bind":
                try judge(bind: source, readOnly: readOnly, mount, facts)
                try judge(bindOptions: members["BindOptions"], facts)
            case "volume":
                if !source.isEmpty { try judge(volume: source, mount) }
                try judge(volumeOptions: members["VolumeOptions"])
            case "tmpfs": try judge(tmpfsOptions: members["TmpfsOptions"], memory: memory)
            case "image":
                try admitted(image: source, "\(mount.name).Source")
                if enforces(.imageTag, facts), let objection = grants.objection(tagOf: source) {
                    throw mount.objection(.image, objection)
                }
            default: throw type.objection(.bind, "this kind of mount is not offered")
            }
        }
    }

    /// Options of another kind of mount, which nobody judges: engines refuse them today.
    private func refuseOptions(of mount: Members, besides type: String) throws(Objection) {
        let kinds = ["bind": "BindOptions", "tmpfs": "TmpfsOptions", "volume": "VolumeOptions"]
        for (kind, key) in kinds.sorted(by: { $0.key < $1.key }) where kind != type {
            guard let options = mount[key] else { continue }
            throw options.objection(.body, "these are options of another kind of mount")
        }
    }

    /// Only what the engine does anyway, and never a directory made on the node.
    private func judge(
        bindOptions field: BodyField?,
        _ facts: ContainerFacts
    ) throws(Objection) {
        let recursions = ["NonRecursive", "ReadOnlyNonRecursive", "ReadOnlyForceRecursive"]
        let known = Set(["Propagation", "CreateMountpoint"] + recursions)
        guard let members = try field?.members(known) else { return }
        let isBounded = enforces(.bindOption, facts)
        if let propagation = members["Propagation"] {
            let mode = try propagation.string()
            guard Grants.isHarmless(propagation: mode) || !isBounded else {
                throw propagation.objection(.bind, "mounts may not spread to the node")
            }
        }
        if let make = members["CreateMountpoint"], try make.bool(), isBounded {
            throw make.objection(.bind, "the engine would make a directory of root's on the node")
        }
        for key in recursions {
            guard let field = members[key], try field.bool(), isBounded else { continue }
            throw field.objection(.bind, "what is mounted below it is as the node has it")
        }
    }

    private func judge(volumeOptions field: BodyField?) throws(Objection) {
        guard let members = try field?.members(["NoCopy", "Subpath", "Labels"]) else { return }
        try members["NoCopy"]?.bool()
        for (key, label) in try members["Labels"]?.entries() ?? [] {
            let isOurs = rules != nil && Text.equal(key, Labels.Swarm.namespace)
            guard isOurs || !ReservedLabel.isReserved(key), Text.isPrintable(key),
                try Text.isPrintable(label.string())
            else { throw label.objection(.label, "no mount may bring this label") }
        }
        if let subpath = members["Subpath"], try !Text.isSubpath(subpath.string()) {
            throw subpath.objection(.target, "this leaves the volume")
        }
    }

    private func judge(tmpfsOptions field: BodyField?, memory: Int64) throws(Objection) {
        guard let members = try field?.members(["SizeBytes", "Mode"]) else { return }
        try members["SizeBytes"]?.integer(0...memory, .limit)
        try members["Mode"]?.integer(0...0o7777, .limit)
    }

    func judge(
        kernel host: Members,
        _ facts: ContainerFacts,
        memory: Int64
    ) throws(Objection) {
        for (name, field) in try host["Sysctls"]?.entries() ?? [] {
            _ = try field.string()
            guard enforces(.sysctl, facts), let objection = grants.objection(sysctl: name) else {
                continue
            }
            throw field.objection(.kernel, objection)
        }
        for field in try host["Ulimits"]?.elements() ?? [] { try judge(ulimit: field, facts) }
        let isBounded = enforces(.memorySwap, facts)
        try host["ShmSize"]?.integer(0...(isBounded ? memory : .max), .limit)
        try host["MemorySwappiness"]?.integer(-1...100, .limit)
        if let field = host["OomScoreAdj"] {
            let score = try field.integer(-1000...1000, .limit)
            if isBounded, let objection = grants.objection(killScore: score) {
                throw field.objection(.limit, objection)
            }
        }
        if let field = host["OomKillDisable"], try field.bool(), isBounded {
            throw field.objection(.limit, "a container without memory would hang instead of ending")
        }
    }

    /// Devices are the node's; each has its three members all the same.
    func judge(devices field: BodyField?, _ facts: ContainerFacts) throws(Objection) {
        guard let field else { return }
        guard !enforces(.device, facts) else {
            throw field.objection(.privilege, "devices are not granted")
        }
        for device in try field.elements() {
            let members = try device.members([
                "PathOnHost", "PathInContainer", "CgroupPermissions",
            ])
            for key in ["PathOnHost", "PathInContainer", "CgroupPermissions"] {
                _ = try members.required(key).string()
            }
        }
    }

    private func judge(ulimit field: BodyField, _ facts: ContainerFacts) throws(Objection) {
        let members = try field.members(["Name", "Soft", "Hard"])
        let any = Int64.min...Int64.max
        let objection = grants.objection(
            ulimit: try members.required("Name", .limit).string(),
            soft: try members.required("Soft", .limit).integer(any, .limit),
            hard: try members.required("Hard", .limit).integer(any, .limit)
        )
        guard enforces(.ulimit, facts), let objection else { return }
        throw field.objection(.limit, objection)
    }

    /// Name servers and host entries: addresses, and no name of the node.
    func judge(resolver host: Members, _ facts: ContainerFacts) throws(Objection) {
        for field in try host["ExtraHosts"]?.elements() ?? [] {
            let parts = try field.string().split(separator: ":", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw field.objection(.name, "this is not name:address") }
            if enforces(.hostEntry, facts),
                let objection = Grants.objection(hostEntry: parts[0], address: parts[1])
            {
                throw field.objection(.name, objection)
            }
        }
        for field in try host["Dns"]?.elements() ?? [] where try !Text.isAddress(field.string()) {
            throw field.objection(.name, "this is no IP address")
        }
        for key in ["DnsOptions", "DnsSearch"] {
            for field in try host[key]?.elements() ?? []
            where try !Text.isPrintable(field.string()) {
                throw field.objection(.name, "this has characters that can't be seen")
            }
        }
    }
}
