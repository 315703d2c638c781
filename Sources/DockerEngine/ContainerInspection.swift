internal import Model

/// The answer to `GET /containers/{id}/json`; names are the API's own.
struct ContainerInspection: Decodable {
    let Id: String
    let Name: String
    let Image: String
    let Created: String
    let RestartCount: Int
    let State: Condition
    let Config: Configuration
    let HostConfig: HostConfiguration
    let NetworkSettings: ContainerEntry.Networks?
    let Mounts: [ContainerEntry.Mount]?

    struct Condition: Decodable {
        let Status: ObservedContainer.State
        let ExitCode: Int
        let Error: String
        let OOMKilled: Bool
        let StartedAt: String
        let Health: Health?
    }

    struct Health: Decodable {
        let Status: String
        let Log: [Check]?
    }

    struct Check: Decodable {
        let ExitCode: Int
        let Output: String

        /// Two lines of what a tenant's command wrote, made fit to be shown.
        var observed: ObservedContainer.HealthCheck {
            let lines = Output.prefix(2000).split(whereSeparator: \.isNewline).prefix(2)
            let text = lines.map { EngineText.clean(String($0)).prefix(200) }
            return .init(exitCode: ExitCode, output: text.joined(separator: "; "))
        }
    }

    struct Configuration: Decodable {
        let Image: String?
        let Labels: [String: String]?
        let Tty: Bool
        let User: String?
        let StopTimeout: Int64?

        /// nil also for one that waits without end, which is none of ours.
        var stopTimeout: Nanoseconds? {
            StopTimeout.flatMap { (0...1_000_000).contains($0) ? .seconds($0) : nil }
        }
    }

    struct HostConfiguration: Decodable {
        let NanoCpus: Int64
        let Memory: Int64
        let MemoryReservation: Int64
        let PidsLimit: Int64?
        let CpuShares: Int64?
        let CpuQuota: Int64?
        let CpuPeriod: Int64?
        let CpusetCpus: String?
        /// Newer engines put `CAP_` before what they were sent.
        let CapAdd: [String]?
        let RestartPolicy: Restart
        /// Such as `80/tcp` to where the node listens for it.
        let PortBindings: [String: [Binding]?]?

        /// The same with what they lead to.
        var bindings: Set<PortBinding> {
            var all: Set<PortBinding> = []
            for (key, bindings) in PortBindings ?? [:] {
                let parts = key.split(separator: "/").map(String.init)
                guard let target = parts.first.flatMap({ UInt16($0) }) else { continue }
                for binding in bindings ?? [] {
                    guard let number = binding.HostPort.flatMap({ UInt16($0) }) else { continue }
                    let address = binding.HostIp.flatMap { $0.isEmpty ? nil : $0 }
                    let kind = parts.count > 1 ? parts[1] : "tcp"
                    all.insert(PortBinding(target, kind, address: address, number: number))
                }
            }
            return all
        }

        /// Those that the file named; the engine chooses the others when it starts.
        var ports: Set<HostPort> {
            var ports: Set<HostPort> = []
            for (target, bindings) in PortBindings ?? [:] {
                let kind = target.split(separator: "/").dropFirst().first.map(String.init)
                for binding in bindings ?? [] {
                    guard let number = binding.HostPort.flatMap({ UInt16($0) }) else { continue }
                    ports.insert(HostPort(number, kind ?? "tcp"))
                }
            }
            return ports
        }
    }

    struct Binding: Decodable {
        let HostIp: String?
        let HostPort: String?
    }

    struct Restart: Decodable {
        let Name: String
        let MaximumRetryCount: Int
    }

    /// nil when the restart policy is one that the API does not name.
    var observed: ObservedContainer? {
        guard let created = Timestamp.parse(Created), let limits = HostConfig.limits else {
            return nil
        }
        let networks = (NetworkSettings?.Networks ?? [:]).mapValues(\.NetworkID)
        var container = ObservedContainer(
            id: Id,
            name: Name.hasPrefix("/") ? String(Name.dropFirst()) : Name,
            labels: Config.Labels ?? [:],
            imageID: Image,
            state: State.Status,
            health: State.observedHealth,
            exitCode: State.observedExitCode,
            // Whole seconds, as the listing has it.
            created: Instant(milliseconds: created.milliseconds / 1000 * 1000),
            networks: networks,
            volumes: (Mounts ?? []).compactMap(\.volume),
            mounts: (Mounts ?? []).compactMap(\.observed),
            ports: HostConfig.ports,
            bindings: HostConfig.bindings,
            details: ObservedContainer.Details(
                started: Timestamp.parse(State.StartedAt),
                image: Config.Image ?? "",
                restartCount: RestartCount,
                error: EngineText.clean(State.Error),
                outOfMemory: State.OOMKilled,
                lastCheck: State.Health?.Log?.last?.observed,
                limits: limits,
                stopTimeout: Config.stopTimeout,
                aliases: (NetworkSettings?.Networks ?? [:]).values.flatMap { $0.Aliases ?? [] },
                user: Config.User ?? "",
                capabilities: Set(
                    (HostConfig.CapAdd ?? []).map {
                        $0.hasPrefix("CAP_") ? String($0.dropFirst(4)) : $0
                    }
                )
            )
        )
        container.addresses = NetworkSettings?.addresses ?? [:]
        return container
    }
}

extension ContainerInspection.Condition {
    /// As the listing's status text has it: only while the container runs.
    fileprivate var observedHealth: ObservedContainer.Health? {
        guard Status == .running else { return nil }
        return Health.flatMap { ObservedContainer.Health(rawValue: $0.Status) }
    }

    fileprivate var observedExitCode: Int? {
        Status == .exited || Status == .restarting ? ExitCode : nil
    }
}

extension ContainerInspection.HostConfiguration {
    fileprivate var limits: ObservedContainer.Limits? {
        let restart: Service.RestartPolicy
        switch RestartPolicy.Name {
        case "", "no": restart = .no
        case "always": restart = .always
        case "unless-stopped": restart = .unlessStopped
        case "on-failure": restart = .onFailure(retries: RestartPolicy.MaximumRetryCount)
        default: return nil
        }
        return ObservedContainer.Limits(
            nanoCPUs: NanoCpus,
            memory: Memory,
            memoryReservation: MemoryReservation,
            pids: PidsLimit ?? 0,
            restart: restart,
            processors: ObservedContainer.Processors(
                shares: CpuShares ?? 0,
                quota: CpuQuota ?? 0,
                period: CpuPeriod ?? 0,
                set: CpusetCpus ?? ""
            )
        )
    }
}
