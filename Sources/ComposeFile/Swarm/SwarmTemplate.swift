/// A text with variables as `docker stack` expands it.
///
/// Source: docker/cli 28, `cli/compose/template`. `$NAME` and `${NAME}` are variables, `:-` `-`
/// `:?` `?` go on to the next `}` in either form, and nothing is expanded in what follows them.
/// A `$` that begins neither a variable nor `$$` is refused.
struct SwarmTemplate {
    private let text: [UInt8]
    private let lookup: (String) -> String?
    private var unset: Set<String> = []

    /// Expands `text`; returns the names that it found unset beside it.
    static func expand(
        _ text: String,
        budget: inout ExpansionBudget,
        lookup: @escaping (String) -> String?
    ) throws(Template.Failure) -> (text: String, unset: Set<String>) {
        var template = SwarmTemplate(text: Array(text.utf8), lookup: lookup)
        let output = try template.expanded(atMost: budget.value)
        budget.total -= output.count
        guard budget.total >= 0 else { throw .tooLarge }
        return (String(decoding: output, as: UTF8.self), template.unset)
    }

    private mutating func expanded(atMost limit: Int) throws(Template.Failure) -> [UInt8] {
        var output: [UInt8] = []
        var position = 0
        while let dollar = text[position...].firstIndex(of: UInt8(ascii: "$")) {
            output += text[position..<dollar]
            let start = dollar + 1
            switch text.dropFirst(start).first {
            case UInt8(ascii: "$"):
                output.append(UInt8(ascii: "$"))
                position = start + 1
            case UInt8(ascii: "{"):
                let end = end(ofVariableAt: start + 1)
                guard end > start + 1, text.dropFirst(end).first == brace else {
                    throw invalid(at: dollar)
                }
                output += try value(of: string(start + 1..<end)).utf8
                position = end + 1
            default:
                position = end(ofVariableAt: start)
                guard position > start else { throw invalid(at: dollar) }
                output += try value(of: string(start..<position)).utf8
            }
            guard output.count <= limit else { throw .tooLarge }
        }
        return output + text[position...]
    }

    /// Where the name at `start` ends, with the operator and all that follows it.
    private func end(ofVariableAt start: Int) -> Int {
        let name = text[start...].prefix { byte in
            switch byte {
            case 0x41...0x5A, 0x5F, 0x61...0x7A: true
            case 0x30...0x39: text[start] > 0x39
            default: false
            }
        }
        var sign = name.endIndex
        if text.dropFirst(sign).first == UInt8(ascii: ":") { sign += 1 }
        guard !name.isEmpty, let operation = text.dropFirst(sign).first,
            "-?".utf8.contains(operation)
        else { return name.endIndex }
        return text[sign...].firstIndex(of: brace) ?? text.endIndex
    }

    /// Each operator is looked for anywhere, in this order, and the name is what stands before it.
    private mutating func value(of variable: String) throws(Template.Failure) -> String {
        if let (name, standard) = SwarmTemplate.cut(variable, at: ":-") {
            return lookup(name).flatMap { $0.isEmpty ? nil : $0 } ?? standard
        }
        if let (name, standard) = SwarmTemplate.cut(variable, at: "-") {
            return lookup(name) ?? standard
        }
        if let (name, message) = SwarmTemplate.cut(variable, at: ":?") {
            if let value = lookup(name), !value.isEmpty { return value }
            throw .required(variable: name, message: message)
        }
        if let (name, message) = SwarmTemplate.cut(variable, at: "?") {
            if let value = lookup(name) { return value }
            throw .required(variable: name, message: message)
        }
        if let value = lookup(variable) { return value }
        if unset.count < 100 { unset.insert(variable) }
        return ""
    }

    private static func cut(_ text: String, at separator: String) -> (String, String)? {
        guard let place = text.firstRange(of: separator) else { return nil }
        return (String(text[..<place.lowerBound]), String(text[place.upperBound...]))
    }

    private func string(_ range: Range<Int>) -> String {
        String(decoding: text[range], as: UTF8.self)
    }

    /// Quotes the start of what is wrong, enough to find it.
    private func invalid(at start: Int) -> Template.Failure {
        let line = text[start...].prefix { $0 != UInt8(ascii: "\n") }
        return .invalid(String(decoding: line.prefix(60), as: UTF8.self))
    }
}

private let brace = UInt8(ascii: "}")
