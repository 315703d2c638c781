package import Model

/// What one project may run.
package struct Policy: Sendable {
    package let tenant: TenantPolicy
    /// When it is asked, which decides the exceptions that hold; nil: none does.
    let now: Instant?
    let users: NodeUsers

    /// `users` says what numbers of users mean on the node that it is about.
    package init(_ tenant: TenantPolicy, at now: Instant? = nil, users: NodeUsers = .asShown) {
        self.tenant = tenant
        self.now = now
        self.users = users
    }

    func enforcement(of stack: StackID) -> Enforcement {
        Enforcement(tenant: tenant, stack: stack, now: now, users: users)
    }

    /// Judges what could be read; a stack of which that isn't all is refused with the loader's
    /// errors and with what policy finds in the rest, all at once.
    package func admit(_ reading: StackReading) throws(Rejection) -> AdmittedStack {
        let dormant = denials(of: reading) + denialsOfUnused(in: reading)
        let stack = reading.stack
        guard !reading.errors.isEmpty || !dormant.isEmpty else { return try admit(stack) }
        var more: [Diagnostic]
        do { more = try admit(stack).warnings } catch { more = error.diagnostics }
        more.removeAll { finding in finding.severity == .error && isSaid(finding, of: reading) }
        throw Rejection((reading.errors + dormant + more).sorted())
    }

    /// Whether enough is said of what a finding is about: the value could not be read, or it is an
    /// image that is missing.
    ///
    /// What is declared nowhere is said twice: to the loader it is a slip, to policy it may be
    /// another project's.
    private func isSaid(_ finding: Diagnostic, of reading: StackReading) -> Bool {
        guard let field = finding.field, finding.code != Rule.undeclared.id else { return false }
        let isOfImage = finding.code == Rule.imageReference.id
        if isOfImage, !reading.stack.places.wrote(field) { return true }
        return reading.errors.contains { error in
            guard let unread = error.field else { return false }
            // Of a value of another type nothing inside could be read.
            if error.code == "wrong-type", field.isWithin(unread) { return true }
            guard error.location == finding.location else { return false }
            return unread.isWithin(field) || field.isWithin(unread) && unread.isInner
        }
    }

    /// Judges all services of `stack` by all rules, and gathers every finding before it refuses.
    ///
    /// Values are filled in first, so that the rules judge what containers would really get.
    package func admit(_ stack: Stack) throws(Rejection) -> AdmittedStack {
        let enforcement = enforcement(of: stack.id)
        var mutations: [Mutation] = []
        var filled = stack
        let reviews = reviews(of: stack, enforcement)
        for review in reviews {
            let changes = fill(review)
            guard !changes.isEmpty else { continue }
            mutations += changes
            filled.services[review.name] = review.service
        }
        for review in reviews { review.stack = filled }
        let judged = judge(filled, reviews, enforcement)
        let findings = (stack.warnings + judged.findings).sorted()
        if findings.contains(where: { $0.severity == .error }) { throw Rejection(findings) }
        let byName = effective(reviews)
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
        let policy = Policy(tenant)
        let reviews = policy.reviews(of: stack, enforcement)
        return policy.judge(stack, reviews, enforcement).findings.filter {
            Rule.everywhere.contains($0.code)
        }
    }

    func reviews(of stack: Stack, _ enforcement: Enforcement) -> [ServiceReview] {
        let surroundings = Surroundings(of: stack, tenant)
        return stack.services.keys.sorted().compactMap { name in
            stack.services[name].map {
                ServiceReview(name, $0, in: stack, under: enforcement, surroundings)
            }
        }
    }

    /// Fills in what rules have for a service, and says what that is.
    private func fill(_ review: ServiceReview) -> [Mutation] {
        var mutations: [Mutation] = []
        for rule in Rule.filling {
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
        return mutations
    }

    /// What the rules find, and the exceptions by which some of it is only told.
    func judge(
        _ stack: Stack,
        _ reviews: [ServiceReview],
        _ enforcement: Enforcement
    ) -> (findings: [Diagnostic], exceptions: [PolicyException]) {
        let whole = StackReview(stack, reviews, under: tenant)
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
            guard case .stack(let judge) = rule.judge else { continue }
            let hold = enforcement.hold(rule.id)
            if hold != .off { note(judge(whole), of: rule, hold) }
        }
        let named = Set(tenant.exceptions.compactMap(\.service))
        var rules: [Enforcement.Standing: [Enforcement.HeldRule]] = [:]
        for review in reviews {
            let standing = review.standing(among: named)
            let held = rules[standing] ?? enforcement.heldRules(standing)
            rules[standing] = held
            for rule in held {
                let findings = rule.judge(review)
                if !findings.isEmpty { note(findings, of: rule.rule, rule.hold) }
            }
        }
        return (diagnostics, used)
    }

    /// What the containers of each service get.
    func effective(_ reviews: [ServiceReview]) -> [String: AdmittedService] {
        var effective: [String: AdmittedService] = [:]
        effective.reserveCapacity(reviews.count)
        for review in reviews { effective[review.name] = admitted(review) }
        return effective
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
            makesHostPaths: review.hold(Rule.bindOption.id) == .off,
            logging: review.logging
        )
    }

    func hardening(_ effective: [String: AdmittedService]) -> [String] {
        let services = effective.keys.sorted().map { name in
            let kept = effective[name]?.capAdd.joined(separator: ", ") ?? ""
            return "service \(name): capabilities \(kept.isEmpty ? "none" : kept)"
        }
        return SecurityOption.enforced.map { "all services: \($0)" } + services
    }
}

extension FieldPath {
    /// Whether it is deeper than a service, network or other thing with a name.
    fileprivate var isInner: Bool { components.count > 2 }
}
