package import Model

/// Asks registries beside the passes that wait for their answers: one that says nothing keeps no
/// stack from being repaired, nor from what is newer.
package final class RegistryQuestions: Sendable {
    private struct Entry: Sendable {
        var stack: StackID
        var question: RegistryQuestion
        var answers: RegistryAnswers
    }

    private let engine: any ContainerEngine
    // No stack asks for an image a second time before it has an answer, so what waits is bounded.
    private let entries: AsyncStream<Entry>
    private let queue: AsyncStream<Entry>.Continuation

    package init(_ engine: any ContainerEngine) {
        self.engine = engine
        (entries, queue) = AsyncStream.makeStream()
    }

    /// The digests of images, by name, as far as `answers` has them; else they are asked for, and
    /// it throws that they are awaited.
    func digests(
        of questions: [RegistryQuestion],
        _ answers: RegistryAnswers,
        for stack: StackID
    ) throws -> [String: String] {
        try answers.digests(of: questions) { question in
            queue.yield(Entry(stack: stack, question: question, answers: answers))
        }
    }

    /// Asks until the surrounding task is cancelled, and tells whose question has been answered;
    /// once for each of these objects.
    package func serve(_ answered: @escaping @Sendable (StackID) async -> Void) async {
        await withDiscardingTaskGroup { group in
            for await entry in entries {
                group.addTask {
                    await self.ask(entry)
                    await answered(entry.stack)
                }
            }
            group.cancelAll()
        }
    }

    private func ask(_ entry: Entry) async {
        let question = entry.question
        do {
            let digest = try await engine.digest(of: question.reference, question.access)
            entry.answers.answer(question, with: .success(digest))
        } catch {
            entry.answers.answer(question, with: .failure(error))
        }
    }
}
