internal import Model
internal import Synchronization

/// What is asked of a registry, and by whose leave.
struct RegistryQuestion: Hashable, Sendable {
    var reference: String
    var access: RegistryAccess?
}

/// A pass can't go on to a version before a registry has answered.
struct AwaitedAnswer: Error {
    /// Name of the image.
    let reference: String
    /// What came of it when it was asked before; nil the first time.
    let before: ImageTrouble?

    var registry: String { ImageReference(reference)?.registry ?? "its registry" }
}

/// What one stack has asked of registries, and what they answered.
///
/// An answer counts once: whoever needs it later asks again, since tags move and credentials end.
final class RegistryAnswers: Sendable {
    private enum State {
        /// It is being asked; nothing came of it before, or this.
        case asked(before: ImageTrouble?)
        case answered(Result<String, any Error>)
        /// The failure was told; whoever comes next asks again.
        case told(ImageTrouble?)
    }

    private let states = Mutex<[RegistryQuestion: State]>([:])

    /// The digests of all images that are asked for, by name; `ask` begins a question.
    ///
    /// Throws what came of one that failed, or that one is still awaited. What nobody asks for any
    /// more is forgotten.
    func digests(
        of questions: [RegistryQuestion],
        ask: (RegistryQuestion) -> Void
    ) throws -> [String: String] {
        let (new, result) = states.withLock { states in
            states = states.filter { questions.contains($0.key) }
            let new = RegistryAnswers.begin(questions, &states)
            return (new, RegistryAnswers.take(questions, &states))
        }
        for question in new { ask(question) }
        return try result.get()
    }

    /// Marks as asked what wasn't, and gives it.
    private static func begin(
        _ questions: [RegistryQuestion],
        _ states: inout [RegistryQuestion: State]
    ) -> [RegistryQuestion] {
        var new: [RegistryQuestion] = []
        for question in questions {
            switch states[question] {
            case nil: states[question] = .asked(before: nil)
            case .told(let trouble): states[question] = .asked(before: trouble)
            case .asked, .answered: continue
            }
            new.append(question)
        }
        return new
    }

    /// What all of it came to; answers are used up by it.
    private static func take(
        _ questions: [RegistryQuestion],
        _ states: inout [RegistryQuestion: State]
    ) -> Result<[String: String], any Error> {
        var digests: [String: String] = [:]
        var awaited: AwaitedAnswer?
        for question in questions {
            switch states[question] {
            case .answered(.success(let digest)): digests[question.reference] = digest
            case .answered(.failure(let error)):
                states = states.filter { if case .asked = $0.value { true } else { false } }
                states[question] = .told(error as? ImageTrouble)
                return .failure(error)
            case .asked(let before):
                awaited = awaited ?? AwaitedAnswer(reference: question.reference, before: before)
            case nil, .told: break
            }
        }
        if let awaited { return .failure(awaited) }
        states = [:]
        return .success(digests)
    }

    /// Keeps an answer for the next pass, unless nobody asks for it any more.
    func answer(_ question: RegistryQuestion, with result: Result<String, any Error>) {
        states.withLock { states in
            guard case .asked = states[question] else { return }
            states[question] = .answered(result)
        }
    }
}
