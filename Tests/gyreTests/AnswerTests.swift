import Model
import Reconciliation
import Testing

@testable import gyre

/// What commands say of what they did, and of what there was to do.
@Suite struct AnswerTests {
    private let samples: Samples

    init() throws { samples = try Samples() }

    @Test func aSyncSaysWhatItDid() {
        var run = samples.run
        run.stack = samples.ready.stack
        run.result = .deployed
        run.summary = "3 steps"
        let rolled = SyncAnswer(stacks: [samples.ready], runs: [run]).text(.plain)
        #expect(
            rolled == """
                ✓ shop/shop: ready at 3f5a91c4
                  deployed 3f5a91c4 in 4.0 s: 3 steps
                """
        )
        let idle = SyncAnswer(stacks: [samples.ready], runs: [samples.run]).text(.plain)
        #expect(idle == "✓ shop/shop: ready at 3f5a91c4, nothing to do")
        run.stack = samples.web
        run.result = .removed
        let removed = SyncAnswer(stacks: [], runs: [run]).text(.plain)
        #expect(removed == "✓ shop/web: removed 3f5a91c4 in 4.0 s: 3 steps")
        #expect(SyncAnswer(stacks: [], runs: []).text(.plain) == "no stacks are left")
    }

    @Test func whatIsLongIsCutInATableAndSaidSo() {
        var run = samples.run
        run.summary = String(repeating: "a", count: 120) + "\nits last words"
        let lines = HistoryAnswer(runs: [run]).text(.plain).split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[1].hasSuffix("  " + String(repeating: "a", count: 99) + "…"))
        #expect(RunAnswer(run: run).text(.plain).contains(String(repeating: "a", count: 120)))
    }

    @Test func aSilentEngineIsToldAtEachStackAlone() {
        let silent = [
            Unanswered(kind: .engine, name: "unix:///e", problem: "down"),
            Unanswered(kind: .repository, name: "/r", problem: "gone"),
        ]
        let applied = ApplyAnswer.Applied(status: samples.ready, isRemoved: false, steps: [])
        let some = ApplyAnswer(stacks: [applied], unanswered: silent).text(.plain)
        #expect(!some.contains("unix:///e") && some.contains("/r"))
        #expect(ApplyAnswer(stacks: [], unanswered: silent).text(.plain).contains("unix:///e"))
    }

    @Test(arguments: [true, false]) func recoveryOfWhatIsSound(isConfirmed: Bool) {
        let answer = RecoveryAnswer(findings: RecoveryFindings(), isConfirmed: isConfirmed)
        #expect(
            answer.text(.plain)
                == "nothing is wrong: change is not frozen, and there is nothing to recover"
        )
    }
}
