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

    /// Judges what could be read; a stack of which that isn't all is refused with the loader's
    /// errors and with what policy finds in the rest, all at once.
    package func admit(_ reading: StackReading) throws(Rejection) -> AdmittedStack {
        let dormant = denials(of: reading)
        guard !reading.errors.isEmpty || !dormant.isEmpty else { return try admit(reading.stack) }
        var more: [Diagnostic]
        do { more = try admit(reading.stack).warnings } catch { more = error.diagnostics }
        more.removeAll { finding in finding.severity == .error && isSaid(finding, of: reading) }
        throw Rejection((reading.errors + dormant + more).sorted())
    }

    /// Whether enough is said of what a finding is about: the value could not be read, or it is an
    /// image that is missing.
    private func isSaid(_ finding: Diagnostic, of reading: StackReading) -> Bool {
        guard let field = finding.field else { return false }
        let isOfImage = finding.code == Rule.imageReference.id
        if isOfImage, !reading.stack.places.wrote(field) { return true }
        return reading.errors.contains { error in
            guard let unread = error.field, error.location == finding.location else { return false }
            return unread.isWithin(field) || field.isWithin(unread) && unread.isInner
        }
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
        let judged = judge(filled, enforcement)
        let findings = (stack.warnings + judged.findings).sorted()
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
            exceptions: judged.exceptions,
            policyDigest: digest
        )
    }

    /// What no operator's leave lets pass, whichever project has the stack.
    package static func unliftable(in stack: Stack) -> [Diagnostic] {
        let tenant = TenantPolicy(profile: .privileged)
        let enforcement = Enforcement(tenant: tenant, stack: stack.id, now: nil)
        return Policy(tenant).judge(stack, enforcement).findings.filter {
            Rule.unliftable.contains($0.code)
        }
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

    /// What the rules find, and the exceptions by which some of it is only told.
    private func judge(
        _ stack: Stack,
        _ enforcement: Enforcement
    ) -> (findings: [Diagnostic], exceptions: [PolicyException]) {
        let whole = StackReview(stack: stack, tenant: tenant)
        let services = stack.services.map { name, service in
            ServiceReview(name, service, in: stack, under: enforcement)
        }
        var diagnostics: [Diagnostic] = []
        var used: [PolicyException] = []
        func note(_ findings: [Finding], of rule: Rule, _ hold: Enforcement.Hold) {
            diagnostics += findings.map { rule.diagnostic($0, in: stack, hold) }
            guard case .excepted(let exception) = hold, !findings.isEmpty,
                !used.contains(exception)
            else { return }
            used.append(exception)
        }
        for rule in Rule.all {
            switch rule.judge {
            case .stack(let judge):
                let hold = enforcement.hold(rule.id)
                guard hold != .off else { continue }
                note(judge(whole), of: rule, hold)
            case .service(let judge):
                for service in services {
                    let hold = enforcement.hold(rule.id, for: service.facts)
                    guard hold != .off else { continue }
                    note(judge(service), of: rule, hold)
                }
            case .fill: continue
            }
        }
        return (diagnostics, used)
    }

    private func admitted(_ review: ServiceReview) -> AdmittedService {
        let capabilities = Capability.effective(
            adding: review.service.capAdd,
            dropping: review.service.capDrop,
            granted: review.capabilities
        )
        return AdmittedService(
            service: review.service,
            capAdd: capabilities.sorted(),
            makesHostPaths: !review.enforces(Rule.bindOption.id)
        )
    }

    private func hardening(_ effective: [String: AdmittedService]) -> [String] {
        let services = effective.sorted { $0.key < $1.key }.map { name, admitted in
            let kept = admitted.capAdd.isEmpty ? "none" : admitted.capAdd.joined(separator: ", ")
            return "service \(name): capabilities \(kept)"
        }
        return SecurityOption.enforced.map { "all services: \($0)" } + services
    }
}

extension FieldPath {
    /// Whether it is deeper than a service, network or other thing with a name.
    fileprivate var isInner: Bool { components.count > 2 }
}
