internal import OperatorFile
internal import Logging
internal import Model

extension Controller {
    /// Listens to the engine of a node for as long as there is somebody to listen.
    ///
    /// Subscribe, then look at everything, then follow what happens: events say where to look,
    /// never what is so.
    func watchEngine(of node: ClusterNode) async {
        var backoff = Backoff()
        while !Task.isCancelled {
            do {
                try await believe()
                for try await event in node.engine.events(controller: settings.controller) {
                    backoff = Backoff()
                    noticed(event, on: node.name)
                }
            } catch is CancellationError {
                return
            } catch {
                // Whatever answers next may be set up otherwise.
                nodes[node.name]?.facts = nil
                node.check.doubt()
                for id in stacks(near: node.name) { stacks[id]?.memory.doubtUsers() }
                schedule(.engine(node.name))
            }
            let now = parts.clock.steady()
            backoff.fail(at: now, settings.forPasses.backoff)
            let pause = min(backoff.until.since(now), .seconds(10))
            try? await parts.clock.sleep(pause)
        }
    }

    /// Asks the engine whether it answers, again and again: one that has gone silent sends no
    /// events either, and is to be told of before a call to it has timed out.
    func keepAskingEngine(of node: String) async {
        examineJournal()
        let wasLost = isLost(node)
        await askEngine(of: node)
        if let state = nodes[node], state.problem == nil {
            await welcome(node, isBack: state.isBack)
            if state.isBack { lookAtEverything(on: node) }
            nodes[node]?.isBack = false
        }
        if isLost(node), !wasLost { lose(node) }
        let pause = settings.defaults.timeouts.engine.count / 3
        schedule(.engine(node), in: min(.seconds(10), Nanoseconds(pause)))
    }

    /// Asks the engine of a node once, and tells of a change.
    func askEngine(of name: String) async {
        guard let node = parts.nodes[name] else { return }
        let before = nodes[name]?.problem
        var facts = nodes[name]?.facts
        do {
            try await node.engine.ping()
            if facts == nil || before != nil {
                let doubts = node.check.doubts
                facts = try? await node.engine.node()
                if let facts { node.check.saw(facts.id, since: doubts) }
            }
            let known = parts.journal.state().engines[node.engineName]
            if let stranger = facts.flatMap({ StrangeEngine($0.id, known: known) }) {
                throw stranger
            }
            let wasOff = nodes[name]?.clockOff != nil
            let isBack = before != nil || nodes[name]?.isBack == true
            var state = NodeState(facts: facts)
            state.isBack = isBack
            state.isMute = facts == nil && nodes[name]?.isMute == true
            state.clockOff = clockOff(of: node)
            nodes[name] = state
            if let off = nodes[name]?.clockOff, !wasOff {
                parts.logger.warning(
                    "the node's clock is off",
                    metadata: ["node": "\(name)", "seconds": "\(off.count / 1_000_000_000)"]
                )
            }
            if before != nil {
                parts.logger.info("engine answers again", metadata: ["node": "\(name)"])
            }
        } catch is CancellationError {
            return
        } catch let stranger as StrangeEngine {
            // It is not silent, and so it never becomes lost.
            nodes[name] = NodeState(problem: "\(stranger)")
            nodes[name]?.stranger = stranger
            tell(of: name, before, problem: "\(stranger)")
        } catch {
            nodes[name] = (nodes[name] ?? NodeState()).silent(
                because: String(describing: error),
                at: parts.clock.uptime(),
                countingAtMost: settings.defaults.timeouts.engine
            )
            tell(of: name, before, problem: "\(error)")
        }
    }

    private func tell(of node: String, _ before: String?, problem: String) {
        parts.logger.log(
            level: before == nil ? .warning : .debug,
            "engine does not answer",
            metadata: ["node": "\(node)", "reason": "\(problem)"]
        )
    }

    /// The same of all, side by side.
    func askEngines() async {
        await withDiscardingTaskGroup { group in
            for name in parts.nodes.keys { group.addTask { await self.askEngine(of: name) } }
        }
    }

    /// Finds out whether the journal can be built on, as far as that can be known now.
    func weighJournal() async {
        examineJournal()
        do {
            try await believe()
        } catch is CancellationError {
            return
        } catch {
            if case .unknown = trust { trust = .unknown(String(describing: error)) }
        }
    }

    /// Decides whether an empty journal is a new one or a lost one.
    func believe() async throws {
        guard case .unknown = trust else { return }
        let reason = try await Recovery(parts, settings).reasonToFreeze(lost: lost)
        trust = reason.map(JournalTrust.lost) ?? .sound
    }

    /// Notices that the journal was taken away while it was in use (law 14).
    func examineJournal() {
        guard trust.loss == nil, let reason = parts.journal.loss() else { return }
        trust = .lost(reason)
        parts.logger.error(
            "the journal is lost, nothing is changed any more",
            metadata: ["reason": "\(reason)"]
        )
    }

    private func lookAtEverything(on node: String) {
        for id in stacks(near: node) {
            stacks[id]?.memory.touch(nil)
            stacks[id]?.memory.doubtUsers()
            schedule(.reconcile(id))
        }
        schedule(.lookForOrphans)
        schedule(.exports)
    }

    /// Puts the stack that an event is about on the agenda.
    func noticed(_ event: EngineEvent, on node: String) {
        if event.kind == "engine" {
            lookAtEverything(on: node)
            return
        }
        guard Controller.matters(event) else { return }
        if !orphans.isEmpty { schedule(.lookForOrphans, in: .seconds(1)) }
        for (id, state) in stacks where isAbout(event, id) && isNear(id, node) {
            state.memory.touch(event.containerID)
            // A Swarm replaces what it loses, and in an update it loses what it should.
            let isLoss = Controller.isLoss(event) && parts.nodes[node]?.swarm == nil
            if isLoss { state.memory.preempt(because: event.containerID) }
            schedule(.reconcile(id))
        }
    }

    private func isAbout(_ event: EngineEvent, _ id: StackID) -> Bool {
        let project = event.labels[Labels.project]
        let stack = event.labels[Labels.stack]
        guard project != nil || stack != nil else { return true }
        return project == id.project && stack == id.stack
    }

    /// Whether anything could be otherwise after it; health checks that run and commands that
    /// people execute are not.
    ///
    /// Nor is what happens to a container that only carries a content, or is read through: nothing
    /// runs in it, and the pass that fails would be woken by what it did itself, without a pause.
    static func matters(_ event: EngineEvent) -> Bool {
        let content = event.labels[Labels.content] ?? ""
        guard !["carrier", "export"].contains(content) else { return false }
        let quiet = ["exec_create", "exec_start", "exec_die", "attach", "top", "resize", "kill"]
        return !quiet.contains { event.action.hasPrefix($0) }
    }

    /// Whether a container serves no longer because of it.
    static func isLoss(_ event: EngineEvent) -> Bool {
        ["die", "destroy", "pause", "disconnect", "oom", "health_status: unhealthy"]
            .contains(event.action)
    }
}
