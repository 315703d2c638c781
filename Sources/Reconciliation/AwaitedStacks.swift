internal import Admission
internal import Model
internal import Planning

/// A stack that another depends on, and why it isn't ready.
struct AwaitedStack: Hashable, Sendable {
    var stack: StackID
    /// A clause that follows its name.
    var why: String
    /// What ends that, where somebody has to do something.
    var remedy: String?

    /// Whether it doesn't get ready by itself.
    var isStuck: Bool { remedy != nil }
}

/// A change that waits for other stacks.
struct AwaitsStacks: Error, CustomStringConvertible {
    let stacks: [AwaitedStack]

    var description: String { stacks.map { "\($0.stack) \($0.why)" }.joined(separator: "; ") }

    /// The same, for people.
    func problem(of change: String, _ stack: StackID) -> Problem {
        let stuck = stacks.compactMap(\.remedy)
        return Problem(
            .dependency,
            "\(change) waits: \(self)",
            remedy: stuck.first.map { "\($0); \(stack) goes on by itself then" }
                ?? "it goes on by itself when that is over; what runs is repaired meanwhile"
        )
    }
}

/// A removal that waits for stacks that need what is removed.
struct StillNeeded: Error, CustomStringConvertible {
    let stack: StackID
    let dependents: [StackID]

    var description: String {
        let names = dependents.map(\.description).joined(separator: ", ")
        let verb = dependents.count == 1 ? "depends" : "depend"
        return "the removal of \(stack) waits: \(names) \(verb) on it"
    }

    /// The same, for people.
    var problem: Problem {
        let first = dependents.first.map(\.description) ?? ""
        return Problem(
            .dependency,
            description,
            remedy: "take it out of depends_on in .gyre.yaml, or remove \(first) too"
        )
    }
}

/// What a pass knows of other stacks of its project.
struct StackTies: Hashable, Sendable {
    /// What is declared that it depends on, by name.
    var dependencies: [String] = []
    /// Those of them that aren't ready.
    var awaited: [AwaitedStack] = []
    /// Those that depend on it and hold something.
    var dependents: [StackID] = []
}

extension Reconciler {
    /// Refuses a plan that changes the stack while one that it depends on isn't ready.
    ///
    /// Law 2: what brings back a version that was stable is repair, and waits for nobody. Nor does
    /// a version that has begun to take over: going back for a while would be another change.
    func refuseWaiting(_ plan: Plan, _ desired: Desired, _ target: Target) throws {
        let state = journal.state()
        guard target.role == .head, plan.changesAnything, !ties.awaited.isEmpty,
            state.good[id]?.digest != desired.version.digest,
            state.begun[id] != desired.unpinned
        else { return }
        throw AwaitsStacks(stacks: ties.awaited)
    }

    /// Whether a head that waits for other stacks finds another version halfway: going back to what
    /// was good, only to go on to the head, would be two changes for one.
    ///
    /// What runs is started again meanwhile. Where what it waits for doesn't get ready by itself,
    /// nobody knows how long that is, and what was good is worth going back to; and so it is where
    /// nothing is there that could be started.
    func isHalfway(_ error: any Error) async -> Bool {
        guard let error = error as? AwaitsStacks, !error.stacks.contains(where: \.isStuck)
        else { return false }
        let state = journal.state()
        let isBegun = state.begun[id].map { $0 != state.good[id]?.digest } ?? false
        return isBegun ? await !lacksService() : false
    }

    /// Whether a Swarm lacks a service that the good version has, since another was to take its
    /// place, or one of another mode; `others` don't count.
    func lacksService(besides others: Set<String> = []) async -> Bool {
        guard node.swarm != nil, let good = await lastFiles(),
            let observed = try? await observeInPassing(nil)
        else { return false }
        let there = Set((observed.swarm?.services ?? []).map(\.name))
        let completed = journal.state().completed
        return SpecHash.all(of: good).contains { name, spec in
            !others.contains(name) && !there.contains("\(good.composeProjectName)_\(name)")
                && !completed.contains(PinKey(stack: id, service: name, spec: spec))
        }
    }

    /// Refuses to take a stack away that another needs.
    func refuseNeeded() throws {
        guard !ties.dependents.isEmpty else { return }
        throw StillNeeded(stack: id, dependents: ties.dependents)
    }

    /// What the version at `target` depends on.
    func dependencies(of target: Target) -> [String] {
        switch target.role {
        case .head: ties.dependencies
        case .good: journal.state().places[id]?.dependencies ?? []
        }
    }
}
