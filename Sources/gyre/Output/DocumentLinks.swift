internal import Admission

/// Where a finding's rule or kind is explained: below the operator's URL, else in the pages that
/// come with Gyre.
struct DocumentLinks: Encodable, Hashable {
    /// Ends with a slash; nil: the pages that come with Gyre.
    var folder: String?

    /// The place in a page, with its anchor.
    func place(of code: String) -> String {
        let page = Policy.ruleIDs.contains(code) ? "Policy.md" : "Diagnostics.md"
        return "\(folder ?? "Docs/")\(page)#\(code)"
    }

    /// The same as a URL; nil where the operator has said none.
    func url(of code: String) -> String? { folder == nil ? nil : place(of: code) }
}
