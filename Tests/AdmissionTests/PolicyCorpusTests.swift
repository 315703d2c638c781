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
    /// The folders, and how many cases are known to be in each.
    static let folders = [("cases", 86), ("corpus", 175)]

    /// Each verdict and class is right, and each finding has its place.
    @Test(arguments: folders)
    func decides(folder: String, count: Int) throws {
        let cases = try PolicyCase.all(in: PolicyCase.fixtures.appending(path: folder))
        #expect(cases.count == count)
        let score = try Score(of: cases, title: folder)
        #expect(score.wrong.isEmpty)
    }

    @Test(.enabled(if: PolicyCase.namedFolder != nil))
    func decidesWhatGYREPOLICYCORPUSNames() throws {
        let cases = try PolicyCase.all(in: #require(PolicyCase.namedFolder))
        #expect(!cases.isEmpty)
        let score = try Score(of: cases, title: "named corpus")
        #expect(score.wrong.isEmpty)
    }

    /// A wrong fact makes a case wrong, and a field that nobody can read is wrong too.
    @Test func readsTheFacts() throws {
        let cases = try PolicyCase.all(in: PolicyCase.fixtures.appending(path: "corpus"))
        let tenant = try Self.astro()
        let stating = cases.filter { $0.expectation.facts != nil }
        #expect(stating.count == 5)
        for one in stating {
            let answer = Answer(one, tenant)
            #expect(answer.isRight(one.expectation))
            for field in (one.expectation.facts ?? [:]).keys {
                var wrong = one.expectation
                wrong.facts?[field] = PolicyCase.Fact("other")
                #expect(!answer.isRight(wrong), "\(one.name) \(field)")
            }
            var wrong = one.expectation
            wrong.facts?["services.web.colour"] = PolicyCase.Fact(nil)
            #expect(!answer.isRight(wrong))
        }
    }

    /// How many cases of each class are right.
    private struct Score {
        private(set) var wrong: [String] = []

        init(of cases: [PolicyCase], title: String) throws {
            let tenant = try PolicyCorpusTests.astro()
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
        private var effective: [String: AdmittedService] = [:]

        init(_ one: PolicyCase, _ tenant: TenantPolicy) {
            do {
                let reading = try StackReading(of: one.snapshot, at: "", id: Astro.id)
                let policy = Policy(tenant)
                let admitted = try policy.admit(reading)
                effective = admitted.effective
                mutated = (admitted.mutations + policy.fillings(of: reading))
                    .map(\.field.description)
                verdict = mutated.isEmpty ? "allow" : "mutate"
            } catch {
                findings = error.diagnostics.filter { $0.severity == .error }
            }
        }

        func isRight(_ expectation: PolicyCase.Expectation) -> Bool {
            guard verdict == expectation.expect else { return false }
            let facts = expectation.facts ?? [:]
            guard facts.allSatisfy({ fact(at: $0.key) == $0.value }) else { return false }
            guard verdict == "deny" else { return Set(mutated) == Set(expectation.mutated ?? []) }
            guard findings.allSatisfy({ $0.location != nil }) else { return false }
            return findings.contains { Rule.Topic.of($0).rawValue == expectation.topic }
        }

        /// What a field of the effective specification is; nil for one that nobody reads here.
        private func fact(at path: String) -> PolicyCase.Fact? {
            let parts = path.split(separator: ".", maxSplits: 2).map(String.init)
            guard parts.count == 3, parts[0] == "services",
                let service = effective[parts[1]]?.service
            else { return nil }
            let variable = "environment."
            switch parts[2] {
            case "user": return .init(service.user)
            case "deploy.resources.limits.memory":
                return .init(service.resources.memory.map { String($0.bytes) })
            case "deploy.resources.limits.pids":
                return .init(service.resources.pids.map { String($0) })
            case let field where field.hasPrefix(variable):
                return .init(service.environment[String(field.dropFirst(variable.count))] ?? nil)
            default: return nil
            }
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
        let file = PolicyCase.fixtures.appending(path: "astro.yaml")
        let settings = try Settings(
            parsing: Array(try Data(contentsOf: file)),
            directory: "/etc/gyre"
        )
        return try #require(settings.projects["astro"]).policy
    }
}
