internal import Model

/// A config or secret by which a Swarm brings a content to its nodes, named by what it holds.
struct SwarmFile {
    let content: Content
    /// Path in the container.
    let target: String
    let name: String

    /// What a service mounts of its commit, in the order of its mounts.
    static func all(of service: Service, in stack: StackID) -> [SwarmFile] {
        service.volumes.compactMap { mount in
            guard case .content(let content) = mount.source else { return nil }
            return SwarmFile(
                content: content,
                target: mount.target,
                name: content.swarmName(in: stack)
            )
        }
    }

    var kind: OwnedObject.Kind { content.isSecret ? .secret : .config }

    /// The body of the request that makes it, without what it holds and without the claim.
    func body(labels: [String: String]) -> JSON {
        ["Labels": .strings(labels), "Name": .string(name)]
    }

    /// How a service names it; `id` may stand for one that the plan makes.
    func reference(_ id: String) -> JSON {
        // What is bound may be a program, which only the commit tells.
        let attributes = content.attributes ?? Content.Attributes(mode: 0o555)
        return SwarmFile.reference(kind, name, id, at: target, attributes)
    }

    /// How a service names one of the stack's own or of others.
    static func reference(
        _ kind: OwnedObject.Kind,
        _ name: String,
        _ id: String,
        at target: String,
        _ attributes: Content.Attributes
    ) -> JSON {
        let prefix = kind == .secret ? "Secret" : "Config"
        return [
            "\(prefix)ID": .string(id), "\(prefix)Name": .string(name),
            "File": [
                "Name": .string(target), "UID": .string(String(attributes.user)),
                "GID": .string(String(attributes.group)), "Mode": .int(Int64(attributes.mode)),
            ],
        ]
    }
}

extension ObservedService {
    /// The configs and secrets that its tasks get.
    var files: [(kind: OwnedObject.Kind, name: String, id: String)] {
        let container = spec["TaskTemplate"]?["ContainerSpec"]
        let kinds: [(OwnedObject.Kind, String)] = [(.config, "Config"), (.secret, "Secret")]
        return kinds.flatMap { kind, key in
            (container?["\(key)s"]?.arrayValue ?? []).compactMap { reference in
                guard let name = reference["\(key)Name"]?.stringValue else { return nil }
                return (kind, name, reference["\(key)ID"]?.stringValue ?? "")
            }
        }
    }
}
