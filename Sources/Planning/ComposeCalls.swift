package import Model

/// What Docker Compose knows of a project besides its typed model.
package struct ComposeIdentity: Sendable {
    package var name: String
    /// The folder that relative paths start from.
    package var directory: String
    package var files: [String]
    /// `--env-file`; empty where none is named.
    package var environmentFiles: [String]
    /// `config-hash` by key.
    package var services: [String: String]
    package var networks: [String: String]
    package var volumes: [String: String]

    package init(
        name: String,
        directory: String,
        files: [String],
        environmentFiles: [String] = [],
        services: [String: String],
        networks: [String: String],
        volumes: [String: String]
    ) {
        self.name = name
        self.directory = directory
        self.files = files
        self.environmentFiles = environmentFiles
        self.services = services
        self.networks = networks
        self.volumes = volumes
    }
}

/// The bodies of the calls that bring a project up, before any of them is made.
package struct EngineCalls: Sendable {
    /// By name.
    package var networks: [JSON] = []
    package var volumes: [JSON] = []
    /// Name, platform where one is asked for, and body.
    package var containers: [JSON] = []
    /// Network, container and endpoint, where the API wants a call for each further network.
    package var connects: [JSON] = []
    /// Why the rest can't be sent; nil where all can.
    package var refusal: String?

    /// All of it as one value; lists that are empty stand there only for containers.
    package var json: JSON {
        .members([
            "networks": .unlessEmpty(networks), "volumes": .unlessEmpty(volumes),
            "containers": .array(containers), "connects": .unlessEmpty(connects),
            "exit": refusal == nil ? 0 : 1, "stderr": refusal.map(JSON.string),
        ])
    }
}

/// The calls by which `docker compose create` brings a stack up on an engine.
///
/// The bodies come from where Gyre's own come from; only names, labels and confinement differ.
/// What an engine alone knows stands as a token: `${ID:name}`, `${IMAGE_ID}`.
package struct ComposeCalls {
    private let stack: Stack
    private let identity: ComposeIdentity
    private let api: APIVersion

    package init(_ stack: Stack, _ identity: ComposeIdentity, api: APIVersion) {
        self.stack = stack
        self.identity = identity
        self.api = api
    }

    package var calls: EngineCalls {
        var calls = EngineCalls()
        calls.networks = networks
        calls.volumes = volumes
        for name in stack.serviceOrder {
            guard let service = stack.services[name] else { continue }
            if let refusal = refusal(of: service) {
                calls.refusal = refusal
                break
            }
            for number in 1...max(1, service.replicas) where service.replicas > 0 {
                add(
                    ComposeContainer(self, service, Slot(service: name, number: number)),
                    to: &calls
                )
            }
        }
        calls.containers.sort { ($0["name"]?.stringValue ?? "") < ($1["name"]?.stringValue ?? "") }
        calls.connects.sort { $0.order < $1.order }
        return calls
    }

    private func add(_ container: ComposeContainer, to calls: inout EngineCalls) {
        // Before API 1.44 a create call takes one network alone.
        let takesAll = api >= APIVersion(1, 44)
        let networks = container.networks
        let named = takesAll ? networks : Array(networks.prefix(1))
        calls.containers.append(
            .members([
                "name": .string(container.name),
                "platform": .unlessEmpty(container.service.platform.flatMap(ComposePlatform.text)),
                "body": container.body(naming: named),
            ])
        )
        for network in networks.dropFirst(named.count) {
            calls.connects.append([
                "network": .string(network.network),
                "container": .string(EngineToken.id(container.name)),
                "config": network.endpoint,
            ])
        }
    }

    private var networks: [JSON] {
        let networks = stack.networks.filter { !$0.value.isExternal }.map { key, network in
            var network = network
            network.labels.merge(labels(Labels.Compose.network, key, identity.networks[key])) {
                _,
                ours in ours
            }
            return network
        }
        return networks.sorted { $0.name < $1.name }.map(\.body)
    }

    private var volumes: [JSON] {
        let volumes = stack.volumes.filter { !$0.value.isExternal }.map { key, volume in
            var volume = volume
            volume.labels.merge(labels(Labels.Compose.volume, key, identity.volumes[key])) {
                _,
                ours in ours
            }
            return volume
        }
        return volumes.sorted { $0.name < $1.name }.map(\.body)
    }

    private func labels(_ kind: String, _ key: String, _ hash: String?) -> [String: String] {
        [
            kind: key, Labels.Compose.project: identity.name,
            Labels.Compose.version: EngineToken.version, Labels.Compose.configHash: hash ?? "",
        ]
    }

    /// What Docker Compose itself refuses when it has got as far as to this service.
    private func refusal(of service: Service) -> String? {
        let isImage = service.volumes.contains { mount in
            if case .image = mount.source { true } else { false }
        }
        if isImage, api < APIVersion(1, 48) {
            return "volume with type=image require Docker Engine v28 or later"
        }
        if let platform = service.platform, !platform.isEmpty,
            ComposePlatform.text(platform) == nil
        {
            return "\"\(platform)\": cannot parse platform specifier: invalid argument"
        }
        let isNamed = service.networks.values.contains { $0.interfaceName?.isEmpty == false }
        if isNamed, api < APIVersion(1, 49) {
            return "interface_name requires Docker Engine v28.1 or later"
        }
        return refusal(service.secrets, stack.secrets, "secret")
            ?? refusal(service.configs, stack.configs, "config")
    }

    private func refusal(
        _ mounted: [Service.MountedFile],
        _ stored: [String: Stack.StoredFile],
        _ noun: String
    ) -> String? {
        for file in mounted {
            guard let stored = stored[file.source] else { continue }
            if stored.origin == .external { return "unsupported external \(noun) \(stored.name)" }
            if stored.driver?.isEmpty == false {
                return "Docker Compose does not support \(noun)s.*.driver"
            }
            if stored.templateDriver?.isEmpty == false {
                return "Docker Compose does not support \(noun)s.*.template_driver"
            }
        }
        return nil
    }

    fileprivate var project: (stack: Stack, identity: ComposeIdentity) { (stack, identity) }
}

/// One container of a project, as Docker Compose names, labels and joins it.
private struct ComposeContainer {
    let service: Service
    private let slot: Slot
    private let stack: Stack
    private let identity: ComposeIdentity

    init(_ calls: ComposeCalls, _ service: Service, _ slot: Slot) {
        (stack, identity) = calls.project
        self.service = service
        self.slot = slot
    }

    var name: String { name(of: slot) }

    private func name(of slot: Slot) -> String {
        stack.services[slot.service]?.containerName.flatMap { $0.isEmpty ? nil : $0 }
            ?? "\(identity.name)-\(slot.service)-\(slot.number)"
    }

    func body(naming networks: [NetworkAttachment]) -> JSON {
        let written = ContainerBody(
            service: service,
            stack: stack,
            networks: networks,
            reference: { EngineToken.id(name(of: Slot(service: $0, number: 1))) }
        )
        var body = written.json.objectValue ?? [:]
        body["AttachStdout"] = true
        body["AttachStderr"] = true
        body["Image"] = .string(image)
        body["Labels"] = .strings(labels)
        var host = body["HostConfig"]?.objectValue ?? [:]
        host["Links"] = .unlessEmpty(links)
        host["NanoCpus"] = .unlessZero(service.resources.nanoCPUs.map(ComposeContainer.rounded))
        body["HostConfig"] = .object(host)
        return .object(body)
    }

    /// Docker Compose counts processors in 32 bits.
    private static func rounded(_ nanoCPUs: Int64) -> Int64 {
        Int64(Float(Double(nanoCPUs) / 1e9) * 1e9)
    }

    private var image: String {
        service.image.isEmpty ? "\(identity.name)-\(slot.service)" : service.image
    }

    /// The networks that it joins, the first one first; none where it has a `network_mode`.
    var networks: [NetworkAttachment] {
        guard (service.privileges.namespaces["network_mode"] ?? "").isEmpty else { return [] }
        let joined = service.networksInOrder
        return joined.enumerated().map { index, network in
            var asked = network.attachment
            if index == 0, asked.macAddress == nil { asked.macAddress = service.macAddress }
            return NetworkAttachment(
                network: stack.networks[network.key]?.name ?? network.key,
                aliases: [name, slot.service] + asked.aliases,
                links: links,
                asked: asked,
                repeatsAddress: true
            )
        }
    }

    /// Three for each container that is linked, and what somebody else has made.
    private var links: [String] {
        let own = service.links.flatMap { link -> [String] in
            let replicas = stack.services[link.service]?.replicas ?? 0
            let numbered = "\(link.service)-\(slot.number)"
            return (0..<replicas).flatMap { index -> [String] in
                let other = name(of: Slot(service: link.service, number: index + 1))
                return [link.alias, numbered, "\(identity.name)-\(numbered)"].map {
                    "\(other):\($0)"
                }
            }
        }
        return own + service.externalLinks.map { "\($0.container):\($0.alias)" }
    }

    /// Where it lives in another container, the id of that is hashed too.
    private var configHash: String {
        let isJoined =
            ["network_mode", "ipc", "pid"].contains {
                service.privileges.namespaces[$0]?.hasPrefix("service:") == true
            }
            || service.volumesFrom.contains { !$0.service.hasPrefix("container:") }
        return isJoined ? EngineToken.hash : identity.services[slot.service] ?? ""
    }

    private var labels: [String: String] {
        // One that no profile enables and that isn't required is no dependency.
        let present = service.dependsOn.filter { stack.services[$0.key] != nil }
        let dependencies = present.sorted { $0.key < $1.key }.map { name, dependency in
            "\(name):\(dependency.condition.rawValue):\(dependency.restart)"
        }
        let images = service.volumes.compactMap { mount -> String? in
            guard case .image = mount.source else { return nil }
            return "\(mount.target)=\(EngineToken.image)"
        }
        var ours = [
            Labels.Compose.project: identity.name, Labels.Compose.service: slot.service,
            Labels.Compose.version: EngineToken.version, Labels.Compose.oneOff: "False",
            Labels.Compose.number: String(slot.number),
            Labels.Compose.configHash: configHash,
            Labels.Compose.dependsOn: dependencies.joined(separator: ","),
            Labels.Compose.image: EngineToken.image,
            Labels.Compose.workingDirectory: identity.directory,
            Labels.Compose.configFiles: identity.files.joined(separator: ","),
        ]
        if !identity.environmentFiles.isEmpty {
            ours[Labels.Compose.environmentFile] =
                identity.environmentFiles.joined(separator: ",")
        }
        if !images.isEmpty {
            ours[Labels.Compose.imageVolumes] = images.joined(separator: ",")
        }
        return service.labels.merging(ours) { _, ours in ours }
    }
}

/// What stands for a value that only an engine, a place, or Docker Compose's own release knows.
package enum EngineToken {
    static let version = "${COMPOSE_VERSION}"
    static let image = "${IMAGE_ID}"
    /// A `config-hash` that depends on where the folder is, or on what an engine calls its own.
    package static let hash = "${HASH}"
    /// The folder that is rendered.
    package static let folder = "${CASE}"

    /// The engine's id of the object called `name`.
    static func id(_ name: String) -> String { "${ID:\(name)}" }
}

extension JSON {
    /// What connects are sorted by.
    fileprivate var order: String {
        "\(self["container"]?.stringValue ?? "") \(self["network"]?.stringValue ?? "")"
    }
}
