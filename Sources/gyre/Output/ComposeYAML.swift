internal import Model

/// A compose model as `docker compose config` prints it by default.
///
/// Source: what Docker Compose 5.6 prints. Its order of keys is that of its own types, and the
/// shape of a text that of its YAML library; both are in tables here and in ``YAMLText``.
struct ComposeYAML {
    private var lines: [String] = []

    /// The text of `model`, which is what `composeConfig` makes.
    static func text(_ model: JSON) -> String {
        var yaml = ComposeYAML()
        yaml.write(members: ComposeYAML.told(model), below: [], indent: 0)
        return yaml.lines.joined(separator: "\n") + "\n"
    }

    /// Without what its JSON says and its YAML leaves out: what stands there without a meaning.
    private static func told(_ model: JSON) -> [String: JSON] {
        var model = model.objectValue ?? [:]
        model["services"] = model["services"]?.mapMembers { service in
            var service = service.objectValue ?? [:]
            for name in ["command", "entrypoint"] where service[name] == .null {
                service[name] = nil
            }
            if var deploy = service["deploy"]?.objectValue {
                for name in ["placement", "resources"] where deploy[name] == .object([:]) {
                    deploy[name] = nil
                }
                service["deploy"] = .object(deploy)
            }
            return .object(service)
        }
        model["networks"] = model["networks"]?.mapMembers { network in
            var network = network.objectValue ?? [:]
            if network["ipam"] == .object([:]) { network["ipam"] = nil }
            return .object(network)
        }
        return model
    }

    /// Writes the members of a mapping, each on a line of its own; `path` are the keys above.
    private mutating func write(members: [String: JSON], below path: [String], indent: Int) {
        let order = ComposeYAML.order(below: path)
        let keys = members.keys.sorted { a, b in
            (order[a] ?? order.count, a) < (order[b] ?? order.count, b)
        }
        for key in keys {
            let name = YAMLText(key, indent: indent, column: 0, isKey: true).text
            let start = String(repeating: " ", count: indent) + name + ":"
            write(members[key] ?? .null, after: start, below: path + [key], indent: indent + 2)
        }
    }

    private mutating func write(
        _ value: JSON,
        after start: String,
        below path: [String],
        indent: Int
    ) {
        switch value {
        case .object(let members) where !members.isEmpty:
            lines.append(start)
            write(members: members, below: path, indent: indent)
        case .array(let elements) where !elements.isEmpty:
            lines.append(start)
            write(elements: elements, below: path, indent: indent)
        default:
            let column = start.unicodeScalars.count + 1
            lines.append("\(start) \(plain(value, indent: indent, column: column))")
        }
    }

    private mutating func write(elements: [JSON], below path: [String], indent: Int) {
        let start = String(repeating: " ", count: indent) + "-"
        for element in elements {
            let first = lines.count
            switch element {
            case .object(let members) where !members.isEmpty:
                write(members: members, below: path + ["-"], indent: indent + 2)
            case .array(let elements) where !elements.isEmpty:
                write(elements: elements, below: path + ["-"], indent: indent + 2)
            default:
                let text = plain(element, indent: indent + 2, column: indent + 2)
                lines.append("\(start) \(text)")
                continue
            }
            // The first line of a nested value stands beside its dash.
            lines[first] = start + " " + lines[first].dropFirst(indent + 2)
        }
    }

    private func plain(_ value: JSON, indent: Int, column: Int) -> String {
        switch value {
        case .string(let text): YAMLText(text, indent: indent, column: column).text
        case .double(let number) where number == number.rounded() && abs(number) < 1e15:
            String(Int64(number))
        default: value.text
        }
    }
}

extension ComposeYAML {
    /// The place of each key that has one below `path`; the others follow by name.
    private static func order(below path: [String]) -> [String: Int] {
        let names: [String]
        switch path.count {
        case 0: names = ["name", "services", "networks", "volumes"]
        case 2 where path[0] == "services": names = ofService
        case 2 where path[0] == "networks" || path[0] == "volumes": names = ofObject
        case 3... where path[0] == "services":
            names = below[path[2...].joined(separator: ".")] ?? []
        default: names = []
        }
        return Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    }

    private static let ofService = [
        "deploy", "restart", "scale", "links", "cap_add", "cap_drop", "cgroup", "cpus", "command",
        "devices", "entrypoint", "environment", "hostname", "image", "init", "ipc", "labels",
        "mem_limit", "mem_reservation", "network_mode", "networks", "pid", "pids_limit",
        "privileged", "read_only", "security_opt", "stop_grace_period", "stop_signal", "tmpfs",
        "user", "userns_mode", "uts", "volumes", "working_dir", "depends_on", "expose",
        "healthcheck", "ports", "tty",
    ]

    private static let ofObject = ["name", "driver", "ipam", "internal", "labels"]

    /// By the keys below a service, a dash for any element.
    private static let below = [
        "deploy": ["replicas", "resources", "placement"],
        "deploy.resources": ["limits", "reservations"],
        "deploy.resources.limits": ["cpus", "memory", "pids"],
        "deploy.resources.reservations": ["cpus", "memory"],
        "devices.-": ["source", "target", "permissions"],
        "healthcheck": [
            "test", "timeout", "interval", "retries", "start_period", "start_interval", "disable",
        ],
        "ports.-": ["name", "mode", "host_ip", "target", "published", "protocol"],
        "volumes.-": ["type", "source", "target", "read_only", "volume", "bind", "tmpfs"],
        "volumes.-.tmpfs": ["size", "mode"],
    ]
}

extension JSON {
    fileprivate func mapMembers(_ transform: (JSON) -> JSON) -> JSON {
        objectValue.map { .object($0.mapValues(transform)) } ?? self
    }
}
