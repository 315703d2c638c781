package import Model

/// A controller without its loop: for commands that look, or act once, while none runs.
extension Controller {
    /// Asks every repository once, and decides whether the journal can be believed.
    package func survey() async {
        load(settings)
        async let polled: Void = pollAll()
        await askEngines()
        if let engineProblem {
            // Whoever asks it more would wait for each question's deadline.
            if case .unknown = trust { trust = .unknown(engineProblem) }
        } else {
            await weighJournal()
        }
        await polled
        await lookForOrphans()
    }

    private func pollAll() async {
        await withDiscardingTaskGroup { group in
            let places = Dictionary(grouping: repositories.keys, by: \.place)
            for upstreams in places.values { group.addTask { await self.poll(upstreams) } }
        }
    }

    /// The stacks that the controller keeps, sorted.
    package func known() -> [StackID] { stacks.keys.sorted() }

    /// Refreshes what ``status()`` says of a stack without changing anything.
    package func look(at id: StackID) async throws {
        await lookAtDependencies(of: id)
        guard let state = stacks[id] else { throw unknown(id) }
        take(await look(id, state).report, nil, for: id)
    }

    /// What a pass would find and do, for somebody who waits for it.
    func look(
        _ id: StackID,
        _ state: StackState
    ) async -> (report: PassReport, preview: Preview) {
        switch await care(for: id, state, acts: false) {
        case .by(let reconciler):
            let silence = nodes[reconciler.node.name]?.problem
            return await reconciler.look(head(of: state), silence: silence)
        case .nobody(let report):
            return (report, Preview(plan: nil, target: nil, problems: report.problems))
        }
    }

    /// Performs the pulls that ``settle(_:listener:)`` asks for, for as long as `body` runs.
    package nonisolated func pulling<T: Sendable>(
        _ body: @Sendable () async throws -> T
    ) async throws -> T {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for node in self.parts.nodes.values { group.addTask { await node.pulls.serve() } }
            defer { group.cancelAll() }
            return try await body()
        }
    }

    /// Passes over a stack until there is nothing left to do at once; gives all reports.
    package func settle(
        _ id: StackID,
        listener: @escaping @Sendable (RunEvent) -> Void
    ) async throws -> [PassReport] {
        var reports: [PassReport] = []
        await lookAtDependencies(of: id)
        repeat {
            await weighJournal()
            await notePolicy(of: id.project)
            guard let state = stacks[id] else { throw unknown(id) }
            state.memory.takesHead()
            announce(head(of: state).commit, for: id)
            let report = await attend(to: id, state, listener: listener)
            take(report, nil, for: id)
            reports.append(report)
        } while reports.last?.isUnfinished == true && reports.count < 10 && !Task.isCancelled
        return reports
    }
}

extension UnknownStack {
    /// For those who ask several controllers.
    package init(_ stack: StackID, known: [StackID]) { self.init(stack: stack, known: known) }
}

extension ControllerStatus {
    /// Of a controller that keeps no stack.
    package init(controller: String, engine: String, time: Instant) {
        self.init(
            controller: controller,
            engine: engine,
            engineProblem: nil,
            frozen: nil,
            refused: nil,
            stacks: [],
            repositories: [],
            time: time
        )
    }
}

extension RecoveryFindings {
    /// Nothing was found; without a reason, nothing is wrong either.
    package init(because reason: String? = nil) { self.init(reason: reason, objects: [], pins: []) }
}

extension RepositoryStatus {
    /// Of a repository that never answered, or that has nothing to follow.
    package init(
        silent repository: String,
        branch: String,
        because problem: String,
        isReached: Bool = false
    ) {
        self.init(
            repository: repository,
            branch: branch,
            problem: problem,
            isReached: isReached
        )
    }
}
