import ControlAPI
import Model
import Planning
import Reconciliation
import TestSupport
import Testing

@testable import gyre

/// What `gyre policy report` prints, compared with what was reviewed.
@Suite struct PolicyReportAnswerTests {
    private let samples: Samples

    init() throws { samples = try Samples() }

    private func report() throws -> PolicyReport {
        var against = PolicyStanding(samples.web, .against, policy: "a")
        against.commit = samples.good
        against.findings = [samples.denial]
        var changes = PolicyStanding(samples.old, .changes, policy: "b")
        changes.commit = samples.head
        changes.changes = [
            PolicyDifference(
                container: "shop-web-1",
                service: "web",
                field: "memory",
                from: "536870912",
                to: "1073741824"
            ),
            PolicyDifference(
                container: "shop-web-1",
                service: "web",
                field: "capabilities",
                from: "CHOWN, KILL",
                to: ""
            ),
        ]
        changes.others = ["shop-web-2"]
        var unknown = PolicyStanding(try StackID(parsing: "shop/api"), .unknown, policy: "b")
        unknown.reason = "the mirror can't be read"
        let fine = PolicyStanding(try StackID(parsing: "shop/db"), .ok, policy: "b")
        let stacks = [unknown, fine, changes, against]
        return PolicyReport(stacks: stacks, users: .remapped, time: samples.now)
    }

    @Test func byAFileThatIsNotInForce() throws {
        var answer = PolicyReportAnswer(try report(), by: "new.yaml")
        var before = try report()
        for index in before.stacks.indices {
            before.stacks[index].verdict = .ok
            before.stacks[index].policy = "c"
        }
        answer.before = before
        expectSnapshot(answer.text(.plain), named: "policy-report-preview")
        #expect(answer.exit == .denied)
    }

    @Test func byWhatIsInForce() throws {
        var report = try report()
        report.engineProblem = "connection refused"
        report.users = nil
        report.stacks.removeLast()
        let answer = PolicyReportAnswer(report, by: nil)
        expectSnapshot(answer.text(.plain), named: "policy-report")
        #expect(answer.exit == .failed)
        let none = PolicyReport(stacks: [], time: samples.now)
        #expect(PolicyReportAnswer(none, by: nil).text(.plain) == "nothing runs")
    }

    @Test func asJSON() throws {
        var answer = PolicyReportAnswer(try report(), by: "new.yaml")
        answer.before = try report()
        expectSnapshot(try Output.json(answer), named: "policy-report-json")
    }
}
