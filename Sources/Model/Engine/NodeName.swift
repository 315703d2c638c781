/// What nodes are called.
package enum NodeName {
    /// The node of an `engine:` alone, and of all that the journal knows without a node.
    package static let main = "main"

    /// What the journal calls the engine of a Swarm's manager, which is a part of the node that
    /// the Swarm is; no node is called so.
    package static func manager(_ name: String, of swarm: String) -> String { "\(swarm)/\(name)" }

    /// Under which name the journal has the id of the Swarm that a node is: an engine may have been
    /// the node before, and has an id of its own there.
    package static func swarm(_ name: String) -> String { manager("", of: name) }

    /// The node that `name` is, or is a part of.
    package static func whole(_ name: String) -> String { String(name.prefix { $0 != "/" }) }
}
