internal import Model
internal import YAMLTree

/// Makes the typed stack of a settled model.
///
/// The model has the right shape already; what is checked here is what an engine would refuse and
/// Compose doesn't look at.
struct StackReader {
    let loading: Loading
    let id: StackID
    let contents: ContentReader?
    private var isDeployed: Bool { contents != nil }

    private let isForSwarm: Bool
    private let adoptedName: String?

    /// `contents` as in ``ServiceReader``.
    init(
        _ loading: Loading,
        _ id: StackID,
        _ contents: ContentReader?,
        isForSwarm: Bool = false,
        adoptedName: String? = nil
    ) {
        self.loading = loading
        self.id = id
        self.contents = contents
        self.isForSwarm = isForSwarm
        self.adoptedName = adoptedName
    }

    func stack(_ model: Value, files: [String]) -> Stack {
        var stack = Stack(id: id, files: files)
        stack.adoptedName = adoptedName
        if isDeployed { checkName(model) }
        var places = SourceMap()
        model.recordPlaces(in: &places)
        contents?.declare(model)
        for service in model["services"]?.members ?? [] where service.isMapping {
            guard stack.services.count < 10_000 else {
                service.fail("too-many-services", "is one of more than 10000 services")
                break
            }
            var reader = ServiceReader(service, contents)
            reader.isForSwarm = isForSwarm
            stack.services[service.name] = reader.service(&places)
        }
        if isDeployed { takeOverMounts(in: &stack, model, &places) }
        if let contents {
            stack.texts = contents.texts
            stack.secretsKey = contents.key.id
            stack.configs = storedFiles(model["configs"]).filter { $1.origin == .external }
            stack.secrets = storedFiles(model["secrets"]).filter { $1.origin == .external }
            stack.ownFiles = ["configs", "secrets"].flatMap { ownFiles(model[$0]) }
        } else {
            stack.configs = storedFiles(model["configs"])
            stack.secrets = storedFiles(model["secrets"])
        }
        let used = Set(stack.services.values.flatMap(\.networks.keys))
        for network in model["networks"]?.members ?? [] {
            let value = self.network(network)
            if used.contains(network.name) { stack.networks[network.name] = value }
        }
        for volume in model["volumes"]?.members ?? [] {
            stack.volumes[volume.name] = self.volume(volume)
        }
        for entry in model.members where entry.name.hasPrefix("x-") {
            stack.extensions[entry.name] = entry.node.json
        }
        stack.places = places
        return stack
    }

    private func checkName(_ model: Value) {
        let own = adoptedName ?? id.composeProjectName
        guard let name = model["name"], let text = name.node.string, !text.isEmpty, text != own
        else { return }
        name.fail(
            "project-name",
            "must be the stack's own name, \"\(own)\"",
            not: text,
            fix: "remove name:, or write \"\(own)\""
        )
    }

    func network(_ value: Value) -> Stack.Network {
        var network = Stack.Network(
            name: value["name"]?.nonEmptyString ?? value.name,
            isInternal: value["internal"]?.bool ?? false,
            labels: value["labels"]?.texts ?? [:]
        )
        network.driver = value["driver"]?.node.string
        network.options = value["driver_opts"]?.texts ?? [:]
        network.addressing = value["ipam"]?.addressing ?? .init()
        network.isAttachable = value["attachable"]?.node.scalar == .bool(true)
        network.isExternal = value["external"]?.node.scalar == .bool(true)
        network.hasIPv4 = value["enable_ipv4"].flatMap { $0.isNull ? nil : $0.bool }
        network.hasIPv6 = value["enable_ipv6"].flatMap { $0.isNull ? nil : $0.bool }
        return network
    }

    private func volume(_ value: Value) -> Stack.Volume {
        if isDeployed { checkDevice(value) }
        var volume = Stack.Volume(
            name: value["name"]?.nonEmptyString ?? value.name,
            labels: value["labels"]?.texts ?? [:]
        )
        volume.driver = value["driver"]?.node.string
        volume.options = value["driver_opts"]?.texts ?? [:]
        volume.isExternal = value["external"]?.node.scalar == .bool(true)
        return volume
    }

    /// A volume may be a path of the node, which the repository's files are not.
    private func checkDevice(_ value: Value) {
        guard let device = value["driver_opts"]?["device"], device.node.marks.contains(.rooted)
        else { return }
        device.fail(
            "bind-of-repository-file",
            "binds a file of the repository, which a node doesn't have",
            fix: "name the whole path of the node"
        )
    }

    /// Configs or secrets.
    private func ownFiles(_ value: Value?) -> [Stack.OwnFile] {
        (value?.members ?? []).filter(\.isMapping).compactMap { member in
            let file = member.storedFile
            guard file.origin != .external else { return nil }
            var isVariable = false
            if case .variable = file.origin { isVariable = true }
            return Stack.OwnFile(
                path: member.path,
                key: member.name,
                name: file.name,
                labels: file.labels,
                isVariable: isVariable
            )
        }
    }

    private func storedFiles(_ value: Value?) -> [String: Stack.StoredFile] {
        let files = (value?.members ?? []).filter(\.isMapping).map { ($0.name, $0.storedFile) }
        return Dictionary(files) { first, _ in first }
    }
}

extension Value {
    /// Remembers where each value of the tree was written.
    func recordPlaces(in places: inout SourceMap) {
        for element in listed {
            places.record(element.location, at: element.path)
            element.recordPlaces(in: &places)
        }
        for member in isMapping ? members : [] where !member.node.marks.contains(.filled) {
            places.record(member.location, at: member.path)
            member.recordPlaces(in: &places)
        }
    }

    fileprivate var addressing: Stack.Network.Addressing {
        Stack.Network.Addressing(
            driver: self["driver"]?.node.string,
            pools: (self["config"]?.listed ?? []).map { pool in
                var result = Stack.Network.Pool(subnet: pool["subnet"]?.node.string)
                result.range = pool["ip_range"]?.node.string
                result.gateway = pool["gateway"]?.node.string
                result.reserved = pool["aux_addresses"]?.texts ?? [:]
                return result
            },
            options: self["options"]?.texts ?? [:]
        )
    }

    fileprivate var storedFile: Stack.StoredFile {
        let origin: Stack.StoredFile.Origin
        if node["external"]?.scalar == .bool(true) {
            origin = .external
        } else if let variable = node["environment"]?.string, !variable.isEmpty {
            origin = .variable(variable)
        } else if let text = node["content"]?.string {
            origin = .text(text)
        } else {
            origin = .file(node["file"]?.string ?? "")
        }
        var file = Stack.StoredFile(name: self["name"]?.node.string ?? name, origin: origin)
        file.labels = self["labels"]?.texts ?? [:]
        file.driver = self["driver"]?.node.string
        file.options = self["driver_opts"]?.texts ?? [:]
        file.templateDriver = self["template_driver"]?.node.string
        return file
    }

    /// Names with texts.
    var texts: [String: String] {
        Dictionary((node.entries ?? []).map { ($0.key, $0.value.text ?? "") }) { $1 }
    }

    /// The texts of a list.
    var strings: [String] { node.elements?.compactMap(\.string) ?? [] }
}
