internal import Model

/// A port in the short form, `[[ip:][published][-range]:]target[-range][/protocol]`.
///
/// Source: Docker's `nat.ParsePortSpec`. A range of targets is that many ports, in the order of
/// their texts.
struct PortSpecification {
    /// What is wrong with a text.
    struct Failure: Error {
        /// Goes on after the name of the value: `must …`.
        var message: String
        /// The part that is wrong.
        var part: String?
    }

    /// One port of the container and where on the node it is.
    struct Port {
        var hostIP: String?
        /// A port of the node, or a range of them to choose from; zero is any.
        var published: String?
        var target: UInt16
        var transport: String

        /// A port for each of a range of ports of the node.
        var each: [Port] {
            let ends = (published ?? "").split(separator: "-").compactMap { UInt16($0) }
            guard ends.count == 2, ends[0] <= ends[1] else { return [self] }
            return (ends[0]...ends[1]).map { published in
                var port = self
                port.published = String(published)
                return port
            }
        }
    }

    private var hostIP: String?
    private var published: ClosedRange<UInt16>?
    private let target: ClosedRange<UInt16>
    private let transport: String

    init(_ text: String) throws(Failure) {
        let slash = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        transport = slash.count > 1 ? try Self.transport(String(slash[1])) : "tcp"
        let fields = slash[0].split(separator: ":", omittingEmptySubsequences: false)
            .map(String.init)
        guard let target = fields.last, !target.isEmpty else {
            throw Failure(message: "must name a port of the container", part: text)
        }
        self.target = try Self.range(target, of: "container")
        hostIP = try Self.address(fields.dropLast(2).joined(separator: ":"))
        let published = fields.count > 1 ? fields[fields.count - 2] : ""
        if !published.isEmpty { self.published = try Self.range(published, of: "node") }
        guard let range = self.published, range.count != self.target.count else { return }
        guard self.target.count == 1 else {
            throw Failure(message: "must have ranges of one length", part: text)
        }
    }

    /// How many ports of the container it names.
    var count: Int { target.count }

    /// Each port of the container with its port of the node.
    var ports: [Port] {
        target.map { (text: String($0), number: $0) }.sorted { $0.text < $1.text }.map { _, port in
            Port(
                hostIP: hostIP,
                published: published.map { range in
                    range.count == target.count
                        ? String(range.lowerBound + (port - target.lowerBound))
                        : "\(range.lowerBound)-\(range.upperBound)"
                },
                target: port,
                transport: transport
            )
        }
    }

    /// `tcp`, `udp` or `sctp` in any case; empty is `tcp`.
    static func transport(_ text: String) throws(Failure) -> String {
        let name = text.isEmpty ? "tcp" : text.lowercased()
        guard ["tcp", "udp", "sctp"].contains(name) else {
            throw Failure(message: "must have the protocol tcp, udp or sctp", part: text)
        }
        return name
    }

    /// An IP address without brackets; nil for the empty text.
    static func address(_ text: String) throws(Failure) -> String? {
        guard !text.isEmpty else { return nil }
        var address = text[...]
        if address.hasPrefix("["), address.hasSuffix("]") {
            address = address.dropFirst().dropLast()
        }
        guard IPAddress.isValid(String(address)) else {
            throw Failure(message: "must give an IP address to listen on", part: text)
        }
        return String(address)
    }

    /// `80` or `80-82`, within what 16 bits can count.
    private static func range(
        _ text: String,
        of place: String
    ) throws(Failure) -> ClosedRange<UInt16> {
        let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = ends.compactMap { UInt16($0) }
        guard numbers.count == ends.count, let first = numbers.first, let last = numbers.last,
            first <= last
        else { throw Failure(message: "must give a port of the \(place)", part: text) }
        return first...last
    }
}
