package import Model
internal import Admission

extension ContainerSpec {
    /// What a slot's container is created from, in the shape of Engine API 1.41.
    ///
    /// Source of the fields: the Engine API reference, `ContainerCreate`. The first network is
    /// named by the body; the engine takes further ones by a connect call after creation.
    package init(slot: Slot, name: String, of desired: Desired, owner controller: String) {
        let stack = desired.admitted.stack
        guard let admitted = desired.admitted.effective[slot.service] else {
            preconditionFailure("an admitted stack has every service of its stack")
        }
        let networks = ContainerSpec.attachments(of: slot.service, in: stack)
        let rendering = Rendering(
            slot: slot,
            controller: controller,
            stack: stack,
            admitted: admitted,
            ports: desired.ports(of: slot),
            spec: desired.specs[slot.service] ?? "",
            isTask: desired.isTask(slot.service),
            network: networks.first
        )
        self.init(
            slot: slot,
            name: name,
            spec: rendering.spec,
            image: admitted.service.image,
            pin: desired.pins[slot.service],
            body: rendering.body,
            furtherNetworks: Array(networks.dropFirst()),
            contents: ContainerSpec.contents(of: admitted.service, in: stack, controller)
        )
    }

    private static func contents(
        of service: Service,
        in stack: Stack,
        _ controller: String
    ) -> [ContentMount] {
        service.volumes.compactMap { mount in
            guard case .content(let content) = mount.source else { return nil }
            let volume = ContentVolume(of: content, in: stack.id, controller: controller)
            return ContentMount(content: content, volume: volume, target: mount.target)
        }
    }

    /// The networks of a service by name on the engine, the one that the body names first.
    package static func attachments(
        of service: String,
        in stack: Stack
    ) -> [NetworkAttachment] {
        guard let joined = stack.services[service] else { return [] }
        let given = [joined.containerName].compactMap(\.self)
        let links = joined.links.filter { $0.alias != $0.service }
        return joined.networksInOrder.enumerated().map { index, network in
            let key = network.key
            var attachment = network.attachment
            if index == 0, attachment.macAddress == nil {
                attachment.macAddress = joined.macAddress
            }
            let names = stack.isGuest(on: key) ? given : [service] + given.filter { $0 != service }
            let reachable = links.filter { stack.services[$0.service]?.networks[key] != nil }
            return NetworkAttachment(
                network: stack.networks[key]?.name ?? key,
                aliases: names + attachment.aliases.filter { !names.contains($0) },
                links: reachable.flatMap { link in
                    let replicas = stack.services[link.service]?.replicas ?? 0
                    return (0..<replicas).map { index in
                        let slot = Slot(service: link.service, number: index + 1)
                        return "\(stack.containerName(of: slot)):\(link.alias)"
                    }
                },
                asked: attachment.asksMore ? attachment : nil
            )
        }
    }
}

extension Slot {
    /// `<compose project name>-<service>-<number>`, as Compose names it.
    package func containerName(in stack: StackID) -> String {
        "\(stack.composeProjectName)-\(service)-\(number)"
    }
}

extension Stack {
    /// What the container of a slot is called: as its file says, or else as Compose does it.
    package func containerName(of slot: Slot) -> String {
        services[slot.service]?.containerName
            ?? "\(composeProjectName)-\(slot.service)-\(slot.number)"
    }
}

extension Service {
    /// Its networks, the one that a container joins first before the others.
    var networksInOrder: [(key: String, attachment: Attachment)] {
        networks.map { (key: $0.key, attachment: $0.value) }.sorted { a, b in
            let (first, second) = (a.attachment.priority, b.attachment.priority)
            return first == second ? a.key < b.key : first > second
        }
    }
}

extension Service.Attachment {
    /// Whether it says more than aliases and an order.
    fileprivate var asksMore: Bool {
        var plain = Service.Attachment(aliases: aliases)
        plain.priority = priority
        return self != plain
    }
}
