internal import Admission

/// Where a finding's rule or kind is explained: below the operator's URL, where there is one.
struct DocumentLinks: Encodable, Hashable {
    /// Ends with a slash; nil: the pages that come with Gyre.
    var folder: String?

    /// The page about rules.
    var policy: String { (folder ?? "Docs/") + "Policy.md" }

    /// A URL; nil where there is none.
    func url(of code: String) -> String? {
        guard let folder else { return nil }
        return Policy.ruleIDs.contains(code)
            ? "\(folder)Policy.md#rules" : "\(folder)Diagnostics.md#\(code)"
    }
}
