import Admission
import ComposeFile
import Foundation
import Model
import OperatorFile
import Testing

/// Tenants' repositories, judged from their bytes as the controller would.
///
/// The operator's file stands among the fixtures. Files that can't be loaded are denied.
@Suite struct PolicyCorpusTests {
    @Test func decidesOwnCases() throws {
        let cases = try PolicyCase.all(in: PolicyCase.ownFolder)
        let score = try Score(of: cases, title: "own cases")
        #expect(score.wrong.isEmpty)
    }

    /// Each verdict and class is right, and each finding has its place.
    @Test func decidesTheCorpus() throws {
        guard let folder = PolicyCase.corpusFolder else {
            return print("skipped: no corpus beside the repository, nor in GYRE_POLICY_CORPUS")
        }
        let score = try Score(of: PolicyCase.all(in: folder), title: "corpus")
        #expect(score.wrong.isEmpty)
    }

    /// How many cases of each class are right.
    private struct Score {
        private(set) var wrong: [String] = []

        init(of cases: [PolicyCase], title: String) throws {
            let tenant = try astro()
            var counts: [String: (right: Int, wrong: Int)] = [:]
            for one in cases {
                let answer = Answer(one, tenant)
                let isRight =
                    one.expectation.waits == nil
                    ? answer.isRight(one.expectation) : answer.verdict == "deny"
                counts[one.expectation.topic, default: (0, 0)].right += isRight ? 1 : 0
                counts[one.expectation.topic, default: (0, 0)].wrong += isRight ? 0 : 1
                guard !isRight else { continue }
                wrong.append(one.name)
                print(
                    "\(title): wrong \(one.name): wants "
                        + "\(one.expectation.expect) \(one.expectation.topic), is \(answer)"
                )
            }
            for (topic, count) in counts.sorted(by: { $0.key < $1.key }) {
                print("\(title): \(topic): \(count.right) right, \(count.wrong) wrong")
            }
            print("\(title): \(cases.count - wrong.count) of \(cases.count) right")
        }
    }

    /// What became of a case.
    private struct Answer: CustomStringConvertible {
        private(set) var verdict = "deny"
        private(set) var mutated: [String] = []
        private(set) var findings: [Diagnostic] = []

        init(_ one: PolicyCase, _ tenant: TenantPolicy) {
            do {
                let reading = try StackReading(of: one.snapshot, at: "", id: Astro.id)
                let policy = Policy(tenant)
                let changes = try policy.admit(reading).mutations + policy.fillings(of: reading)
                mutated = changes.map(\.field.description)
                verdict = mutated.isEmpty ? "allow" : "mutate"
            } catch {
                findings = error.diagnostics.filter { $0.severity == .error }
            }
        }

        func isRight(_ expectation: PolicyCase.Expectation) -> Bool {
            guard verdict == expectation.expect else { return false }
            guard verdict == "deny" else { return Set(mutated) == Set(expectation.mutated ?? []) }
            guard findings.allSatisfy({ $0.location != nil }) else { return false }
            return findings.contains { Rule.Topic.of($0).rawValue == expectation.topic }
        }

        var description: String {
            let denials = findings.map { finding in
                "\(Rule.Topic.of(finding).rawValue): \(finding.message) [\(finding.code)]"
            }
            return "\(verdict) \(mutated) \(denials.joined(separator: "; "))"
        }
    }

    /// The project of the operator's file that the cases are written for.
    private static func astro() throws -> TenantPolicy {
        let file = PolicyCase.ownFolder.appending(path: "../astro.yaml").standardizedFileURL
        let settings = try Settings(
            parsing: Array(try Data(contentsOf: file)),
            directory: "/etc/gyre"
        )
        return try #require(settings.projects["astro"]).policy
    }
}
