import Foundation
import Model

/// What the Engine API knows in the bodies of calls, as `Tests/Fixtures/policy/engine-api.txt` has
/// it.
struct EngineAPI {
    indirect enum Kind: Hashable {
        case text, flag, number, part, bytes, empty
        case object(String)
        case list(Kind)
        case map(Kind)

        init(_ text: Substring) {
            switch text {
            case "text": self = .text
            case "flag": self = .flag
            case "number": self = .number
            case "part": self = .part
            case "bytes": self = .bytes
            case "empty": self = .empty
            case _ where text.hasPrefix("["): self = .list(Kind(text.dropFirst().dropLast()))
            case _ where text.hasPrefix("{"): self = .map(Kind(text.dropFirst().dropLast()))
            default: self = .object(String(text))
            }
        }

        /// The type of the objects that are within, at whatever depth.
        var type: String? {
            switch self {
            case .object(let name): name
            case .list(let inner), .map(let inner): inner.type
            default: nil
            }
        }

        /// A value that says something; of an object only that it is there.
        var value: JSON {
            switch self {
            case .text: "x"
            case .flag: true
            case .number: 1
            case .part: .double(0.5)
            case .bytes: "eA=="
            case .empty, .object: [:]
            case .list(let inner): [inner.value]
            case .map(let inner): ["x": inner.value]
            }
        }
    }

    struct Field: Hashable {
        /// Whose it is.
        let type: String
        let name: String
        let kind: Kind

        /// As the list of what is judged has it.
        var key: String { "\(type).\(name)" }
    }

    /// From the body of a call down to a field.
    typealias Path = [Field]

    private(set) var types: [String: [Field]] = [:]
    /// The types that are bodies of calls.
    private(set) var bodies: [String] = []

    init() throws {
        var type = ""
        for line in try EngineAPI.lines("engine-api.txt") {
            let words = line.split(separator: " ")
            if words[0] == "==" {
                type = String(words[1].drop { $0 == "!" })
                types[type] = []
                if words[1].hasPrefix("!") { bodies.append(type) }
            } else {
                let field = Field(type: type, name: String(words[0]), kind: Kind(words[1]))
                types[type, default: []].append(field)
            }
        }
    }

    /// What says something of a file of the fixtures.
    static func lines(_ file: String) throws -> [Substring] {
        try String(contentsOf: PolicyCase.fixtures.appending(path: file), encoding: .utf8)
            .split(separator: "\n").filter { !$0.hasPrefix("#") }
    }

    /// All fields of a type, and of what they hold.
    func paths(of type: String) -> [Path] {
        (types[type] ?? []).flatMap { field in
            [[field]] + (field.kind.type.map(paths) ?? []).map { [field] + $0 }
        }
    }

    /// What of a body has no field here.
    func strangers(in body: JSON, of type: String) -> [String] {
        let fields = types[type] ?? []
        return (body.objectValue ?? [:]).flatMap { name, value -> [String] in
            guard let field = fields.first(where: { $0.name == name }) else {
                return ["\(type).\(name)"]
            }
            guard let inner = field.kind.type else { return [] }
            return EngineAPI.objects(in: value, field.kind).flatMap { strangers(in: $0, of: inner) }
        }
    }

    private static func objects(in value: JSON, _ kind: Kind) -> [JSON] {
        switch kind {
        case .list(let inner): (value.arrayValue ?? []).flatMap { objects(in: $0, inner) }
        case .map(let inner): (value.objectValue ?? [:]).values.flatMap { objects(in: $0, inner) }
        default: [value]
        }
    }
}

extension JSON {
    /// Sets a field; what holds it is made where it is missing.
    ///
    /// Of lists the first element has it, of objects with free keys the first member.
    mutating func set(_ path: ArraySlice<EngineAPI.Field>, to value: JSON) {
        guard let field = path.first else { return }
        var members = objectValue ?? [:]
        if path.count == 1 {
            let old = members[field.name]?.objectValue
            if case .map = field.kind, let old, let new = value.objectValue {
                members[field.name] = .object(old.merging(new) { $1 })
            } else {
                members[field.name] = value
            }
        } else {
            members[field.name] = JSON.edited(members[field.name], field.kind) { object in
                object.set(path.dropFirst(), to: value)
            }
        }
        self = .object(members)
    }

    /// Adds a member to the object at the end of the path, or to the whole.
    mutating func add(_ name: String, at path: ArraySlice<EngineAPI.Field>) {
        var members = objectValue ?? [:]
        if let field = path.first {
            members[field.name] = JSON.edited(members[field.name], field.kind) { object in
                object.add(name, at: path.dropFirst())
            }
        } else {
            members[name] = "x"
        }
        self = .object(members)
    }

    private static func edited(
        _ old: JSON?,
        _ kind: EngineAPI.Kind,
        _ edit: (inout JSON) -> Void
    ) -> JSON {
        switch kind {
        case .list(let inner):
            let elements = old?.arrayValue ?? []
            let first = edited(elements.first, inner, edit)
            return .array([first] + elements.dropFirst())
        case .map(let inner):
            var members = old?.objectValue ?? [:]
            let key = members.keys.sorted().first ?? "x"
            members[key] = edited(members[key], inner, edit)
            return .object(members)
        default:
            var object = old ?? [:]
            edit(&object)
            return object
        }
    }
}
