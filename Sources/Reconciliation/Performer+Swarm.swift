internal import Admission
internal import Model
internal import Planning

/// What is done to a Swarm, and how it is seen to come up.
extension Performer {
    func perform(_ change: SwarmChange, _ step: Step) async throws {
        let service = change.service
        let pin = try pin(of: change)
        switch change.verb {
        case .create:
            if service != nil { try await waitForOthers(than: change) }
            let data = try await change.content.asyncMap(bytes)
            let id = try await create(
                change.kind,
                step,
                name: change.name,
                service: service,
                data: data
            )
            learned.made(SwarmToken.file(change.kind, change.name), id)
        case .update:
            if let service { try judge(pin, of: service) }
            try await waitForOthers(than: change)
            try await call(step, on: nil, pin: pin)
        case .remove(let id):
            try await judgeSuccessors(of: step)
            try await callUntilFree(step)
            try await forget(id)
            if change.kind == .service { await waitForEnd { $0.service == id } }
        }
    }

    /// The image that a service is written with; every node has to be able to get it.
    private func pin(of change: SwarmChange) throws -> ImagePin? {
        if case .remove = change.verb { return nil }
        guard change.kind == .service else { return nil }
        let pin = change.service.flatMap { learned.pin(of: $0) ?? desired?.pins[$0] }
        guard pin?.digest == nil else { return pin }
        throw StepFailure(
            .verdict,
            "the image of \(change.name) has no digest, so that other nodes can't get it",
            remedy: "push it to a registry, and name that in image:"
        )
    }

    /// Throws what Gyre itself has against the services that are written when one has been removed:
    /// that has to be found while it serves.
    private func judgeSuccessors(of removal: Step) async throws {
        for step in plan.steps where step.after.contains(removal.id) {
            guard case .change(let change) = step.operation, let service = change.service else {
                continue
            }
            let pin = try pin(of: change)
            try judge(pin, of: service)
            _ = try await checked(step, on: nil, pin: pin)
        }
    }

    /// Returns when no task runs any more that a service which is written can't have beside it: of
    /// one that was removed under the same key, and on its way out of any other with what one of
    /// the two writes, whoever had it go: one writer always (law 6).
    private func waitForOthers(than change: SwarmChange) async throws {
        let key = change.verb == .create ? change.service : nil
        let mounts = Holdings(of: change.body).mounts
        guard key != nil || !mounts.isEmpty else { return }
        await waitForEnd { task in
            if let key, task.labels[Labels.service] == key { return true }
            guard !task.isWanted, task.service != change.id else { return false }
            return task.mounts.contains { held in mounts.contains(where: held.excludes) }
        }
        // They may not have ended.
        if reconciler.memory.isPreempted { throw CancellationError() }
    }

    /// Returns when none of these tasks runs any more, so that what they need is free.
    ///
    /// Tasks that take much longer than they may hold up nothing: their node may be lost.
    private func waitForEnd(of isMeant: (ObservedTask) -> Bool) async {
        let clock = reconciler.clock
        let name = reconciler.adoptedName ?? reconciler.id.composeProjectName
        let began = clock.steady()
        // The engine's own ten seconds where nothing is said.
        var grace = Nanoseconds.seconds(10)
        while clock.steady() < began.adding(grace).adding(.seconds(20)),
            !reconciler.memory.isPreempted
        {
            if let tasks = try? await reconciler.engine.tasks(ofStack: name) {
                let left = tasks.filter { !$0.isOver && isMeant($0) }
                guard let longest = left.map({ $0.grace ?? .seconds(10) }).max() else { return }
                grace = longest
            }
            do { try await clock.sleep(.milliseconds(300)) } catch { return }
        }
    }

    /// Reads again from the commit what a config or secret is to hold.
    private func bytes(of content: Content) async throws -> [UInt8] {
        guard let desired, let target else {
            throw StepFailure(.permanent, "no commit says what \(content.name) is")
        }
        switch content.source {
        case .text:
            return Array((desired.admitted.stack.texts[content.name]?.text ?? "").utf8)
        case .tree(let path):
            return try await snapshot(of: target).read(path)
        }
    }

    /// Removes something, and waits for a while where tasks that are just ending have it still.
    func callUntilFree(_ step: Step) async throws {
        let deadline = reconciler.clock.steady().adding(.seconds(30))
        while true {
            do {
                try await call(step, on: nil)
                return
            } catch let error as any ClassifiedError where reconciler.node.swarm != nil {
                guard error.reason.contains("in use"), reconciler.clock.steady() < deadline else {
                    throw error
                }
                try await reconciler.clock.sleep(.milliseconds(500))
            }
        }
    }

    /// Watches a service until it can be judged.
    func settle(_ wanted: ServiceRef) async throws -> StepResult {
        let token = SwarmToken.file(.service, wanted.name)
        guard let id = wanted.id ?? learned.swarmIDs[token] else {
            throw StepFailure(.permanent, "the service was never created")
        }
        let clock = reconciler.clock
        var judgement: ServiceJudgement?
        var look = 0
        while true {
            look += 1
            if reconciler.memory.isPreempted || Task.isCancelled { return .cancelled }
            let seen = try await reconciler.engine.service(id)
            var judge =
                judgement
                ?? ServiceJudgement(
                    wanted,
                    image: wanted.image ?? seen?.image ?? "",
                    window: reconciler.settings.window,
                    began: clock.steady()
                )
            let verdict = judge.see(seen, at: clock.steady())
            judgement = judge
            switch verdict {
            case .met: return .done
            case .failed(let why):
                // The next plan has the Swarm go on, or makes anew what a hand took away.
                let isOthers = judge.blamesNodes || seen == nil
                return .failed(StepFailure(isOthers ? .transient : .verdict, why))
            case .waiting:
                do { try await clock.sleep(pace(look)) } catch { return .cancelled }
            }
        }
    }

    /// Between two looks at a service: as at a container, but no more than some fifty looks a
    /// second at all services that one plan waits for.
    private func pace(_ look: Int) -> Nanoseconds {
        let waits = plan.steps.count { if case .settle = $0.operation { true } else { false } }
        return max(Vigil.pace(look), .milliseconds(20 * Int64(waits)))
    }
}

extension Reconciler {
    /// Refuses what an older Swarm would drop in silence.
    func refuseDropped(_ rules: SwarmRules, _ stack: Stack) async throws {
        let needs = NodeNeeds(of: stack)
        guard !rules.keepsPrivileges || needs != nil else { return }
        let version = try await engine.node().apiVersion
        var findings = needs?.findings(ofSwarm: version) ?? []
        if !rules.keepsPrivileges, version < APIVersion(1, 44) {
            findings.append(
                Diagnostic(
                    code: "swarm-privileges",
                    "a Swarm of API \(version) can't keep tasks from gaining privileges",
                    at: stack.places.location(of: FieldPath("services")),
                    fix: "let the operator set no-new-privileges in the configuration of all its "
                        + "engines, and write no_new_privileges: true under swarm: in gyre.yaml"
                )
            )
        }
        guard findings.isEmpty else { throw UnmetNeeds(findings: findings) }
    }
}

extension Optional where Wrapped == Content {
    fileprivate func asyncMap(
        _ body: (Content) async throws -> [UInt8]
    ) async throws -> [UInt8]? {
        if let self { try await body(self) } else { nil }
    }
}
