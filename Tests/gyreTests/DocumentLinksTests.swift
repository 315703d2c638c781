import Admission
import ComposeFile
import ControlAPI
import Foundation
import Model
import Reconciliation
import Testing

@testable import gyre

/// Where findings are explained.
@Suite struct DocumentLinksTests {
    private let samples: Samples

    init() throws { samples = try Samples() }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../..").standardizedFileURL

    /// What a page can be opened at: its headings, as code hosts name them, and its anchors.
    private func anchors(_ page: String) throws -> Set<String> {
        let text = try String(contentsOf: Self.root.appending(path: page), encoding: .utf8)
        let headings = text.split(separator: "\n").filter { $0.hasPrefix("#") }.map { line in
            line.drop { $0 == "#" || $0 == " " }.lowercased()
                .filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" }
                .replacing(" ", with: "-")
        }
        let ids = text.matches(of: /<a id="([^"]+)">/).map { String($0.1) }
        return Set(headings + ids)
    }

    @Test func eachLeadsToWhereItIsExplained() throws {
        let codes =
            Policy.ruleIDs.union(Remedy.byCode.keys).union(DocumentLinks.elsewhere.keys)
            .union(["opa/no-latest"])
        #expect(codes.count > 140)
        var known: [String: Set<String>] = [:]
        for place in Set(codes.map(DocumentLinks().place)) {
            let parts = place.split(separator: "#", maxSplits: 1).map(String.init)
            try #require(parts.count == 2, "\(place)")
            let there = try known[parts[0]] ?? anchors(parts[0])
            known[parts[0]] = there
            #expect(there.contains(parts[1]), "\(place)")
        }
        // What nobody wrote a paragraph about is on the page of them all.
        #expect(DocumentLinks().place(of: "tree-name") == "Docs/Diagnostics.md")
    }

    /// Each once, below everything, however many findings there are.
    @Test func answersEndWithThem() throws {
        var plan = samples.plan
        plan.problems = samples.stalled.problems + samples.stalled.problems
        let shown = Explained(PlansAnswer(plans: [plan, plan]), by: DocumentLinks())
        let text = shown.text(.plain)
        #expect(
            text.hasSuffix(
                "\nsee Docs/Diagnostics.md#obsolete-version\n    Docs/Policy.md#bind-engine"
            )
        )
        #expect(text.components(separatedBy: "#bind-engine").count == 2)
        let json = try JSON(parsing: Output.json(shown).utf8)
        #expect(json["plans"]?.arrayValue?.count == 2)
        #expect(
            json["docs"] == [
                "bind-engine": "Docs/Policy.md#bind-engine",
                "obsolete-version": "Docs/Diagnostics.md#obsolete-version",
            ]
        )
    }

    @Test func theyAreWhereTheOperatorSays() throws {
        let docs = DocumentLinks(folder: "https://example.org/gyre/")
        let url = "https://example.org/gyre/Policy.md#bind-engine"
        let status = Explained(StatusAnswer(status: samples.status(samples.stalled)), by: docs)
        #expect(status.text(.plain).hasSuffix("\nsee \(url)"))
        let json = try JSON(parsing: Output.json(status).utf8)
        #expect(json["docs"]?["bind-engine"] == .string(url))
        #expect(json["stacks"]?.arrayValue?.count == 1)

        let diff = StackDiff(stack: samples.web, changes: [], plan: samples.plan)
        let diffs = Explained(DiffsAnswer(diffs: [diff]), by: docs).text(.plain)
        #expect(diffs.hasSuffix("\nsee https://example.org/gyre/Diagnostics.md#obsolete-version"))
    }

    @Test func whatWouldBeEnforcedHasThoseOfItsDenials() throws {
        var standing = PolicyStanding(samples.web, .against, policy: "a")
        var warning = samples.denial
        warning.severity = .warning
        warning.code = "secret-in-environment"
        standing.findings = [samples.denial, warning]
        let enforcement = StackEnforcement(standing: standing, stops: [], steps: [], change: "1")
        let shown = Explained(EnforcementAnswer(enforcement: enforcement), by: DocumentLinks())
        #expect(shown.text(.plain).hasSuffix("--confirm 1\nsee Docs/Policy.md#bind-engine"))
        let json = try JSON(parsing: Output.json(shown).utf8)
        #expect(json["docs"]?.objectValue?.count == 2 && json["verdict"] == "against")
    }

    @Test func aDeniedFolderHasThem() throws {
        let rejection = Rejection(samples.denial)
        let docs = DocumentLinks(folder: "https://example.org/")
        let answer = FailureAnswer(Failure(.denied, rejection, in: .none, by: docs))
        let url = "https://example.org/Policy.md#bind-engine"
        #expect(answer.text(.plain, in: .none).hasSuffix("\nsee \(url)"))
        let json = try JSON(parsing: Output.json(answer).utf8)
        #expect(json["docs"] == ["bind-engine": .string(url)])
        let bare = FailureAnswer(Failure(.failed, rejection, in: .none))
        #expect(try JSON(parsing: Output.json(bare).utf8)["docs"] == nil)
    }

    @Test func whatFindsNothingHasNone() throws {
        let answer = StatusAnswer(status: samples.status(samples.ready))
        let shown = Explained(answer, by: DocumentLinks())
        #expect(shown.text(.plain) == answer.text(.plain))
        #expect(try JSON(parsing: Output.json(shown).utf8)["docs"] == [:])
    }
}
