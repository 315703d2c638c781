internal import Admission
internal import Model
internal import Planning

/// What the audit log is told of a pass (law 14).
extension Reconciler {
    /// What is written before a plan is carried out: what policy said, unless that is in the log
    /// already, and the decision.
    func evidence(
        of decision: Decision,
        by approval: Approval?,
        _ plan: Plan,
        _ desired: Desired?,
        _ target: Target?
    ) async throws -> [AuditEntry] {
        var entries: [AuditEntry] = []
        var facts: [String: JSON?] = [
            "run": .string(decision.run), "commit": target.map { .string($0.commit.id) },
            "version": decision.version.map(JSON.string), "plan": .string(decision.plan),
            "policy": .string(decision.policy),
            "approval": approval.map(facts),
            "aside": decision.isAside.map(JSON.bool),
            "node": node.name == NodeName.main ? nil : .string(node.name),
        ]
        if let desired, let target {
            let verdict = await verdict(on: target, desired.admitted)
            if !audit.state().knows(verdict) { entries.append(verdict) }
            facts["judged"] = .string(verdict.digest)
            facts["verdict"] = verdict.facts["verdict"]
            facts["effective"] = verdict.facts["effective"]
        }
        let steps = plan.steps.map { JSON.clipped("\($0.operation)") }
        facts.merge(JSON.clipped("steps", steps)) { first, _ in first }
        entries.append(AuditEntry(.decided, id, facts))
        return entries
    }

    /// Writes down that policy, or the loader before it, denies a commit, or that the ledger
    /// refuses it what it asks for; once.
    func noteDenial(_ error: any Error, of target: Target) async {
        await noteDenial(error, of: target, on: node)
    }

    /// `place` is nil where no node was chosen: then the policy is that of all.
    func noteDenial(_ error: any Error, of target: Target, on place: ClusterNode?) async {
        let errors: [Diagnostic]
        var facts = await grounds(target)
        switch error {
        case let rejection as Rejection:
            errors = rejection.diagnostics.filter { $0.severity == .error }
            facts["verdict"] = "deny"
        case let refusal as NotGranted:
            errors = refusal.findings
            facts["verdict"] = "refuse"
        default: return
        }
        let unplaced = Policy(tenant.withoutQuotas, at: clock.now())
        facts["policy"] = .string((place == nil ? unplaced : policy).digest)
        facts["project_policy"] = .string(projectPolicy)
        facts.merge(JSON.clipped("findings", errors.map(\.evidence))) { first, _ in first }
        let isAgents = errors.contains { $0.code.hasPrefix("opa/") }
        if isAgents, let decision = memory.decision(on: target.commit) {
            // Each asking has another name in the agent's log; the first tells enough.
            guard memory.isNews(denial: AuditEntry(.judged, id, facts).digest) else { return }
            facts["agent"] = ["decision": .string(decision)]
        }
        let verdict = AuditEntry(.judged, id, facts)
        if error is Rejection, isServing(target), let known = standing(of: target) {
            return await rejudge(verdict, after: known)
        }
        guard !audit.state().knows(verdict) else { return }
        await audit.note([verdict], at: clock.now())
    }

    /// Writes down that something else is said of what serves than under the policy before.
    func noteStanding(_ admitted: AdmittedStack, of target: Target) async {
        let policy = admitted.policyDigest
        guard isServing(target), !memory.isWeighed(target.commit, policy) else { return }
        if let known = standing(of: target), known.policy != policy {
            await rejudge(await verdict(on: target, admitted), after: known)
        }
        memory.weighed(target.commit, policy)
    }

    /// What the log knows to be said of it.
    private func standing(of target: Target) -> AuditState.Standing? {
        audit.state().standing(of: id).flatMap { $0.commit == target.commit.id ? $0 : nil }
    }

    private func rejudge(_ verdict: AuditEntry, after known: AuditState.Standing) async {
        guard let now = AuditState.Standing(verdict), !now.saysTheSame(as: known) else { return }
        var facts = verdict.facts.mapValues(Optional.some)
        facts["before"] = .members([
            "policy": .string(known.policy), "verdict": .string(known.verdict),
            "rules": .strings(known.rules), "effective": known.effective.map(JSON.string),
        ])
        facts["rules"] = .strings(now.rules)
        await audit.note([AuditEntry(.rejudged, id, facts)], at: clock.now())
    }

    /// The digest by which the log's `policy` entry names the project's policy: what its other
    /// stacks are called, what the journal knows and what users mean on the node is no part of it.
    private var projectPolicy: String {
        var tenant = written
        tenant.siblings = []
        return Policy(tenant, at: clock.now()).digest
    }

    /// What policy says of a commit that it lets pass.
    private func verdict(on target: Target, _ admitted: AdmittedStack) async -> AuditEntry {
        var facts = await grounds(target)
        facts["verdict"] = admitted.mutations.isEmpty ? "allow" : "mutate"
        facts["policy"] = .string(admitted.policyDigest)
        facts["project_policy"] = .string(projectPolicy)
        facts["effective"] = .string(admitted.effectiveDigest)
        facts["agent"] = agent.map { agent in
            ["rule": .string(agent.rule), "decision": admitted.decision.map(JSON.string) ?? .null]
        }
        let lists = [
            ("findings", admitted.warnings.map(\.evidence)),
            ("mutations", admitted.mutations.map(\.evidence)),
            ("exceptions", admitted.exceptions.map(\.evidence)),
        ]
        for (name, elements) in lists {
            facts.merge(JSON.clipped(name, elements)) { first, _ in first }
        }
        return AuditEntry(.judged, id, facts)
    }

    /// Whose commit it is, and where it came from.
    private func grounds(_ target: Target) async -> [String: JSON?] {
        let commit = target.commit
        let signer = try? await source.signer(of: commit, at: target.origin)
        return [
            "commit": .members([
                "id": .string(commit.id), "author": .clipped(commit.author),
                "committer": commit.committer.map(JSON.clipped),
                "signer": signer.map(JSON.clipped), "subject": .clipped(commit.subject),
            ]),
            "role": .string(target.role.rawValue),
            "repository": .clipped(target.origin.repository.description),
            "folder": .clipped(target.origin.folder),
        ]
    }

    /// Who allowed what the plan takes away: a person, trailers of the commit, or who allowed the
    /// run with whose rest it goes on.
    private func facts(_ approval: Approval) -> JSON {
        switch approval {
        case .change(let change):
            .members(["change": .string(change), "by": audit.state().approver(of: change, id)])
        case .names(let names):
            .members(JSON.clipped("commit_names", names.map(JSON.clipped)))
        case .rest(let run): .members(["run": run.map(JSON.string)])
        }
    }
}

extension AuditEntry {
    /// What became of a run.
    static func ended(_ run: RunRecord) -> AuditEntry {
        let summary = run.summary.prefix { !$0.isNewline }
        return AuditEntry(
            .ended,
            run.stack,
            [
                "run": .string(run.id), "result": .string(run.result.rawValue),
                "commit": run.commit.map { .string($0.id) },
                "version": run.version.map(JSON.string), "summary": .clipped(String(summary)),
                "steps": .int(Int64(run.steps.count)),
            ]
        )
    }
}

extension Diagnostic {
    fileprivate var evidence: JSON {
        .members([
            "rule": .string(code), "severity": .string(severity.rawValue),
            "place": location.map { .clipped($0.description) },
            "field": field.map { .clipped($0.description) }, "message": .clipped(message),
        ])
    }
}

extension Mutation {
    fileprivate var evidence: JSON {
        .members([
            "rule": .string(rule), "field": .clipped(field.description),
            "from": from.map(JSON.clipped), "to": .clipped(to),
        ])
    }
}

extension PolicyException {
    fileprivate var evidence: JSON {
        .members([
            "rule": .string(rule), "stack": stack.map(JSON.string),
            "service": service.map(JSON.string), "owner": .clipped(owner),
            "reason": .clipped(reason), "expires": .string(expires.date),
        ])
    }
}
