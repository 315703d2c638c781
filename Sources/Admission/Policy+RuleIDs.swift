package import Model

extension Policy {
    /// The ids of all rules, which tell a policy's finding from the loader's.
    package static let ruleIDs = Set(Rule.all.map(\.id))

    /// Whether what a project's stacks take together is bounded for `stack`, by its profile,
    /// audits and exceptions.
    package func enforcesQuotas(of stack: StackID) -> Bool {
        Enforcement(tenant: tenant, stack: stack, now: now).enforcesEverywhere(Rule.projectQuota.id)
    }

    /// The ids of those that no audit and no exception lifts.
    package static let unliftableIDs = Rule.unliftable
}
