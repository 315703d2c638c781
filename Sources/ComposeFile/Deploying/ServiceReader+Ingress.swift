internal import Model

/// `x-gyre` of a service: what Compose has no words for.
extension ServiceReader {
    func readIngress(into service: inout Service) {
        guard let ours = value["x-gyre"], !ours.isNull else { return }
        guard known(ours, ["ingress"]), let ingress = ours["ingress"], !ingress.isNull,
            known(ingress, ["host", "port", "path"])
        else { return }
        if isForSwarm {
            return ingress.fail("not-for-swarm", "is for engines", fix: "remove it")
        }
        if let mode = service.privileges.namespaces["network_mode"], mode != "bridge" {
            ingress.fail(
                "conflicting-values",
                "needs a network of the service's own, not network_mode \(mode)",
                fix: "remove network_mode"
            )
        }
        let host = text(of: ingress, "host", "a host name such as www.example.org") {
            ServiceReader.isHost($0)
        }
        let path = text(of: ingress, "path", "the beginning of a path, such as /api") {
            ServiceReader.isPath($0)
        }
        let port = port(of: ingress)
        if ingress["host"]?.isNull ?? true {
            ingress.fail("invalid-value", "needs a host", fix: "write host: www.example.org")
        }
        guard let host, let port else { return }
        service.ingress = Service.Ingress(host: host.lowercased(), port: port, path: path)
    }

    /// Whether `value` is a mapping of these names; another one is reported.
    private func known(_ value: Value, _ names: [String]) -> Bool {
        guard value.isMapping else {
            value.failType("a mapping")
            return false
        }
        for member in value.members where !names.contains(member.name) {
            member.fail(
                "unknown-attribute",
                "is nothing that Gyre knows",
                fix: "write one of \(names.joined(separator: ", "))"
            )
        }
        return true
    }

    private func port(of ingress: Value) -> UInt16? {
        let fix = "write the port that the container listens on, such as 8080"
        guard let value = ingress["port"], !value.isNull else {
            ingress.fail("invalid-value", "needs a port", fix: fix)
            return nil
        }
        guard let number = value.count else { return nil }
        if let port = UInt16(exactly: number), port > 0 { return port }
        value.fail("invalid-value", "must be from 1 to 65535", fix: fix)
        return nil
    }

    private func text(
        of ingress: Value,
        _ name: String,
        _ wanted: String,
        _ isValid: (String) -> Bool
    ) -> String? {
        guard let value = ingress[name], !value.isNull else { return nil }
        if let text = value.node.string, isValid(text) { return text }
        value.fail("invalid-value", "must be \(wanted)", not: value.node.string)
        return nil
    }

    /// Letters, digits and hyphens between dots: what can be written into a rule of a proxy.
    private static func isHost(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: 0x2E, omittingEmptySubsequences: false)
        return text.utf8.count <= 253
            && parts.allSatisfy { part in
                (1...63).contains(part.count) && part.first != 0x2D && part.last != 0x2D
                    && part.allSatisfy { isLetter($0) || $0 == 0x2D }
            }
    }

    /// The same for a path: no quotes, no percent signs, no parentheses.
    private static func isPath(_ text: String) -> Bool {
        text.hasPrefix("/") && text.utf8.count <= 255 && !text.contains("//")
            && text.utf8.allSatisfy { isLetter($0) || "/-._~".utf8.contains($0) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
            || (0x61...0x7A).contains(byte)
    }
}
