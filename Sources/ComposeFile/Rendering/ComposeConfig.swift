package import Model

/// The stack as `docker compose config --format json` prints it.
///
/// Source: Docker Compose 5.6. What is printed depends at times on how a value was written, not
/// only on what it means (a mount in the short form gets `bind: {}`); the stack's places know it.
/// A `$` is doubled everywhere, so that the result can be read as a compose file again.
package func composeConfig(_ stack: Stack) -> JSON {
    var model: [String: JSON] = [
        "name": .string(stack.id.composeProjectName),
        "services": .object(
            Dictionary(
                uniqueKeysWithValues: stack.services.map { name, service in
                    (name, ServiceConfig(service, name: name, places: stack.places).json)
                }
            )
        ),
    ]
    let networks = stack.networks.map { ($0, $1.config(FieldPath("networks", $0), stack.places)) }
    if !networks.isEmpty { model["networks"] = .object(.init(uniqueKeysWithValues: networks)) }
    let used = Set(stack.services.values.flatMap(\.volumes).compactMap(\.key))
    let volumes = stack.volumes.filter { used.contains($0.key) }
        .map { ($0, $1.config(FieldPath("volumes", $0), stack.places)) }
    if !volumes.isEmpty { model["volumes"] = .object(.init(uniqueKeysWithValues: volumes)) }
    model.merge(stack.extensions) { own, _ in own }
    return JSON.object(model).withDoubledDollars
}

extension Stack.Network {
    fileprivate func config(_ path: FieldPath, _ places: SourceMap) -> JSON {
        .members([
            "name": .string(name), "ipam": [:],
            "driver": places.wrote(path / "driver") ? "bridge" : nil,
            "internal": isInternal ? true : nil,
            "labels": labels.isEmpty ? nil : .strings(labels),
        ])
    }
}

extension Stack.Volume {
    fileprivate func config(_ path: FieldPath, _ places: SourceMap) -> JSON {
        .members([
            "name": .string(name), "driver": places.wrote(path / "driver") ? "local" : nil,
            "labels": labels.isEmpty ? nil : .strings(labels),
        ])
    }
}

extension Mount {
    /// The declared volume that it mounts.
    fileprivate var key: String? { if case .volume(let key) = source { key } else { nil } }
}

extension JSON {
    fileprivate var withDoubledDollars: JSON {
        switch self {
        case .string(let text): .string(text.replacing("$", with: "$$"))
        case .array(let elements): .array(elements.map(\.withDoubledDollars))
        case .object(let members):
            .object(
                Dictionary(
                    uniqueKeysWithValues: members.map {
                        ($0.replacing("$", with: "$$"), $1.withDoubledDollars)
                    }
                )
            )
        default: self
        }
    }
}
