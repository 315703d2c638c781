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
        tenant.grants.names = ["al", "real-", "ex", "fi", "na"]
        let policy = Policy(tenant)
        var found: Set<Difference> = []
        var compared = 0
        var refused: Set<String> = []
        func compareAll(_ ours: JSON, _ theirs: JSON) {
            compared += 1
            for kind in ["services", "networks", "configs", "secrets"] {
                compare(ours[kind], theirs[kind], kind, &found)
            }
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
            let sample = try RenderCase(at: folder.appending(path: name))
            guard let theirs = try sample.expected("expected.stack.json"), theirs["exit"] == 0
            else {
                continue
            }
            do {
                guard let ours = try sample.sent(policy) else { continue }
                compareAll(ours, theirs)
            } catch let rejection as Rejection {
                if Self.forms.contains(name) { continue }
                refused.formUnion(rejection.refusals)
                guard let cut = Self.cuts[name] else {
                    Issue.record("\(name) is refused: \(rejection.refusals)")
                    continue
                }
                let ours = try #require(try sample.sent(policy, without: cut.texts))
                compareAll(ours, theirs.without(cut.parts))
            }
        }
        let listed = try table("sent differences")
        let rows = Set(found.map(\.description))
        #expect(rows.subtracting(listed).sorted() == [], "not in Docs/Engines.md")
        #expect(listed.subtracting(rows).sorted() == [], "in Docs/Engines.md for nothing")
        let told = try table("refused")
        #expect(refused.subtracting(told).sorted() == [], "not in Docs/Engines.md")
        #expect(told.subtracting(refused).sorted() == [], "in Docs/Engines.md for nothing")
        #expect(compared >= 21)
    }

    /// Cases that try what `docker stack` makes of any form, and that mean nothing as a whole.
    private static let forms: Set = ["swarm-details", "swarm-forms", "swarm-merged", "swarm-over"]

    /// What is taken out of a case that Gyre refuses, and of what Docker sent, so that the rest of
    /// it is compared.
    private static let cuts: [String: (texts: [String], parts: [JSON])] = [
        "stack-004-configs": ([", template_driver: golang"], [["Name": "golang"]]),
        "stack-005-credential-spec": (
            [", credential_spec: {config: cs}", "configs: {cs: {file: ./c.json}}"],
            [
                ["Config": "${ID:orc_cs}", "File": "", "Registry": ""],
                ["ConfigID": "${ID:orc_cs}", "ConfigName": "orc_cs", "Runtime": [:]],
                [
                    "Data": "e30=", "Labels": ["com.docker.stack.namespace": "orc"],
                    "Name": "orc_cs",
                ],
            ]
        ),
        "stack-007-deploy-full": (
            [", generic_resources: [{discrete_resource_spec: {kind: gpu, value: 2}}]"],
            [["DiscreteResourceSpec": ["Kind": "gpu", "Value": 2]]]
        ),
        "stack-029-merge": (["    ports: [\"80:80\"]\n"], []),
        "stack-031-networks": ([", ipv4_address: 10.5.0.5"], []),
        "stack-033-oom": (["    oom_score_adj: 100\n"], []),
        "stack-034-ports": (
            [", \"127.0.0.1:90:90\""],
            [["Protocol": "tcp", "PublishMode": "ingress", "PublishedPort": 90, "TargetPort": 90]]
        ),
        "stack-046-volumes": (
            ["\"./b:/b\", "], [["Source": "${CASE}/b", "Target": "/b", "Type": "bind"]]
        ),
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

extension Rejection {
    /// What it refuses, as rows of the table.
    fileprivate var refusals: [String] {
        diagnostics.filter { $0.severity == .error }.map { error in
            let last = error.field?.description.split(separator: ".").last ?? "?"
            return "| `\(last.prefix { $0 != "[" })` | `\(error.code)` |"
        }
    }
}

extension JSON {
    /// Without what is one of `parts`, wherever it stands.
    fileprivate func without(_ parts: [JSON]) -> JSON {
        switch self {
        case .object(let members):
            .object(members.filter { !parts.contains($1) }.mapValues { $0.without(parts) })
        case .array(let elements):
            .array(elements.filter { !parts.contains($0) }.map { $0.without(parts) })
        default: self
        }
    }
}
