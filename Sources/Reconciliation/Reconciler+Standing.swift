internal import Admission
internal import Model
internal import Planning

extension Reconciler {
    /// What policy says of what serves, and of the containers there are; nothing is changed.
    ///
    /// `isEngineSilent` says that containers can't be looked at, nor what users are on the node.
    func standing(isEngineSilent: Bool) async -> PolicyStanding {
        do {
            if !isEngineSilent { try await learnUsers() }
            var standing = PolicyStanding(id, .none, policy: policy.digest)
            guard journal.state().good[id] != nil, let target = try await lastGood() else {
                return standing
            }
            standing.commit = target.commit
            return await judge(target, standing, isEngineSilent)
        } catch {
            return unknown(PolicyStanding(id, .unknown, policy: policy.digest), error)
        }
    }

    private func judge(
        _ target: Target,
        _ begun: PolicyStanding,
        _ isEngineSilent: Bool
    ) async -> PolicyStanding {
        var standing = begun
        do {
            let own = try policy.admit(try await load(target))
            let admitted = try await consult(about: own, target)
            standing.findings = admitted.warnings
            standing.verdict = .ok
            if !isEngineSilent { try await compare(admitted, &standing) }
        } catch let rejection as Rejection {
            standing.findings = rejection.diagnostics.filter { $0.severity == .error }
            let isLoaded = standing.findings.allSatisfy(Policy.said)
            standing.verdict = isLoaded ? .against : .unknown
            standing.reason = isLoaded ? nil : "commit \(target.commit.short) can't be loaded"
        } catch {
            return unknown(standing, error)
        }
        return standing
    }

    private func compare(_ admitted: AdmittedStack, _ standing: inout PolicyStanding) async throws {
        let owned = journal.state().owned(by: id, on: node.name)
        let listed = try await engine.observe(controller: settings.controller, volumes: []).of(id)
        for container in listed.containers.sorted(by: { $0.name < $1.name })
        where owned.contains(container.id) && container.slot != nil {
            guard let seen = try await engine.inspect(container.id) else { continue }
            if let differences = admitted.differences(of: seen) {
                standing.changes += differences
            } else {
                standing.others.append(container.name)
            }
        }
        if !standing.changes.isEmpty { standing.verdict = .changes }
    }

    private func unknown(_ begun: PolicyStanding, _ error: any Error) -> PolicyStanding {
        var standing = begun
        standing.verdict = .unknown
        standing.reason = "\(error)"
        return standing
    }
}
