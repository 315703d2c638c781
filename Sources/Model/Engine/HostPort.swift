/// A port of the node, whatever address it is bound to.
package struct HostPort: Hashable, Codable, Sendable, Comparable, CustomStringConvertible {
    package var number: UInt16
    /// `tcp`, `udp` or `sctp`.
    package var `protocol`: String

    package init(_ number: UInt16, _ protocol: String = "tcp") {
        self.number = number
        self.protocol = `protocol`
    }

    /// `80/tcp`.
    package var description: String { "\(number)/\(`protocol`)" }

    package static func < (a: HostPort, b: HostPort) -> Bool {
        (a.number, a.protocol) < (b.number, b.protocol)
    }
}
