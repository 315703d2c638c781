internal import Model

/// Which rules hold for what, by profile, audit mode and exceptions.
///
/// Both checks ask it, so that what the first lets pass by the operator's leave isn't stopped by
/// the second, and the other way round.
struct Enforcement: Sendable {
    let tenant: TenantPolicy
    let stack: StackID
    /// nil: no exception holds, because none can be known to have not expired.
    let now: Instant?
    /// What numbers of users mean on the node.
    var users = NodeUsers.asShown

    /// How a rule holds.
    enum Hold: Hashable, Sendable {
        case enforced
        /// Only told.
        case audited
        /// Only told, until the exception expires.
        case excepted(PolicyException)
        /// Not a part of the profile.
        case off
    }

    /// What decides how each rule holds: alike for all services of which it is the same.
    struct Standing: Hashable {
        let profile: TenantPolicy.Profile
        /// One that an exception names; nil for the others.
        let service: String?
    }

    /// The rules about services that hold in a standing, with the question of each.
    func heldRules(_ standing: Standing) -> [HeldRule] {
        Rule.all.compactMap { rule in
            let hold = hold(rule.id, of: standing.profile, service: standing.service)
            guard hold != .off, case .service(let judge) = rule.judge else { return nil }
            return HeldRule(rule, judge, hold)
        }
    }

    /// A rule about one service, and how it holds there.
    final class HeldRule {
        let rule: Rule
        let judge: @Sendable (ServiceReview) -> [Finding]
        let hold: Hold

        init(_ rule: Rule, _ judge: @escaping @Sendable (ServiceReview) -> [Finding], _ hold: Hold)
        {
            self.rule = rule
            self.judge = judge
            self.hold = hold
        }
    }

    /// How the rule `id` holds for the whole stack.
    func hold(_ id: String) -> Hold { hold(id, of: tenant.profile, service: nil) }

    /// How the rule `id` holds for one container.
    func hold(_ id: String, for facts: ContainerFacts) -> Hold {
        hold(id, of: profile(of: facts), service: facts.service)
    }

    func enforces(_ id: String, for facts: ContainerFacts) -> Bool {
        hold(id, for: facts) == .enforced
    }

    /// Whether the rule `id` holds for every service of the stack: where a call doesn't show which
    /// one it is about, an exception for one is one for all.
    func enforcesEverywhere(_ id: String) -> Bool {
        hold(id) == .enforced && !tenant.exceptions.contains { $0.rule == id && holds($0) }
    }

    /// Whether the exception holds now, for some service of the stack.
    private func holds(_ exception: PolicyException) -> Bool {
        guard let now, now < exception.expires else { return false }
        return (exception.stack ?? stack.stack) == stack.stack
    }

    /// The profile of the first choice that fits; of a container that binds several paths, or
    /// publishes several ports, the strictest of what it would have with each alone.
    ///
    /// Else whoever writes the file would choose the rules for one path by binding another. A bind
    /// above the path of a choice reaches that path too.
    func profile(of facts: ContainerFacts) -> TenantPolicy.Profile {
        guard !tenant.choices.isEmpty else { return tenant.profile }
        let binds = tenant.choices.contains { $0.condition.mounts != nil } ? reach(of: facts) : []
        let ports = tenant.choices.contains { !$0.condition.ports.isEmpty } ? facts.ports : []
        let aspects = alone(binds).flatMap { bind in
            alone(ports).map { ContainerFacts.Aspect(bind: bind, port: $0) }
        }
        return strictest(aspects.map { profile(of: facts, by: $0) })
    }

    private func alone<T>(_ parts: [T]) -> [T?] { parts.isEmpty ? [nil] : parts }

    /// What it binds, and paths of choices below that.
    private func reach(of facts: ContainerFacts) -> [String] {
        let below = tenant.choices.compactMap(\.condition.mounts).filter { path in
            guard let path = AbsolutePath(path) else { return false }
            return facts.binds.contains { AbsolutePath($0).map(path.isWithin) ?? false }
        }
        return facts.binds + below
    }

    /// The strictest that it may come to be, where that is not known yet.
    private func profile(
        of facts: ContainerFacts,
        by aspect: ContainerFacts.Aspect
    ) -> TenantPolicy.Profile {
        var possible: [TenantPolicy.Profile] = []
        for choice in tenant.choices {
            switch facts.fit(choice.condition, aspect, stack, tenant.grants) {
            case .no: continue
            case .perhaps: possible.append(choice.profile)
            case .yes: return strictest(possible + [choice.profile])
            }
        }
        return strictest(possible + [tenant.profile])
    }

    private func strictest(_ profiles: [TenantPolicy.Profile]) -> TenantPolicy.Profile {
        profiles.max { $0.strictness < $1.strictness } ?? .restricted
    }

    /// How the rule `id` holds under `profile`, for `service` or for the whole stack.
    func hold(
        _ id: String,
        of profile: TenantPolicy.Profile,
        service: String?
    ) -> Hold {
        guard !Rule.everywhere.contains(id) else { return .enforced }
        guard tenant.enforced.contains(id) || Rule.ids(of: profile).contains(id) else {
            return .off
        }
        guard !Rule.unliftable.contains(id) else { return .enforced }
        let exception = tenant.exceptions.first { exception in
            exception.rule == id && holds(exception)
                && (exception.service == nil || exception.service == service)
        }
        if let exception { return .excepted(exception) }
        return tenant.audited.contains(id) ? .audited : .enforced
    }
}

extension TenantPolicy.Profile {
    fileprivate var strictness: Int {
        switch self {
        case .privileged: 0
        case .baseline: 1
        case .restricted: 2
        }
    }
}
