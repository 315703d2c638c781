package import Model

/// What the node has of images, each asked for once.
///
/// Most services of a stack share an image: one answer for all of them is fewer calls, and can't
/// change from one service to the next.
package struct NodeImages {
    private let ask: @Sendable (String) async throws -> ImagePin?
    private var answers: [String: ImagePin?] = [:]

    /// `ask` is the engine's answer to a reference.
    package init(asking ask: @escaping @Sendable (String) async throws -> ImagePin?) {
        self.ask = ask
    }

    /// The image that `reference` means on the node now; nil when it is not there.
    package mutating func find(_ reference: String) async throws -> ImagePin? {
        if let answer = answers[reference] { return answer }
        let answer = try await ask(reference)
        answers.updateValue(answer, forKey: reference)
        return answer
    }
}
