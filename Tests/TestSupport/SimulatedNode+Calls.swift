package import Model
internal import Planning

extension SimulatedNode {
    /// Performs one operation; `id` is that of the container that it is about.
    ///
    /// - Parameters:
    ///   - operation: Any but a wait, which is the controller's own.
    ///   - id: Of the container that it is about; nil when it is about none.
    ///   - pin: The image of the container to create.
    /// - Returns: The id of what was created.
    /// - Throws: What the engine would refuse it for.
    package mutating func call(
        _ operation: Operation,
        on id: String?,
        pin: ImagePin?
    ) throws(Refusal) -> String? {
        switch operation {
        case .pullImage(let pull):
            let digest = pull.digest ?? SimulatedNode.pin(pull.reference).digest
            images.insert(SimulatedNode.imageID(of: digest ?? ""))
        case .createNetwork(let spec): return try createNetwork(spec)
        case .removeNetwork(let network): try removeNetwork(network.id)
        case .createVolume(let spec):
            volumes[spec.name] = ObservedVolume(name: spec.name, labels: spec.volume.labels)
        case .createContainer(let spec): return try create(spec, from: pin)
        case .createCarrier(let carrier): return try create(carrier)
        case .ship(let shipment): try fill(shipment.volume, through: try known(id))
        case .removeContent(let volume): try remove(volume)
        case .wait, .settle: throw Refusal("the engine has no call for a wait")
        case .change: throw Refusal("this node is not a swarm manager")
        case .connect(_, let attachment): try connect(try known(id), attachment)
        case .disconnect(_, let network):
            containers[try known(id)]?.seen.networks[network.name] = nil
        case .start: try start(try known(id))
        case .unpause:
            let id = try known(id)
            guard containers[id]?.seen.state == .paused else { throw Refusal("it is not paused") }
            containers[id]?.seen.state = .running
        case .stop: stop(try known(id))
        case .restart:
            let id = try known(id)
            stop(id)
            try start(id)
        case .update(_, let limits): containers[try known(id)]?.update(limits)
        case .rename(_, let name):
            let id = try known(id)
            try claim(name)
            containers[id]?.seen.name = name
        case .remove: try remove(try known(id))
        }
        return nil
    }

    private func known(_ id: String?) throws(Refusal) -> String {
        guard let id, containers[id] != nil else { throw Refusal("no such container") }
        return id
    }

    private func claim(_ name: String) throws(Refusal) {
        guard !containers.values.contains(where: { $0.seen.name == name }) else {
            throw Refusal("the name \(name) is in use")
        }
    }

    private mutating func createNetwork(_ spec: NetworkSpec) throws(Refusal) -> String {
        guard !networks.values.contains(where: { $0.name == spec.name }) else {
            throw Refusal("network \(spec.name) exists already")
        }
        let asked = spec.network.subnets.compactMap(Subnet.init)
        let there = networks.values.flatMap(\.subnets).compactMap(Subnet.init)
        guard !asked.contains(where: { subnet in there.contains { $0.overlaps(subnet) } }) else {
            throw Refusal("Pool overlaps with other one on this address space")
        }
        let id = newID("network")
        networks[id] = ObservedNetwork(
            id: id,
            name: spec.name,
            labels: spec.network.labels,
            isInternal: spec.network.isInternal,
            subnets: spec.network.subnets
        )
        return id
    }

    private mutating func removeNetwork(_ id: String) throws(Refusal) {
        guard networks[id] != nil else { throw Refusal("no such network") }
        let isUsed = containers.values.contains {
            $0.isRunning && $0.seen.networks.values.contains(id)
        }
        guard !isUsed else { throw Refusal("the network has active endpoints") }
        networks[id] = nil
    }

    private mutating func create(
        _ spec: ContainerSpec,
        from pin: ImagePin?
    ) throws(Refusal) -> String {
        try claim(spec.name)
        guard let pin, images.contains(pin.imageID) else { throw Refusal("no such image") }
        let id = newID("container")
        var container = Container(creating: spec, id: id, from: pin, at: clock)
        container.behaviour =
            behaviours[pin.imageID]
            ?? (spec.image.hasPrefix(StackGenerator.taskImage) ? .exits(0) : .runs)
        if container.behaviour == .sickens, let slot = container.seen.slot, spared.contains(slot) {
            container.behaviour = .runs
        }
        for volume in container.seen.volumes where volumes[volume] == nil {
            throw Refusal("the engine would make volume \(volume) without labels")
        }
        for mount in spec.contents where !filled.contains(mount.volume.name) {
            throw Refusal("\(mount.content.name) is not there yet")
        }
        containers[id] = container
        return id
    }

    private mutating func connect(
        _ id: String,
        _ attachment: NetworkAttachment
    ) throws(Refusal) {
        guard let network = networks.values.first(where: { $0.name == attachment.network }) else {
            throw Refusal("no network \(attachment.network)")
        }
        guard let container = containers[id], container.seen.networks[network.name] == nil else {
            throw Refusal("it is attached to \(attachment.network) already")
        }
        containers[id]?.seen.networks[network.name] = container.isRunning ? network.id : ""
    }

    private mutating func start(_ id: String) throws(Refusal) {
        guard let container = containers[id], !container.isRunning else { return }
        guard container.seen.state == .created || container.seen.state == .exited else {
            throw Refusal("it is \(container.seen.state.rawValue)")
        }
        for joined in Joined.reading(container.seen.labels[Labels.joins]) {
            guard containers[joined.id]?.isRunning == true else {
                throw Refusal("cannot join \(joined.namespace.rawValue) of a container that is off")
            }
        }
        for (name, joined) in container.seen.networks {
            let network = networks.values.first { $0.name == name }
            guard let network, joined.isEmpty || joined == network.id else {
                throw Refusal("network \(name) not found")
            }
            containers[id]?.seen.networks[name] = network.id
            containers[id]?.seen.addresses[name] = "10.0.0.\(addresses)"
        }
        addresses += 1
        for other in containers.values where other.isRunning {
            let shared = other.seen.ports.intersection(container.seen.ports)
            guard shared.isEmpty else {
                throw Refusal("port \(shared.sorted()[0]) is taken by \(other.seen.name)")
            }
        }
        let date = clock
        containers[id]?.begin(at: time, dated: date)
    }

    private mutating func stop(_ id: String) {
        guard containers[id]?.isRunning == true else { return }
        containers[id]?.seen.state = .exited
        containers[id]?.seen.exitCode = stopCode
        containers[id]?.seen.health = nil
        containers[id]?.seen.addresses = [:]
    }

    private mutating func remove(_ id: String) throws(Refusal) {
        guard let container = containers[id] else { return }
        guard !container.isRunning else { throw Refusal("it is running") }
        guard container.seen.state != .removing else {
            throw Refusal("its removal is in progress already")
        }
        containers[id] = nil
    }
}
