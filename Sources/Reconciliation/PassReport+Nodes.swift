internal import Model

/// What is told of the nodes that a stack is on.
extension PassReport {
    /// Notes that the stack can't leave its node.
    mutating func stays(on node: String, _ cause: Leaving, because staying: Staying) {
        add(staying.problem(on: node, cause))
    }

    /// Notes that a stack which is removed is not gone everywhere.
    mutating func isLeft(on nodes: [String]) {
        let names = nodes.joined(separator: ", ")
        add(
            Problem(
                .lost,
                "a copy of it is still on \(names), from before it went elsewhere",
                remedy: "bring \(names) back; it is removed there then"
            )
        )
    }

    /// Notes that the stack is on a node that nobody knows any more.
    mutating func isOnUnknownNode(_ node: String) {
        add(
            Problem(
                .engine,
                "it is on the node \(node), which gyre.yaml does not have",
                remedy: "write \(node) under nodes: again, and restart the controller"
            )
        )
    }
}
