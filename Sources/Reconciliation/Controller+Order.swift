package import Model
internal import OperatorFile

/// Which stacks of a project come before which; see
/// `Docs/Decisions/0024-gyre-yaml-of-a-repository.md`.
extension Controller {
    /// What of its project a pass over a stack has to know.
    func ties(of id: StackID, _ state: StackState) -> StackTies {
        StackTies(
            dependencies: state.dependencies.map(\.text),
            awaited: state.isGone
                ? [] : state.dependencies.compactMap { awaited($0.text, by: id) },
            dependents: state.isGone ? dependents(of: id) : []
        )
    }

    /// Why a stack that `id` depends on isn't ready; nil when it is.
    private func awaited(_ name: String, by id: StackID) -> AwaitedStack? {
        guard let other = try? StackID(project: id.project, stack: name) else { return nil }
        guard let state = stacks[other], !state.isGone else {
            return AwaitedStack(stack: other, why: "is not known yet")
        }
        let status = state.status
        // One that was ready may have a commit by now that no pass has looked at.
        if status.state == .ready, status.head?.id == head(of: state).commit?.id { return nil }
        guard let problem = status.problems.first else {
            return AwaitedStack(stack: other, why: "is \(status.state.rawValue)")
        }
        // Of a chain of stacks the one that it begins with is told.
        let isChain = problem.kind == .dependency
        let why =
            isChain ? "waits too" : "is \(status.state.rawValue): \(problem.message.firstLine)"
        let isStuck = status.state == .stalled || status.state == .unknown
        return AwaitedStack(stack: other, why: why, remedy: isStuck ? problem.remedy : nil)
    }

    /// The stacks that need `id` as long as they hold something; none that it needs itself.
    private func dependents(of id: StackID) -> [StackID] {
        let journal = parts.journal.state()
        let project = journal.stacks.union(stacks.keys).filter { $0.project == id.project }
        let needs = Dictionary(uniqueKeysWithValues: project.map { ($0, lastDependencies(of: $0)) })
        var needed: Set<String> = []
        var waiting = needs[id] ?? []
        while let name = waiting.popLast() {
            guard needed.insert(name).inserted else { continue }
            if let other = try? StackID(project: id.project, stack: name) {
                waiting += needs[other] ?? []
            }
        }
        return project.sorted().filter { other in
            other != id && needs[other]?.contains(id.stack) == true
                && !needed.contains(other.stack) && journal.runsAnything(of: other)
        }
    }

    /// What a stack depends on, or did when it was last good.
    private func lastDependencies(of id: StackID) -> [String] {
        let recorded = parts.journal.state().places[id]?.dependencies
        guard let state = stacks[id] else { return recorded ?? [] }
        let seen = state.dependencies.map(\.text)
        return state.isGone || state.isAssumed ? (recorded ?? seen) : seen
    }

    /// Finds what is wrong with the dependencies of all stacks together: such that lead nowhere,
    /// and back to where they began.
    func checkDependencies() {
        for (project, ids) in Dictionary(grouping: stacks.keys, by: \.project) {
            let present = ids.filter { stacks[$0]?.isGone == false }
            let needs = present.map { ($0.stack, stacks[$0]?.dependencies ?? []) }
            let cycles = StackCycle.all(in: Dictionary(uniqueKeysWithValues: needs)).map {
                (members: Set($0.members.map(\.name)), findings: $0.diagnostics())
            }
            let isKnown = isWholeKnown(project)
            for id in present {
                let findings = cycles.flatMap { cycle in
                    cycle.members.contains(id.stack) ? cycle.findings : []
                }
                let lost = isKnown ? missing(of: id, among: present) : []
                let known = stacks[id]?.refusal ?? []
                stacks[id]?.refusal = known + (findings + lost).filter { !known.contains($0) }
            }
        }
    }

    private func missing(of id: StackID, among present: [StackID]) -> [Diagnostic] {
        let names = Set(present.map(\.stack))
        let unknown = (stacks[id]?.dependencies ?? []).filter { !names.contains($0.text) }
        // Of many a few show what is wrong.
        return unknown.prefix(3).map { name in
            Diagnostic(
                code: "unknown-stack",
                "\(id.stack) depends on \(name.text), which is no stack of \(id.project)"
                    + Suggestion.question(name.text, names.subtracting([id.stack])),
                at: name.place,
                field: FieldPath("stacks", id.stack) / "depends_on",
                fix: "write one of \(some(names.subtracting([id.stack]))), or take it out"
            )
        }
    }

    private func some(_ names: Set<String>) -> String {
        let shown = names.sorted().prefix(10).joined(separator: ", ")
        return names.count > 10 ? "\(shown), …" : shown
    }

    /// Whether every place where stacks of a project could be was looked at.
    private func isWholeKnown(_ project: String) -> Bool {
        settings.entries.filter { $0.project == project }.allSatisfy { entry in
            let repository = repositories[entry.origin.upstream]
            return repository?.found[entry.origin] != nil && repository?.broken[entry.origin] == nil
        }
    }

    /// Stacks that can be gone about side by side, and before those of the next group: first what
    /// others depend on, and of what is removed first what depends on others.
    package func groups(of ids: [StackID]) -> [[StackID]] {
        let gone = Set(ids.filter { stacks[$0]?.isGone == true })
        var depths: [StackID: Int] = [:]
        for id in ids { findDepth(of: id, &depths) }
        let rest = Dictionary(grouping: Set(ids).subtracting(gone)) { depths[$0] ?? 0 }
        let removed = Dictionary(grouping: gone) { depths[$0] ?? 0 }
        return (rest.sorted { $0.key < $1.key } + removed.sorted { $0.key > $1.key })
            .map { $0.value.sorted() }
    }

    /// Finds how many stacks come before one, each after the next; each is looked at once, and a
    /// cycle ends where it comes back to itself.
    @discardableResult
    private func findDepth(of id: StackID, _ depths: inout [StackID: Int]) -> Int {
        if let depth = depths[id] { return depth }
        depths[id] = 0
        let others = lastDependencies(of: id).compactMap {
            try? StackID(project: id.project, stack: $0)
        }
        let depth = others.map { findDepth(of: $0, &depths) + 1 }.max() ?? 0
        depths[id] = depth
        return depth
    }

    /// Of a controller without its loop nobody has looked at what a stack depends on.
    func lookAtDependencies(of id: StackID) async {
        guard !isAttended else { return }
        var needed: Set<StackID> = []
        var waiting = [id]
        while let next = waiting.popLast() {
            for name in lastDependencies(of: next) {
                guard let other = try? StackID(project: id.project, stack: name),
                    other != id, needed.insert(other).inserted
                else { continue }
                waiting.append(other)
            }
        }
        for other in groups(of: Array(needed)).joined() {
            guard let state = stacks[other], state.status.observed == nil else { continue }
            take(await look(other, state).report, nil, for: other)
        }
    }

    /// Another state of a stack may be what others wait for.
    func wakeDependents(of id: StackID) {
        for (other, state) in stacks
        where other.project == id.project
            && (state.dependencies.contains { $0.text == id.stack } || state.isGone)
            && state.status.problems.contains(where: { $0.kind == .dependency })
        {
            schedule(.reconcile(other))
        }
    }
}

extension JournalState {
    /// Whether anything of a stack is there that could use another.
    fileprivate func runsAnything(of stack: StackID) -> Bool {
        owned.values.contains {
            $0.stack == stack && ($0.kind == .container || $0.kind == .service)
        }
    }
}

extension String {
    fileprivate var firstLine: String {
        split(whereSeparator: \.isNewline).first.map(String.init) ?? self
    }
}
