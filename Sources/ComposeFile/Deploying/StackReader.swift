internal import Model
internal import YAMLTree

/// Makes the typed stack of a settled model.
///
/// The model has the right shape already; what is checked here is what an engine would refuse and
/// Compose doesn't look at.
struct StackReader {
    private let loading: Loading
    private let id: StackID
    private let contents: ContentReader

    init(_ loading: Loading, _ id: StackID, _ contents: ContentReader) {
        self.loading = loading
        self.id = id
        self.contents = contents
    }

    func stack(_ model: Value, files: [String]) -> Stack {
        var stack = Stack(id: id, files: files)
        checkName(model)
        var places = SourceMap()
        model.recordPlaces(in: &places)
        for service in model["services"]?.members ?? [] where service.isMapping {
            guard stack.services.count < 10_000 else {
                service.fail("too-many-services", "is one of more than 10000 services")
                break
            }
            stack.services[service.name] = ServiceReader(service, contents).service(&places)
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
        guard let name = model["name"], let text = name.node.string, !text.isEmpty,
            text != id.composeProjectName
        else { return }
        name.fail(
            "project-name",
            "must be the stack's own name, \"\(id.composeProjectName)\"",
            not: text,
            fix: "remove name:, or write \"\(id.composeProjectName)\""
        )
    }

    private func network(_ value: Value) -> Stack.Network {
        checkDriver(value, "bridge")
        checkExternal(value, "networks")
        return Stack.Network(
            name: value["name"]?.nonEmptyString ?? value.name,
            isInternal: value["internal"]?.bool ?? false,
            labels: value["labels"]?.texts ?? [:]
        )
    }

    private func volume(_ value: Value) -> Stack.Volume {
        checkDriver(value, "local")
        checkExternal(value, "volumes")
        return Stack.Volume(
            name: value["name"]?.nonEmptyString ?? value.name,
            labels: value["labels"]?.texts ?? [:]
        )
    }

    /// `driver`, of which an engine without plugins has one.
    private func checkDriver(_ value: Value, _ only: String) {
        guard let driver = value["driver"], let text = driver.node.string, text != only else {
            return
        }
        driver.fail(
            "not-supported",
            "must be \(only); other drivers are not handled yet",
            fix: "remove it"
        )
    }

    /// `external`, which would reach what other stacks own.
    private func checkExternal(_ value: Value, _ noun: String) {
        guard let external = value["external"], external.node.scalar == .bool(true) else { return }
        external.fail(
            "not-supported",
            "asks for \(noun) of other stacks, which is not handled yet",
            fix: "remove external:; the stack gets its own"
        )
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

    /// Names with texts.
    var texts: [String: String] {
        Dictionary((node.entries ?? []).map { ($0.key, $0.value.text ?? "") }) { $1 }
    }

    /// The texts of a list.
    var strings: [String] { node.elements?.compactMap(\.string) ?? [] }
}
