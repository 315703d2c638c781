import Admission
import Foundation
import Model
import Testing

/// Every rule: that it denies what it should and nothing else does, and that it is documented.
@Suite struct RuleTableTests {
    @Test(arguments: Rule.all.filter { $0.verdict == .deny }.map(\.id))
    func deniesEachOfItsExamples(rule: String) throws {
        for (index, stack) in try #require(Denials.all[rule]).enumerated() {
            let denials = Astro.denials(of: stack, by: Policy(Denials.tenant(of: rule)))
            #expect(denials == [rule], "\(rule) \(index)")
        }
    }

    @Test func hasExamplesForEveryDenyingRuleAndNoOther() {
        let denying = Rule.all.filter { $0.verdict == .deny }.map(\.id)
        #expect(Set(Denials.all.keys) == Set(denying))
        #expect(Set(denying).count == denying.count)
    }

    @Test func admitsTheUnchangedStack() throws {
        let admitted = try Astro.policy.admit(Astro.stack)
        #expect(admitted.mutations.isEmpty && admitted.warnings.isEmpty)
        #expect(admitted.effective.mapValues(\.service) == Astro.stack.services)
        #expect(admitted.stack == Astro.stack)
    }

    @Test func isWhatTheDocumentationLists() throws {
        let documented = try rows(after: "## Rules").map { Array($0.prefix(3)) }
        // With the anchor to which findings link.
        let rules = Rule.all.map { rule in
            ["<a id=\"\(rule.id)\"></a>`\(rule.id)", rule.topic.rawValue, rule.verdict.rawValue]
        }
        #expect(documented == rules)
    }

    @Test func documentsWhatTheGateLooksAt() throws {
        let documented = try rows(after: "## The gate").map { $0[0] }
        #expect(documented == GateCheck.allCases.map { "gate-\($0.rawValue)" })
    }

    /// The cells of the table under a heading of the page about policy.
    private func rows(after heading: String) throws -> [[String]] {
        let page = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Docs/Policy.md").standardizedFileURL
        let lines = try String(contentsOf: page, encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: false)
        let section = lines.drop { $0 != heading }.dropFirst().prefix { !$0.hasPrefix("## ") }
        return section.filter { $0.hasPrefix("| `") || $0.hasPrefix("| <a") }.map { line in
            line.split(separator: "|").map {
                $0.trimmingCharacters(in: CharacterSet(charactersIn: " `"))
            }
        }
    }
}
