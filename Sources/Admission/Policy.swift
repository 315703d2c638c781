package import Model

/// What one project may run.
package struct Policy: Sendable {
    let tenant: TenantPolicy
    /// When it is asked, which decides the exceptions that hold; nil: none does.
    let now: Instant?

    package init(_ tenant: TenantPolicy, at now: Instant? = nil) {
        self.tenant = tenant
        self.now = now
    }

    /// Judges all services of `stack` by all rules, and gathers every finding before it refuses.
    ///
    /// Values are filled in first, so that the rules judge what containers would really get.
    package func admit(_ stack: Stack) throws(Rejection) -> AdmittedStack {
        let enforcement = Enforcement(tenant: tenant, stack: stack.id, now: now)
        var mutations: [Mutation] = []
        var filled = stack
        for (name, service) in stack.services {
            let review = ServiceReview(name, service, in: stack, under: enforcement)
            let result = fill(review)
            filled.services[name] = result.service
            mutations += result.mutations
        }
        let findings = (stack.warnings + judge(filled, enforcement)).sorted()
        if findings.contains(where: { $0.severity == .error }) { throw Rejection(findings) }
        let effective = filled.services.map { name, service in
            (name, admitted(ServiceReview(name, service, in: filled, under: enforcement)))
        }
        let byName = Dictionary(uniqueKeysWithValues: effective)
        return AdmittedStack(
            stack: stack,
            effective: byName,
            mutations: mutations.sorted(),
            hardening: hardening(byName),
            warnings: findings,
            policyDigest: digest
        )
    }

    private func fill(_ review: ServiceReview) -> (service: Service, mutations: [Mutation]) {
        var review = review
        var mutations: [Mutation] = []
        for rule in Rule.all {
            guard case .fill(let fill) = rule.judge, review.enforces(rule.id),
                let change = fill(review)
            else { continue }
            change.apply(&review.service)
            mutations.append(
                Mutation(
                    field: change.field,
                    from: change.from,
                    to: change.to,
                    rule: rule.id,
                    reason: change.reason
                )
            )
        }
        return (review.service, mutations)
    }

    private func judge(_ stack: Stack, _ enforcement: Enforcement) -> [Diagnostic] {
        let whole = StackReview(stack: stack, tenant: tenant)
        let services = stack.services.map { name, service in
            ServiceReview(name, service, in: stack, under: enforcement)
        }
        var diagnostics: [Diagnostic] = []
        for rule in Rule.all {
            switch rule.judge {
            case .stack(let judge):
                let hold = enforcement.hold(rule.id)
                guard hold != .off else { continue }
                diagnostics += judge(whole).map { rule.diagnostic($0, in: stack, hold) }
            case .service(let judge):
                for service in services {
                    let hold = enforcement.hold(rule.id, for: service.facts)
                    guard hold != .off else { continue }
                    diagnostics += judge(service).map { rule.diagnostic($0, in: stack, hold) }
                }
            case .fill: continue
            }
        }
        return diagnostics
    }

    private func admitted(_ review: ServiceReview) -> AdmittedService {
        let capabilities = Capability.effective(
            adding: review.service.capAdd,
            dropping: review.service.capDrop,
            granted: review.capabilities
        )
        return AdmittedService(service: review.service, capAdd: capabilities.sorted())
    }

    private func hardening(_ effective: [String: AdmittedService]) -> [String] {
        let services = effective.sorted { $0.key < $1.key }.map { name, admitted in
            let kept = admitted.capAdd.isEmpty ? "none" : admitted.capAdd.joined(separator: ", ")
            return "service \(name): capabilities \(kept)"
        }
        return SecurityOption.enforced.map { "all services: \($0)" } + services
    }
}
