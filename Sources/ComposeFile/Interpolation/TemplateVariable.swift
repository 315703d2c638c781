/// A variable as a text uses it.
package struct TemplateVariable: Hashable, Sendable {
    package var name: String
    /// Whether it must be set.
    package var isRequired = false
    /// What stands for it when it isn't set, as written.
    package var standard = ""
    /// What stands for it when it is set, as written.
    package var alternative = ""

    /// The variable with what another use of it says besides.
    func filled(from other: TemplateVariable?) -> TemplateVariable {
        guard let other else { return self }
        var result = self
        result.isRequired = isRequired || other.isRequired
        if standard.isEmpty { result.standard = other.standard }
        if alternative.isEmpty { result.alternative = other.alternative }
        return result
    }
}

extension Template {
    /// The variables that `text` uses, those in defaults too.
    ///
    /// Source: compose-go's `ExtractVariables`.
    static func variables(in text: String) -> [TemplateVariable] {
        var result: [TemplateVariable] = []
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            rest = rest[dollar...].dropFirst()
            guard let next = rest.first else { break }
            if next == "$" {
                rest = rest.dropFirst()
            } else if next == "{", let end = closingBrace(of: rest) {
                result += variable(rest[..<end].dropFirst())
                rest = rest[end...].dropFirst()
            } else if next == "{" {
                result.append(TemplateVariable(name: ""))
                rest = rest.dropFirst()
            } else {
                let name = name(of: rest)
                if !name.isEmpty { result.append(TemplateVariable(name: String(name))) }
                rest = rest.dropFirst(name.count)
            }
        }
        return result
    }

    private static func variable(_ text: Substring) -> [TemplateVariable] {
        let name = name(of: text)
        // What is no variable counts as one without a name, beside those that stand in it.
        guard !name.isEmpty else {
            return [TemplateVariable(name: "")] + variables(in: String(text))
        }
        var variable = TemplateVariable(name: String(name))
        var rest = text.dropFirst(name.count)
        if rest.first == ":" { rest = rest.dropFirst() }
        let argument = String(rest.dropFirst())
        guard text == name || "?-+".contains(rest.first ?? " "), !argument.contains("\n") else {
            return [TemplateVariable(name: "")]
        }
        switch rest.first {
        case "?": variable.isRequired = true
        case "-": variable.standard = argument
        case "+": variable.alternative = argument
        default: break
        }
        return [variable] + variables(in: variable.standard)
            + variables(in: variable.alternative)
    }

    private static func name(of text: Substring) -> Substring {
        guard let first = text.first, !first.isNumber else { return text.prefix(0) }
        return text.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    }

    /// The brace that closes the first one, else the last on its line.
    ///
    /// Source: compose-go's `getFirstBraceClosingIndex`, which doesn't look at what follows a `{`,
    /// in what its pattern takes of a line.
    private static func closingBrace(of text: Substring) -> Substring.Index? {
        let line = text.prefix { $0 != "\n" }
        guard let last = line.lastIndex(of: "}") else { return nil }
        var level = 0
        var isPassedOver = false
        for index in line[...last].indices {
            if isPassedOver {
                isPassedOver = false
            } else if text[index] == "{" {
                level += 1
                isPassedOver = true
            } else if text[index] == "}" {
                level -= 1
                if level == 0 { return index }
            }
        }
        return last
    }
}
