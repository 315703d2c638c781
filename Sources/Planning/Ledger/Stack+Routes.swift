internal import Model

/// What a service's routers of the ingress take, in one spelling, so that two that take the same
/// are one name.
///
/// Each part of a rule between `||` is one. Rules at other entry points, with another priority or
/// a longer rule don't stand in each other's way: Traefik tries those first.
/// Source: Traefik's documentation of routers, "Priority" and "EntryPoints".
struct Routes {
    /// By the labels that say so.
    let taken: [(label: String, name: String)]

    init(of labels: [String: String]) {
        var routers: [String: [String: (label: String, value: String)]] = [:]
        for (label, value) in labels {
            let parts = label.lowercased().split(separator: ".").map(String.init)
            guard parts.count == 5, parts[0...2] == ["traefik", "http", "routers"] else { continue }
            routers[parts[3], default: [:]][parts[4]] = (label, value)
        }
        taken = routers.sorted { $0.key < $1.key }.flatMap { _, settings in
            guard let rule = settings["rule"] else { return [(label: String, name: String)]() }
            let priority = settings["priority"].map { " with priority \($0.value)" } ?? ""
            let points = (settings["entrypoints"]?.value ?? "").split(separator: ",")
                .map { " at \($0.filter { $0 != " " })" }
            return Routes.alternatives(of: rule.value).flatMap { route in
                (points.isEmpty ? [""] : points).map { (rule.label, route + $0 + priority) }
            }
        }
    }

    /// What stands between `||`, outside texts and parentheses.
    private static func alternatives(of rule: String) -> [String] {
        split(rule, at: "|").map { alternative in
            split(alternative, at: "&").map(plain).sorted().joined(separator: " && ")
        }
    }

    private static func split(_ text: String, at sign: Character) -> [String] {
        var parts = [""]
        var quote: Character?
        var depth = 0
        for character in text {
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "`" || character == "\"" {
                quote = character
            } else if character == "(" {
                depth += 1
            } else if character == ")" {
                depth -= 1
            } else if character == sign, depth == 0 {
                parts.append("")
                continue
            }
            parts[parts.count - 1].append(character)
        }
        return parts.filter { $0.contains { !$0.isWhitespace } }
    }

    /// Without space outside of texts, and a host in small letters.
    private static func plain(_ matcher: String) -> String {
        let parts = matcher.split(omittingEmptySubsequences: false) { $0 == "`" || $0 == "\"" }
        let text = parts.enumerated().map { index, part in
            index % 2 == 1 ? String(part) : part.filter { !$0.isWhitespace }
        }.joined(separator: "`")
        return text.hasPrefix("Host(") ? "Host(" + text.dropFirst(5).lowercased() : text
    }
}
