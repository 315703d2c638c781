internal import Model
internal import YAMLTree

/// `ports` and `expose`.
extension Value {
    /// The ports in order, the later of two that are the same in the place of the earlier.
    var ports: [PortMapping] {
        var ports: [PortMapping] = []
        var sources: [Value] = []
        for element in elements ?? [] {
            for port in element.port {
                if let same = ports.firstIndex(where: { $0.isSame(as: port) }) {
                    ports[same] = port
                    sources[same] = element
                } else {
                    ports.append(port)
                    sources.append(element)
                }
                guard ports.count <= PortSpecification.most else {
                    element.failCount()
                    return []
                }
            }
        }
        for (index, source) in sources.enumerated() { source.recordPort(at: path[index]) }
        return ports
    }

    /// The ports of one element.
    private var port: [PortMapping] {
        if isMapping { return longPort.map { [$0] } ?? [] }
        if case .int(let number) = node.scalar { return shortPorts(String(number)) }
        guard case .string(let text) = node.scalar else {
            failType("a port such as \"8080:80\"")
            return []
        }
        return isUnresolved ? [] : shortPorts(text)
    }

    private func shortPorts(_ text: String) -> [PortMapping] {
        do {
            let specification = try PortSpecification(text)
            guard specification.count <= PortSpecification.most else {
                failCount()
                return []
            }
            return specification.ports
        } catch {
            failPort(error)
            return []
        }
    }

    private func failCount() {
        fail("too-many-ports", "is one of more than \(PortSpecification.most) ports of a service")
    }

    fileprivate func failPort(_ failure: PortSpecification.Failure) {
        fail(
            failure.isUnsupported ? "not-supported" : "invalid-port",
            failure.message,
            not: failure.part,
            fix: failure.isUnsupported
                ? "publish one port" : "write such as \"127.0.0.1:8080:80/tcp\""
        )
    }

    private var longPort: PortMapping? {
        var draft = PortDraft()
        Schema.port.read(self, into: &draft)
        guard let target = draft.target else {
            if !draft.hasTarget {
                fail("missing-attribute", "lacks target")
            }
            return nil
        }
        return PortMapping(
            hostIP: draft.hostIP,
            published: draft.published,
            target: target,
            protocol: draft.transport
        )
    }

    fileprivate var portNumber: UInt16? {
        guard let integer else { return nil }
        guard let number = UInt16(exactly: integer), number > 0 else {
            fail("invalid-port", "must be a port", not: String(integer))
            return nil
        }
        return number
    }

    /// `published`, a number or a text; zero lets the engine choose.
    fileprivate var publishedPort: UInt16? {
        guard let text, !text.isEmpty else { return nil }
        if text.contains("-") {
            failPort(PortSpecification.rangeToChooseFrom)
            return nil
        }
        guard let number = UInt16(text) else {
            fail("invalid-port", "must be a port", not: text)
            return nil
        }
        return number == 0 ? nil : number
    }

    fileprivate func parsed<T>(
        _ parse: (String) throws(PortSpecification.Failure) -> T
    ) -> T? {
        guard let string else { return nil }
        do {
            return try parse(string)
        } catch {
            failPort(error)
            return nil
        }
    }

    /// Remembers the place of a port, and that a published port was written even if it is zero.
    private func recordPort(at path: FieldPath) {
        record(at: path)
        if let published = members.first(where: { $0.name == "published" }) {
            published.record(at: path / "published")
        } else if let text = node.text, text.hasPrefix("0:") || text.contains(":0:") {
            record(at: path / "published")
        }
    }

    /// `expose`: ports or ranges of them with a protocol, as text.
    var exposedPorts: [String] {
        var seen: Set<String> = []
        return (elements ?? []).compactMap { element in
            guard let text = element.text, !element.isUnresolved else { return nil }
            do {
                guard !text.contains(":") else { throw PortSpecification.Failure(message: "") }
                _ = try PortSpecification(text)
            } catch {
                element.fail(
                    "invalid-port",
                    "must be a port to expose",
                    not: text,
                    fix: "write such as 80/tcp"
                )
                return nil
            }
            return seen.insert(text).inserted ? text : nil
        }
    }
}

private struct PortDraft {
    var target: UInt16?
    var hasTarget = false
    var published: UInt16?
    var transport = "tcp"
    var hostIP: String?
}

extension Schema where Target == PortDraft {
    fileprivate static let port = Schema(
        "a port",
        handled: [
            Attribute("target") {
                $1.hasTarget = true
                $1.target = $0.portNumber
            },
            Attribute("published") { $1.published = $0.publishedPort },
            Attribute("protocol") {
                $1.transport = $0.parsed(PortSpecification.transport) ?? "tcp"
            },
            Attribute("host_ip") { $1.hostIP = $0.parsed(PortSpecification.address) ?? nil },
            Attribute("mode") { value, _ in
                guard let mode = value.string, mode != "ingress" else { return }
                value.fail(
                    "not-supported",
                    "must be ingress; other modes are not handled yet",
                    fix: "remove it; without Swarm it changes nothing"
                )
            },
        ],
        refused: ["name": "remove it", "app_protocol": "remove it"]
    )
}

extension PortMapping {
    /// Whether both are one port of the node bound to one of the container.
    fileprivate func isSame(as other: PortMapping) -> Bool {
        (hostIP ?? "0.0.0.0", published ?? 0, target, `protocol`)
            == (other.hostIP ?? "0.0.0.0", other.published ?? 0, other.target, other.protocol)
    }
}
