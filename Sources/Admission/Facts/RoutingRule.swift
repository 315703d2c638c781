internal import Model

/// The rule of a router of Traefik 3, read as far as it decides whose requests it takes.
///
/// Source: Traefik's documentation of routers, "Rule", and vulcand's `predicate`, which reads
/// Go expressions: matchers with texts in backquotes or double quotes, `&&`, `||`, `!` and
/// parentheses.
indirect enum RoutingRule: Hashable, Sendable {
    /// `Host` with one of its names.
    case host(String)
    /// Any other matcher that can only take requests away.
    case other
    case not(RoutingRule)
    case all(RoutingRule, RoutingRule)
    case either(RoutingRule, RoutingRule)

    /// nil when `text` is not understood to its last character.
    init?(_ text: String) {
        var reader = Reader(text: Array(text.utf8))
        guard text.utf8.count <= 8192, let rule = reader.either(depth: 0), reader.isAtEnd else {
            return nil
        }
        self = rule
    }

    /// All names that it speaks of.
    var hosts: [String] {
        switch self {
        case .host(let name): [name]
        case .other: []
        case .not(let rule): rule.hosts
        case .all(let a, let b), .either(let a, let b): a.hosts + b.hosts
        }
    }

    /// Whether it takes only requests for one of its ``hosts``.
    var isBound: Bool {
        switch self {
        case .host: true
        case .other, .not: false
        case .all(let a, let b): a.isBound || b.isBound
        case .either(let a, let b): a.isBound && b.isBound
        }
    }
}

extension RoutingRule {
    /// Matchers of HTTP routers besides `Host` that policy knows, and how many texts they take.
    ///
    /// `HostRegexp` is missing on purpose: what an expression matches can't be compared with
    /// what is granted.
    fileprivate static let matchers: [String: ClosedRange<Int>] = [
        "Path": 1...1, "PathPrefix": 1...1, "PathRegexp": 1...1, "Method": 1...1,
        "Header": 2...2, "HeaderRegexp": 2...2, "Query": 1...2, "QueryRegexp": 1...2,
        "ClientIP": 1...1,
    ]

    /// Reads by descent: `||` binds less than `&&`, which binds less than `!`.
    private struct Reader {
        let text: [UInt8]
        var position = 0

        var isAtEnd: Bool {
            mutating get {
                skipSpace()
                return position == text.count
            }
        }

        mutating func either(depth: Int) -> RoutingRule? {
            guard depth < 32, var rule = all(depth: depth) else { return nil }
            while take("||") {
                guard let next = all(depth: depth) else { return nil }
                rule = .either(rule, next)
            }
            return rule
        }

        private mutating func all(depth: Int) -> RoutingRule? {
            guard var rule = one(depth: depth) else { return nil }
            while take("&&") {
                guard let next = one(depth: depth) else { return nil }
                rule = .all(rule, next)
            }
            return rule
        }

        private mutating func one(depth: Int) -> RoutingRule? {
            guard depth < 32 else { return nil }
            if take("!") { return one(depth: depth + 1).map(RoutingRule.not) }
            guard take("(") else { return matcher() }
            guard let rule = either(depth: depth + 1), take(")") else { return nil }
            return rule
        }

        private mutating func matcher() -> RoutingRule? {
            skipSpace()
            let name = text[position...].prefix(while: Text.isAlphanumeric)
            position += name.count
            guard take("(") else { return nil }
            var texts: [String] = []
            repeat {
                guard let text = quoted() else { return nil }
                texts.append(text)
            } while take(",")
            guard take(")") else { return nil }
            let matcher = String(decoding: name, as: UTF8.self)
            if matcher == "Host" {
                // Traefik 3 takes one name, and its syntax of version 2 several, for any of them.
                return texts.dropFirst().reduce(.host(texts[0])) { .either($0, .host($1)) }
            }
            guard let count = RoutingRule.matchers[matcher], count.contains(texts.count) else {
                return nil
            }
            return .other
        }

        /// A text in backquotes as it is, or in double quotes without escapes.
        private mutating func quoted() -> String? {
            skipSpace()
            guard position < text.count else { return nil }
            let quote = text[position]
            guard quote == UInt8(ascii: "`") || quote == UInt8(ascii: "\"") else { return nil }
            let rest = text[(position + 1)...]
            guard let end = rest.firstIndex(of: quote) else { return nil }
            position = end + 1
            let bytes = rest[..<end]
            if quote == UInt8(ascii: "\""), bytes.contains(UInt8(ascii: "\\")) { return nil }
            return String(decoding: bytes, as: UTF8.self)
        }

        private mutating func take(_ word: StaticString) -> Bool {
            skipSpace()
            guard word.withUTF8Buffer({ text[position...].starts(with: $0) }) else { return false }
            position += word.utf8CodeUnitCount
            return true
        }

        private mutating func skipSpace() {
            while position < text.count, text[position] == 0x20 || text[position] == 0x09 {
                position += 1
            }
        }
    }
}
