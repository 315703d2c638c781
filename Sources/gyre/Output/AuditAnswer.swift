internal import Model
internal import Store

/// What became of a check of the log.
struct ProofAnswer: Answer {
    struct Finding: Encodable {
        var file: String
        var entry: Int64?
        var message: String
    }

    var sound: Bool
    var first: Int64?
    var head: String?
    var journal: String?
    var compared: Int
    var findings: [Finding]
    var remarks: [String]

    init(_ proof: AuditProof) {
        sound = proof.isSound
        first = proof.first
        head = proof.head?.description
        journal = proof.journal?.description
        compared = proof.compared
        findings = proof.findings.map {
            Finding(file: $0.file, entry: $0.entry, message: $0.message)
        }
        remarks = proof.remarks
    }

    func text(_ style: Style) -> String {
        var lines = findings.map { style(.red, "error: ") + "\($0.file): \($0.message)" }
        lines += remarks.map { style(.dim, $0) }
        if let head {
            let range = "audit log: entries \(first ?? 1) to \(head.prefix { $0 != ":" })"
            lines.append("\(range) are as they were written")
            lines.append("  head \(head)")
        }
        if let journal {
            let last = journal.prefix { $0 != ":" }
            lines.append(
                last == "0"
                    ? "journal: no entry yet"
                    : "journal: entries 1 to \(last) are as they were written"
            )
        }
        let heads = compared == 1 ? "one head" : "\(compared) heads"
        lines.append(
            sound
                ? style(.green, "sound") + ": \(heads) noted elsewhere compared"
                : style(.red, "not sound") + ": \(findings.count) found"
        )
        return lines.asLines
    }
}

/// The last link of the log.
struct HeadAnswer: Answer {
    var number: Int64
    var hash: String

    func text(_ style: Style) -> String { "\(number):\(hash)" }
}

extension AuditRecord {
    /// As `gyre audit list --json` prints it.
    var shown: JSON {
        let payload = (try? JSON(parsing: Array(payload.utf8))) ?? .string(payload)
        return .members([
            "number": .int(sequence), "time": .int(time.milliseconds),
            "kind": payload["kind"], "stack": payload["stack"], "facts": payload["facts"],
            "hash": .string(hash),
        ])
    }
}

/// An entry in one line, and what belongs to it below.
struct AuditLine {
    private let record: AuditRecord

    init(_ record: AuditRecord) { self.record = record }

    func text(_ style: Style) -> String {
        guard let entry = record.entry else {
            return "\(head(style))  written by another version: \(record.payload)"
        }
        let about = entry.stack.map { "\($0)  " } ?? ""
        let lines = words(entry)
        let first = "\(head(style))  \(about)\(style(.bold, entry.kind.rawValue))"
        let said = lines.first.map { "  \($0)" } ?? ""
        return ([first + said] + Array(lines.dropFirst()).indented(4)).joined(separator: "\n")
    }

    private func head(_ style: Style) -> String {
        style(.dim, "\(record.sequence)  \(record.time.stamp)")
    }

    private func words(_ entry: AuditEntry) -> [String] {
        let facts = Facts(entry.facts)
        switch entry.kind {
        case .began, .journal: return [facts["reason"] ?? ""]
        case .started:
            return [
                "gyre \(facts["command"] ?? "") \(facts["version"] ?? "") by \(facts.person), "
                    + "controller \(facts["controller"] ?? ""), gyre.yaml "
                    + facts.short("configuration")
            ]
        case .stopped: return []
        case .configured:
            let refused = facts["refused"].map { "refused: \($0)" } ?? "taken up"
            return ["gyre.yaml \(facts.short("configuration")) \(refused)"]
        case .acted: return ["\(facts["demand"] ?? "") by \(facts.person)\(facts.rest)"]
        case .judged: return judged(facts)
        case .refused: return ["\(facts["repository"] ?? ""): \(facts["reason"] ?? "")"]
        case .policy: return [policy(facts)]
        case .rejudged:
            let before = Facts(facts.member("before"))
            let was = "was \(before["verdict"] ?? ""), policy \(before.short("policy"))"
            return judged(facts) + [was]
        case .decided: return decided(facts)
        case .applied:
            let why = facts["message"].map { ": \($0)" } ?? ""
            let of = facts["run"]?.prefix(8) ?? ""
            return ["\(facts["result"] ?? ""): \(facts["step"] ?? "")\(why) (run \(of))"]
        case .ended:
            return [
                "\(facts["result"] ?? ""): \(facts["summary"] ?? "") (run \(facts.short("run")))"
            ]
        case .held: return ["commit \(facts.short("commit")): \(facts["reason"] ?? "")"]
        case .adopted:
            return ["of a run that was cut off"]
                + facts.list("objects").map {
                    "\($0["kind"]?.stringValue ?? "") \($0["name"]?.stringValue ?? "")"
                }
        case .collected:
            let names = facts.list("names").compactMap(\.stringValue).joined(separator: ", ")
            return ["\(facts["image"] ?? "") of node \(facts["node"] ?? ""): \(names)"]
        case .missed: return ["outcomes that could not be written for too long were given up"]
        }
    }

    private func judged(_ facts: Facts) -> [String] {
        let commit = Facts(facts.member("commit"))
        let signer = commit["signer"].map { ", signed by \($0)" } ?? ""
        var lines = [
            "\(facts["verdict"] ?? ""): commit \(commit.short("id")) by "
                + "\(commit["author"] ?? "")\(signer), policy \(facts.short("policy"))"
        ]
        for finding in facts.list("findings").map({ Facts($0.objectValue ?? [:]) }) {
            let place = finding["place"].map { "\($0): " } ?? ""
            lines.append("\(place)\(finding["message"] ?? "") [\(finding["rule"] ?? "")]")
        }
        for change in facts.list("mutations").map({ Facts($0.objectValue ?? [:]) }) {
            lines.append(
                "\(change["field"] ?? ""): \(change["from"] ?? "unset") -> \(change["to"] ?? "") "
                    + "[\(change["rule"] ?? "")]"
            )
        }
        for used in facts.list("exceptions").map({ Facts($0.objectValue ?? [:]) }) {
            lines.append(
                "exception from \(used["rule"] ?? "") until \(used["expires"] ?? ""), by "
                    + "\(used["owner"] ?? ""): \(used["reason"] ?? "")"
            )
        }
        return lines
    }

    private func policy(_ facts: Facts) -> String {
        let changed = facts.list("changed").compactMap(\.stringValue).joined(separator: ", ")
        let before = facts["before"].map { ", before \($0.prefix(8))" } ?? ""
        return "project \(facts["project"] ?? ""): policy \(facts.short("policy"))\(before)"
            + (changed.isEmpty ? "" : ", changed: \(changed)")
    }

    private func decided(_ facts: Facts) -> [String] {
        let steps = facts.list("steps")
        let count = facts["steps_in_all"] ?? String(steps.count)
        let approval = Facts(facts.member("approval"))
        let by = Facts(approval.member("by"))
        let confirmed = approval["change"].map { change in
            ", \(change) confirmed by \(by["name"] ?? "somebody")"
        }
        let approved =
            confirmed ?? approval["run"].map { ", the rest of run \($0.prefix(8))" }
        let commit = facts["commit"].map { "commit \($0.prefix(8)), " } ?? ""
        return [
            "\(commit)\(facts["verdict"].map { "\($0), " } ?? "")policy \(facts.short("policy"))"
                + "\(approved ?? ""), \(count) steps (run \(facts.short("run")))"
        ]
    }
}

/// Members of an entry, as text.
private struct Facts {
    private let members: [String: JSON]

    init(_ members: [String: JSON]) { self.members = members }

    subscript(name: String) -> String? {
        switch members[name] {
        case .string(let text): text
        case .int(let number): String(number)
        case .bool(let bool): String(bool)
        default: nil
        }
    }

    /// The start of a digest or id.
    func short(_ name: String) -> String { String((self[name] ?? "-").prefix(8)) }
    func member(_ name: String) -> [String: JSON] { members[name]?.objectValue ?? [:] }
    func list(_ name: String) -> [JSON] { members[name]?.arrayValue ?? [] }

    /// Who demanded it.
    var person: String {
        let by = Facts(member("by"))
        return (by["name"] ?? "?") + (by["uid"].map { " (uid \($0))" } ?? "")
    }

    /// What else a demand came with.
    var rest: String {
        let names = members.keys.sorted().filter { !["demand", "by"].contains($0) }
        return names.map { name in
            let values = list(name).compactMap(\.stringValue)
            let text = self[name] ?? values.joined(separator: ", ")
            return text.isEmpty ? "" : ", \(name) \(text)"
        }.joined()
    }
}
