internal import Admission
internal import Model
internal import Planning

/// What policy says of what runs, brought about because a person wants it.
extension Reconciler {
    /// The demand that holds; none without a sound journal.
    var demand: PolicyDemand? {
        trust == .sound ? supposed ?? journal.state().demands[id] : nil
    }

    /// Whether containers are re-created that policy gives other values.
    func isEnforcing(_ admitted: AdmittedStack) -> Bool {
        guard let demand, demand.stops.isEmpty else { return false }
        return demand.policy == admitted.policyDigest
    }

    /// A version was admitted, and a plan for it carried out, well or not: what was demanded is
    /// over, so that one that fails is not tried for ever.
    func endDemand() async {
        guard journal.state().demands[id] != nil else { return }
        try? await journal.append([.enforced(id, nil)], at: clock.now())
    }

    /// Stops what was demanded to be stopped and runs; a decision that can't be written down stops
    /// this, never repair.
    func stop(_ services: [String], _ observed: Observation, _ report: inout PassReport) async {
        guard !services.isEmpty else { return }
        let owned = journal.state().owned(by: id, on: node.name)
        let plan = Plan(stopping: services, of: id, observed: observed, owned: owned)
        guard !plan.isEmpty else { return }
        report.planned(plan, observed)
        do {
            let outcome = try await perform(plan, report, toward: nil, isAside: true)
            report.outcome = outcome
            report.failed(outcome.failures)
            report.wasProven = true
            await record(outcome, nil, nil, &report)
        } catch {
            report.note(error, of: nil)
        }
    }

    /// What enforcing policy would do to what runs now, without doing it.
    func enforcement() async throws -> PolicyEnforcement {
        let standing = await standing(isEngineSilent: false)
        switch standing.verdict {
        case .ok: throw NotPossible("\(id) is as policy wants it")
        case .none: throw NotPossible("nothing of \(id) has ever been stable")
        case .unknown:
            throw NotPossible("\(id) can't be judged: \(standing.reason ?? "nobody knows why")")
        case .against: return try await stopping(standing)
        case .changes: return try await recreating(standing)
        }
    }

    private func stopping(_ standing: PolicyStanding) async throws -> PolicyEnforcement {
        let observed = try await observeInPassing(nil)
        let there = Set(observed.containers.compactMap { $0.slot?.service })
        let named = standing.findings.map { finding -> String? in
            guard let path = finding.field?.components, path.first == .key("services"),
                path.count > 1, case .key(let name) = path[1]
            else { return nil }
            return name
        }
        // A finding about the whole, or about what isn't there, is about all of it.
        let isPart = named.allSatisfy { $0.map(there.contains) ?? false }
        let services = isPart ? Set(named.compactMap(\.self)) : there
        let demand = PolicyDemand(policy: standing.policy, stops: services.sorted(), by: "")
        let owned = journal.state().owned(by: id, on: node.name)
        let plan = Plan(stopping: demand.stops, of: id, observed: observed, owned: owned)
        return PolicyEnforcement(standing, demand, plan)
    }

    private func recreating(_ standing: PolicyStanding) async throws -> PolicyEnforcement {
        var trial = self
        let demand = PolicyDemand(policy: standing.policy, stops: [], by: "")
        trial.supposed = demand
        guard let target = try await lastGood() else {
            throw NotPossible("nothing of \(id) has ever been stable")
        }
        let desired = try await trial.prepare(target, waits: true)
        let observed = try await observeInPassing(desired)
        let setback = Setback(isRollback: true, left: keptSoFar)
        let grant = try await weighReservation(desired, observed, setback)
        let plan = try await trial.plan(grant.desired, observed, setback)
        return PolicyEnforcement(standing, demand, plan)
    }
}
