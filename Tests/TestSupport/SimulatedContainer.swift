internal import Model

extension SimulatedNode.Container {
    /// Reads a create body as the engine does.
    init(creating spec: ContainerSpec, id: String, from pin: ImagePin, at time: Instant) {
        let host = spec.body["HostConfig"]
        let mode = host?["NetworkMode"]?.stringValue ?? "default"
        let named = spec.body["NetworkingConfig"]?["EndpointsConfig"]?.objectValue ?? [:]
        let policy = Service.RestartPolicy(engineValue: host?["RestartPolicy"])
        let binds = host?["Binds"]?.arrayValue?.compactMap(\.stringValue) ?? []
        let check = spec.body["Healthcheck"]?["Test"]?.arrayValue?.first?.stringValue
        seen = ObservedContainer(
            id: id,
            name: spec.name,
            labels: spec.body["Labels"]?.objectValue?.compactMapValues(\.stringValue) ?? [:],
            imageID: pin.imageID,
            state: .created,
            created: time,
            networks: mode == "none" ? [:] : named.mapValues { _ in "" },
            volumes: binds.filter { !$0.hasPrefix("/") }.map { String($0.prefix { $0 != ":" }) }
                + spec.contents.map(\.volume.name),
            mounts: binds.map { bind in
                let source = String(bind.prefix { $0 != ":" })
                return ObservedMount(source: source, readOnly: bind.hasSuffix(":ro"))
            }
                + (host?["Mounts"]?.arrayValue ?? []).compactMap { mount in
                    guard let source = mount["Source"]?.stringValue else { return nil }
                    return ObservedMount(
                        source: source,
                        readOnly: mount["ReadOnly"]?.boolValue ?? false
                    )
                },
            ports: Set(SimulatedNode.Container.hostPorts(host?["PortBindings"])),
            bindings: Set(SimulatedNode.Container.bindings(host?["PortBindings"])),
            details: ObservedContainer.Details(
                started: nil,
                image: pin.pinned,
                limits: ObservedContainer.Limits(
                    nanoCPUs: host?["NanoCpus"]?.intValue ?? 0,
                    memory: host?["Memory"]?.intValue ?? 0,
                    memoryReservation: host?["MemoryReservation"]?.intValue ?? 0,
                    pids: host?["PidsLimit"]?.intValue ?? 0,
                    restart: policy
                ),
                stopTimeout: spec.body["StopTimeout"]?.intValue.map(Nanoseconds.seconds),
                aliases: named.values.flatMap { endpoint in
                    (endpoint["Aliases"]?.arrayValue ?? []).compactMap(\.stringValue)
                },
                user: spec.body["User"]?.stringValue ?? "",
                capabilities: Set(
                    (host?["CapAdd"]?.arrayValue ?? []).compactMap(\.stringValue)
                )
            )
        )
        restart = policy
        hasHealthcheck = check != nil && check != "NONE"
        behaviour = .runs
    }

    private static func bindings(_ bindings: JSON?) -> [PortBinding] {
        (bindings?.objectValue ?? [:]).flatMap { port, hosts in
            (hosts.arrayValue ?? []).compactMap { host -> PortBinding? in
                guard let number = host["HostPort"]?.stringValue.flatMap({ UInt16($0) }) else {
                    return nil
                }
                let target = UInt16(port.prefix { $0 != "/" }) ?? 0
                let address = host["HostIp"]?.stringValue
                let kind = String(port.suffix(3))
                return PortBinding(target, kind, address: address, number: number)
            }
        }
    }

    private static func hostPorts(_ bindings: JSON?) -> [HostPort] {
        (bindings?.objectValue ?? [:]).flatMap { port, hosts in
            (hosts.arrayValue ?? []).compactMap { host in
                host["HostPort"]?.stringValue.flatMap { UInt16($0) }.map {
                    HostPort($0, String(port.suffix(3)))
                }
            }
        }
    }

    /// Starts its processes.
    mutating func begin(at time: Instant, dated date: Instant) {
        seen.state = .running
        seen.exitCode = nil
        seen.health = hasHealthcheck ? .starting : nil
        seen.details?.started = date
        began = time
        seen.details?.restartCount = 0
    }

    /// Changes limits; the engine takes zero for "as it is", but for the number of processes.
    mutating func update(_ limits: ObservedContainer.Limits) {
        guard var now = seen.details?.limits else { return }
        if limits.nanoCPUs != 0 { now.nanoCPUs = limits.nanoCPUs }
        if limits.memory != 0 { now.memory = limits.memory }
        if limits.memoryReservation != 0 { now.memoryReservation = limits.memoryReservation }
        now.pids = limits.pids
        now.restart = limits.restart
        seen.details?.limits = now
        restart = limits.restart
    }
}

extension Service.RestartPolicy {
    fileprivate init(engineValue: JSON?) {
        switch engineValue?["Name"]?.stringValue {
        case "always": self = .always
        case "unless-stopped": self = .unlessStopped
        case "on-failure":
            self = .onFailure(retries: Int(engineValue?["MaximumRetryCount"]?.intValue ?? 0))
        default: self = .no
        }
    }
}
