extension TenantPolicy {
    /// Keeps of what others are called what names of the project's could begin like.
    ///
    /// Those begin with its own name, with what a stack of its is taken over under, or with what is
    /// granted. Who is called exactly what a stack is taken over under has no names beside it.
    package mutating func meet(_ others: some Sequence<String>, as project: String) {
        let own = [project] + adopted.values
        neighbours = Set(
            others.filter { other in
                guard !adopted.values.contains(other) else { return false }
                let beginnings = ["\(other)-", "\(other)_"]
                return own.contains { ours in
                    other == ours || ["\(ours)-", "\(ours)_"].contains(where: other.hasPrefix)
                }
                    || grants.names.contains { granted in
                        beginnings.contains { $0.hasPrefix(granted) || granted.hasPrefix($0) }
                    }
            }
        )
    }
}
