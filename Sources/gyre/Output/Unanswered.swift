internal import Model
internal import Reconciliation

/// What did not answer when it was asked, or not with what it was asked for, so that what else is
/// told is not all there is.
struct Unanswered: Encodable {
    /// What sort of thing it is.
    enum Kind: String, Encodable {
        case engine, repository
    }

    var kind: Kind
    /// Its address.
    var name: String
    var problem: String
    /// What it held when it last answered is known.
    var isKnown = false
    /// It answers, and lacks what is followed, such as a first commit.
    var isReached = false
    /// Since when, as far as somebody counts.
    var outage: Outage?

    /// What a command says that finds no stack.
    static func noStacks(
        _ unanswered: [Unanswered],
        _ style: Style,
        at time: Instant? = nil
    ) -> [String] {
        guard !unanswered.isEmpty else {
            return ["no stacks: no repository of gyre.yaml holds a compose file yet"]
        }
        let isSilent = unanswered.contains { !$0.isReached }
        let title = isSilent ? "no stacks are known, and this does not answer:" : "no stacks yet:"
        return [title] + lines(unanswered, style, at: time)
    }

    /// The repositories of which nothing is known; that an engine is silent is told at each stack.
    static func beside(_ unanswered: [Unanswered], _ style: Style) -> [String] {
        lines(unanswered.filter { $0.kind == .repository && !$0.isKnown }, style)
    }

    /// One line each, and at `time` another that says for how long.
    static func lines(
        _ unanswered: [Unanswered],
        _ style: Style,
        at time: Instant? = nil
    ) -> [String] {
        unanswered.flatMap { silent in
            let line = "  \(silent.kind.rawValue) \(silent.name): \(style(.red, silent.problem))"
            guard let time, let outage = silent.outage else { return [line] }
            return [line, "    " + outage.text(at: time)]
        }
    }
}

extension ExitCode {
    /// What it means that not all was answered.
    init(_ unanswered: [Unanswered]) {
        self =
            unanswered.isEmpty
            ? .success : unanswered.allSatisfy(\.isReached) ? .notConverged : .unreachable
    }
}

extension Outage {
    /// For how long, and when it is tried again.
    func text(at time: Instant) -> String {
        let next = nextTry.map { $0 > time ? "asked again in \($0.since(time).age)" : "asked now" }
        return "no good answer for \(time.since(since).age), \(next ?? "asked now")"
    }
}

extension ControllerStatus {
    /// The engine and the repositories that did not answer.
    var unanswered: [Unanswered] {
        let engines = engineProblem.map { Unanswered(kind: .engine, name: engine, problem: $0) }
        return (engines.map { [$0] } ?? []) + silentRepositories
    }

    /// The repositories that did not answer when they were last asked.
    var silentRepositories: [Unanswered] {
        repositories.compactMap { repository in
            repository.problem.map {
                Unanswered(
                    kind: .repository,
                    name: repository.repository,
                    problem: $0,
                    isKnown: repository.head != nil,
                    isReached: repository.isReached ?? false,
                    outage: repository.outage
                )
            }
        }
    }

    /// What to say to somebody who asks for a stack that is not among these: none is known to be
    /// missing while a repository never answered.
    func unknown(_ stack: StackID) -> any Error {
        let unknown = silentRepositories.filter { !$0.isKnown }
        guard let silent = unknown.first(where: { !$0.isReached }) ?? unknown.first else {
            return UnknownStack(stack, known: stacks.map(\.stack))
        }
        return Failure(
            silent.isReached ? .notConverged : .unreachable,
            "nothing is known of \(stack): \(silent.name): \(silent.problem)",
            remedy: silent.isReached
                ? "push what is missing, or mend the repository's entry in gyre.yaml"
                : "mend the repository's entry in gyre.yaml, or the way to it"
        )
    }
}
