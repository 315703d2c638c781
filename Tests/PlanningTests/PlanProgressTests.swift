import Model
import Planning
import Testing

@Suite struct PlanProgressTests {
    @Test func stepsRunWhenWhatTheyComeAfterIsDone() {
        var progress = PlanProgress(plan([[], [1], [1], [2, 3]]), width: 4)
        #expect(progress.next().map(\.id) == [1])
        #expect(progress.next().isEmpty)
        progress.finished(1, .done)
        #expect(progress.next().map(\.id) == [2, 3])
        progress.finished(3, .done)
        #expect(progress.next().isEmpty)
        progress.finished(2, .done)
        #expect(progress.next().map(\.id) == [4])
        progress.finished(4, .done)
        #expect(progress.isFinished)
    }

    @Test func noMoreThanTheWidthRuns() {
        var progress = PlanProgress(plan([[], [], [], []]), width: 2)
        #expect(progress.next().map(\.id) == [1, 2])
        #expect(progress.next().isEmpty)
        progress.finished(2, .done)
        #expect(progress.next().map(\.id) == [3])
    }

    /// A wait holds no connection, so it takes no place, be it for a container or a service.
    @Test(arguments: [Operation.wait(container, .stable), .settle(service)])
    func waitsDoNotCount(wait: Operation) {
        var plan = plan([[], [], []])
        for index in 0...1 { plan.steps[index].operation = wait }
        var progress = PlanProgress(plan, width: 1)
        #expect(progress.next().map(\.id) == [1, 2, 3])
    }

    @Test func aFailureSkipsItsDependentsAndTheirs() {
        var progress = PlanProgress(plan([[], [1], [2], [], [4]]), width: 4)
        _ = progress.next()
        progress.finished(1, failure)
        #expect(progress.results[2] == .skipped(because: 1))
        #expect(progress.results[3] == .skipped(because: 2))
        progress.finished(4, .done)
        #expect(progress.next().map(\.id) == [5])
        progress.finished(5, .done)
        #expect(progress.isFinished)
    }

    @Test func oneOfTwoFailuresIsEnough() {
        var progress = PlanProgress(plan([[], [], [1, 2]]), width: 4)
        _ = progress.next()
        progress.finished(2, failure)
        #expect(progress.results[3] == .skipped(because: 2))
        progress.finished(1, failure)
        #expect(progress.results[3] == .skipped(because: 2))
        #expect(progress.isFinished)
    }

    /// What runs is seen to its end; what has not begun never does.
    @Test func aCancelledPlanFinishesWhatRuns() {
        var progress = PlanProgress(plan([[], [1], []]), width: 1)
        #expect(progress.next().map(\.id) == [1])
        progress.cancel()
        #expect(!progress.isFinished)
        #expect(progress.next().isEmpty)
        progress.finished(1, .done)
        #expect(progress.isFinished)
        #expect(progress.next().isEmpty)
        #expect(progress.results == [1: .done, 2: .cancelled, 3: .cancelled])
    }

    @Test func aCancelledStepCancelsItsDependents() {
        var progress = PlanProgress(plan([[], [1]]), width: 1)
        _ = progress.next()
        progress.finished(1, .cancelled)
        #expect(progress.results[2] == .cancelled)
    }

    @Test func anEmptyPlanIsFinished() {
        var progress = PlanProgress(plan([]), width: 1)
        #expect(progress.isFinished)
        #expect(progress.next().isEmpty)
    }

    @Test func aStepFinishesOnce() async {
        await #expect(processExitsWith: .failure) {
            var progress = PlanProgress(plan([[]]), width: 1)
            progress.finished(1, .done)
        }
    }
}

private let failure = StepResult.failed(StepFailure(.permanent, "no"))

private let container = ContainerRef(
    slot: Slot(service: "web", number: 1),
    id: "1",
    name: "web-1"
)
private let service = ServiceRef(
    name: "web",
    id: "1",
    spec: "1:",
    image: nil,
    isTask: false,
    isChecked: false,
    known: []
)

/// Steps by what each comes after.
private func plan(_ after: [[Step.ID]]) -> Plan {
    let steps = after.enumerated().map { index, after in
        Step(
            id: index + 1,
            operation: .start(container),
            after: after,
            reason: .missing
        )
    }
    guard let id = try? StackID(project: "a", stack: "a") else {
        preconditionFailure("these are valid names")
    }
    return Plan(stack: id, commit: nil, steps: steps)
}
