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

    @Test(arguments: [true, false]) func recoveryOfWhatIsSound(isConfirmed: Bool) {
        let answer = RecoveryAnswer(findings: RecoveryFindings(), isConfirmed: isConfirmed)
        #expect(
            answer.text(.plain)
                == "nothing is wrong: change is not frozen, and there is nothing to recover"
        )
    }
}
