internal import Model

/// A port in the short form, `[[ip:][published][-range]:]target[-range][/protocol]`.
///
/// Source: Docker's `nat.ParsePortSpec`. A range of targets is that many ports, in the order of
/// their texts; a range of published ports for one target is left to the engine to choose from.
struct PortSpecification {
    /// What is wrong with a text, in words.
    struct Failure: Error {
        var message: String
        /// Whether Compose takes it.
        var isUnsupported = false
    }

    private(set) var ports: [PortMapping] = []

    init(_ text: String) throws(Failure) {
        let slash = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let transport = slash.count > 1 ? try Self.transport(String(slash[1])) : "tcp"
        let fields = slash[0].split(separator: ":", omittingEmptySubsequences: false)
            .map(String.init)
        guard let targetText = fields.last, !targetText.isEmpty else {
            throw Failure(message: "\"\(text)\" names no port of the container")
        }
        let target = try Self.range(targetText, "port of the container")
        let publishedText = fields.count > 1 ? fields[fields.count - 2] : ""
        let hostIP = try Self.address(fields.dropLast(2).joined(separator: ":"))
        let published =
            publishedText.isEmpty ? nil : try Self.range(publishedText, "port of the node")
        if let published, published.count != target.count {
            guard target.count == 1 else {
                throw Failure(
                    message: "the ranges \(publishedText) and \(targetText) differ in length"
                )
            }
            throw Failure(
                message: "\"\(text)\" lets the engine choose from a range",
                isUnsupported: true
            )
        }
        ports = target.enumerated().map { index, port in
            let number = published.map { $0[$0.startIndex + index] }
            return PortMapping(
                hostIP: hostIP,
                published: number == 0 ? nil : number,
                target: port,
                protocol: transport
            )
        }
        .sorted { String($0.target) < String($1.target) }
    }

    /// `tcp`, `udp` or `sctp` in any case; empty is `tcp`.
    static func transport(_ text: String) throws(Failure) -> String {
        let name = text.isEmpty ? "tcp" : text.lowercased()
        guard ["tcp", "udp", "sctp"].contains(name) else {
            throw Failure(message: "\"\(text)\" is no protocol; there are tcp, udp and sctp")
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
            throw Failure(message: "\"\(text)\" is no IP address")
        }
        return String(address)
    }

    /// `80` or `80-82`, within what 16 bits can count.
    private static func range(_ text: String, _ noun: String) throws(Failure) -> [UInt16] {
        let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = ends.compactMap { number($0) }
        guard numbers.count == ends.count, let first = numbers.first, let last = numbers.last,
            first <= last
        else { throw Failure(message: "\"\(text)\" is no \(noun)") }
        return Array(first...last)
    }

    private static func number(_ text: Substring) -> UInt16? {
        text.first == "+" ? nil : UInt16(text)
    }
}
