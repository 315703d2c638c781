package import Model

/// What a container would get of its image, and may not: no file shows it.
///
/// One question for both checks. An engine gives a container all labels of its image that the call
/// doesn't set, and of the image's directory and health check what the call leaves out (moby,
/// `daemon/commit.go`, `merge`).
struct Brought {
    /// The rule by which a file would be denied it.
    let rule: Rule
    let check: GateCheck
    let message: String
    /// What a tenant can do.
    let fix: String
    /// Whether audit and exceptions let it pass.
    var isLiftable = true

    /// What a call that creates a container says itself.
    struct Said {
        /// The keys of its labels, byte by byte.
        var labels: Set<[UInt8]> = []
        var hasWorkingDirectory = false
        /// The first word of its health check; nil where the image's is taken.
        var test: String?
        var hasInterval = false
        var hasStartInterval = false
    }

    /// What a container that is created so gets of an image with `config`, and should not.
    static func all(of config: ImageConfig, beside said: Said, _ grants: Grants) -> [Brought] {
        config.labels.keys.sorted().filter { !said.labels.contains(Array($0.utf8)) }
            .compactMap { label($0, grants) }
            + config.volumes.filter { Gate.isReserved("/" + $0) }.map(volume)
            + [directory(config, said), check(config, said)].compactMap { $0 }
    }

    private static func label(_ key: String, _ grants: Grants) -> Brought? {
        let isOurs = Text.isKey(key, below: Labels.prefix)
        if isOurs || ReservedLabel.isReserved(key) || grants.reserves(label: key) {
            let whose = isOurs ? "Gyre's" : "reserved"
            return Brought(
                rule: .labelReserved,
                check: .label,
                message: "the image brings a label that is \(whose): \(shown(key))",
                fix: "build the image without the label",
                isLiftable: !isOurs
            )
        }
        // Whom an ingress leads to a container is written where people review it.
        guard RoutingLabel.isRead(key) else { return nil }
        return Brought(
            rule: .labelRouting,
            check: .label,
            message: "the image brings a label that routes requests: \(shown(key))",
            fix: "build the image without the label, or write it in labels"
        )
    }

    private static func volume(_ path: String) -> Brought {
        Brought(
            rule: .mountTarget,
            check: .target,
            message: "the image brings a volume at a reserved place: \(shown(path))",
            fix: "build the image without the volume"
        )
    }

    private static func directory(_ config: ImageConfig, _ said: Said) -> Brought? {
        guard !said.hasWorkingDirectory, let path = config.workingDirectory, path != "/",
            Gate.isReserved(path)
        else { return nil }
        return Brought(
            rule: .workingDirectory,
            check: .target,
            message: "the image has its process start at a reserved place: \(shown(path))",
            fix: "write working_dir"
        )
    }

    private static func check(_ config: ImageConfig, _ said: Said) -> Brought? {
        guard said.test != "NONE", said.test != nil || config.hasHealthcheck else { return nil }
        let intervals = [
            said.hasInterval ? nil : config.checkInterval,
            said.hasStartInterval ? nil : config.startInterval,
        ]
        guard intervals.contains(where: { ($0 ?? .max) < Bound.checkInterval }) else { return nil }
        return Brought(
            rule: .healthcheckInterval,
            check: .limit,
            message: "the image has its health checked more often than once a second",
            fix: "write interval and start_interval in healthcheck"
        )
    }

    private static func shown(_ text: String) -> String { Text.shown(text, atMost: 100) }
}

extension Brought.Said {
    /// What calls for containers of a service say: the file's labels, and those that each has of
    /// ours.
    fileprivate init(_ service: Service) {
        let ours = Gate.requiredLabels(.container) + [Labels.run, Labels.filled]
        labels = Set((service.labels.keys + ours).map { Array($0.utf8) })
        hasWorkingDirectory = service.workingDirectory?.isEmpty == false
        test = service.healthcheck?.test?.first
        hasInterval = (service.healthcheck?.interval?.count ?? 0) != 0
        hasStartInterval = (service.healthcheck?.startInterval?.count ?? 0) != 0
    }
}

extension Enforcement {
    /// How the rule holds by which something that an image brings is judged.
    func hold(_ brought: Brought, for facts: ContainerFacts) -> Hold {
        guard brought.isLiftable else { return .enforced }
        if case .stack = brought.rule.judge { return hold(brought.rule.id) }
        return hold(brought.rule.id, for: facts)
    }
}

extension Policy {
    /// What policy says of the images from which containers are to be created, by service: as if
    /// its file had written what each brings.
    package func findings(of images: [String: ImageConfig], in stack: Stack) -> [Diagnostic] {
        let enforcement = enforcement(of: stack.id)
        let findings = images.flatMap { name, config -> [Diagnostic] in
            guard let service = stack.services[name] else { return [] }
            let facts = ContainerFacts(service, named: name)
            // What Compose left in an image that it built is covered by labels of ours.
            let brought = Brought.all(
                of: config.withoutComposeLabels,
                beside: .init(service),
                tenant.grants
            )
            return brought.compactMap { one in
                let hold = enforcement.hold(one, for: facts)
                guard hold != .off else { return nil }
                let finding = Finding(
                    one.message,
                    at: FieldPath("services", name, "image"),
                    fix: one.fix
                )
                return one.rule.diagnostic(finding, in: stack, hold)
            }
        }
        return findings.sorted()
    }
}

extension ImageConfig {
    /// Labels that Docker Compose left in an image that it built.
    ///
    /// They tell of another project, so that a container of ours gets each of them empty.
    package var composeLabels: [String] {
        labels.keys.filter { Text.isKey($0, below: Labels.Compose.prefix) }.sorted()
    }

    fileprivate var withoutComposeLabels: ImageConfig {
        var config = self
        for key in composeLabels { config.labels[key] = nil }
        return config
    }
}
