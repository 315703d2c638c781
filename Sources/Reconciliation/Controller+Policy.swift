internal import Admission
internal import Logging
internal import Model
internal import OperatorFile

extension Controller {
    /// Writes down the policy of a project when it is another than the audit log knows: the
    /// operator changed it, an exception is over, or this Gyre has other rules.
    func notePolicy(of project: String) async {
        guard let tenant = settings.projects[project]?.policy else { return }
        let policy = Policy(tenant, at: parts.clock.now())
        let digest = policy.digest
        guard toldPolicies[project] != digest else { return }
        toldPolicies[project] = digest
        let known = parts.audit.state().policy(of: project)
        guard known?.digest != digest else { return }
        let now = AuditState.KnownPolicy(digest: digest, parts: policy.parts)
        let published = PublishedPolicy(
            project,
            in: settings,
            rules: Rule.version,
            at: parts.clock.now()
        )
        let entry = AuditEntry.policy(
            of: project,
            now,
            before: known,
            published: published?.digest
        )
        await parts.audit.note([entry], at: parts.now())
        guard known != nil else { return }
        parts.logger.info(
            "the policy of a project is another",
            metadata: ["project": "\(project)", "policy": "\(digest.prefix(8))"]
        )
    }
}

/// What policy says of what runs, for whoever asks.
extension Controller {
    /// Takes up what is on the disk of repositories, and whether the engine answers: for a look
    /// that fetches nothing.
    package func recall() async {
        load(settings)
        await askEngines()
        if engineProblem == nil { await weighJournal() }
        for upstream in repositories.keys { await recall(upstream) }
    }

    /// Judges what serves of each stack by the policy as it is now; nothing is changed.
    package func policyReport(of scope: PolicyScope) async throws -> PolicyReport {
        let known = Set(stacks.keys).union(parts.journal.state().stacks)
        let asked = known.filter(scope.holds).sorted()
        if case .stack(let id) = scope, asked.isEmpty {
            throw UnknownStack(id, known: known.sorted())
        }
        var report = PolicyReport(stacks: [], users: status().users, time: parts.clock.now())
        report.engineProblem = engineProblem
        // A few at a time: each may load files in a process of its own.
        for start in stride(from: 0, to: asked.count, by: 4) {
            report.stacks += await withTaskGroup(of: PolicyStanding.self) { group in
                for id in asked[start..<min(start + 4, asked.count)] {
                    group.addTask { await self.standing(of: id) }
                }
                var found: [PolicyStanding] = []
                for await standing in group { found.append(standing) }
                return found
            }
        }
        report.stacks.sort { $0.stack < $1.stack }
        return report
    }

    private func standing(of id: StackID) async -> PolicyStanding {
        var standing = PolicyStanding(id, .unknown)
        if trust != .sound, let loss = trust.loss ?? lost {
            standing.reason = "nobody knows what serves: \(loss)"
            return standing
        }
        guard let state = stacks[id] else {
            standing.reason =
                settings.projects[id.project] == nil
                ? "no project of gyre.yaml has it; it runs on"
                : "nobody knows where its files are"
            return standing
        }
        let home = home(of: id)
        guard let node = home.map({ parts.nodes[$0] }) ?? anyNode else {
            standing.reason = "it is on the node \(home ?? ""), which gyre.yaml does not have"
            return standing
        }
        let isSilent = nodes[node.name]?.problem != nil
        return await reconciler(for: id, state, on: node).standing(isEngineSilent: isSilent)
    }
}
