internal import Model

extension ObservedService {
    /// What its tasks take, by what the Swarm was sent.
    var share: Reservation.Share {
        let limits = spec["TaskTemplate"]?["Resources"]?["Limits"]
        var share = Reservation.Share(
            service: labels[Labels.service] ?? "",
            spec: labels[Labels.spec] ?? "",
            replicas: Int(clamping: replicas ?? 1),
            isTask: (mode?.hasSuffix("-job") ?? false) || taskLabel(Labels.run) == "task",
            memory: limits?["MemoryBytes"]?.intValue ?? 0,
            nanoCPUs: limits?["NanoCPUs"]?.intValue ?? 0,
            pids: limits?["Pids"]?.intValue ?? 0,
            ports: ports
        )
        share.isOnEachNode = mode?.hasPrefix("global") ?? false
        return share
    }

    /// Whether tasks of it may still be what `share` counts: it is of that spec, or some of its
    /// tasks are of another one than it is now.
    func mayHave(_ share: Reservation.Share) -> Bool {
        guard labels[Labels.service] == share.service else { return false }
        let now = taskLabel(Labels.spec)
        return labels[Labels.spec] == share.spec
            || tasks.contains { !$0.isOver && $0.labels[Labels.spec] != now }
    }

    private func taskLabel(_ key: String) -> String? {
        spec["TaskTemplate"]?["ContainerSpec"]?["Labels"]?[key]?.stringValue
    }

    /// Nobody knows any more whether Gyre chose them; those that it did are kept so.
    private var ports: [ReservedPort] {
        let ports = spec["EndpointSpec"]?["Ports"]?.arrayValue ?? []
        return ports.compactMap { port in
            func number(_ key: String) -> UInt16 { UInt16(clamping: port[key]?.intValue ?? 0) }
            guard number("PublishedPort") > 0 else { return nil }
            let place = ReservedPort.Place(
                service: labels[Labels.service] ?? "",
                slot: 1,
                target: number("TargetPort"),
                protocol: port["Protocol"]?.stringValue ?? "tcp"
            )
            return ReservedPort(place, number("PublishedPort"), isChosen: true)
        }
    }
}
