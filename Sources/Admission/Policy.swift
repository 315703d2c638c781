package import Model

/// What one project may run.
package struct Policy: Sendable {
    let tenant: TenantPolicy
    let rules: [Rule]

    package init(_ tenant: TenantPolicy) {
        self.tenant = tenant
        self.rules = Rule.table(of: tenant.profile)
    }

    /// Judges all services of `stack` by all rules, and gathers every finding before it refuses.
    ///
    /// Values are filled in first, so that the rules judge what containers would really get.
    package func admit(_ stack: Stack) throws(Rejection) -> AdmittedStack {
        var mutations: [Mutation] = []
        var filled = stack
        for (name, service) in stack.services {
            let result = fill(service, named: name, in: stack)
            filled.services[name] = result.service
            mutations += result.mutations
        }
        let findings = (stack.warnings + judge(filled)).sorted()
        if findings.contains(where: { $0.severity == .error }) { throw Rejection(findings) }
        let effective = filled.services.mapValues(admitted)
        return AdmittedStack(
            stack: stack,
            effective: effective,
            mutations: mutations.sorted(),
            hardening: hardening(effective),
            warnings: findings,
            policyDigest: digest
        )
    }

    private func fill(
        _ service: Service,
        named name: String,
        in stack: Stack
    ) -> (service: Service, mutations: [Mutation]) {
        var service = service
        var mutations: [Mutation] = []
        for rule in rules {
            guard case .fill(let fill) = rule.judge else { continue }
            let review = ServiceReview(name: name, service: service, stack: stack, tenant: tenant)
            guard let change = fill(review) else { continue }
            change.apply(&service)
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
        return (service, mutations)
    }

    private func judge(_ stack: Stack) -> [Diagnostic] {
        var diagnostics: [Diagnostic] = []
        let services = stack.services.map { name, service in
            ServiceReview(name: name, service: service, stack: stack, tenant: tenant)
        }
        for rule in rules {
            let findings =
                switch rule.judge {
                case .stack(let judge): judge(StackReview(stack: stack, tenant: tenant))
                case .service(let judge): services.flatMap(judge)
                case .fill: [Finding]()
                }
            diagnostics += findings.map { rule.diagnostic($0, in: stack) }
        }
        return diagnostics
    }

    private func admitted(_ service: Service) -> AdmittedService {
        let granted = tenant.grants.capabilities(withShared: tenant.grants.usesShared(service))
        let capabilities = Capability.effective(
            adding: service.capAdd,
            dropping: service.capDrop,
            granted: granted
        )
        return AdmittedService(service: service, capAdd: capabilities.sorted())
    }

    private func hardening(_ effective: [String: AdmittedService]) -> [String] {
        let services = effective.sorted { $0.key < $1.key }.map { name, admitted in
            let kept = admitted.capAdd.isEmpty ? "none" : admitted.capAdd.joined(separator: ", ")
            return "service \(name): capabilities \(kept)"
        }
        return SecurityOption.enforced.map { "all services: \($0)" } + services
    }
}
