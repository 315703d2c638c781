internal import Model

/// A value that an agent fills in, as one of the few fields that it may fill in.
///
/// Each fills what the file leaves out, or closes what is open, so a file's own words are never
/// overruled: what they say is what runs, or it is denied.
struct AgentFilling {
    /// Why a change is none of them, as a clause that follows a comma.
    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    private let change: AgentAnswer.Change
    private let service: String
    /// Below the service.
    private let field: [String]
    /// As the file has it.
    private let written: Service

    init(_ change: AgentAnswer.Change, in stack: Stack) throws(Refusal) {
        self.change = change
        guard let (name, rest) = AgentFilling.split(change.field, in: stack),
            let service = stack.services[name]
        else { throw Refusal(description: "which is no field of a service of the stack") }
        self.service = name
        field = rest
        written = service
    }

    /// What it comes to; nothing where that is so already.
    func apply(to stack: inout Stack) throws(Refusal) -> [Mutation] {
        guard var filled = stack.services[service] else { return [] }
        let (from, to): (String?, String)
        switch (field.first, field.count) {
        case ("deploy", 4) where field == AgentFilling.memory:
            let bytes = try number(unlessWritten: written.resources.memory?.bytes)
            (from, to) = (filled.resources.memory.map { String($0.bytes) }, String(bytes))
            filled.resources.memory = ByteCount(bytes)
        case ("deploy", 4) where field == AgentFilling.pids:
            let count = try number(unlessWritten: written.resources.pids)
            (from, to) = (filled.resources.pids.map { String($0) }, String(count))
            filled.resources.pids = count
        case ("user", 1):
            guard (written.user ?? "").isEmpty else { throw AgentFilling.isWritten }
            (from, to) = (filled.user, try text())
            filled.user = to
        case ("read_only", 1):
            guard change.value == true else { throw Refusal(description: "and only to true") }
            (from, to) = (filled.readOnly ? "true" : nil, "true")
            filled.readOnly = true
        case ("labels", 2...):
            let key = field.dropFirst().joined(separator: ".")
            guard written.labels[key] == nil else { throw AgentFilling.isWritten }
            (from, to) = (filled.labels[key], try text())
            filled.labels[key] = to
        case ("cap_drop", 1):
            let names = try names()
            from = filled.capDrop.isEmpty ? nil : filled.capDrop.joined(separator: ", ")
            filled.capDrop += names.filter { !filled.capDrop.contains($0) }
            to = filled.capDrop.joined(separator: ", ")
        default: throw Refusal(description: "which it may not")
        }
        guard from != to else { return [] }
        stack.services[service] = filled
        return [
            Mutation(
                field: AgentFilling.path(service, field),
                from: from,
                to: to,
                rule: "opa/\(change.rule)",
                reason: change.reason
            )
        ]
    }

    private static let memory = ["deploy", "resources", "limits", "memory"]
    private static let pids = ["deploy", "resources", "limits", "pids"]
    private static let isWritten = Refusal(description: "which the file says itself")

    private func number(unlessWritten value: Int64?) throws(Refusal) -> Int64 {
        guard (value ?? 0) == 0 else { throw AgentFilling.isWritten }
        guard let number = change.value.intValue, number > 0 else {
            throw Refusal(description: "and not with a whole number above zero")
        }
        return number
    }

    private func text() throws(Refusal) -> String {
        guard let text = change.value.stringValue, !text.isEmpty, text.utf8.count <= 1000 else {
            throw Refusal(description: "and not with a text")
        }
        return text
    }

    private func names() throws(Refusal) -> [String] {
        let names =
            change.value.stringValue.map { [$0] }
            ?? (change.value.arrayValue ?? []).compactMap(\.stringValue)
        guard !names.isEmpty, names.allSatisfy({ Capability.named($0) != nil }) else {
            throw Refusal(description: "and not with names of capabilities")
        }
        return names
    }

    /// The service that a field is in, whose name may have dots too, and what is below it.
    private static func split(
        _ field: [String],
        in stack: Stack
    ) -> (service: String, rest: [String])? {
        guard field.first == "services" else { return nil }
        let rest = field.dropFirst()
        for name in stack.services.keys.sorted(by: { ($1.utf8.count, $0) < ($0.utf8.count, $1) }) {
            if rest.first == name { return (name, Array(rest.dropFirst())) }
            let parts = name.split(separator: ".").map(String.init)
            if rest.starts(with: parts) { return (name, Array(rest.dropFirst(parts.count))) }
        }
        return nil
    }

    /// The field that an agent means; nil where it names none.
    static func path(_ field: [String], in stack: Stack) -> FieldPath? {
        guard !field.isEmpty else { return nil }
        if let (service, rest) = split(field, in: stack) { return path(service, rest) }
        return FieldPath(field.map(FieldPath.Component.init))
    }

    private static func path(_ service: String, _ rest: [String]) -> FieldPath {
        let isLabel = rest.first == "labels" && rest.count > 1
        let below = isLabel ? ["labels", rest.dropFirst().joined(separator: ".")] : rest
        return FieldPath(
            [.key("services"), .key(service)] + below.map(FieldPath.Component.init)
        )
    }
}

extension FieldPath.Component {
    /// Digits are the place in a list.
    fileprivate init(_ text: String) {
        self = Text.number(text, atMost: 1_000_000).map { .index(Int($0)) } ?? .key(text)
    }
}
