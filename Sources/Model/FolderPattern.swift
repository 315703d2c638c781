/// Folders of a repository by a pattern: `teams/*/deploy`, `apps/**`.
///
/// `*` stands for any text within one name, a whole `**` for any number of folders, none
/// included. Folders whose names start with a dot are matched only by a dot.
package struct FolderPattern: Hashable, Sendable, CustomStringConvertible {
    /// As written, without `.` and slashes at its ends.
    package let description: String
    private let components: [String]

    /// Reads a pattern; nil where `text` is none, or leaves the repository.
    package init?(_ text: String) {
        components = text.split(separator: "/").filter { $0 != "." }.map(String.init)
        description = components.joined(separator: "/")
        let isPlain = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
        guard isPlain, !text.hasPrefix("/"), !components.isEmpty, components.count <= 16,
            text.utf8.count <= 1024, !components.contains(".."),
            components.allSatisfy({ $0 == "**" || !$0.contains("**") })
        else { return nil }
    }

    /// The folder that all matches lie in, as far as the pattern tells it.
    package var base: String {
        components.prefix { !$0.contains("*") }.joined(separator: "/")
    }

    /// Whether `folder`, a path without slashes at its ends, is one of these.
    package func matches(_ folder: String) -> Bool {
        // Which prefixes of the pattern have matched what was read so far.
        var open = reach([0])
        for name in folder.split(separator: "/") {
            let next = open.flatMap { index -> [Int] in
                guard index < components.count else { return [] }
                let component = components[index]
                if component == "**" { return name.hasPrefix(".") ? [] : [index] }
                return FolderPattern.matches(name[...], component[...]) ? [index + 1] : []
            }
            open = reach(Set(next))
        }
        return open.contains(components.count)
    }

    /// What tells a folder that matches from its siblings: its last name that no fixed end of the
    /// pattern prescribes, so `a` for `teams/a/deploy` in `teams/*/deploy`.
    package func name(of folder: String) -> String {
        let names = folder.split(separator: "/")
        let fixed = components.reversed().prefix { !$0.contains("*") }.count
        return String(names.dropLast(fixed).last ?? names.last ?? "")
    }

    /// With every `**` passed over as well.
    private func reach(_ indices: Set<Int>) -> Set<Int> {
        var all = indices
        for index in components.indices where all.contains(index) && components[index] == "**" {
            all.insert(index + 1)
        }
        return all
    }

    /// Whether a name matches a component; each star tries the shortest text first, and only the
    /// last star is ever tried again.
    private static func matches(_ name: Substring, _ component: Substring) -> Bool {
        guard !name.hasPrefix(".") || component.hasPrefix(".") else { return false }
        let parts = component.split(separator: "*", omittingEmptySubsequences: false)
        guard parts.count > 1, let first = parts.first, let last = parts.last else {
            return name == component
        }
        guard name.hasPrefix(first), name.dropFirst(first.count).hasSuffix(last) else {
            return false
        }
        var rest = name.dropFirst(first.count).dropLast(last.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let range = rest.firstRange(of: part) else { return false }
            rest = rest[range.upperBound...]
        }
        return true
    }
}

extension FolderPattern: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let pattern = try FolderPattern(container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "no pattern of folders"
            )
        }
        self = pattern
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
