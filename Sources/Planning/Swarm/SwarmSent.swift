internal import Model

/// What a Swarm was sent of a service, told from what somebody made of it since.
///
/// A Swarm gives a spec back with a few values filled in and without empty ones (seen with
/// 20.10 and 26.1), so both are brought to one form before they are hashed.
enum SwarmSent {
    /// The hash of a body, or of what the Swarm tells.
    static func hash(of spec: JSON) -> String {
        var spec = spec.objectValue ?? [:]
        var labels = spec["Labels"]?.objectValue ?? [:]
        labels[Labels.sent] = nil
        labels[Labels.claim] = nil
        spec["Labels"] = .object(labels)
        return "1:" + SHA256Hex.of(settled(.object(spec))?.text ?? "")
    }

    /// Whether a service is as Gyre sent it; one that says nothing of that is not.
    static func isUntouched(_ service: ObservedService) -> Bool {
        service.labels[Labels.sent] == hash(of: service.spec)
    }

    /// nil for what says nothing.
    private static func settled(_ value: JSON) -> JSON? {
        switch value {
        case .null, .bool(false), .int(0), .double(0), .string(""): return nil
        case .array(let elements):
            let rest = elements.map { settled($0) ?? .null }
            return rest.isEmpty ? nil : .array(rest)
        case .object(let members):
            var rest: [String: JSON] = [:]
            for (key, member) in members {
                guard let value = settled(member), filled[key] != value else { continue }
                rest[key] = value
            }
            // To start its tasks anew changes nothing of what a service is.
            rest["ForceUpdate"] = nil
            return rest.isEmpty ? nil : .object(rest)
        default: return value
        }
    }

    /// What a Swarm says where nobody said anything.
    private static let filled: [String: JSON] = [
        "Isolation": "default", "Runtime": "container", "Mode": "vip",
    ]
}
