internal import Model

/// Ports of the node that two containers would have.
extension LedgerQuestion {
    /// Nothing that the stack has already is asked for again: first come keeps.
    var portObjections: [Diagnostic] {
        let ports = needed.ports
        let had = Set((ledger.reservations[stack.id] ?? Reservation()).ports.map(\.bound))
        var findings: [FieldPath: Diagnostic] = [:]
        for (index, port) in ports.enumerated() {
            let path = path(of: port.place)
            guard findings[path] == nil else { continue }
            let twin = ports[..<index].first {
                $0.overlaps(port) && $0.place != port.place && !mayBeApart($0.place, port.place)
            }
            if let twin {
                findings[path] = taken(twice(port, twin), at: path, isOwn: true)
            } else if !had.contains(port.bound), let holder = holder(of: port) {
                findings[path] = taken(holder, at: path, isOwn: false)
            }
        }
        for want in unmet {
            findings[want.at] = finding(
                "port-range",
                "no port is left for container port \(want.place.target)/\(want.place.protocol): "
                    + (ranges.isEmpty ? "" : "Gyre chooses from \(ranges.text), ")
                    + (want.among.map { "the file from \($0), " } ?? "") + "and all are taken",
                at: want.at,
                fix: want.among == nil
                    ? "publish fewer ports, or ask the operator for more in grants.allocated_ports"
                    : "publish fewer ports, or name a wider range"
            )
        }
        return findings.sorted { $0.key < $1.key }.map(\.value)
    }

    private func twice(_ port: ReservedPort, _ twin: ReservedPort) -> String {
        let name = "host port \(port.number)/\(port.place.protocol)"
        if port.place.service != twin.place.service {
            return "\(name) is published by \(twin.place.service) and by \(port.place.service)"
        }
        return port.place.slot == twin.place.slot
            ? "\(name) is published for two ports of \(port.place.service)"
            : "\(name) can be had once, and \(port.place.service) has several replicas"
    }

    /// Who has it, in words; of what isn't the project's own nothing but that it is taken.
    private func holder(of port: ReservedPort) -> String? {
        let name = "host port \(port.number)/\(port.place.protocol)"
        let others = ledger.reservations(on: ledger.node(of: stack.id), but: stack.id)
        let holders = others.flatMap { other, reservation in
            reservation.shares.flatMap(\.ports).filter { $0.overlaps(port) }.map { (other, $0) }
        }
        if let (other, held) = holders.min(by: { $0.0 < $1.0 }) {
            return other.project == stack.id.project
                ? "\(name) is held by stack \(other), for its service \(held.place.service)"
                : "\(name) is taken on this node"
        }
        return bound.contains { $0.overlaps(port.bound) } ? "\(name) is taken on this node" : nil
    }

    private func taken(_ message: String, at path: FieldPath, isOwn: Bool) -> Diagnostic {
        let open =
            ranges.isEmpty
            ? "" : ", or leave out the host port, so that Gyre chooses one of \(ranges.text)"
        return finding(
            "port-taken",
            message,
            at: path,
            fix: (isOwn ? "publish another port in one place" : "publish another port") + open
        )
    }

    func finding(
        _ code: String,
        _ message: String,
        at path: FieldPath,
        fix: String
    ) -> Diagnostic {
        Diagnostic(
            code: code,
            message,
            at: stack.places.location(of: path),
            field: path,
            fix: fix
        )
    }

    private func path(of place: ReservedPort.Place) -> FieldPath {
        let ports = FieldPath("services", place.service, "ports")
        return index(of: place).map { ports[$0] } ?? ports
    }

    private func index(of place: ReservedPort.Place) -> Int? {
        stack.services[place.service]?.ports.firstIndex {
            $0.place(in: place.service, place.slot) == place
        }
    }

    /// Whether a Swarm can have both, by running the two services on different nodes.
    private func mayBeApart(_ a: ReservedPort.Place, _ b: ReservedPort.Place) -> Bool {
        stack.isForSwarm && a.service != b.service
            && [a, b].allSatisfy { place in
                index(of: place).flatMap { stack.services[place.service]?.ports[$0].mode } == "host"
            }
    }
}

extension [ClosedRange<Int>] {
    /// `31000-31010, 32000`.
    fileprivate var text: String {
        map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ", ")
    }
}
