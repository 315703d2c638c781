internal import Model

extension Rule {
    static let quota = Rule(
        "quota",
        .limits,
        because: "the operator bounds what one stack takes",
        fix: "ask for less, or ask the operator for more",
        .stack { review in
            let quota = review.tenant.grants.quota
            guard quota != Quota() else { return [] }
            let usage = Usage(of: review.stack)
            return quota.exceeded(by: usage).map { kind in
                Finding(
                    "the stack asks for \(kind.text(usage[kind])), more than "
                        + kind.number(quota[kind] ?? 0),
                    at: kind.place
                )
            }
        }
    )

    static let projectQuota = Rule(
        "project-quota",
        .limits,
        because: "the operator bounds what all stacks of the project take together",
        fix: "ask for less, or ask the operator for more",
        .stack { review in
            let quotas = review.tenant.quotas
            guard quotas != Quota() else { return [] }
            let usage = Usage(of: review.stack)
            return quotas.exceeded(by: usage).map { kind in
                Finding(
                    "this stack alone asks for \(kind.text(usage[kind])), and "
                        + "quotas.\(kind.rawValue) is \(kind.number(quotas[kind] ?? 0)) for all "
                        + "stacks of the project",
                    at: kind.place
                )
            }
        }
    )
}

extension QuotaKind {
    /// Where a file asks for it.
    fileprivate var place: FieldPath { FieldPath(self == .networks ? "networks" : "services") }
}
