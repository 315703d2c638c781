internal import Model
internal import YAMLTree

/// The final forms that several attributes share.
extension Value {
    /// Names with texts as a mapping; null or no `=` becomes `absent`, or null.
    func settledPairs(absent: Node.Content?) -> Node? {
        func value(of node: Node?, at place: Node) -> Node {
            if let node, !node.isNull { return node }
            var result = Node(.null, like: place)
            if let absent { result.content = absent }
            return result
        }
        if isMapping {
            return eachMember { member in
                guard !member.isNull else { return value(of: nil, at: member.node) }
                return member.text.map { member.node(.text($0)) } ?? member.node
            }
        }
        var entries: [Node.Entry] = []
        var places: [String: Int] = [:]
        for element in elements ?? [] {
            guard let string = element.string else { continue }
            let parts = string.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let text = parts.count > 1 ? element.node(.text(String(parts[1]))) : nil
            let entry = Node.Entry(
                key: String(parts[0]),
                location: element.node.location,
                value: value(of: text, at: element.node)
            )
            if let place = places[entry.key] {
                entries[place] = entry
            } else {
                places[entry.key] = entries.count
                entries.append(entry)
            }
        }
        return Node(.mapping(entries), location: node.location, marks: node.marks)
    }

    /// Reports the name of a variable that no engine takes.
    func reportVariable(_ name: String, at field: FieldPath) {
        guard let problem = EnvironmentFile.problem(withName: name) else { return }
        loading.report(
            "invalid-environment",
            problem,
            at: location,
            field: field,
            fix: "write NAME=value"
        )
    }

    /// Hosts as a sorted list of `host=address`, IPv6 addresses without brackets.
    var settledHosts: Node? {
        if loading.isForSwarm { return swarmHosts }
        let texts = isMapping ? node.asSequence(separator: "=") : node.elements ?? []
        let hosts = texts.compactMap { element -> (String, Node)? in
            guard let text = element.string else { return nil }
            guard let host = Value.host(text) else {
                fail(
                    "invalid-host",
                    "must give a host an address",
                    not: text,
                    fix: "write host=1.2.3.4"
                )
                return nil
            }
            return (host, element)
        }
        return list(
            hosts.sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
                .map { Node(.text($0.0), like: $0.1) }
        )
    }

    /// Hosts as docker/cli takes them: in their order, parted at the first `:` once the first `=`
    /// of an element became one.
    private var swarmHosts: Node {
        let texts = isMapping ? node.asSequence(separator: ":") : node.elements ?? []
        return list(
            texts.compactMap { element -> Node? in
                guard var text = element.string else { return nil }
                if !isMapping, let equals = text.firstIndex(of: "=") {
                    text.replaceSubrange(equals...equals, with: ":")
                }
                guard let colon = text.firstIndex(of: ":") else { return nil }
                var address = text[colon...].dropFirst()
                if address.count > 2, address.hasPrefix("["), address.hasSuffix("]") {
                    address = address.dropFirst().dropLast()
                }
                return Node(.text("\(text[..<colon])=\(address)"), like: element)
            }
        )
    }

    /// `host=address`; nil without an address.
    private static func host(_ text: String) -> String? {
        let separator: Character = text.contains("=") ? "=" : ":"
        let parts = text.split(separator: separator, maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return nil }
        var address = parts[1][...]
        if address.hasPrefix("["), address.hasSuffix("]") {
            address = address.dropFirst().dropLast()
        }
        return "\(parts[0])=\(address)"
    }

    /// A whole number, of a number with a fraction the whole part.
    var truncatedInteger: Int? {
        if case .double(let value) = node.scalar, value.isFinite, abs(value) < 9e18 {
            return Int(value)
        }
        return integer
    }

    /// The mode of a file.
    var fileMode: Int? {
        var mode: Int?
        if case .int(let value) = node.scalar { mode = Int(exactly: value) }
        // To docker/cli a text, which came out of variables, has decimal digits.
        let radix = loading.isForSwarm && isExpanded ? 10 : 8
        mode = mode ?? node.string.flatMap { Int($0, radix: radix) }
        if let mode {
            if loading.isForSwarm, mode < 0 { fail("invalid-number", "must not be negative") }
            return mode
        }
        guard node.string != nil else {
            failType("octal digits", fix: "write such as \"0444\"")
            return nil
        }
        fail(
            "invalid-number",
            "must be octal digits",
            not: node.string,
            fix: "write such as \"0444\""
        )
        return nil
    }
}
