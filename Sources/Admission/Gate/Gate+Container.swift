internal import Model

/// The body that a container is created from.
extension Gate {
    func createContainer(_ call: Call, _ body: BodyField) throws(Objection) {
        try call.matches("POST", "containers", "create")
        try ownContainerName(try call.queries("name")["name"])
        let members = try body.members(Gate.containerKeys)
        let host = try members.required("HostConfig").members(Gate.hostKeys)
        let labels = try members.required("Labels", .label)
        try judge(labels: labels, of: .container)
        try judge(image: members.required("Image", .image), labels: labels)
        let usesShared = try judge(binds: host["Binds"])
        try judge(user: members["User"], usesShared: usesShared)
        try judge(privileges: host, usesShared: usesShared)
        let memory = try judge(limits: host)
        try judge(tmpfs: host["Tmpfs"], memory: memory)
        try judge(ports: members, host)
        try judge(network: host, members["NetworkingConfig"])
        try judge(process: members)
        try judge(restart: host["RestartPolicy"])
        try judge(log: host["LogConfig"])
        try host["ReadonlyRootfs"]?.bool()
        try host["Init"]?.bool()
    }

    private static let containerKeys: Set<String> = [
        "Image", "Cmd", "Entrypoint", "Env", "ExposedPorts", "Hostname", "User", "WorkingDir",
        "Labels", "Tty", "StopSignal", "StopTimeout", "Healthcheck", "Volumes", "HostConfig",
        "NetworkingConfig",
    ]

    private static let hostKeys: Set<String> = [
        "Binds", "CapAdd", "CapDrop", "SecurityOpt", "Privileged", "ReadonlyRootfs", "Init",
        "Tmpfs", "Memory", "MemorySwap", "MemoryReservation", "NanoCpus", "PidsLimit",
        "PortBindings", "RestartPolicy", "NetworkMode", "LogConfig",
    ]

    /// One of the stack's pins, of a reference that is granted today; what the image itself
    /// brings is judged too, since no file shows it.
    private func judge(image field: BodyField, labels: BodyField) throws(Objection) {
        let image = try field.string()
        let candidates = pins.filter { Text.equal($0.pinned, image) }
        guard !candidates.isEmpty else {
            throw field.objection(.image, "this is no pin of the stack")
        }
        guard
            let pin = candidates.first(where: { pin in
                if case .granted = grants.judge(image: pin.reference) { true } else { false }
            })
        else { throw field.objection(.image, "this pin is of an image that is not granted") }
        let set = Set(try labels.entries().map(\.key))
        for label in pin.config.labels.keys
        where Text.hasPrefix(label + ".", Labels.prefix) && !set.contains(label) {
            throw field.objection(.label, "the image brings a label that is Gyre's")
        }
        for volume in pin.config.volumes where Gate.isReserved("/" + volume) {
            throw field.objection(.target, "the image brings a volume where none may be mounted")
        }
    }

    private func judge(user field: BodyField?, usesShared: Bool) throws(Objection) {
        let user = try field?.string()
        if let user, !Text.isPrintable(user) {
            throw Objection(.identity, "body.User", "this user has characters that can't be seen")
        }
        guard usesShared, let objection = grants.objection(toUser: user) else { return }
        throw Objection(.identity, "body.User", "beside a shared file system, \(objection)")
    }

    /// What runs inside: harmless to the node, but every value has its type and bound.
    private func judge(process members: Members) throws(Objection) {
        for key in ["Cmd", "Entrypoint", "Env"] { _ = try members[key]?.strings() }
        try members["Tty"]?.bool()
        try members["StopTimeout"]?.integer(0...Bound.stopSeconds, .limit)
        if let field = members["Hostname"], try !Text.isHostName(field.string()) {
            throw field.objection(.name, "this is no host name")
        }
        if let field = members["StopSignal"], try !Text.isSignal(field.string()) {
            throw field.objection(.body, "this is no signal")
        }
        if let field = members["WorkingDir"] {
            let directory = try field.string()
            guard directory == "/" || !Gate.isReserved(directory) else {
                throw field.objection(.target, "no process may start there")
            }
        }
        for (target, field) in try members["Volumes"]?.entries() ?? [] {
            _ = try field.members([])
            guard !Gate.isReserved(target) else {
                throw field.objection(.target, "nothing may be mounted there")
            }
        }
        if let check = members["Healthcheck"] { try judge(healthcheck: check) }
    }

    private func judge(healthcheck field: BodyField) throws(Objection) {
        let members = try field.members(["Test", "Interval", "Timeout", "StartPeriod", "Retries"])
        _ = try members["Test"]?.strings()
        if let interval = members["Interval"], try interval.integer(0...(.max), .limit) != 0 {
            try interval.integer(1_000_000_000...(.max), .limit)
        }
        for key in ["Timeout", "StartPeriod", "Retries"] {
            try members[key]?.integer(0...(.max), .limit)
        }
    }

    static func isReserved(_ path: String) -> Bool {
        AbsolutePath(path)?.isReservedInContainer ?? true
    }
}
