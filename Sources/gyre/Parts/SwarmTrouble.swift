internal import DockerEngine

/// Why managers of a Swarm gave no answer, in words that say what to do.
struct SwarmTrouble: CustomStringConvertible {
    private var parts: [String] = []
    private var code: EngineError.Code?

    mutating func add(_ error: EngineError, of manager: String) {
        let words = SwarmTrouble.known.first { error.message.contains($0.sign) }?.words
        parts.append("\(manager): \(words ?? error.description)")
        // Somebody who answers counts more than somebody who is silent.
        if code == nil || !error.isUnanswered { code = error.code }
    }

    var description: String { parts.joined(separator: "; ") }

    /// What is thrown when there is nobody left to ask.
    var error: EngineError {
        EngineError(
            code ?? .unreachable,
            operation: "ask the managers of the Swarm",
            message: parts.isEmpty ? "another one answers now" : description
        )
    }

    /// In order, as the first sign also stands in the second.
    ///
    /// Source of the signs: moby's `cluster` package and swarmkit, seen with 20.10 and 26.1.
    private static let known: [(sign: String, words: String)] = [
        (
            "Worker nodes can't be used",
            "this is a worker, which can't tell; name a manager in its place, or make it one with "
                + "docker node promote"
        ),
        (
            "not a swarm manager",
            "this engine is in no Swarm; begin one with docker swarm init, or make it a manager "
                + "of one with docker swarm join"
        ),
        (
            "does not have a leader",
            "the Swarm has no leader, since too few of its managers are up; start managers until "
                + "more than half of them run"
        ),
        ("needs to be unlocked", "this manager is locked; unlock it with docker swarm unlock"),
    ]
}

extension EngineError {
    /// Whether another manager may well give an answer.
    ///
    /// Source of the words: moby's `cluster` package and swarmkit.
    var isOneManagers: Bool {
        if [.unreachable, .timeout].contains(code) { return true }
        let words = [
            "not a swarm manager", "does not have a leader", "needs to be unlocked",
            "context deadline exceeded",
        ]
        return words.contains(where: message.contains)
    }
}
