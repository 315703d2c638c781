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
        let count = findings.objects.count
        guard !isConfirmed else {
            return "the journal now owns \(count) objects; change goes on"
        }
        var lines = ["\(style(.red, "frozen:")) \(findings.reason)"]
        var table = Table("KIND", "NAME", "STACK", "ID")
        for object in findings.objects {
            table.add(
                object.kind.rawValue,
                object.name,
                "\(object.stack)",
                String(object.id.prefix(12))
            )
        }
        lines += table.lines(style)
        lines.append("These bear this controller's labels. If all of them are its own:")
        lines.append("→ gyre recover --confirm")
        return lines.asLines
    }
}
