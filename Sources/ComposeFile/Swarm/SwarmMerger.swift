internal import YAMLTree

/// Puts a later file over an earlier one as `docker stack` does.
///
/// Source: docker/cli 28, `cli/compose/loader/merge.go`. It merges what each file means, so both
/// are settled; a value that is zero leaves the earlier, and most lists are put one after the
/// other. Networks, volumes, configs and secrets at the top are taken as a whole.
enum SwarmMerger {
    static func merge(_ earlier: Node, _ later: Node) -> Node {
        members(earlier, later) { part, left, right in
            guard part == "services" else { return members(left, right) { $2 } }
            return members(left, right) { service($1, $2) }
        }
    }

    /// Lists by key are put in order where the later file has none, too.
    private static func service(_ earlier: Node, _ later: Node) -> Node {
        var later = later
        for key in ["ports", "volumes", "configs", "secrets"]
        where earlier[key] != nil && later[key] == nil {
            later = later.setting(key, to: Node(.sequence([]), location: later.location))
        }
        return record(earlier, later, Kind.record(.service))
    }

    private static func members(
        _ earlier: Node,
        _ later: Node,
        _ merge: (_ key: String, _ earlier: Node, _ later: Node) -> Node
    ) -> Node {
        guard let additions = later.entries, var entries = earlier.entries else { return later }
        var places = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1.key, $0) })
        for addition in additions {
            if let place = places[addition.key] {
                entries[place].value = merge(addition.key, entries[place].value, addition.value)
            } else {
                places[addition.key] = entries.count
                entries.append(addition)
            }
        }
        var result = earlier
        result.content = .mapping(entries)
        return result
    }

    private static func record(_ earlier: Node, _ later: Node, _ kind: Kind?) -> Node {
        members(earlier, later) { key, left, right in
            merge(key, left, right, kind?.member(key))
        }
    }

    private static func merge(
        _ key: String,
        _ earlier: Node,
        _ later: Node,
        _ kind: Kind?
    ) -> Node {
        switch key {
        case "ports":
            return list(earlier, later, by: { Int($0["published"]?.text ?? "") ?? 0 })
        case "volumes": return list(earlier, later, by: { $0["target"]?.text ?? "" })
        case "configs", "secrets":
            return list(earlier, later, by: { $0["source"]?.text ?? "" })
        case "labels", "options", "sysctls", "ulimits":
            return members(earlier, later) { $2 }
        case "environment":
            return members(earlier, later) { $2.isEmpty && !$1.isEmpty ? $1 : $2 }
        case "networks": return members(earlier, later) { attachment($1, $2) }
        case "logging": return logging(earlier, later)
        case "parallelism", "replicas", "retries", "max_attempts":
            return later.isNull ? earlier : later
        default: break
        }
        guard !isZero(later, kind), !earlier.isNull else {
            return earlier.isNull ? later : earlier
        }
        if earlier.entries != nil, later.entries != nil { return record(earlier, later, kind) }
        let isReplaced = key == "command" || key == "entrypoint"
        if !isReplaced, let left = earlier.elements, let right = later.elements {
            return earlier.withElements(left + right)
        }
        return later
    }

    /// By `key`, the later of two that are the same, in the order of it.
    private static func list<Key: Hashable & Comparable>(
        _ earlier: Node,
        _ later: Node,
        by key: (Node) -> Key
    ) -> Node {
        let all = (earlier.elements ?? []) + (later.elements ?? [])
        let byKey = Dictionary(all.map { (key($0), $0) }) { $1 }
        return earlier.withElements(byKey.sorted { $0.key < $1.key }.map(\.value))
    }

    /// The earlier with the later's aliases, or none, and with its addresses.
    private static func attachment(_ earlier: Node, _ later: Node) -> Node {
        guard later.entries != nil else { return earlier }
        guard earlier.entries != nil else { return later }
        var result = earlier.setting("aliases", to: later["aliases"])
        for name in ["ipv4_address", "ipv6_address"] {
            guard let address = later[name], !isZero(address, nil) else { continue }
            result = result.setting(name, to: address)
        }
        return result
    }

    /// Of two drivers the later alone, else the options of both.
    private static func logging(_ earlier: Node, _ later: Node) -> Node {
        guard earlier.entries != nil, later.entries != nil else { return later }
        let drivers = [earlier, later].map { $0["driver"]?.text ?? "" }
        guard drivers[0] == drivers[1] || drivers.contains("") else { return later }
        return members(earlier, later) { key, left, right in
            key == "options" ? members(left, right) { $2 } : isZero(right, nil) ? left : right
        }
    }

    /// What leaves the earlier value; a span of time is zero, too.
    private static func isZero(_ node: Node, _ kind: Kind?) -> Bool {
        let isSpan = kind === Kind.duration || kind === Kind.durationOrZero
        return node.isEmpty || isSpan && node.text == "0s"
    }
}

extension Node {
    fileprivate func withElements(_ elements: [Node]) -> Node {
        var node = self
        node.content = .sequence(elements)
        return node
    }
}
