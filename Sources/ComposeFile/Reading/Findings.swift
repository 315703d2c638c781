internal import Model

/// Gathers what is wrong, each thing once, and no more than anyone would read.
struct Findings {
    private(set) var list: [Diagnostic] = []
    private var seen: Set<Diagnostic> = []
    private static let most = 200

    var hasErrors: Bool { list.contains { $0.severity == .error } }

    mutating func add(_ finding: Diagnostic) {
        let isRoom = list.count < Findings.most || (finding.severity == .error && !hasErrors)
        guard isRoom, seen.insert(finding).inserted else { return }
        list.append(finding)
    }
}
