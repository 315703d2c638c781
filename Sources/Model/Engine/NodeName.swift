/// What nodes are called.
package enum NodeName {
    /// The node of an `engine:` alone, and of all that the journal knows without a node.
    package static let main = "main"

    /// What the journal calls the engine of a Swarm's manager, which is a part of the node that
    /// the Swarm is; no node is called so.
    package static func manager(_ name: String, of swarm: String) -> String { "\(swarm)/\(name)" }

    /// The node that `name` is, or is a part of.
    package static func whole(_ name: String) -> String { String(name.prefix { $0 != "/" }) }
}
