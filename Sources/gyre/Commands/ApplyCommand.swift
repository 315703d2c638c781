internal import ArgumentParser
internal import OperatorFile
internal import ControlAPI
internal import Logging
internal import Model
internal import Reconciliation
internal import Synchronization

/// `gyre apply`: once, without a controller.
struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Bring stacks to their commits once, without a running controller.",
        discussion: """
            Does what serve does, for each stack until there is nothing left to do, and ends. It \
            holds the same locks, so it refuses while a controller runs. Ctrl-C ends it: no step \
            is begun any more, and the next run goes on from there.

            Examples:
              gyre apply
              gyre apply shop/web
              gyre apply shop/web --yes     also what would wait for gyre confirm
            """
    )

    @OptionGroup var options: CommonOptions
    @Argument(help: .stackOrAll, transform: StackID.argument) var stack: StackID?
    @Flag(name: .shortAndLong, help: "Confirm removals that would wait for a person.")
    var yes = false

    func run() async throws {
        let session = options.session()
        let opened = try await open(session)
        await opened.begin("apply", try session.configuration)
        let (answer, isInterrupted) = try await Interruption.during { [stack, yes] in
            try await Self.apply(stack, opened.controller, session.output, confirms: yes)
        }
        await opened.end()
        try session.output.show(Explained(answer, by: session.docs))
        withExtendedLifetime(opened) {}
        if isInterrupted {
            session.output.note("interrupted; gyre apply goes on from here")
            throw Quit(code: .interrupted)
        }
        if answer.exit != .success { throw Quit(code: answer.exit) }
    }

    private static func apply(
        _ stack: StackID?,
        _ controller: Controller,
        _ output: Output,
        confirms: Bool
    ) async throws -> ApplyAnswer {
        await controller.survey()
        try Task.checkCancellation()
        let status = await controller.status()
        let known = status.stacks.map(\.stack)
        if let stack, !known.contains(stack) { throw status.unknown(stack) }
        let stacks = stack.map { [$0] } ?? known
        let run = OneShot(
            controller: controller,
            output: output,
            isLonely: stacks.count == 1,
            confirms: confirms
        )
        var answer = try await controller.pulling { try await run.settle(stacks) }
        answer.unanswered = stack == nil ? status.unanswered : []
        return answer
    }

    private func open(_ session: Session) async throws -> CompositionRoot.Opened {
        if let client = try session.running() {
            let process = try? await client.version().process
            throw Failure(
                .failed,
                "a controller runs" + (process.map { " (process \($0))" } ?? "")
                    + " and does this by itself",
                remedy: "gyre sync makes it look now"
            )
        }
        let log = Logger(label: "gyre", factory: { _ in LineLog(level: .warning) })
        return try await CompositionRoot(try session.settings, log).open()
    }
}

/// Passes over stacks until each is settled.
struct OneShot: Sendable {
    let controller: Controller
    let output: Output
    /// Only one stack is at it, so lines need not name it.
    let isLonely: Bool
    let confirms: Bool

    /// Stacks that are worked on side by side.
    private static let width = 8

    func settle(_ stacks: [StackID]) async throws -> ApplyAnswer {
        var done: [ApplyAnswer.Applied] = []
        for group in await controller.groups(of: stacks) { done += try await settle(all: group) }
        return ApplyAnswer(stacks: done.sorted { $0.status.stack < $1.status.stack })
    }

    private func settle(all stacks: [StackID]) async throws -> [ApplyAnswer.Applied] {
        var done: [ApplyAnswer.Applied] = []
        try await withThrowingTaskGroup(of: ApplyAnswer.Applied.self) { group in
            for (index, stack) in stacks.enumerated() {
                if index >= OneShot.width, let applied = try await group.next() {
                    done.append(applied)
                }
                group.addTask { try await settle(stack) }
            }
            for try await applied in group { done.append(applied) }
        }
        return done
    }

    private func settle(_ stack: StackID) async throws -> ApplyAnswer.Applied {
        let steps = Steps()
        let pace = ProgressPace()
        let listener: @Sendable (RunEvent) -> Void = { event in
            steps.note(event)
            if case .progress(_, let step, _) = event {
                guard output.isTerminal, pace.isTime(for: step.id) else { return }
            }
            let line = StepLine(event: event, namesStack: !isLonely)
            if line.text(.plain) != nil { output.progress { line.text($0) ?? "" } }
        }
        if confirms {
            // Before the first pass, which would repair what is about to go.
            try await controller.look(at: stack)
            if let change = await unconfirmed(stack) {
                try await controller.confirm(stack, change: change, by: .own)
            }
        }
        let reports = try await controller.settle(stack, listener: listener)
        let status = await controller.status().stacks.first { $0.stack == stack }
        return ApplyAnswer.Applied(
            status: status ?? StackStatus(stack: stack),
            isRemoved: reports.last?.isRemoved ?? false,
            steps: steps.all
        )
    }

    /// The change that a stack waits with.
    private func unconfirmed(_ stack: StackID) async -> String? {
        let status = await controller.status().stacks.first { $0.stack == stack }
        return status?.problems.first { $0.kind == .unconfirmed }?.change
    }
}

/// Lets through one line of progress of a step now and then: it is for people who watch.
private final class ProgressPace: Sendable {
    private let last = Mutex<[Step.ID: ContinuousClock.Instant]>([:])

    func isTime(for step: Step.ID) -> Bool {
        let now = ContinuousClock.now
        return last.withLock { last in
            if let then = last[step], now - then < .seconds(1) { return false }
            last[step] = now
            return true
        }
    }
}

/// What was done, gathered for `--json`.
private final class Steps: Sendable {
    private let steps = Mutex<[AppliedStep]>([])

    var all: [AppliedStep] { steps.withLock { $0 } }

    func note(_ event: RunEvent) {
        guard case .finished(_, let step, let result, let milliseconds) = event else { return }
        let (word, message): (String, String?) =
            switch result {
            case .done: ("done", nil)
            case .failed(let failure): ("failed", failure.text)
            case .skipped(let cause): ("skipped", "step \(cause) was not done")
            case .cancelled: ("cancelled", nil)
            }
        steps.withLock {
            $0.append(
                AppliedStep(
                    text: step.operation.description,
                    result: word,
                    message: message,
                    milliseconds: milliseconds
                )
            )
        }
    }
}
