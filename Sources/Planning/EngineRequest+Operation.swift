internal import Admission
package import Model

/// What is known only when a step is performed.
package struct StepContext: Hashable, Sendable {
    /// The engine's id of the container that the step is about.
    package var container: String?
    /// The image of the container to create.
    package var pin: ImagePin?
    /// The token for what the step creates.
    package var claim: String?
    package var controller: String
    /// Where the node keeps contents that are files, when its engine can't mount a file of a
    /// volume by itself.
    package var places: [ContentVolume: String]
    /// The archive to ship.
    package var archive: [UInt8]?
    /// The engine's ids of the containers in whose namespaces the one to create lives.
    package var joined: [JoinedNamespace: String]
    /// Ids of the networks, configs and secrets that a service of a Swarm names.
    package var swarmIDs: [String: String] = [:]
    /// What a config or secret of a Swarm holds.
    package var data: [UInt8]?

    package init(
        container: String? = nil,
        pin: ImagePin? = nil,
        claim: String? = nil,
        controller: String,
        places: [ContentVolume: String] = [:],
        archive: [UInt8]? = nil,
        joined: [JoinedNamespace: String] = [:]
    ) {
        self.container = container
        self.pin = pin
        self.claim = claim
        self.controller = controller
        self.places = places
        self.archive = archive
        self.joined = joined
    }
}

extension EngineRequest {
    /// The one call that performs `operation`; nil for a wait, which calls nothing.
    ///
    /// Source of the paths: the Engine API reference, version 1.41.
    package init?(_ operation: Operation, in context: StepContext) {
        switch operation {
        case .wait, .settle: return nil
        case .change(let change): self.init(change, context)
        case .pullImage(let pull): self.init(pull)
        case .createNetwork(let network): self.init(network, claim: context.claim)
        case .createVolume(let volume): self.init(volume, claim: context.claim)
        case .createContainer(let spec): self.init(spec, context)
        case .createCarrier(let carrier): self.init(carrier, context)
        case .ship(let shipment): self.init(shipment, context)
        case .removeContent(let volume):
            self.init(.removeContent, "DELETE", "/volumes/\(volume.name)", target: volume.name)
        case .removeNetwork(let network):
            self.init(.removeNetwork, "DELETE", "/networks/\(network.id)", target: network.id)
        case .connect(_, let attachment):
            self.init(
                .connectNetwork,
                "POST",
                "/networks/\(attachment.network.percentEncoded)/connect",
                body: [
                    "Container": .string(context.container ?? ""),
                    "EndpointConfig": attachment.endpoint,
                ],
                target: context.container
            )
        case .disconnect(_, let network):
            self.init(
                .disconnectNetwork,
                "POST",
                "/networks/\(network.id)/disconnect",
                body: ["Container": .string(context.container ?? ""), "Force": true],
                target: context.container
            )
        default:
            guard let id = context.container else { return nil }
            self.init(operation, ofContainer: id)
        }
    }

    private init?(_ operation: Operation, ofContainer id: String) {
        let path = "/containers/\(id)"
        switch operation {
        case .start: self.init(.startContainer, "POST", path + "/start", target: id)
        case .unpause: self.init(.unpauseContainer, "POST", path + "/unpause", target: id)
        case .stop(_, let grace):
            let query = EngineRequest.wait(grace)
            self.init(.stopContainer, "POST", path + "/stop", query: query, target: id)
        case .restart(_, let grace):
            let query = EngineRequest.wait(grace)
            self.init(.restartContainer, "POST", path + "/restart", query: query, target: id)
        case .update(_, let limits):
            self.init(
                .updateContainer,
                "POST",
                path + "/update",
                body: limits.updateBody,
                target: id
            )
        case .rename(_, let name):
            self.init(
                .renameContainer,
                "POST",
                path + "/rename",
                query: [.init("name", name)],
                target: id
            )
        case .remove: self.init(.removeContainer, "DELETE", path, target: id)
        default: return nil
        }
    }

    /// The parameter `t` of the calls that stop: whole seconds until the engine kills.
    private static func wait(_ grace: Nanoseconds?) -> [QueryItem] {
        grace.map { [.init("t", String($0.secondsRoundedUp))] } ?? []
    }

    private init(_ pull: ImagePull) {
        let wanted = ImageReference(pull.digest ?? pull.reference)
        self.init(
            .pullImage,
            "POST",
            "/images/create",
            query: [
                .init("fromImage", wanted?.familiarName ?? pull.reference),
                .init("tag", wanted?.digest ?? wanted?.tag ?? "latest"),
            ]
        )
    }

    private init(_ spec: NetworkSpec, claim: String?) {
        var network = spec.network
        network.labels[Labels.claim] = claim
        // The engine's own default, said; and a second network of one name is refused.
        network.driver = network.driver ?? "bridge"
        var body = network.body.objectValue ?? [:]
        body["CheckDuplicate"] = true
        self.init(.createNetwork, "POST", "/networks/create", body: .object(body))
    }

    private init(_ spec: VolumeSpec, claim: String?) {
        var volume = spec.volume
        volume.labels[Labels.claim] = claim
        volume.driver = volume.driver ?? "local"
        self.init(.createVolume, "POST", "/volumes/create", body: volume.body)
    }

    /// nil where a container that it is to live in was never created.
    private init?(_ spec: ContainerSpec, _ context: StepContext) {
        var body = spec.body.objectValue ?? [:]
        var labels = body["Labels"]?.objectValue ?? [:]
        labels[Labels.claim] = context.claim.map(JSON.string)
        let pin = context.pin ?? spec.pin
        for key in pin?.config.composeLabels ?? [] where labels[key] == nil { labels[key] = "" }
        if !spec.joins.isEmpty {
            var host = body["HostConfig"]?.objectValue ?? [:]
            var joined: [Joined] = []
            for (namespace, container) in spec.joins {
                guard let id = context.joined[namespace] else { return nil }
                host[namespace.engineKey] = .string("container:\(id)")
                joined.append(Joined(namespace, of: container.slot.service, id: id))
            }
            labels[Labels.joins] = .string(Joined.label(joined))
            body["HostConfig"] = .object(host)
        }
        body["Labels"] = .object(labels)
        body["Image"] = pin.map { .string($0.pinned) }
        if !spec.contents.isEmpty {
            var host = body["HostConfig"]?.objectValue ?? [:]
            let mounts = spec.contents.map { $0.mount(at: context.places[$0.volume]) }
            host["Mounts"] = .array((host["Mounts"]?.arrayValue ?? []) + mounts)
            body["HostConfig"] = .object(host)
        }
        self.init(
            .createContainer,
            "POST",
            "/containers/create",
            query: [.init("name", spec.name)],
            body: .object(body)
        )
    }
}

extension Nanoseconds {
    /// Rounded up: to the engine zero seconds means to kill at once.
    var secondsRoundedUp: Int64 {
        let (seconds, rest) = count.quotientAndRemainder(dividingBy: 1_000_000_000)
        return rest > 0 ? seconds + 1 : seconds
    }
}

extension ObservedContainer.Limits {
    /// The body of an update call that sets all of them.
    fileprivate var updateBody: JSON {
        .members([
            "Memory": .int(memory), "MemorySwap": .int(memoryAndSwap ?? memory),
            "MemoryReservation": .int(memoryReservation), "NanoCpus": .int(nanoCPUs),
            "PidsLimit": .int(pids), "RestartPolicy": restart.engineValue,
            "CpuShares": .unlessZero(processors?.shares),
            "CpuQuota": .unlessZero(processors?.quota),
            "CpuPeriod": .unlessZero(processors?.period),
            "CpusetCpus": .unlessEmpty(processors?.set),
        ])
    }
}

extension String {
    /// As one component of a path (RFC 3986, section 2.3: all but unreserved characters).
    fileprivate var percentEncoded: String {
        utf8.reduce(into: "") { text, byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                text += byte < 0x10 ? "%0\(digits)" : "%\(digits)"
            }
        }
    }
}
