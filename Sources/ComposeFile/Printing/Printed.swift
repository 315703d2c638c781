internal import Model
internal import YAMLTree

/// A value as it is printed, its members in an order.
enum Printed {
    case null
    case boolean(Bool)
    /// A number as its text.
    case number(String)
    case text(String)
    /// A time, which YAML prints without quotes.
    case time(String)
    case list([Printed])
    case mapping([(key: String, value: Printed)])
}

extension Printed {
    /// What the two formats of `config` show differently.
    enum Form {
        case json, yaml

        /// Whether a key that the file chose is printed before another.
        func isBefore(_ a: String, _ b: String) -> Bool {
            switch self {
            case .json: a.utf8.lexicographicallyPrecedes(b.utf8)
            case .yaml: NaturalOrder.isBefore(a, b)
            }
        }
    }

    /// A node of a settled model.
    init(_ node: Node, _ kind: Kind?, _ form: Form) {
        switch node.content {
        case .sequence(let elements):
            self = .list(elements.map { Printed($0, kind?.element, form) })
        case .mapping(let entries):
            if case .record(let record) = kind?.mapping {
                self = .mapping(Printed.members(entries, record, form))
            } else {
                self = .mapping(
                    entries.sorted { form.isBefore($0.key, $1.key) }
                        .map { ($0.key, Printed($0.value, kind?.member($0.key), form)) }
                )
            }
        case .scalar: self = Printed(scalar: node, form)
        }
    }

    /// A mapping whose members say their own names first, as those of jobs do in YAML.
    var named: Printed {
        guard case .mapping(let members) = self else { return self }
        return .mapping(
            members.map { key, value in
                guard case .mapping(let parts) = value else { return (key, value) }
                return (key, .mapping([("name", .text(key))] + parts))
            }
        )
    }

    private init(scalar node: Node, _ form: Form) {
        switch node.scalar {
        case .null, nil: self = .null
        case .bool(let value): self = .boolean(value)
        case .int(let value): self = .number(String(value))
        case .double(let value):
            self = .number(form == .yaml ? GoText.of(value) : GoText.json(value))
        case .string(let text):
            self = GoTimestamp(of: node).map { .time($0.rfc3339) } ?? .text(text)
        }
    }

    /// The attributes in the order of their record, extensions after them.
    private static func members(
        _ entries: [Node.Entry],
        _ record: Record,
        _ form: Form
    ) -> [(key: String, value: Printed)] {
        let byName = Dictionary(entries.map { ($0.key, $0.value) }) { first, _ in first }
        var members = record.attributes.compactMap { attribute -> (key: String, value: Printed)? in
            let name = form == .json ? attribute.printed ?? attribute.name : attribute.name
            guard let node = byName[attribute.name], !node.isNull,
                attribute.keepsEmpty || (form == .yaml && attribute.keepsZeroInYAML)
                    || !node.isEmpty
            else {
                guard form == .json, let absent = attribute.absent else { return nil }
                return (name, Printed(absent))
            }
            let value = Printed(node, attribute.kind, form)
            return form == .yaml && attribute.isValue && value.isBare ? nil : (name, value)
        }
        guard form == .yaml else { return members }
        let extensions = entries.filter { $0.key.hasPrefix("x-") }.sorted { $0.key < $1.key }
        members += extensions.map { ($0.key, Printed($0.value, nil, form)) }
        return members
    }

    /// Whether it is a mapping of nothing.
    private var isBare: Bool {
        guard case .mapping(let members) = self else { return false }
        return members.isEmpty
    }

    private init(_ json: JSON) {
        switch json {
        case .object(let members):
            self = .mapping(members.sorted { $0.key < $1.key }.map { ($0.key, Printed($0.value)) })
        case .string(let text): self = .text(text)
        default: self = .null
        }
    }

    /// Every dollar doubled, so that what is printed can be read as a compose file again.
    var withDoubledDollars: Printed {
        switch self {
        case .text(let text): .text(text.withDoubledDollars)
        case .list(let elements): .list(elements.map(\.withDoubledDollars))
        case .mapping(let members):
            .mapping(
                members.map {
                    ($0.key.withDoubledDollars, $0.value.withDoubledDollars)
                }
            )
        default: self
        }
    }

    /// The value without an order.
    var json: JSON {
        switch self {
        case .null: .null
        case .boolean(let value): .bool(value)
        case .number(let text):
            Int64(text).map(JSON.int) ?? .double(Double(text) ?? 0)
        case .text(let text), .time(let text): .string(text)
        case .list(let elements): .array(elements.map(\.json))
        case .mapping(let members):
            .object(Dictionary(members.map { ($0.key, $0.value.json) }) { first, _ in first })
        }
    }
}

extension String {
    var withDoubledDollars: String {
        utf8.contains(UInt8(ascii: "$")) ? replacing("$", with: "$$") : self
    }
}
