internal import Model

/// The form in which what `docker stack` would send of a service is compared with what a Swarm
/// tells.
///
/// A Swarm gives back what it was sent, with a few values filled in and without empty ones (seen
/// with 20.10 and 26.1), and Docker's client adds what it found out: digests and platforms.
enum ServiceForm {
    /// The fields in which `found` differs from what would be `sent`, by name alone: what they hold
    /// may be a secret.
    ///
    /// `networks` are names by the ids that a Swarm has for them.
    static func differences(
        of found: JSON,
        from sent: JSON,
        networks: [String: String]
    ) -> [String] {
        let image = sent["TaskTemplate"]?["ContainerSpec"]?["Image"]?.stringValue ?? ""
        var seen = settled(found) ?? [:]
        seen.change(["TaskTemplate", "ContainerSpec", "Image"]) { value in
            // What a tag was when it was deployed doesn't change what the file says.
            guard !image.contains("@"), let text = value.stringValue else { return value }
            return .string(String(text.prefix { $0 != "@" }))
        }
        seen.change(["TaskTemplate", "Networks"]) { value in
            let named = (value.arrayValue ?? []).map { network in
                var network = network
                network.change(["Target"]) { id in
                    .string(id.stringValue.flatMap { networks[$0] } ?? "")
                }
                return network
            }
            return .array(byTarget(named))
        }
        var wanted = settled(sent) ?? [:]
        wanted.change(["TaskTemplate", "Networks"]) { .array(byTarget($0.arrayValue ?? [])) }
        return names(seen, wanted, "")
    }

    private static func byTarget(_ networks: [JSON]) -> [JSON] {
        networks.sorted { ($0["Target"]?.stringValue ?? "") < ($1["Target"]?.stringValue ?? "") }
    }

    private static func names(_ found: JSON?, _ sent: JSON?, _ path: String) -> [String] {
        if found == sent { return [] }
        let isMap = path.split(separator: ".").last.map { maps.contains(String($0)) } ?? false
        guard !isMap, let one = found?.objectValue, let other = sent?.objectValue
        else { return [path] }
        return Set(one.keys).union(other.keys).sorted().flatMap { key in
            names(one[key], other[key], path.isEmpty ? key : "\(path).\(key)")
        }
    }

    /// nil for what says nothing.
    private static func settled(_ value: JSON, under key: String = "") -> JSON? {
        switch value {
        case .null, .string(""): return nil
        case .bool(false), .int(0): return kept.contains(key) ? value : nil
        case .double(let number) where number == number.rounded() && abs(number) < 1e15:
            return settled(.int(Int64(number)), under: key)
        case .array(let elements):
            let rest = elements.map { settled($0) ?? .null }
            return rest.isEmpty ? nil : .array(rest)
        case .object(var members) where maps.contains(key):
            // The image as written, which is compared where it counts.
            members[Labels.Swarm.image] = nil
            return members.isEmpty ? nil : .object(members)
        case .object(let members):
            var rest: [String: JSON] = [:]
            for (name, member) in members where !silent.contains(name) {
                // Of a mode that has no more to say, its name says it all.
                let least: JSON? = key == "Mode" ? [:] : nil
                guard let inner = settled(member, under: name) ?? least, filled[name] != inner
                else { continue }
                rest[name] = inner
            }
            if key == "Replicated" { rest["Replicas"] = rest["Replicas"] ?? 1 }
            return rest.isEmpty ? nil : .object(rest)
        default: return value
        }
    }

    /// Whose keys somebody chose.
    private static let maps: Set = ["Labels", "Options", "Sysctls", "DriverOpts"]
    /// What isn't the same when it is left out.
    private static let kept: Set = ["Init", "Parallelism", "Replicas"]
    /// What no file says: ids, what Docker's client found out, and what only its desktop heeds.
    private static let silent: Set = [
        "ConfigID", "SecretID", "ForceUpdate", "Platforms", "Runtime", "Consistency",
    ]
    /// What a Swarm says where nobody said anything.
    private static let filled: [String: JSON] = [
        "Isolation": "default", "Mode": "vip", "Condition": "any", "FailureAction": "pause",
        "Order": "stop-first", "Protocol": "tcp", "PublishMode": "ingress",
        "Propagation": "rprivate",
    ]
}

extension JSON {
    /// Changes what stands at `path`, if anything does.
    fileprivate mutating func change(_ path: [String], _ body: (JSON) -> JSON) {
        guard let key = path.first else {
            self = body(self)
            return
        }
        guard var members = objectValue, var inner = members[key] else { return }
        inner.change(Array(path.dropFirst()), body)
        members[key] = inner
        self = .object(members)
    }
}
