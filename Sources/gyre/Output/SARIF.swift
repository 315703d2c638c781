internal import Admission
internal import Model

/// What policy says of a folder, as code hosts show it beside the lines of a change.
///
/// Source: SARIF 2.1.0 (OASIS): a run of one tool, its rules, and a result for each finding. What
/// policy fills in is a result too, of level `note`. Columns count Unicode code points.
struct SARIF {
    private let answer: PolicyAnswer
    /// How the folder is named from the repository's root, where a code host looks from.
    private let prefix: String

    /// `folder` as it was given to the command, which is run in the root of the repository.
    init(_ answer: PolicyAnswer, in folder: String) {
        self.answer = answer
        var path = folder[...]
        while path.hasPrefix("./") { path = path.dropFirst(2).drop { $0 == "/" } }
        while path.hasSuffix("/") { path = path.dropLast() }
        let isRoot = path.isEmpty || path == "."
        prefix = isRoot ? (folder.hasPrefix("/") ? "/" : "") : path + "/"
    }

    var json: JSON {
        let codes = Set(answer.findings.map(\.rule) + answer.mutations.map(\.rule)).sorted()
        let numbers = Dictionary(uniqueKeysWithValues: codes.enumerated().map { ($1, $0) })
        let results =
            answer.findings.map { finding in result(of: finding, numbers) }
            + answer.mutations.map { change in result(of: change, numbers) }
        return [
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [
                [
                    "tool": [
                        "driver": [
                            "name": "Gyre",
                            "version": .string(Program.version),
                            "rules": .array(codes.map(rule)),
                        ]
                    ],
                    "columnKind": "unicodeCodePoints",
                    "results": .array(results),
                ]
            ],
        ]
    }

    private func rule(_ code: String) -> JSON {
        let link = answer.docs.url(of: code).map(JSON.string)
        guard let rule = Rule.all.first(where: { $0.id == code }) else {
            return .members([
                "id": .string(code), "helpUri": link,
                "help": ["text": .string("see \(answer.docs.place(of: code))")],
            ])
        }
        return .members([
            "id": .string(code), "helpUri": link,
            "shortDescription": ["text": .string(rule.reason)],
            "help": ["text": .string("\(rule.fix) (see \(answer.docs.place(of: code)))")],
            "properties": ["tags": .strings([rule.topic.rawValue])],
        ])
    }

    private func result(of finding: Finding, _ numbers: [String: Int]) -> JSON {
        result(
            finding.rule,
            numbers,
            level: finding.severity,
            finding.message + (finding.fix.map { "\nfix: \($0)" } ?? ""),
            field: finding.field,
            place(finding.path, finding.line, finding.column)
        )
    }

    private func result(of change: PolicyAnswer.Change, _ numbers: [String: Int]) -> JSON {
        result(
            change.rule,
            numbers,
            level: "note",
            change.text,
            field: change.path,
            place(change.location?.file, change.location?.line, change.location?.column)
        )
    }

    private func result(
        _ rule: String,
        _ numbers: [String: Int],
        level: String,
        _ message: String,
        field: String?,
        _ place: JSON
    ) -> JSON {
        let logical = field.map { JSON.array([["fullyQualifiedName": .string($0)]]) }
        let location = JSON.members(["physicalLocation": place, "logicalLocations": logical])
        return .members([
            "ruleId": .string(rule),
            "ruleIndex": numbers[rule].map { .int(Int64($0)) },
            "level": .string(level),
            "message": ["text": .string(message)],
            "locations": [location],
        ])
    }

    /// What is of no place is shown at the file that all begins with: code hosts pass over a result
    /// without one.
    private func place(_ file: String?, _ line: Int?, _ column: Int?) -> JSON {
        let start = file ?? answer.findings.lazy.compactMap(\.path).first ?? "compose.yaml"
        return .members([
            "artifactLocation": ["uri": .string(SARIF.uri(SARIF.folded(prefix + start)))],
            "region": .members([
                "startLine": .int(Int64(line ?? 1)),
                "startColumn": column.map { .int(Int64($0)) },
            ]),
        ])
    }

    /// The path without steps back, which code hosts take for names.
    private static func folded(_ path: String) -> String {
        var folded: [Substring] = []
        for name in path.split(separator: "/", omittingEmptySubsequences: false) {
            if name == "..", let last = folded.last, !["", ".", ".."].contains(last) {
                folded.removeLast()
            } else {
                folded.append(name)
            }
        }
        return folded.joined(separator: "/")
    }

    /// A relative reference, or a `file` URI of a path that begins with `/` (RFC 3986).
    private static func uri(_ path: String) -> String {
        let open = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/".utf8)
        let digits = Array("0123456789ABCDEF")
        let text = path.utf8.map { byte -> String in
            if open.contains(byte) { return String(UnicodeScalar(byte)) }
            return "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
        }
        return (path.hasPrefix("/") ? "file://" : "") + text.joined()
    }
}
