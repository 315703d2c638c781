internal import Model

/// Gathers what is wrong, each thing once, and no more than anyone would read.
struct Findings: Sendable {
    private(set) var list: [Diagnostic] = []
    private var seen: Set<Mistake> = []
    private static let most = 200

    private(set) var hasErrors = false

    /// Whether nothing more will be kept, so that nothing costly need be found out.
    var isFull: Bool { list.count >= Findings.most && hasErrors }

    /// Keeps `finding`, with what mends its kind where it says nothing better itself.
    mutating func add(_ finding: Diagnostic) {
        var finding = finding
        if finding.fix == nil { finding.fix = Remedy.byCode[finding.code] }
        let isError = finding.severity == .error
        guard list.count < Findings.most || (isError && !hasErrors),
            seen.insert(Mistake(finding)).inserted
        else { return }
        hasErrors = hasErrors || isError
        list.append(finding)
    }
}

/// What is mended in one place, though several services have it: by an anchor, or by a base that
/// all of them extend.
private struct Mistake: Hashable {
    private let severity: Diagnostic.Severity
    private let code: String
    private let location: SourceLocation?
    /// The message without the field that it begins with, where it is told by its place.
    private let words: Substring

    init(_ finding: Diagnostic) {
        severity = finding.severity
        code = finding.code
        location = finding.location
        let field = finding.location == nil ? "" : finding.field?.description ?? ""
        let message = finding.message[...]
        words = message.hasPrefix(field) ? message.dropFirst(field.count) : message
    }
}
