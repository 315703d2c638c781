internal import Model
internal import YAMLTree

/// Single values as an engine takes them.
extension Value {
    /// The words of a command; nil leaves the image's.
    var words: [String]? { node.elements.map { $0.compactMap(\.string) } }

    /// CPUs in billionths; nil for zero, which is no limit.
    var nanoCPUs: Int64? {
        guard !isNull, let number else { return nil }
        guard number >= 0, number < 1_000_000 else {
            fail("invalid-number", "must be a number of CPUs")
            return nil
        }
        return number == 0 ? nil : Int64((number * 1e9).rounded())
    }

    /// Bytes of a limit.
    var limit: ByteCount? {
        guard !isNull, let size else { return nil }
        guard size.bytes >= 0 else {
            fail("invalid-size", "must not be negative", fix: "remove it for no limit")
            return nil
        }
        return size
    }

    /// Whole number of a limit, where zero means none.
    var countLimit: Int64? {
        guard !isNull, let count, count > 0 else { return nil }
        return Int64(count)
    }

    /// `restart`.
    var restartPolicy: Service.RestartPolicy? {
        guard let string = node.string else { return nil }
        switch string {
        case "no": return .no
        case "always": return .always
        case "unless-stopped": return .unlessStopped
        case "on-failure": return .onFailure(retries: 0)
        default: break
        }
        let prefix = "on-failure:"
        if string.hasPrefix(prefix), let retries = Int(string.dropFirst(prefix.count)), retries >= 0
        {
            return .onFailure(retries: retries)
        }
        fail(
            "invalid-restart",
            "must be a restart policy",
            not: string,
            fix: "write one of \"no\", always, unless-stopped, on-failure, on-failure:3"
        )
        return nil
    }

    /// A port in the long form; one that is deployed can be bound by one container of a node.
    func portMapping(isDeployed: Bool) -> PortMapping? {
        guard isMapping, !isUnresolved, let target = self["target"] else { return nil }
        guard let number = target.integer.flatMap({ UInt16(exactly: $0) }), number > 0 else {
            target.fail("invalid-port", "must be a port", not: target.node.text)
            return nil
        }
        let transport = self["protocol"]?.node.string?.lowercased() ?? ""
        guard ["tcp", "udp", "sctp", ""].contains(transport) else {
            self["protocol"]?.fail("invalid-port", "must be tcp, udp or sctp", not: transport)
            return nil
        }
        let address = self["host_ip"]?.node.string
        var port = PortMapping(
            hostIP: address?.isEmpty == false ? address : nil,
            target: number,
            protocol: transport.isEmpty ? "tcp" : transport
        )
        port.mode = self["mode"]?.node.string
        guard let published = self["published"], let text = published.node.text,
            !published.isNull, !text.isEmpty
        else { return port }
        port.published = UInt16(text).flatMap { $0 > 0 ? $0 : nil }
        guard port.published == nil else { return port }
        guard isDeployed else {
            port.candidates = text
            return port
        }
        if UInt16(text) == 0 { return port }
        port.candidates = text
        guard let range = port.range, range.lowerBound > 0, text.contains("-") else {
            published.fail(
                "invalid-port",
                "must be a port or a range of them",
                not: text,
                fix: "write such as \"8080\", or \"8080-8090\" for one of these"
            )
            return nil
        }
        return port
    }

    /// A port that is exposed, a range of them, with a protocol.
    var exposedPort: String? {
        guard let text = node.text, !isUnresolved else { return nil }
        if !text.contains(":"), (try? PortSpecification(text)) != nil { return text }
        fail("invalid-port", "must be a port to expose", not: text, fix: "write such as 80/tcp")
        return nil
    }
}
