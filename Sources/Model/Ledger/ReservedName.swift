/// A name that only one stack may have, where files choose it: those that Compose derives from a
/// project's name are nobody else's anyway.
package struct ReservedName: Hashable, Codable, Sendable, Comparable, CustomStringConvertible {
    /// What is called so.
    package enum Kind: String, Codable, Sendable {
        case container, network, volume
        /// On a network that several stacks may use.
        case alias
        /// Of the ingress, which drops a router that two containers make differently.
        case router
        /// What a router takes.
        ///
        /// Of Gyre's own ingress a host and the beginning of paths, of a label's its rule.
        case route
    }

    package var kind: Kind
    package var name: String
    /// The network of an alias, by its name on the engine.
    package var network: String?

    package init(_ kind: Kind, _ name: String, on network: String? = nil) {
        self.kind = kind
        self.name = name
        self.network = network
    }

    /// `container shop-db`, `alias api on shop_net`.
    package var description: String {
        "\(kind.rawValue) \(name)" + (network.map { " on \($0)" } ?? "")
    }

    package static func < (a: ReservedName, b: ReservedName) -> Bool {
        a.description < b.description
    }
}
