package import Model

extension Policy {
    /// The ids of all rules, which tell a policy's finding from the loader's.
    package static let ruleIDs = Set(Rule.all.map(\.id))

    /// Whether a finding is policy's, by a rule of ours or of an agent's, and not the loader's.
    package static func said(_ finding: Diagnostic) -> Bool {
        ruleIDs.contains(finding.code) || finding.code.hasPrefix("opa/")
    }

    /// Whether what a project's stacks take together is bounded for `stack`, by its profile,
    /// audits and exceptions.
    package func enforcesQuotas(of stack: StackID) -> Bool {
        Enforcement(tenant: tenant, stack: stack, now: now).enforcesEverywhere(Rule.projectQuota.id)
    }

    /// The ids of those that no audit and no exception lifts.
    package static let unliftableIDs = Rule.unliftable
}
