internal import Model
internal import YAMLTree

/// What the parts of one project must be besides their shape.
///
/// Source: compose-go's `validation` package.
struct ModelRules {
    private let loading: Loading
    private let resolvesPaths: Bool

    init(_ loading: Loading, resolvesPaths: Bool) {
        self.loading = loading
        self.resolvesPaths = resolvesPaths
    }

    func check(_ model: Node) {
        for part in Value(model, at: FieldPath(), in: loading).members where part.isMapping {
            for member in part.members where member.isMapping && !member.isUnresolved {
                switch part.name {
                case "services": check(workload: member)
                case "jobs":
                    check(workload: member)
                    checkTriggers(of: member)
                case "volumes": check(volume: member)
                case "secrets": check(source: member, of: ["file", "environment"])
                case "configs": check(source: member, of: ["file", "environment", "content"])
                default: break
                }
            }
        }
    }

    private func check(workload: Value) {
        for port in workload["ports"]?.listed ?? [] where port.isMapping {
            if port.node["target"] == nil { port.failMissing("target") }
            if let address = port["host_ip"], let text = address.node.string,
                !IPAddress.isValid(text)
            {
                address.fail("invalid-port", "must be an IP address to listen on", not: text)
            }
        }
        for mount in workload["volumes"]?.listed ?? [] where mount.isMapping {
            if mount.node["target"] == nil { mount.failMissing("target") }
            if resolvesPaths, mount.node["type"]?.string == "bind", mount.node["source"] == nil {
                mount.failMissing("source")
            }
        }
        for device in workload["devices"]?.listed ?? [] where device.isMapping {
            if device.node["target"] == nil { device.failMissing("target") }
        }
        let reserved = workload["deploy"]?["resources"]?["reservations"]?["devices"]?.listed ?? []
        for device in (workload["gpus"]?.listed ?? []) + reserved {
            if let count = device["count"], device.node["device_ids"] != nil {
                count.fail("conflicting-values", "and device_ids exclude each other")
            }
        }
        if let path = workload["develop"]?["watch"]?.listed.first(where: {
            $0.node["path"]?.string == ""
        }) {
            path.fail("empty-value", "must name a path")
        }
    }

    private func checkTriggers(of job: Value) {
        guard let triggers = job["triggers"], triggers.isMapping,
            triggers.node["manual"] == nil, triggers.node["schedule"] == nil
        else { return }
        triggers.failMissing("manual")
    }

    private func check(volume: Value) {
        guard volume.node["external"]?.scalar == .bool(true) else { return }
        let others = volume.members.filter {
            !["external", "name"].contains($0.name) && !$0.name.hasPrefix("x-")
        }
        guard let other = others.first else { return }
        other.fail("conflicting-values", "and external exclude each other", fix: "remove one")
    }

    private func check(source value: Value, of names: [String]) {
        let isExternal = value.node["external"]?.scalar == .bool(true)
        let given = names.filter { value.node[$0] != nil }
        if !isExternal, given.isEmpty, value.node["driver"] == nil, value.node["external"] == nil {
            loading.report(
                "missing-attribute",
                "\(value.path) lacks one of \(names.joined(separator: ", "))",
                at: value.keyLocation,
                field: value.path,
                fix: "write file:"
            )
        }
        if given.count > 1 {
            value[given[1]]?.fail("conflicting-values", "and \(given[0]) exclude each other")
        }
    }
}

extension Value {
    /// The elements of a list; none of anything else.
    var listed: [Value] { isList ? elements ?? [] : [] }
}
