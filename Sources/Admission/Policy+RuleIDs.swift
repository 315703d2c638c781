extension Policy {
    /// The ids of all rules, which tell a policy's finding from the loader's.
    package static let ruleIDs = Set(Rule.all.map(\.id))

    /// The ids of those that no audit and no exception lifts.
    package static let unliftableIDs = Rule.unliftable
}
