/// What nodes are called.
package enum NodeName {
    /// The node of an `engine:` alone, and of all that the journal knows without a node.
    package static let main = "main"
}
