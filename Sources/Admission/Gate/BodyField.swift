internal import Model

/// One value of a request body and the way to it.
struct BodyField {
    let name: String
    let value: JSON

    private init(_ name: String, _ value: JSON) {
        self.name = name
        self.value = value
    }

    /// The whole body; nil when the request has none.
    init?(of request: EngineRequest) throws(Objection) {
        guard let bytes = request.body else { return nil }
        guard let value = StrictJSON.parse(bytes) else {
            throw Objection(.body, "body", "this is not the JSON that the gate reads")
        }
        self.init("body", value)
    }

    /// What a task gets, in a container's words; its fields are called `body` like the request's.
    init(translated value: JSON) { self.init("body.TaskTemplate", value) }

    static func required(_ body: BodyField?) throws(Objection) -> BodyField {
        guard let body else { throw Objection(.body, "body", "the body is missing") }
        return body
    }

    /// The members by key; each key is in `allowed`, spelled exactly so.
    ///
    /// Exactly, because the engine's reader folds case: `privileged` would set `Privileged`.
    func members(_ allowed: Set<String>) throws(Objection) -> Members {
        let all = try entries()
        for (key, field) in all where !allowed.contains(where: { Text.equal($0, key) }) {
            throw Objection(.body, field.name, "the gate doesn't know this key")
        }
        return Members(name: name, fields: Dictionary(all) { first, _ in first })
    }

    /// The members of an object whose keys are free.
    func entries() throws(Objection) -> [(key: String, field: BodyField)] {
        guard let members = value.objectValue else { throw wrong("an object") }
        return members.map { ($0, BodyField("\(name).\(Text.shown($0, atMost: 64))", $1)) }
            .sorted { $0.0 < $1.0 }
    }

    func elements() throws(Objection) -> [BodyField] {
        guard let elements = value.arrayValue else { throw wrong("an array") }
        return elements.enumerated().map { BodyField("\(name)[\($0)]", $1) }
    }

    func strings() throws(Objection) -> [String] {
        var strings: [String] = []
        for element in try elements() { strings.append(try element.string()) }
        return strings
    }

    func string() throws(Objection) -> String {
        guard let string = value.stringValue else { throw wrong("a string") }
        return string
    }

    @discardableResult
    func bool() throws(Objection) -> Bool {
        guard let bool = value.boolValue else { throw wrong("true or false") }
        return bool
    }

    /// An integer of `range`.
    @discardableResult
    func integer(_ range: ClosedRange<Int64>, _ check: GateCheck) throws(Objection) -> Int64 {
        guard let integer = value.intValue else { throw wrong("an integer") }
        guard range.contains(integer) else {
            throw Objection(
                check,
                name,
                "this is not between \(range.lowerBound) and \(range.upperBound)"
            )
        }
        return integer
    }

    /// A part of a whole, from 0 to 1.
    func part(_ check: GateCheck) throws(Objection) {
        if case .double(let part) = value, part > 0, part < 1 { return }
        _ = try integer(0...1, check)
    }

    func objection(_ check: GateCheck, _ message: String) -> Objection {
        Objection(check, name, message)
    }

    private func wrong(_ kind: String) -> Objection {
        Objection(.body, name, "this is not \(kind)")
    }
}

/// The members of an object whose keys the gate knows.
struct Members {
    let name: String
    fileprivate let fields: [String: BodyField]

    subscript(key: String) -> BodyField? { fields[key] }

    func required(_ key: String, _ check: GateCheck = .body) throws(Objection) -> BodyField {
        guard let field = fields[key] else {
            throw Objection(check, "\(name).\(key)", "this is missing")
        }
        return field
    }
}
