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
        #expect(examples.contains { $0.hasPrefix("# .gyre.yaml") })
        for example in examples {
            guard !example.hasPrefix("# .gyre.yaml") else {
                _ = try TenantFile(parsing: Array(example.utf8))
                continue
            }
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

    private func settings(_ text: String) throws -> Settings {
        try Settings(parsing: Array(text.utf8), directory: "/")
    }

    @Test func theReferencesAreCurrent() throws {
        var text = try page()
        for (name, reference) in [
            ("", Settings.reference), ("tenants' ", TenantFile.reference),
        ] {
            let begin = "<!-- \(name)reference: made from the table of keys -->\n"
            let end = "<!-- end of \(name)reference -->"
            let first = try #require(text.range(of: begin))
            let last = try #require(text.range(of: end))
            let place = first.upperBound..<last.lowerBound
            if updates {
                text.replaceSubrange(place, with: reference)
                try Data(text.utf8).write(to: docs.appending(path: "Configuration.md"))
            } else {
                #expect(text[place] == reference)
            }
        }
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
            // What an agent is asked by needs an agent, an ingress a port, and a size a pool.
            let needs = [
                "policy.opa.": ("policy: {opa: {", "url: 'unix:///a'", "}}"),
                "ingress.": ("ingress: {", "port: 1", "}"),
                "networks.": ("networks: {", "pool: 10.0.0.0/8", "}"),
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
        #expect(checked == 73)
    }

    @Test(arguments: [
        ("gyre.schema.json", Settings.jsonSchema), (".gyre.schema.json", TenantFile.jsonSchema),
    ])
    func theSchemaIsCurrent(name: String, json: JSON) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let schema = try encoder.encode(json) + Data("\n".utf8)
        let file = docs.appending(path: name)
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
