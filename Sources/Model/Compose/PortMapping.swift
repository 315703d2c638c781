/// A container's port, published on the node or not.
package struct PortMapping: Hashable, Codable, Sendable, CustomStringConvertible {
    /// IP address of the node to listen on; nil is every address.
    package var hostIP: String?
    /// nil lets the engine choose.
    package var published: UInt16?
    /// What the engine may choose from, as written, such as `8000-8010`; nil is any port.
    package var candidates: String?
    package var target: UInt16
    /// `tcp`, `udp` or `sctp`.
    package var `protocol`: String
    /// `ingress` or `host`, which an engine alone doesn't tell apart.
    package var mode: String?

    package init(
        hostIP: String? = nil,
        published: UInt16? = nil,
        target: UInt16,
        protocol: String = "tcp"
    ) {
        self.hostIP = hostIP
        self.published = published
        self.target = target
        self.protocol = `protocol`
    }

    /// What the node's port may be chosen from; nil where the file names one, or leaves all open.
    package var range: ClosedRange<Int>? {
        guard let candidates else { return nil }
        let ends = candidates.split(separator: "-", omittingEmptySubsequences: false)
            .map { UInt16($0).map(Int.init) }
        guard ends.count <= 2, let first = ends.first ?? nil, let last = ends.last ?? nil,
            first <= last
        else { return nil }
        return first...last
    }

    package var description: String {
        let host = hostIP.map { "\($0):" } ?? ""
        let wanted = published.map(String.init) ?? candidates
        return "\(host)\(wanted.map { "\($0):" } ?? "")\(target)/\(`protocol`)"
    }
}
