internal import Model

/// What an Open Policy Agent said of a stack, read strictly: what isn't understood is no answer.
package struct AgentAnswer: Hashable, Sendable {
    /// Why an answer is none.
    package struct Malformed: Error, Hashable, CustomStringConvertible {
        package let description: String
    }

    /// One thing that the agent's policy objects to, or warns of.
    struct Remark: Hashable, Sendable {
        /// Its own id for the rule.
        var rule: String
        var message: String
        var field: [String]
        var fix: String?
    }

    /// One value that it fills in.
    struct Change: Hashable, Sendable {
        var field: [String]
        var value: JSON
        var reason: String
        var rule: String
    }

    let allows: Bool
    let denials: [Remark]
    let warnings: [Remark]
    let changes: [Change]
    /// OPA's own name for this decision, in its logs; nil where it keeps none.
    package let decision: String?

    /// More of a kind is no answer.
    private static let most = 200

    /// Reads what OPA answers to a question about one rule.
    ///
    /// Source: OPA's REST API, "Get a Document (with Input)": the rule's value is `result`, which
    /// is missing where the rule is undefined.
    package init(parsing bytes: [UInt8]) throws(Malformed) {
        guard let answer = try? JSON(parsing: bytes), answer.objectValue != nil else {
            throw Malformed(description: "its answer is no JSON object")
        }
        guard let result = answer["result"] else {
            throw Malformed(description: "it knows no such rule, or the rule is undefined for this")
        }
        guard let members = result.objectValue else {
            throw Malformed(description: "the rule's value is no object")
        }
        let known: Set = ["allow", "deny", "warn", "mutate"]
        if let other = members.keys.filter({ !known.contains($0) }).min() {
            throw Malformed(description: "the rule's value has a member \"\(Text.shown(other))\"")
        }
        guard let allows = members["allow"]?.boolValue else {
            throw Malformed(description: "the rule's value has no allow that is true or false")
        }
        self.allows = allows
        denials = try AgentAnswer.list(members["deny"], "deny", AgentAnswer.remark)
        warnings = try AgentAnswer.list(members["warn"], "warn", AgentAnswer.remark)
        changes = try AgentAnswer.list(members["mutate"], "mutate", AgentAnswer.change)
        decision = answer["decision_id"]?.stringValue.map { Text.shown($0, atMost: 100) }
    }

    private static func list<Element>(
        _ value: JSON?,
        _ name: String,
        _ read: (JSON) -> Element?
    ) throws(Malformed) -> [Element] {
        guard let value else { return [] }
        guard let elements = value.arrayValue, elements.count <= most else {
            throw Malformed(description: "\(name) is no list of at most \(most)")
        }
        let found = elements.compactMap(read)
        guard found.count == elements.count else {
            throw Malformed(description: "\(name) has an element that can't be read")
        }
        return found
    }

    /// A text alone is a message.
    private static func remark(_ json: JSON) -> Remark? {
        if let text = json.stringValue {
            return Remark(rule: "verdict", message: text, field: [], fix: nil)
        }
        guard has(json, only: ["rule", "message", "field", "fix"]),
            let message = json["message"]?.stringValue, let field = path(json["field"]),
            let rule = ruleID(json["rule"]), isText(json["fix"])
        else { return nil }
        return Remark(rule: rule, message: message, field: field, fix: json["fix"]?.stringValue)
    }

    private static func change(_ json: JSON) -> Change? {
        guard has(json, only: ["rule", "message", "field", "value"]),
            let field = path(json["field"]), !field.isEmpty, let value = json["value"],
            let rule = ruleID(json["rule"]), isText(json["message"])
        else { return nil }
        let reason = json["message"]?.stringValue ?? "the site's policy fills it in"
        return Change(field: field, value: value, reason: Text.shown(reason), rule: rule)
    }

    private static func has(_ json: JSON, only keys: Set<String>) -> Bool {
        json.objectValue.map { Set($0.keys).isSubset(of: keys) } ?? false
    }

    private static func isText(_ json: JSON?) -> Bool { json.map { $0.stringValue != nil } ?? true }

    /// `verdict` where none is given.
    private static func ruleID(_ json: JSON?) -> String? {
        guard let json else { return "verdict" }
        guard let text = json.stringValue, Text.isName(text), text.utf8.count <= 64 else {
            return nil
        }
        return text
    }

    /// A list of keys, or a text with dots between them; nothing where none is given.
    private static func path(_ json: JSON?) -> [String]? {
        switch json {
        case nil: return []
        case .string(let text):
            return text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        case .array(let steps):
            let keys = steps.compactMap { $0.stringValue ?? $0.intValue.map(String.init) }
            return keys.count == steps.count ? keys : nil
        default: return nil
        }
    }
}
