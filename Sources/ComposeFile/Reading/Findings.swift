internal import Model

/// Gathers what is wrong, each thing once, and no more than anyone would read.
struct Findings: Sendable {
    private(set) var list: [Diagnostic] = []
    private var seen: Set<Diagnostic> = []
    private static let most = 200

    private(set) var hasErrors = false

    /// Whether nothing more will be kept, so that nothing costly need be found out.
    var isFull: Bool { list.count >= Findings.most && hasErrors }

    mutating func add(_ finding: Diagnostic) {
        let isError = finding.severity == .error
        guard list.count < Findings.most || (isError && !hasErrors),
            seen.insert(finding).inserted
        else { return }
        hasErrors = hasErrors || isError
        list.append(finding)
    }
}
