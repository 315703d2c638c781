internal import Model

extension Rule {
    static let quota = Rule(
        "quota",
        .limits,
        because: "the operator bounds what the stacks of a project take together",
        fix: "ask for less, or ask the operator for more",
        .stack { review in
            Usage(of: review.stack).excess(over: review.tenant.grants.quota).map { excess in
                Finding("the stack asks for \(excess)", at: FieldPath("services"))
            }
        }
    )
}
