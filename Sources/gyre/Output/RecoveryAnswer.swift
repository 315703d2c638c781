internal import Model
internal import Reconciliation

/// What a recovery takes for ours.
struct RecoveryAnswer: Answer {
    var findings: RecoveryFindings
    /// Whether a person has agreed.
    var isConfirmed: Bool

    func encode(to encoder: any Encoder) throws {
        try findings.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(isConfirmed, forKey: .confirmed)
    }

    private enum CodingKeys: String, CodingKey {
        case confirmed
    }

    func text(_ style: Style) -> String {
        guard let reason = findings.reason else {
            return "nothing is wrong: change is not frozen, and there is nothing to recover"
        }
        guard !isConfirmed else { return agreed }
        var lines = ["\(style(.red, "frozen:")) \(reason)"]
        if !findings.objects.isEmpty {
            lines += objects.lines(style)
            lines.append("These bear this controller's labels and are as it makes things.")
        }
        for project in findings.unknownProjects {
            lines.append("Project \(project) is not in gyre.yaml: what is left of it is orphaned.")
        }
        lines += doubts(style)
        lines.append(
            "What the journal alone knew is lost: a version that is held is tried again, what "
                + "was confirmed"
        )
        lines.append("has to be confirmed again. If all that is taken is the controller's own:")
        lines.append("→ gyre recover --confirm")
        return lines.asLines
    }

    private var agreed: String {
        let count = findings.objects.count
        let rest = findings.doubts.map(\.name).joined(separator: ", ")
        return "the journal now owns \(count == 1 ? "one object" : "\(count) objects"); "
            + "change goes on" + (rest.isEmpty ? "" : "\nleft alone: \(rest)")
    }

    private var objects: Table {
        var table = Table("KIND", "NAME", "STACK", "ID")
        for object in findings.objects {
            table.add(
                object.kind.rawValue,
                object.name,
                "\(object.stack)",
                String(object.id.prefix(12))
            )
        }
        return table
    }

    /// What may be somebody else's.
    private func doubts(_ style: Style) -> [String] {
        guard !findings.doubts.isEmpty else { return [] }
        var table = Table("DOUBTFUL", "NAME", "STACK", "ID", "WHY")
        for doubt in findings.doubts {
            table.add(
                doubt.kind.rawValue,
                doubt.name,
                doubt.stack?.description ?? "-",
                String(doubt.id.prefix(12)),
                doubt.why
            )
        }
        return table.lines(style) + [
            "These bear the labels too, but anybody may have put them there. They are left alone,",
            "but for those that are named: gyre recover --confirm --take NAME",
        ]
    }
}
