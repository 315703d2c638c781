internal import Model
internal import YAMLTree

/// Checks that a tree has the shape that the table of kinds asks for.
///
/// Source: the Compose specification's schema. What is wrong is marked, so that no later stage
/// speaks of it again.
struct Checker {
    /// False while more files are to come: what is missing may be in them.
    let loading: Loading

    /// `node` with what is wrong in it marked.
    func check(_ value: Value, _ kind: Kind) -> Node {
        guard !value.isUnresolved else { return value.node }
        switch value.node.content {
        case .scalar: return checkScalar(value, kind)
        case .sequence:
            guard let list = kind.list else { return wrongType(value, kind) }
            return checkList(value, list)
        case .mapping:
            switch kind.mapping {
            case .record(let record): return checkRecord(value, record)
            case .named(let element, let names): return checkNamed(value, element, names)
            case nil: return wrongType(value, kind)
            }
        }
    }

    private func checkScalar(_ value: Value, _ kind: Kind) -> Node {
        guard let rule = kind.scalar, let scalar = value.node.scalar, rule.types.allow(scalar)
        else {
            return wrongType(value, kind)
        }
        if case .double(let number) = scalar, !number.isFinite {
            value.fail("invalid-number", "must be a finite number")
            return value.unresolved
        }
        if let range = rule.range, !range.holds(scalar) {
            let bounds =
                range.upperBound == Int.max
                ? "not be negative" : "be from \(range.lowerBound) to \(range.upperBound)"
            value.fail("invalid-number", "must \(bounds)")
            return value.unresolved
        }
        guard case .string(let text) = scalar else { return value.node }
        // Compose reads an unquoted date as a time, which is no text.
        if rule.types == .string, GoTimestamp(of: value.node) != nil {
            value.fail("wrong-type", "must be a string, not a date", fix: "put it in quotes")
            return value.unresolved
        }
        if !rule.words.isEmpty, !rule.words.contains(text) {
            value.fail(
                "invalid-value",
                "must be \(rule.words.joined(separator: ", "))",
                not: text,
                fix: value.isExpanded ? nil : Suggestion.question(text, among: rule.words)
            )
            return value.unresolved
        }
        if let pattern = rule.pattern, !loading.isForSwarm, !pattern.matches(text) {
            value.fail("invalid-value", "must \(pattern.wanted)", not: text)
            return value.unresolved
        }
        return value.node
    }

    private func checkList(_ value: Value, _ list: ListRule) -> Node {
        var node = value.node
        let elements = value.elements ?? []
        // For a Swarm `SwarmFiles` says it, by its schemas.
        if list.isSet, !loading.isForSwarm { checkDistinct(elements) }
        node.content = .sequence(elements.map { check($0, list.element) })
        return node
    }

    private func checkDistinct(_ elements: [Value]) {
        var seen: Set<JSON> = []
        for element in elements where !seen.insert(element.node.json).inserted {
            element.fail("duplicate-element", "stands in the list twice", fix: "remove one")
        }
    }

    private func checkRecord(_ value: Value, _ record: Record) -> Node {
        let node = value.eachMember { member in
            if let attribute = record[member.name] { return check(member, attribute.kind) }
            if record.isExtensible, member.name.hasPrefix("x-") {
                member.checkFinite()
                return member.node
            }
            if !record.isOpen { refuse(member, record) }
            return member.unresolved
        }
        for attribute in record.attributes
        where attribute.isRequired && value.node[attribute.name] == nil {
            value.failMissing(attribute.name)
        }
        return node
    }

    private func checkNamed(_ value: Value, _ kind: Kind, _ names: MappingRule.Names) -> Node {
        value.eachMember { member in
            let isName = names == .any || (names == .some && !member.name.isEmpty)
            guard isName || member.hasPlainName else {
                loading.report(
                    "invalid-name",
                    "\"\(member.name)\" is no name here",
                    at: member.keyLocation,
                    field: member.path,
                    fix: "use letters, digits, dots, hyphens and underscores"
                )
                return member.unresolved
            }
            return check(member, kind)
        }
    }

    private func refuse(_ entry: Value, _ record: Record) {
        // For a Swarm `SwarmFiles` says it, by schemas that are open in other places.
        guard !loading.findings.isFull, !loading.isForSwarm else { return }
        loading.report(
            "unknown-attribute",
            "\(record.noun) has no attribute \"\(entry.name)\"",
            at: entry.keyLocation,
            field: entry.path,
            fix: record.gone[entry.name] ?? Suggestion.question(entry.name, among: record.names)
                ?? (record === Record.file && entry.isLikeService ? "put it below services:" : nil)
        )
    }

    private func wrongType(_ value: Value, _ kind: Kind) -> Node {
        value.failType(kind.wanted, fix: fix(value, kind))
        return value.unresolved
    }

    private func fix(_ value: Value, _ kind: Kind) -> String? {
        guard let text = value.node.text, !text.isEmpty, !value.isNull else { return nil }
        if kind.list != nil, kind.mapping == nil { return "write a list: [\"\(text)\"]" }
        guard let types = kind.scalar?.types, types.contains(.string) else { return nil }
        return types.contains(.boolean) ? "write true or false" : "put it in quotes: \"\(text)\""
    }
}

extension Value {
    /// Source: the schema's `^[a-zA-Z0-9._-]+$`.
    fileprivate var hasPlainName: Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
                default: false
                }
            }
    }

    /// Reports numbers that JSON can't hold, which nobody else looks at in an extension.
    fileprivate func checkFinite() {
        switch node.content {
        case .scalar:
            guard case .double(let number) = node.scalar, !number.isFinite else { return }
            fail("invalid-number", "must be a finite number")
        case .sequence(let elements):
            for (index, element) in elements.enumerated() {
                Value(element, at: path[index], in: loading).checkFinite()
            }
        case .mapping: members.forEach { $0.checkFinite() }
        }
    }

    /// Whether it is what a service is: version 1 of the format had services at the top, and so has
    /// a file that isn't indented enough.
    fileprivate var isLikeService: Bool { node["image"] != nil || node["build"] != nil }

    func failMissing(_ attribute: String) {
        guard !isUnresolved else { return }
        loading.report(
            "missing-attribute",
            "\(subject) lacks \(attribute)",
            at: isMapping && path.isElement ? location : keyLocation,
            field: path,
            fix: "write \(attribute):"
        )
    }
}

extension FieldPath {
    fileprivate var isElement: Bool {
        if case .index = last { true } else { false }
    }
}

extension ClosedRange<Int> {
    /// Whether a number is in it; what is none is.
    fileprivate func holds(_ scalar: Scalar) -> Bool {
        switch scalar {
        case .int(let number): (Int128(lowerBound)...Int128(upperBound)).contains(number)
        case .double(let number): (Double(lowerBound)...Double(upperBound)).contains(number)
        default: true
        }
    }
}

extension ScalarRule.Types {
    fileprivate func allow(_ scalar: Scalar) -> Bool {
        switch scalar {
        case .null: contains(.null)
        case .bool: contains(.boolean)
        case .int: contains(.integer)
        case .double(let value):
            contains(.number) || (contains(.integer) && value == value.rounded())
        case .string: contains(.string)
        }
    }
}

extension Kind {
    /// What messages ask for.
    fileprivate var wanted: String {
        var words: [String] = []
        if let types = scalar?.types {
            if types.contains(.string) { words.append("a string") }
            if types.contains(.number) {
                words.append("a number")
            } else if types.contains(.integer) {
                words.append("a whole number")
            }
            if types.contains(.boolean) { words.append("true or false") }
        }
        if list != nil { words.append("a list") }
        if mapping != nil { words.append("a mapping") }
        return words.count < 2
            ? words.first ?? "null"
            : words.dropLast().joined(separator: ", ") + " or " + (words.last ?? "")
    }
}
