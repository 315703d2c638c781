import OperatorFile
import Foundation
import Model
import Testing

/// The published page and schema say what the code does.
///
/// With `SNAP_UPDATE=1` the generated parts are written anew instead.
@Suite struct DocumentationTests {
    private let docs = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Docs")
    private let updates = ProcessInfo.processInfo.environment["SNAP_UPDATE"] == "1"

    @Test func everyExampleLoads() throws {
        let examples = try page().split(separator: "```yaml\n").dropFirst().map {
            $0.prefix(upTo: $0.range(of: "```")?.lowerBound ?? $0.endIndex)
        }
        #expect(examples.count >= 4)
        for example in examples {
            let settings = try Settings(parsing: Array(example.utf8), directory: "/etc/gyre")
            #expect(settings.warnings == [])
        }
    }

    @Test func theExampleWithAllDefaultsIsTheDefault() throws {
        let whole = try #require(page().split(separator: "```yaml\n").dropFirst(2).first)
        let text = whole.prefix(upTo: whole.range(of: "projects:")?.lowerBound ?? whole.endIndex)
        let bytes = Array((text + "projects: {}").utf8)
        var settings = try Settings(parsing: bytes, directory: "/")
        settings.socket = Settings().socket
        #expect(settings == Settings())
    }

    @Test func theReferenceIsCurrent() throws {
        let begin = "<!-- reference: made from the table of keys -->\n"
        let end = "<!-- end of reference -->"
        let text = try page()
        let first = try #require(text.range(of: begin))
        let last = try #require(text.range(of: end))
        let current = text[first.upperBound..<last.lowerBound]
        if updates {
            let new = text.replacingCharacters(
                in: first.upperBound..<last.lowerBound,
                with: Settings.reference
            )
            try Data(new.utf8).write(to: docs.appending(path: "Configuration.md"))
        } else {
            #expect(current == Settings.reference)
        }
    }

    private func settings(_ text: String) throws -> Settings {
        try Settings(parsing: Array(text.utf8), directory: "/")
    }

    /// Writing a documented default changes nothing.
    @Test func theReferenceTellsTheTrueDefaults() throws {
        let prefix = "projects.<name>."
        let bare = "projects: {a: {repositories: []}}"
        let usual = try Settings(parsing: Array(bare.utf8), directory: "/")
        var checked = 0
        for row in Settings.reference.split(separator: "\n").dropFirst(2) {
            let cells = row.split(separator: " | ").map(String.init)
            let key = cells[0].filter { $0 != "|" && $0 != "`" && $0 != " " }
            guard cells.count == 4, cells[2].hasPrefix("`"), !key.contains("[]") else { continue }
            let standard = cells[2].filter { $0 != "`" }
            let keys = key.replacingOccurrences(of: prefix, with: "").split(separator: ".")
            let value = keys.reversed().reduce(standard) { "{\($1): \($0)}" }
            let text =
                key.hasPrefix(prefix)
                ? "projects: {a: {repositories: [], \(value.dropFirst().dropLast())}}"
                : "\(value.dropFirst().dropLast())\n\(bare)"
            // What an agent is asked by needs an agent, and an ingress a port.
            let needs = [
                "policy.opa.": ("policy: {opa: {", "url: 'unix:///a'", "}}"),
                "ingress.": ("ingress: {", "port: 1", "}"),
            ]
            let need = needs.first { key.hasPrefix($0.key) }?.value
            let whole = need.map { start, required, _ in
                text.replacingOccurrences(of: start, with: "\(start)\(required), ")
            }
            let plain = need.map { start, required, end in "\(start)\(required)\(end)\n\(bare)" }
            let expected = try plain.map { try settings($0) } ?? usual
            let found = try settings(whole ?? text)
            #expect(found == expected, "\(text)")
            checked += 1
        }
        #expect(checked == 69)
    }

    @Test func theSchemaIsCurrent() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let schema = try encoder.encode(Settings.jsonSchema) + Data("\n".utf8)
        let file = docs.appending(path: "gyre.schema.json")
        if updates {
            try schema.write(to: file)
        } else {
            #expect(try Data(contentsOf: file) == schema)
        }
    }

    private func page() throws -> String {
        try String(contentsOf: docs.appending(path: "Configuration.md"), encoding: .utf8)
    }
}
