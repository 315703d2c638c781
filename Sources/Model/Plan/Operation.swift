/// What a step does: one call to the engine, or a wait.
package enum Operation: Hashable, Codable, Sendable {
    case pullImage(ImagePull)
    case createNetwork(NetworkSpec)
    case removeNetwork(ObjectRef)
    case createVolume(VolumeSpec)
    /// The container that contents are shipped through, and binds looked at; it is never started.
    case createCarrier(CarrierSpec)
    case ship(Shipment)
    /// Takes away a volume that holds a content, and can name no other.
    case removeContent(ContentVolume)
    case createContainer(ContainerSpec)
    case connect(ContainerRef, NetworkAttachment)
    case disconnect(ContainerRef, network: ObjectRef)
    case start(ContainerRef)
    case unpause(ContainerRef)
    /// With the time it may take to end by itself; nil leaves that to what it was created with.
    case stop(ContainerRef, grace: Nanoseconds?)
    /// Stops and starts in one call, so that nothing can come between the two.
    case restart(ContainerRef, grace: Nanoseconds?)
    case update(ContainerRef, ObservedContainer.Limits)
    case rename(ContainerRef, to: String)
    case remove(ContainerRef)
    case wait(ContainerRef, WaitCondition)
    /// Makes, changes or removes a service, config or secret of a Swarm.
    case change(SwarmChange)
    /// Waits until the tasks of a Swarm's service have come up.
    case settle(ServiceRef)
}

extension Operation {
    /// Whether it changes nothing, and only waits.
    package var isWait: Bool {
        switch self {
        case .wait, .settle: true
        default: false
        }
    }

    /// The container that it deals with, where it deals with an existing or created one.
    package var container: ContainerRef? {
        switch self {
        case .connect(let container, _), .disconnect(let container, _), .start(let container),
            .unpause(let container), .stop(let container, _), .restart(let container, _),
            .update(let container, _), .rename(let container, _), .remove(let container),
            .wait(let container, _):
            container
        case .ship(let shipment): shipment.carrier
        case .pullImage, .createNetwork, .removeNetwork, .createVolume, .createContainer,
            .createCarrier, .removeContent, .change, .settle:
            nil
        }
    }
}

/// An object of the engine by id, and its name for people.
package struct ObjectRef: Hashable, Codable, Sendable {
    package var id: String
    package var name: String

    package init(id: String, name: String) {
        self.id = id
        self.name = name
    }
}

/// A container, which an earlier step of the plan may still have to create.
package struct ContainerRef: Hashable, Codable, Sendable, CustomStringConvertible {
    package var slot: Slot
    /// nil: the one that this plan creates for the slot.
    package var id: String?
    /// Its name at that step.
    package var name: String

    package init(slot: Slot, id: String?, name: String) {
        self.slot = slot
        self.id = id
        self.name = name
    }

    package var description: String { name }
}

/// An image to be pulled, for all services that need it.
package struct ImagePull: Hashable, Codable, Sendable {
    /// The services that need it.
    package var services: [String]
    /// As the file writes it.
    package var reference: String
    /// What it must be, where that is known: `httpd@sha256:…`.
    package var digest: String?

    package init(services: [String], reference: String, digest: String?) {
        self.services = services
        self.reference = reference
        self.digest = digest
    }
}

/// A network to be created: everything of its request but the claim.
package struct NetworkSpec: Hashable, Codable, Sendable {
    package var key: String
    /// With all labels of its request but the claim.
    package var network: Stack.Network

    package init(key: String, network: Stack.Network) {
        self.key = key
        self.network = network
    }

    package var name: String { network.name }
}

/// A volume to be created: everything of its request but the claim.
package struct VolumeSpec: Hashable, Codable, Sendable {
    package var key: String
    /// With all labels of its request but the claim.
    package var volume: Stack.Volume

    package init(key: String, volume: Stack.Volume) {
        self.key = key
        self.volume = volume
    }

    package var name: String { volume.name }
}

/// How a container joins a network.
package struct NetworkAttachment: Hashable, Codable, Sendable {
    /// The network's name on the engine.
    package var network: String
    package var aliases: [String]
    /// `container:alias` pairs.
    package var links: [String]
    /// Addresses and options that the file asks for; its aliases are among ``aliases``.
    package var asked: Service.Attachment?
    /// The addresses stand where the engine tells them too, as Docker Compose has it.
    package var repeatsAddress: Bool?

    package init(
        network: String,
        aliases: [String],
        links: [String] = [],
        asked: Service.Attachment? = nil,
        repeatsAddress: Bool? = nil
    ) {
        self.network = network
        self.aliases = aliases
        self.links = links
        self.asked = asked
        self.repeatsAddress = repeatsAddress
    }
}

/// A container to be created: everything of its request but the claim, and the image where
/// that is not known before a pull.
package struct ContainerSpec: Hashable, Codable, Sendable {
    package var slot: Slot
    package var name: String
    /// Version and hash, as in ``Labels/spec``.
    package var spec: String
    /// As written.
    package var image: String
    /// nil: this plan pulls the image and learns it.
    package var pin: ImagePin?
    /// The body of the create call without `Image` and without the claim label.
    package var body: JSON
    /// Networks beyond the one that the body names; joined after creation.
    package var furtherNetworks: [NetworkAttachment]
    /// What it mounts of its commit; how depends on the engine.
    package var contents: [ContentMount]
    /// The containers in whose namespaces it lives, by namespace; the body names them, and the
    /// request has their ids.
    package var joins: [JoinedNamespace: ContainerRef] = [:]

    package init(
        slot: Slot,
        name: String,
        spec: String,
        image: String,
        pin: ImagePin?,
        body: JSON,
        furtherNetworks: [NetworkAttachment],
        contents: [ContentMount] = []
    ) {
        self.slot = slot
        self.name = name
        self.spec = spec
        self.image = image
        self.pin = pin
        self.body = body
        self.furtherNetworks = furtherNetworks
        self.contents = contents
    }
}

/// What a wait waits for.
package enum WaitCondition: Hashable, Codable, Sendable {
    case healthy
    /// Exited with status 0.
    case completed
    /// Running, healthy where it has a health check, through the stability window.
    case stable
    /// The same, since it was started so long ago.
    case running(for: Nanoseconds)
    /// No target of the ingress any more for so long.
    case drained(for: Nanoseconds)
}

extension WaitCondition: RawRepresentable {
    /// One word, and the time behind it where there is one: `running:30000000000`.
    package var rawValue: String {
        switch self {
        case .healthy: "healthy"
        case .completed: "completed"
        case .stable: "stable"
        case .running(let span): "running:\(span.count)"
        case .drained(let span): "drained:\(span.count)"
        }
    }

    package init?(rawValue: String) {
        let parts = rawValue.split(separator: ":", maxSplits: 1)
        switch (parts.first, parts.count) {
        case ("healthy", 1): self = .healthy
        case ("completed", 1): self = .completed
        case ("stable", 1): self = .stable
        case ("running", 2), ("drained", 2):
            guard let count = Int64(parts[1]) else { return nil }
            let span = Nanoseconds(count)
            self = parts[0] == "running" ? .running(for: span) : .drained(for: span)
        default: return nil
        }
    }
}

extension Operation: CustomStringConvertible {
    /// An imperative phrase, such as `create container gateway-apache-1`.
    package var description: String {
        switch self {
        case .pullImage(let pull): "pull image \(pull.digest ?? pull.reference)"
        case .createNetwork(let spec):
            (["create network \(spec.name)"] + spec.network.subnets.filter { !$0.isEmpty })
                .joined(separator: " with ")
        case .removeNetwork(let network): "remove network \(network.name)"
        case .createVolume(let volume): "create volume \(volume.name)"
        case .createContainer(let spec): "create container \(spec.name)"
        case .createCarrier(let carrier): "create carrier \(carrier.name)"
        case .ship(let shipment): "ship \(shipment.content.name)"
        case .removeContent(let volume): "remove content \(volume.name)"
        case .connect(let container, let to): "connect \(container) to \(to.network)"
        case .disconnect(let container, let network):
            "disconnect \(container) from \(network.name)"
        case .start(let container): "start \(container)"
        case .unpause(let container): "unpause \(container)"
        case .stop(let container, _): "stop \(container)"
        case .restart(let container, _): "restart \(container)"
        case .update(let container, _): "update limits of \(container)"
        case .rename(let container, let name): "rename \(container) to \(name)"
        case .remove(let container): "remove container \(container)"
        case .wait(let container, .healthy): "wait until \(container) is healthy"
        case .wait(let container, .completed): "wait until \(container) has completed"
        case .wait(let container, .stable): "wait until \(container) is stable"
        case .change(let change): change.description
        case .settle(let service): "wait until service \(service.name) is stable"
        case .wait(let container, .running(let span)):
            "wait until \(container) has been running for \(span)"
        case .wait(let container, .drained(let span)): "drain \(container) for \(span)"
        }
    }
}
