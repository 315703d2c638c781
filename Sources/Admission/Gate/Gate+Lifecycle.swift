internal import Model

/// Calls that change or remove what exists: only what the journal owns.
extension Gate {
    func start(_ call: Call) throws(Objection) {
        let verb = call.action == .startContainer ? "start" : "unpause"
        try ownedContainer(call, verb)
        _ = try call.queries()
    }

    func stop(_ call: Call, _ verb: String) throws(Objection) {
        try ownedContainer(call, verb)
        guard let seconds = try call.queries("t")["t"] else { return }
        // How long a container may ask for is judged when it is made: one that was let is stopped.
        guard Text.number(seconds, atMost: Bound.longestStop) != nil else {
            throw Objection(.limit, "query.t", "this is no time that the gate allows")
        }
    }

    func kill(_ call: Call) throws(Objection) {
        try ownedContainer(call, "kill")
        guard let signal = try call.queries("signal")["signal"] else { return }
        guard Text.isSignal(signal) else {
            throw Objection(.call, "query.signal", "this is no signal")
        }
    }

    func rename(_ call: Call) throws(Objection) {
        try ownedContainer(call, "rename")
        try ownContainerName(try call.queries("name")["name"])
    }

    /// Never with its anonymous volumes (`v`), which may hold data, nor as a link.
    func removeContainer(_ call: Call) throws(Objection) {
        let id = try call.matches("DELETE", "containers", "*")
        try own(id, call)
        let force = try call.queries("force")["force"]
        guard force == nil || ["0", "1", "true", "false"].contains(force) else {
            throw Objection(.call, "query.force", "this is neither true nor false")
        }
    }

    func removeNetwork(_ call: Call) throws(Objection) {
        if rules != nil { return try removeSwarmObject(call, "networks") }
        try own(try call.matches("DELETE", "networks", "*"), call)
        _ = try call.queries()
    }

    /// Removes data: the journal must own the volume, and a person must have confirmed it.
    func removeVolume(_ call: Call) throws(Objection) {
        let name = try call.matches("DELETE", "volumes", "*")
        _ = try call.queries()
        guard let target = call.target, Text.equal(target, name), owned.contains(name) else {
            throw Objection(.ownership, "path", "the journal doesn't own this volume")
        }
        guard confirmedVolumeRemovals.contains(name) else {
            throw Objection(.volumeRemoval, "path", "nobody confirmed the removal of this volume")
        }
    }

    func ownedContainer(_ call: Call, _ verb: String) throws(Objection) {
        try own(try call.matches("POST", "containers", "*", verb), call)
    }

    /// Wants `id` to be the call's target, an id rather than a name, and in the journal.
    func own(_ id: String, _ call: Call) throws(Objection) {
        guard let target = call.target, Text.equal(target, id) else {
            throw Objection(.ownership, "path", "the path names something else than the target")
        }
        guard Gate.isID(id), owned.contains(id) else {
            throw Objection(.ownership, "path", "the journal doesn't own this object")
        }
    }

    func ownContainerName(_ name: String?) throws(Objection) {
        guard let name, tenant.allows(containerName: name, of: stack),
            !tenant.isClaimed(name, beside: stack)
        else {
            throw Objection(.name, "query.name", "this is no container name of the stack")
        }
    }

    /// An engine's id in full; anything shorter may match a name or another object.
    static func isID(_ text: String) -> Bool {
        text.utf8.count == 64
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}
