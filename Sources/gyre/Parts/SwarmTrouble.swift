internal import DockerEngine
internal import Reconciliation

/// Why managers of a Swarm gave no answer, in words that say what to do.
struct SwarmTrouble: CustomStringConvertible {
    private var parts: [String] = []
    private var code: EngineError.Code?
    /// Those that are in another Swarm.
    private var strangers: [StrangeEngine] = []
    private let remedy: String

    /// `remedy` is what a person does when the Swarm was replaced for good.
    init(remedy: String = "") { self.remedy = remedy }

    mutating func add(_ error: EngineError, of manager: String) {
        let words = SwarmTrouble.known.first { error.message.contains($0.sign) }?.words
        parts.append("\(manager): \(words ?? error.description)")
        // Somebody who answers counts more than somebody who is silent.
        if code == nil || !error.isUnanswered { code = error.code }
    }

    mutating func add(_ stranger: StrangeEngine, of manager: String) {
        parts.append(
            "\(manager): this manager is in another Swarm (\(stranger.id.prefix(12))) than before "
                + "(\(stranger.known.prefix(12))); have it join that, or take it out of gyre.yaml"
        )
        strangers.append(stranger)
    }

    var description: String { parts.joined(separator: "; ") }

    /// What is thrown when there is nobody left to ask.
    ///
    /// Where somebody is in another Swarm, and nobody in a third, a person may take that for ours.
    var error: any EngineSideError {
        let error = EngineError(
            code ?? .unreachable,
            operation: "ask the managers of the Swarm",
            message: parts.isEmpty ? "another one answers now" : description
        )
        guard var stranger = strangers.first, strangers.allSatisfy({ $0.id == stranger.id }) else {
            return error
        }
        stranger.description = "\(error); or, if the Swarm before is gone, \(remedy)"
        return stranger
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
