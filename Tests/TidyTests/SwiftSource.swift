/// A Swift file, read just far enough to ask about its shape.
struct SwiftSource {
    let path: String
    let lines: [String]
    /// The lines with comments and the insides of strings blanked.
    let code: [String]
    /// How many braces are open where each line begins.
    let depths: [Int]

    init(path: String, text: String) {
        self.path = path
        lines = Self.split(text)
        code = Self.split(SwiftMask.code(of: text))
        var depth = 0
        depths = code.map { line in
            defer { depth += line.count { $0 == "{" } - line.count { $0 == "}" } }
            return depth
        }
    }

    /// The module below `Sources` that it belongs to.
    var module: String? {
        let parts = path.split(separator: "/")
        return parts.first == "Sources" && parts.count > 2 ? String(parts[1]) : nil
    }

    /// `path:line`, as editors jump to it; `index` counts from 0.
    func place(_ index: Int) -> String { "\(path):\(index + 1)" }

    private static func split(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
}

/// A declaration that stands at the start of a line.
struct Declaration {
    /// Index of its line.
    let line: Int
    let modifiers: [String]
    /// What sort of thing it declares, as Swift spells it.
    let keyword: String
    let name: String

    static let types: Set = ["struct", "enum", "class", "actor", "protocol", "typealias"]
    static let functions: Set = ["func", "init", "deinit", "subscript"]
    private static let keywords = types.union(functions).union(["var", "let", "extension"])
    private static let modifiers: Set = [
        "package", "public", "internal", "private", "fileprivate", "open", "static", "final",
        "mutating", "nonmutating", "consuming", "borrowing", "override", "convenience", "required",
        "nonisolated", "isolated", "indirect", "lazy", "weak", "prefix", "postfix", "infix",
    ]

    /// What `code`, a line without comments and strings, declares.
    init?(_ code: String, line: Int) {
        var rest = Substring(code).drop { $0 == " " }
        var modifiers: [String] = []
        while true {
            guard !rest.hasPrefix("@") else {
                rest = Self.afterAttribute(rest)
                continue
            }
            let word = String(rest.prefix { $0.isLetter })
            rest = rest.dropFirst(word.count)
            let after = rest.prefix { $0 == " " }.isEmpty ? rest : rest.drop { $0 == " " }
            let isModifier =
                Self.modifiers.contains(word) || word == "class" && Self.isFunction(after)
            if isModifier {
                modifiers.append(word)
                if rest.hasPrefix("(") { rest = rest.drop { $0 != ")" }.dropFirst() }
                rest = rest.drop { $0 == " " }
                continue
            }
            guard Self.keywords.contains(word), rest.first.map({ " (?<{".contains($0) }) ?? false
            else { return nil }
            self.line = line
            self.modifiers = modifiers
            keyword = word
            name = Self.name(after, of: word)
            return
        }
    }

    var isPackage: Bool { modifiers.contains("package") }

    private static func isFunction(_ code: Substring) -> Bool {
        code.hasPrefix("func ") || code.hasPrefix("var ") || code.hasPrefix("subscript")
    }

    private static func afterAttribute(_ code: Substring) -> Substring {
        var rest = code.dropFirst().drop { $0.isLetter || $0 == "_" || $0 == "." || $0.isNumber }
        if rest.hasPrefix("(") { rest = rest.drop { $0 != ")" }.dropFirst() }
        return rest.drop { $0 == " " }
    }

    private static func name(_ code: Substring, of keyword: String) -> String {
        guard keyword != "init", keyword != "deinit", keyword != "subscript" else { return keyword }
        let plain = code.drop { $0 == "`" }
        let name = plain.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
        return String(name.isEmpty ? plain.prefix { $0 != "(" && $0 != " " } : name)
    }
}

extension SwiftSource {
    /// The declarations that stand at the start of a line, in order.
    var declarations: [Declaration] {
        code.indices.compactMap { Declaration(code[$0], line: $0) }
    }

    /// How many lines the body that is declared on line `start` reaches over, its signature
    /// included; nil when it has none, as in a protocol.
    func length(from start: Int) -> Int? {
        var round = 0
        for index in start..<code.count {
            for character in code[index] {
                if character == "(" || character == "[" { round += 1 }
                if character == ")" || character == "]" { round -= 1 }
                if character == "{", round == 0 { return lengthOfBody(on: index, from: start) }
                if character == "}", round == 0 { return nil }
            }
            guard round > 0 || signatureGoesOn(after: index) else { return nil }
        }
        return nil
    }

    /// Whether the line after `index` belongs to the signature before it.
    private func signatureGoesOn(after index: Int) -> Bool {
        let end = code[index].reversed().first { $0 != " " }
        if end == "," || end == ">" && code[index].hasSuffix("->") { return true }
        let next = code.dropFirst(index + 1).first?.drop { $0 == " " } ?? ""
        return ["{", "->", "throws", "async", "where", "rethrows"].contains { next.hasPrefix($0) }
    }

    private func lengthOfBody(on first: Int, from start: Int) -> Int? {
        let outer = depths[start]
        let last = code.indices.dropFirst(first).first { index in
            index + 1 >= code.count || depths[index + 1] <= outer
        }
        return last.map { $0 - start + 1 }
    }
}
