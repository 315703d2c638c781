import Admission
import Foundation
import Model
import Testing

/// Compares what Gyre sends to a Swarm with what `docker stack deploy` sent for the same files.
///
/// `Docs/Engines.md` has every difference, by the field and how it differs, and none that is not
/// there.
@Suite struct SentBodiesTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../..").standardizedFileURL

    /// A place in a body, and how Gyre's differs there.
    private struct Difference: Hashable, CustomStringConvertible {
        var field: String
        var kind: String

        var description: String { "| `\(field)` | \(kind) |" }
    }

    @Test func everyDifferenceIsInTheTable() throws {
        let folder = Self.root.appending(path: "Tests/Fixtures/Render")
        var tenant = TenantPolicy(profile: .privileged)
        // What the cases have of others.
        tenant.grants.names = ["al", "real-"]
        let policy = Policy(tenant)
        var found: Set<Difference> = []
        var compared = 0
        var refused: [String: Set<String>] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
            let sample = try RenderCase(at: folder.appending(path: name))
            guard let theirs = try sample.expected("expected.stack.json"), theirs["exit"] == 0
            else {
                continue
            }
            do {
                guard let ours = try sample.sent(policy) else { continue }
                compared += 1
                for kind in ["services", "networks", "configs", "secrets"] {
                    compare(ours[kind], theirs[kind], kind, &found)
                }
            } catch let rejection as Rejection {
                let errors = rejection.diagnostics.filter { $0.severity == .error }
                refused[name] = Set(errors.map(\.code))
            }
        }
        let listed = try table("sent differences")
        let rows = Set(found.map(\.description))
        #expect(rows.subtracting(listed).sorted() == [], "not in Docs/Engines.md")
        #expect(listed.subtracting(rows).sorted() == [], "in Docs/Engines.md for nothing")
        #expect(compared >= 12)
        #expect(refused.keys.sorted() == Self.refused, "\(refused)")
    }

    /// Cases that Gyre runs nowhere, for what they write.
    private static let refused = [
        "stack-004-configs", "stack-005-credential-spec", "stack-007-deploy-full",
        "stack-029-merge", "stack-031-networks", "stack-033-oom", "stack-034-ports",
        "stack-046-volumes", "swarm-details", "swarm-forms", "swarm-merged",
        "swarm-over",
    ]

    /// The first two cells of the rows between two marks of the page.
    private func table(_ name: String) throws -> Set<String> {
        let page = try String(
            contentsOf: Self.root.appending(path: "Docs/Engines.md"),
            encoding: .utf8
        )
        let parts = page.components(separatedBy: "<!-- \(name) -->")
        try #require(parts.count == 3)
        let rows = parts[1].split(separator: "\n").filter { $0.hasPrefix("| `") }
        return Set(
            rows.map { row in
                let cells = row.components(separatedBy: " | ")
                return "\(cells[0]) | \(cells[1]) |"
            }
        )
    }

    private func compare(
        _ ours: JSON?,
        _ theirs: JSON?,
        _ kind: String,
        _ found: inout Set<Difference>
    ) {
        let (a, b) = (ours?.arrayValue ?? [], theirs?.arrayValue ?? [])
        if a.count != b.count { found.insert(Difference(field: kind, kind: "number")) }
        for (x, y) in zip(a, b) {
            differ(CanonicalBody.of(x), CanonicalBody.of(y), kind, &found)
        }
    }

    private func differ(_ a: JSON, _ b: JSON, _ path: String, _ found: inout Set<Difference>) {
        switch (a, b) {
        case (.object(let x), .object(let y)):
            // What a config or secret holds is printed nowhere.
            for key in Set(x.keys).union(y.keys) where key != "Data" {
                let own = key.hasPrefix(Labels.prefix) ? "\(Labels.prefix)*" : key
                let place = "\(path).\(own)"
                if let one = x[key], let other = y[key] {
                    differ(one, other, place, &found)
                } else {
                    let kind = x[key] == nil ? "left out" : "added"
                    found.insert(Difference(field: place, kind: kind))
                }
            }
        case (.array(let x), .array(let y)) where x.count == y.count:
            for (one, other) in zip(x, y) { differ(one, other, path, &found) }
        case (.int(let x), .double(let y)) where Double(x) == y: return
        default: if a != b { found.insert(Difference(field: path, kind: "another")) }
        }
    }
}
