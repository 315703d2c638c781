internal import Model
internal import Reconciliation

/// What `gyre rollback` pushed, or would push.
struct RollbackAnswer: Answer {
    let rollback: Rollback
    private static let shownChanges = 20

    func encode(to encoder: any Encoder) throws { try rollback.encode(to: encoder) }

    func text(_ style: Style) -> String {
        let stack = rollback.stack
        let folder = rollback.folder.isEmpty ? "the whole repository" : rollback.folder
        let place = "\(rollback.branch) of \(rollback.repository)"
        guard !rollback.restored.changes.isEmpty else { return nothing(folder, place) }
        let source = rollback.source
        var lines: [String] = []
        if let commit = rollback.restored.commit {
            lines.append(
                "\(style(.green, "pushed")) \(commit.short) to \(place): \(folder) as it was at "
                    + "\(source)"
            )
        } else {
            lines.append("would push to \(place): \(folder) as it was at \(source)")
        }
        lines += changes.indented()
        lines.append(
            rollback.dryRun
                ? "nothing was pushed → the same without --dry-run"
                : "→ gyre status \(stack), or gyre sync \(stack) --wait"
        )
        return lines.asLines
    }

    private func nothing(_ folder: String, _ place: String) -> String {
        let isTip = rollback.source.id == rollback.restored.tip.id
        let reason =
            isTip
            ? "\(rollback.source.short) is what the branch says now"
            : "what \(rollback.source) has there, the branch has too"
        return "nothing to roll back: \(folder) on \(place): \(reason)\n"
            + "→ gyre rollback \(rollback.stack) --to COMMIT brings back an earlier one"
    }

    private var changes: [String] {
        let all = rollback.restored.changes
        let shown = all.prefix(RollbackAnswer.shownChanges).map { "\($0.kind.rawValue) \($0.path)" }
        return all.count > shown.count ? shown + ["and \(all.count - shown.count) more"] : shown
    }
}
