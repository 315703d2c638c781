import Model
import Reconciliation
import Testing

@testable import gyre

/// What commands say, and end with, when not all that they ask answers.
@Suite struct UnansweredTests {
    private let samples: Samples

    init() throws { samples = try Samples() }

    /// Silence is never told as emptiness, and never ends with 0.
    @Test func silence() throws {
        let gone = RepositoryStatus(silent: "/srv/git/b.git", branch: "main", because: "it is gone")
        for stacks in [[], [samples.ready]] {
            var status = samples.status()
            status.stacks = stacks
            #expect(StatusAnswer(status: status).exit(isStrict: true) == .success)
            status.repositories = [gone]
            let shown = StatusAnswer(status: status)
            #expect(shown.text(.plain).contains("repository /srv/git/b.git: it is gone"))
            #expect(shown.exit(isStrict: false) == .unreachable)
            #expect(ExitCode(of: [], status.unanswered) == .unreachable)
            let plans = PlansAnswer(plans: [], unanswered: status.unanswered)
            #expect(plans.text(.plain).contains("it is gone"))
            let applied = ApplyAnswer(
                stacks: stacks.map { .init(status: $0, isRemoved: false, steps: []) },
                unanswered: status.unanswered
            )
            #expect(applied.exit == .unreachable)
            #expect(applied.text(.plain).contains("it is gone"))
            #expect(Failure(status.unknown(samples.web)).exit == .unreachable)
            status.repositories[0].head = samples.good
            #expect(StatusAnswer(status: status).exit(isStrict: false) == .success)
            #expect(StatusAnswer(status: status).exit(isStrict: true) == .unreachable)
            #expect(Failure(status.unknown(samples.web)).exit == .usage)
        }
        var dead = samples.status(samples.ready)
        dead.engineProblem = "it does not answer"
        #expect(StatusAnswer(status: dead).exit(isStrict: false) == .unreachable)
    }

    /// What answers and has nothing to follow yet is no silence.
    @Test func nothingToFollowYet() throws {
        let words = "the repository has no commit yet; push the branch \"main\""
        let new = RepositoryStatus(
            silent: "/srv/git/b.git",
            branch: "main",
            because: words,
            isReached: true
        )
        var status = samples.status()
        status.stacks = []
        status.repositories = [new]
        let shown = StatusAnswer(status: status)
        #expect(shown.text(.plain) == "no stacks yet:\n  repository /srv/git/b.git: \(words)")
        #expect(shown.exit(isStrict: false) == .success)
        #expect(shown.exit(isStrict: true) == .notConverged)
        #expect(ExitCode(of: [], status.unanswered) == .notConverged)
        #expect(ApplyAnswer(stacks: [], unanswered: status.unanswered).exit == .notConverged)
        #expect(Failure(status.unknown(samples.web)).exit == .notConverged)
        // Beside one that is silent, that is what counts.
        let gone = RepositoryStatus(silent: "/srv/git/c.git", branch: "main", because: "it is gone")
        status.repositories = [new, gone]
        #expect(StatusAnswer(status: status).exit(isStrict: false) == .unreachable)
        #expect(ExitCode(of: [], status.unanswered) == .unreachable)
        #expect(Failure(status.unknown(samples.web)).exit == .unreachable)
        #expect(StatusAnswer(status: status).text(.plain).contains("this does not answer"))
    }
}
