internal import OperatorFile
internal import Logging
internal import Model

extension Controller {
    /// Listens to the engine for as long as there is somebody to listen.
    ///
    /// Subscribe, then look at everything, then follow what happens: events say where to look,
    /// never what is so.
    func watchEngine() async {
        var backoff = Backoff()
        while !Task.isCancelled {
            do {
                try await believe()
                for try await event in parts.engine.events(controller: settings.controller) {
                    backoff = Backoff()
                    noticed(event)
                }
            } catch is CancellationError {
                return
            } catch {
                // Whatever answers next may be set up otherwise.
                users = nil
                for state in stacks.values { state.memory.doubtUsers() }
                schedule(.engine)
            }
            let now = parts.clock.now()
            backoff.fail(at: now, settings.forPasses.backoff)
            let pause = min(backoff.until.since(now), .seconds(10))
            try? await parts.clock.sleep(pause)
        }
    }

    /// Asks the engine whether it answers, again and again: one that has gone silent sends no
    /// events either, and is to be told of before a call to it has timed out.
    func keepAskingEngine() async {
        examineJournal()
        let wasSilent = engineProblem != nil
        await askEngine()
        if wasSilent, engineProblem == nil { lookAtEverything() }
        let pause = settings.defaults.timeouts.engine.count / 3
        schedule(.engine, in: min(.seconds(10), Nanoseconds(pause)))
    }

    /// Asks the engine once, and tells of a change.
    func askEngine() async {
        let before = engineProblem
        do {
            try await parts.engine.ping()
            engineProblem = nil
            if users == nil || before != nil { users = try? await parts.engine.node().users }
            if before != nil { parts.logger.info("engine answers again") }
        } catch is CancellationError {
            return
        } catch {
            engineProblem = String(describing: error)
            parts.logger.log(
                level: before == nil ? .warning : .debug,
                "engine does not answer",
                metadata: ["reason": "\(error)"]
            )
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

    private func lookAtEverything() {
        for (id, state) in stacks {
            state.memory.touch(nil)
            state.memory.doubtUsers()
            schedule(.reconcile(id))
        }
        schedule(.lookForOrphans)
    }

    /// Puts the stack that an event is about on the agenda.
    private func noticed(_ event: EngineEvent) {
        if event.kind == "engine" {
            lookAtEverything()
            return
        }
        guard Controller.matters(event) else { return }
        if !orphans.isEmpty { schedule(.lookForOrphans, in: .seconds(1)) }
        for (id, state) in stacks where isAbout(event, id) {
            state.memory.touch(event.containerID)
            if Controller.isLoss(event) { state.memory.preempt(because: event.containerID) }
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
    /// Nor is what happens to a container that only carries a content: nothing runs in it, and the
    /// pass that fails would be woken by what it did itself, without a pause.
    static func matters(_ event: EngineEvent) -> Bool {
        guard event.labels[Labels.content] != "carrier" else { return false }
        let quiet = ["exec_create", "exec_start", "exec_die", "attach", "top", "resize", "kill"]
        return !quiet.contains { event.action.hasPrefix($0) }
    }

    private static func isLoss(_ event: EngineEvent) -> Bool {
        ["die", "destroy", "pause", "disconnect", "oom"].contains(event.action)
    }
}
