/// Which commit of a repository is followed.
package enum GitReference: Hashable, Codable, Sendable, CustomStringConvertible {
    /// The tip of a branch.
    case branch(String)
    /// The commit of a tag.
    case tag(String)
    /// The tag with the highest version within a range.
    case versions(VersionRange)

    /// As people read it: `main`, `tag v1.4.0`, `versions ^1.2`.
    package var description: String {
        switch self {
        case .branch(let name): name
        case .tag(let name): "tag \(name)"
        case .versions(let range): "versions \(range)"
        }
    }

    /// Whether `name` may stand below `refs/heads` or `refs/tags`.
    ///
    /// Source: git-check-ref-format(1), without patterns.
    package static func isName(_ name: String) -> Bool {
        let forbidden = Set("~^:?*[\\ ".unicodeScalars)
        guard !name.isEmpty, name.utf8.count <= 200, !name.hasPrefix("-"), !name.hasSuffix("."),
            !name.contains(".."), !name.contains("@{"), name != "@",
            name.unicodeScalars.allSatisfy({
                $0.value >= 0x20 && $0.value != 0x7F && !forbidden.contains($0)
            })
        else { return false }
        return name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
            !$0.isEmpty && !$0.hasPrefix(".") && !$0.hasSuffix(".lock")
        }
    }
}
