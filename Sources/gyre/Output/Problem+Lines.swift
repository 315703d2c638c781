internal import Model
internal import Reconciliation

extension Problem {
    /// The kind and what is so, each finding, and what ends it.
    func lines(_ style: Style) -> [String] {
        // What a container wrote last stands below the sentence about it.
        let parts = message.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        let first = "\(style(.red, "\(kind.rawValue):")) \(parts[0])"
        let quoted = parts.dropFirst().flatMap { $0.split(separator: "\n") }
            .map { style(.dim, "| ") + $0 }
        return [first] + quoted.indented() + diagnostics.map { Excerpt($0).text(style) }.indented()
            + ["→ \(remedy)"]
    }
}
