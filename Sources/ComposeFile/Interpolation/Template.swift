/// A text with variables in it, as `${NAME:-default}`.
///
/// Source: compose-go's template grammar. `$$` is a dollar; `$NAME` and `${NAME}` a variable;
/// `:-` `-` a default, `:+` `+` an alternative, `:?` `?` an error, the forms with a colon taking
/// an empty value for an unset one. A `$` before anything else is itself.
struct Template {
    /// Why a text can't be expanded.
    enum Failure: Error, Hashable {
        /// What follows a `${` is no variable.
        case invalid(String)
        case required(variable: String, message: String)
        case tooLarge
        case tooDeep
    }

    private let text: [UInt8]
    private let lookup: (String) -> String?
    private var output: [UInt8] = []
    private var budget: ExpansionBudget
    /// Variables that were asked for without a default and aren't set; the first hundred.
    private(set) var unset: Set<String> = []

    private init(_ text: String, budget: ExpansionBudget, lookup: @escaping (String) -> String?) {
        self.text = Array(text.utf8)
        self.budget = budget
        self.lookup = lookup
    }

    /// Expands `text`; returns the names that it found unset beside it.
    static func expand(
        _ text: String,
        budget: inout ExpansionBudget,
        lookup: @escaping (String) -> String?
    ) throws(Failure) -> (text: String, unset: Set<String>) {
        guard text.utf8.contains(dollar) else { return (text, []) }
        var template = Template(text, budget: budget, lookup: lookup)
        try template.expand(template.text.indices, depth: 0)
        budget.total -= template.output.count
        guard budget.total >= 0 else { throw .tooLarge }
        return (String(decoding: template.output, as: UTF8.self), template.unset)
    }

    private mutating func expand(_ range: Range<Int>, depth: Int) throws(Failure) {
        guard depth <= budget.depth else { throw .tooDeep }
        var position = range.lowerBound
        var line = Line(end: position, lastBrace: nil)
        while let start = text[position..<range.upperBound].firstIndex(of: dollar) {
            try append(text[position..<start])
            position = start + 1
            guard position < range.upperBound else {
                try append([dollar])
                break
            }
            switch text[position] {
            case dollar:
                try append([dollar])
                position += 1
            case openBrace:
                if position >= line.end { line = self.line(at: position, in: range) }
                position = try braced(start, line: line, depth: depth)
            default:
                let name = self.name(at: position, before: range.upperBound)
                if name.isEmpty { try append([dollar]) } else { try variable(string(name)) }
                position = name.endIndex
            }
        }
        try append(text[position..<range.upperBound])
    }

    /// Expands the variable in braces at `start`; returns where the text goes on.
    private mutating func braced(_ start: Int, line: Line, depth: Int) throws(Failure) -> Int {
        guard let lastBrace = line.lastBrace, lastBrace > start else { throw invalid(start) }
        let name = self.name(at: start + 2, before: lastBrace)
        guard !name.isEmpty else { throw invalid(start) }
        var position = name.endIndex
        if text[position] == closeBrace {
            try variable(string(name))
            return position + 1
        }
        let takesEmpty = text[position] == UInt8(ascii: ":")
        if takesEmpty { position += 1 }
        guard let form = Form(rawValue: text[position]) else { throw invalid(start) }
        let close = closingBrace(from: start + 1, through: lastBrace) ?? lastBrace
        let operation = Operation(form: form, takesEmpty: takesEmpty)
        try apply(operation, to: string(name), (position + 1)..<close, depth: depth)
        return close + 1
    }

    /// One of `:- - :+ + :? ?`.
    private struct Operation {
        var form: Form
        /// Whether an empty value counts as unset.
        var takesEmpty: Bool
    }

    private enum Form: UInt8 {
        case standard = 0x2D
        case alternative = 0x2B
        case required = 0x3F
    }

    private mutating func apply(
        _ operation: Operation,
        to name: String,
        _ argument: Range<Int>,
        depth: Int
    ) throws(Failure) {
        let value = lookup(name).flatMap { operation.takesEmpty && $0.isEmpty ? nil : $0 }
        switch operation.form {
        case .standard:
            guard let value else { return try expand(argument, depth: depth + 1) }
            try append(value.utf8)
        case .alternative:
            if value != nil { try expand(argument, depth: depth + 1) }
        case .required:
            let start = output.count
            try expand(argument, depth: depth + 1)
            let message = String(decoding: output[start...], as: UTF8.self)
            output.removeSubrange(start...)
            guard let value else { throw .required(variable: name, message: message) }
            try append(value.utf8)
        }
    }

    private mutating func variable(_ name: String) throws(Failure) {
        guard let value = lookup(name) else {
            if unset.count < 100 { unset.insert(name) }
            return
        }
        try append(value.utf8)
    }

    private mutating func append(_ bytes: some Collection<UInt8>) throws(Failure) {
        guard output.count + bytes.count <= budget.value else { throw .tooLarge }
        output += bytes
    }
}

private let dollar = UInt8(ascii: "$")
private let openBrace = UInt8(ascii: "{")
private let closeBrace = UInt8(ascii: "}")
private let newline = UInt8(ascii: "\n")

extension Template {
    /// The end of a line and the last `}` on it, looked up once a line so that a text of many
    /// braces is read once.
    private struct Line {
        var end: Int
        var lastBrace: Int?
    }

    private func line(at position: Int, in range: Range<Int>) -> Line {
        let end = text[position..<range.upperBound].firstIndex(of: newline) ?? range.upperBound
        return Line(end: end, lastBrace: text[position..<end].lastIndex(of: closeBrace))
    }

    /// The brace that closes the one at `open`, every brace in between counted.
    private func closingBrace(from open: Int, through last: Int) -> Int? {
        var level = 0
        for position in open...last {
            if text[position] == openBrace { level += 1 }
            if text[position] == closeBrace { level -= 1 }
            if level == 0 { return position }
        }
        return nil
    }

    private func name(at start: Int, before end: Int) -> ArraySlice<UInt8> {
        let rest = text[start..<max(start, end)]
        guard let first = rest.first, !(0x30...0x39).contains(first) else { return rest.prefix(0) }
        return rest.prefix { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: true
            default: false
            }
        }
    }

    private func string(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    /// Quotes the start of what is wrong, enough to find it.
    private func invalid(_ start: Int) -> Failure {
        let line = text[start...].prefix { $0 != newline }
        let excerpt = String(decoding: line.prefix(60), as: UTF8.self)
        return .invalid(line.count > 60 ? excerpt + "…" : excerpt)
    }
}
