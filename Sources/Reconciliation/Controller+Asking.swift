internal import Admission
package import OperatorFile
package import Model
internal import Planning

/// What a controller says of itself and all its stacks.
package struct ControllerStatus: Hashable, Codable, Sendable {
    package var controller: String
    package var engine: String
    /// Why the engine can't be reached; nil when it can.
    package var engineProblem: String?
    /// What numbers of users mean on its node; nil where it was not told.
    package var users: NodeUsers?
    /// By node, how far its clock is ahead of the controller's, negative: behind; of those that are
    /// off.
    package var clocks: [String: Nanoseconds] = [:]
    /// Why nothing is changed; nil when the journal is sound.
    package var frozen: String?
    /// The configuration that was not taken up; nil when the last one was.
    package var refused: RefusedConfiguration?
    package var stacks: [StackStatus]
    /// What runs on although no project of the configuration has it any more.
    package var orphans: [OrphanedStack] = []
    package var repositories: [RepositoryStatus]
    package var time: Instant
}

/// A repository and branch, and when it last answered.
package struct RepositoryStatus: Hashable, Codable, Sendable {
    package var repository: String
    package var branch: String
    package var head: Commit?
    package var checked: Instant?
    package var problem: String?
    /// Whether it answers all the same, and only lacks what is followed; nil without a problem.
    package var isReached: Bool?
    /// Since when it gives no good answer; nil while it does.
    package var outage: Outage?
}

/// A question about a stack that the controller doesn't keep.
package struct UnknownStack: Error, CustomStringConvertible {
    package let stack: StackID
    package let known: [StackID]

    package var description: String {
        let list =
            known.isEmpty ? "there is none" : known.map(\.description).joined(separator: ", ")
        return "no stack \(stack); known: \(list)"
    }
}

/// A demand that what stands now doesn't allow.
package struct NotPossible: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

extension Controller {
    /// Where everything stands, as of the last passes.
    package func status() -> ControllerStatus {
        examineJournal()
        return ControllerStatus(
            controller: settings.controller,
            engine: settings.engines,
            engineProblem: engineProblem,
            users: parts.nodes.count == 1 ? nodes.values.first?.users : nil,
            clocks: clocksOff,
            frozen: trust.loss,
            refused: refused,
            stacks: stacks.sorted { $0.key < $1.key }.map { shown($0.value) },
            orphans: orphans,
            repositories: repositories.sorted {
                ($0.key.repository.text, $0.key.reference.description)
                    < ($1.key.repository.text, $1.key.reference.description)
            }
            .map { upstream, state in
                RepositoryStatus(
                    repository: upstream.repository.description,
                    branch: upstream.reference.description,
                    head: state.head,
                    checked: state.checked,
                    problem: state.problem,
                    isReached: state.problem.map { _ in state.isReached },
                    outage: outage(of: upstream)
                )
            },
            time: parts.clock.now()
        )
    }

    /// What engines don't answer, and why; nil when all do.
    var engineProblem: String? {
        let silent = nodes.filter { $0.value.problem != nil }.sorted { $0.key < $1.key }
        if parts.nodes.count == 1 { return silent.first?.value.problem }
        let lines = silent.map { "node \($0.key): \($0.value.problem ?? "")" }
        return lines.isEmpty ? nil : lines.joined(separator: "; ")
    }

    /// Without a loop nobody asks again, and nobody has asked before.
    private func outage(of upstream: Upstream) -> Outage? {
        guard isAttended, let outage = polls.outage(of: upstream) else { return nil }
        let clock = parts.clock
        return Outage(since: clock.shown(outage.since), nextTry: outage.nextTry.map(clock.shown))
    }

    /// A stack as it stands this moment: its last pass, and what a run has come to since.
    private func shown(_ state: StackState) -> StackStatus {
        var status = state.status
        status.checked = repository(of: state)?.checked
        status.outage = outage(of: state.origin.upstream)
        if let run = state.memory.view.run {
            status.run = run.progress
            status.services = run.census.services
            status.observed = run.census.observed
            status.target = run.target?.commit.id ?? status.target
            if run.isChange, status.state == .ready { status.state = .reconciling }
        }
        if let problem = home(of: status.stack).flatMap({ nodes[$0]?.problem }) {
            status.state = .unknown
            if !status.problems.contains(where: { $0.kind == .engine }) {
                let remedy = "it is asked again and again; nothing is changed meanwhile"
                status.problems.insert(Problem(.engine, problem, remedy: remedy), at: 0)
            }
        }
        return status
    }

    /// Asks all repositories, or those of one stack, and reconciles without waiting for the
    /// interval; back-offs are forgotten.
    package func sync(_ id: StackID?, by person: Person? = nil) async throws {
        if let id, stacks[id] == nil { throw unknown(id) }
        // It only makes Gyre look, so there is nothing to refuse if it can't be written now.
        if let person { await parts.audit.note([.acted("sync", id, by: person)], at: parts.now()) }
        for upstream in upstreams(of: id) { polls.ask(upstream, at: parts.clock.steady()) }
        wake()
        for (stack, state) in stacks where id == nil || id == stack {
            state.memory.forgetFailures()
            schedule(.reconcile(stack))
        }
    }

    /// The same, and waits until the passes that follow have nothing left to do at once; gives
    /// where the stacks stand then, but for those that are removed.
    package func syncAndWait(
        _ id: StackID?,
        by person: Person? = nil
    ) async throws -> [StackStatus] {
        try await sync(id, by: person)
        // Of a poll that is under way nobody knows whether it saw what made somebody ask.
        let answers = upstreams(of: id).map { upstream in
            (upstream, (repositories[upstream]?.answers ?? 0) + (polls.isAsking(upstream) ? 2 : 1))
        }
        for (upstream, count) in answers {
            while let state = repositories[upstream], state.answers < count { try await pause() }
        }
        let before = stacks.filter { id == nil || $0.key == id }.mapValues(\.begun)
        for stack in before.keys { schedule(.reconcile(stack)) }
        for (stack, begun) in before {
            while let state = stacks[stack], state.settled <= begun {
                try await pause()
            }
        }
        return before.keys.sorted().compactMap { stacks[$0].map(shown) }
    }

    private func pause() async throws {
        guard !hasStopped else { throw NotPossible("the controller is stopping") }
        try await parts.clock.sleep(.milliseconds(50))
    }

    /// What is asked for the tip of a stack, or of all.
    private func upstreams(of id: StackID?) -> [Upstream] {
        guard let id else { return Array(repositories.keys) }
        return stacks[id].map { [$0.origin.upstream] } ?? []
    }

    /// What a pass would do now.
    package func plan(_ id: StackID) async throws -> Preview {
        guard let state = stacks[id] else { throw unknown(id) }
        return await look(id, state).preview
    }

    /// Allows what a stack waits with; `change` must be what its status shows.
    package func confirm(_ id: StackID, change: String, by person: Person) async throws {
        guard let state = stacks[id] else { throw unknown(id) }
        try requireJournal()
        let waiting = state.status.problems.filter { $0.kind == .unconfirmed }
        guard waiting.contains(where: { $0.change == change }) else {
            throw NotPossible(
                waiting.isEmpty
                    ? "\(id) waits for no confirmation"
                    : "\(id) waits for another change than \(change); see gyre status \(id)"
            )
        }
        let act = AuditEntry.acted("confirm", id, by: person, ["change": .string(change)])
        try await parts.audit.append([act], at: parts.now())
        try await parts.journal.append(
            [.confirmed(id, change: change, by: person.name)],
            at: parts.now()
        )
        beginAnew(id)
        schedule(.reconcile(id))
    }

    /// Lets held versions of a stack be tried again; gives their number.
    package func release(_ id: StackID, by person: Person) async throws -> Int {
        let holds = parts.journal.state().holds[id] ?? [:]
        guard stacks[id] != nil || !holds.isEmpty else { throw unknown(id) }
        let entries = holds.keys.sorted().map { digest in
            JournalEntry.released(id, digest: digest, by: person.name)
        }
        try requireJournal()
        guard !entries.isEmpty else { throw NotPossible("no version of \(id) is held") }
        let versions = JSON.clipped("versions", holds.keys.sorted().map(JSON.string))
        let act = AuditEntry.acted("release", id, by: person, versions)
        try await parts.audit.append([act], at: parts.now())
        try await parts.journal.append(entries, at: parts.now())
        stacks[id]?.memory.forgetFailures()
        beginAnew(id)
        schedule(.reconcile(id))
        return entries.count
    }

    /// What a recovery would take for ours, by labels alone, and what in doubt has these names.
    package func findings(taking names: Set<String> = []) async throws -> RecoveryFindings {
        examineJournal()
        try await believe()
        guard let reason = trust.loss else {
            guard names.isEmpty else {
                throw NotPossible("the journal is sound: nothing is in doubt, so nothing is taken")
            }
            return RecoveryFindings()
        }
        return try await Recovery(parts, settings).look(because: reason, taking: names)
    }

    /// Takes what the labels say for true, on a person's word, and thaws.
    package func recover(
        by person: Person,
        taking names: Set<String> = []
    ) async throws -> RecoveryFindings {
        let findings = try await findings(taking: names)
        guard findings.reason != nil else { return findings }
        let objects = findings.objects.map { JSON.clipped("\($0.kind.rawValue) \($0.name)") }
        var details = JSON.clipped("objects", objects)
        details["reason"] = findings.reason.map(JSON.clipped)
        try await parts.audit.append([.acted("recover", nil, by: person, details)], at: parts.now())
        if let loss = parts.journal.loss() {
            try parts.journal.beginAnew()
            await parts.audit.note([.newJournal(because: loss)], at: parts.now())
        }
        try await Recovery(parts, settings).confirm(findings, by: person.name)
        parts.ledger.forget()
        trust = .sound
        for (id, state) in stacks {
            state.memory.touch(nil)
            schedule(.reconcile(id))
        }
        await lookForMissing()
        settleStacks()
        schedule(.lookForOrphans)
        schedule(.exports)
        return findings
    }

    /// Takes up another configuration; what stays the same goes on undisturbed.
    package func reload(_ settings: Settings) throws {
        let fixed = settings.fixedKeys(changedSince: self.settings)
        guard fixed.isEmpty else {
            throw NotPossible("\(fixed.joined(separator: ", ")) can't change without a restart")
        }
        refused = nil
        load(settings)
        for id in stacks.keys { schedule(.reconcile(id)) }
    }

    /// What a person says is written down, so there has to be something to write it in.
    func requireJournal() throws {
        examineJournal()
        if let reason = trust.loss { throw NotPossible("nothing is changed: \(reason)") }
    }

    func unknown(_ id: StackID) -> UnknownStack {
        UnknownStack(stack: id, known: stacks.keys.sorted())
    }
}
