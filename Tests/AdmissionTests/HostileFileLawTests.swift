import Admission
import ComposeFile
import Foundation
import Model
import Testing

/// No way of writing what is denied lets it pass: files that are generated from the table of
/// attributes, each with one of them, brought by up to seven carriers one after the other.
@Suite struct HostileFileLawTests {
    @Test(arguments: 0..<HostileTable.shards)
    func noSpellingLetsItPass(shard: Int) throws {
        for (attribute, files) in try HostileTable().draws(of: shard) {
            expect(attribute.topics, of: files.entries, files.chosen) {
                "\(attribute.row), \(files.used):\n\(files.description)"
            }
        }
    }

    @Test func noTreeBringsIt() {
        for tree in HostileTrees.all {
            expect(tree.topics, of: tree.entries) { "\(tree.row): \(tree.entries)".prefix(600) }
        }
    }

    /// The carriers alone bring nothing that is denied.
    @Test func noCarrierIsDenied() throws {
        var used: [Carrier: Int] = [:]
        for seed in 0..<600 {
            let files = HostileFiles.harmless(seed: seed)
            for carrier in files.used { used[carrier, default: 0] += 1 }
            let findings = denials(of: files.entries, files.chosen)
            #expect(findings.isEmpty, "\(files.used):\n\(files.description)\(findings)")
        }
        for carrier in Carrier.allCases { #expect(used[carrier, default: 0] > 10, "\(carrier)") }
    }

    /// Each row of the table is tried, or says by what else it is shown.
    @Test func everyRowIsTried() throws {
        let table = try HostileTable()
        let trees = Set(HostileTrees.all.map(\.row))
        for row in table.rows {
            #expect(!row.attributes.isEmpty || !row.notes.isEmpty, "\(row.name)")
            #expect(row.notes.contains("tree") == trees.contains(row.name), "\(row.name)")
            for name in row.noted("carrier") { #expect(Carrier(rawValue: name) != nil, "\(name)") }
            for name in row.noted("test") { #expect(try Self.isTest(name), "\(name)") }
        }
        #expect(trees.isSubset(of: table.rows.map(\.name)))
        let tried = Set(
            table.attributes.flatMap(\.topics) + HostileTrees.all.flatMap(\.topics)
        )
        // That one is told of, and refused nobody.
        #expect(tried == Set(Rule.Topic.allCases).subtracting([.secret]))
        guard
            let page = PolicyCase.namedFolder?.appending(path: "../SECURITY.md")
                .standardizedFileURL,
            let text = try? String(contentsOf: page, encoding: .utf8)
        else { return }
        #expect(table.rows.map(\.name) == Self.rows(of: text))
    }

    /// The first cells of the tables in the part about attributes.
    private static func rows(of page: String) -> [String] {
        let parts = page.components(separatedBy: "\n## ")
        let lines = parts.first { $0.hasPrefix("B. ") }?.split(separator: "\n") ?? []
        let cells = lines.filter { $0.hasPrefix("| ") }.map { line in
            line.split(separator: "|")[0].trimmingCharacters(in: .whitespaces)
        }
        return cells.filter { $0 != "item" && $0 != "---" }
    }

    private static func isTest(_ name: String) throws -> Bool {
        let parts = name.split(separator: ".").map(String.init)
        let tests = PolicyCase.fixtures.appending(path: "../..").standardizedFileURL
        for folder in try FileManager.default.contentsOfDirectory(atPath: tests.path()) {
            let file = tests.appending(path: "\(folder)/\(parts[0]).swift")
            guard let text = try? String(contentsOf: file, encoding: .utf8) else { continue }
            if text.contains("func \(parts[1])(") { return true }
        }
        return false
    }

    private func expect(
        _ topics: Set<Rule.Topic>,
        of entries: [String: Snapshot.Entry],
        _ chosen: ChosenFiles = ChosenFiles(),
        _ what: () -> some CustomStringConvertible
    ) {
        let findings = denials(of: entries, chosen)
        let isFound = findings.contains { topics.contains(Rule.Topic.of($0)) }
        #expect(isFound, "\(what())\(findings.map { "\(Rule.Topic.of($0)) \($0.code)" })")
        let isPlaced = findings.allSatisfy { $0.location != nil }
        #expect(isPlaced, "\(what())\(findings)")
    }

    private func denials(
        of entries: [String: Snapshot.Entry],
        _ chosen: ChosenFiles = ChosenFiles()
    ) -> [Diagnostic] {
        let snapshot = Snapshot(ofTenant: entries)
        do {
            let reading = try StackReading(of: snapshot, at: "", id: Astro.id, chosen: chosen)
            _ = try Astro.policy.admit(reading)
            return []
        } catch {
            return error.diagnostics.filter { $0.severity == .error }
        }
    }
}
