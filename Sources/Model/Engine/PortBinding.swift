/// A port of a container, and where the node listens for it.
package struct PortBinding: Hashable, Codable, Sendable, Comparable {
    /// Of the container.
    package var target: UInt16
    package var `protocol`: String
    /// Address of the node; nil is every one.
    package var address: String?
    /// Port of the node.
    package var number: UInt16

    package init(
        _ target: UInt16,
        _ protocol: String = "tcp",
        address: String? = nil,
        number: UInt16
    ) {
        self.target = target
        self.protocol = `protocol`
        self.address = address
        self.number = number
    }

    package static func < (a: PortBinding, b: PortBinding) -> Bool {
        (a.target, a.protocol, a.address ?? "", a.number)
            < (b.target, b.protocol, b.address ?? "", b.number)
    }
}
