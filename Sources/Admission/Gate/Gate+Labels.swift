internal import Model

/// Labels: ours say whose an object is, so they must be true; nobody else may use them.
extension Gate {
    enum ObjectKind {
        case container, network, volume, carrier, export
        /// Of a Swarm: a service, its tasks' containers, a config or secret.
        case service, task, file
    }

    func judge(labels field: BodyField, of kind: ObjectKind) throws(Objection) {
        var seen: Set<String> = []
        for (key, label) in try field.entries() {
            let value = try label.string()
            guard Text.isPrintable(key), Text.isPrintable(value) else {
                throw label.objection(.label, "this label has characters that can't be seen")
            }
            guard ReservedLabel.isReserved(key) else {
                guard !grants.reserves(label: key) || !enforces(.labelReserved) else {
                    throw label.objection(.label, "this label is reserved")
                }
                // Those of a container are judged when it is known which rules hold for it.
                if kind != .container, enforces(.labelRouting) {
                    try judge(routing: key, label)
                }
                continue
            }
            guard isTrue(key, value, of: kind) else {
                let check: GateCheck = Text.equal(key, Labels.claim) ? .claim : .label
                throw label.objection(check, "this label is not what it has to be here")
            }
            seen.insert(key)
        }
        for key in Gate.requiredLabels(kind) where !seen.contains(key) {
            let check: GateCheck = key == Labels.claim ? .claim : .label
            throw field.objection(check, "the label \(key) is missing")
        }
    }

    /// What the ingress reads of a container.
    func judge(routing field: BodyField, _ facts: ContainerFacts) throws(Objection) {
        guard enforces(.labelRouting, facts) else { return }
        var labels: [(key: String, value: String)] = []
        for (key, label) in try field.entries() where !ReservedLabel.isReserved(key) {
            try judge(routing: key, label)
            labels.append((key, try label.string()))
        }
        guard RoutingLabel.withoutRule(RoutingLabel.reading(labels)) == nil else {
            throw field.objection(.label, RoutingLabel.unruled)
        }
    }

    private func judge(routing key: String, _ label: BodyField) throws(Objection) {
        let routing = RoutingLabel(key, try label.string())
        guard let objection = routing?.objection(grants, ownsNetwork: { isOwn(network: $0) })
        else { return }
        throw label.objection(.label, objection.message)
    }

    /// Whether a rule about whole stacks holds.
    private func enforces(_ rule: Rule) -> Bool { enforcement.hold(rule.id) == .enforced }

    static func requiredLabels(_ kind: ObjectKind) -> [String] {
        let all = [Labels.controller, Labels.project, Labels.stack, Labels.claim]
        return switch kind {
        case .container:
            all + [Labels.service, Labels.slot, Labels.spec, Labels.Compose.project]
        case .service:
            all + [Labels.service, Labels.spec, Labels.sent, Labels.Swarm.namespace]
        case .task:
            [
                Labels.project, Labels.stack, Labels.service, Labels.spec, Labels.Swarm.namespace,
            ]
        case .file: all + [Labels.Swarm.namespace]
        case .network, .volume, .carrier: all
        case .export: all + [Labels.content]
        }
    }

    private func isTrue(_ key: String, _ value: String, of kind: ObjectKind) -> Bool {
        let meanings = Gate.commonLabels.merging(Gate.labels(of: kind)) { first, _ in first }
        // Set over what Docker Compose left in an image that it built.
        let isBlank =
            (kind == .container || kind == .task) && value.isEmpty
            && Text.hasPrefix(key + ".", Labels.Compose.prefix)
        // The table's own spelling of the key, so that no other spelling finds it.
        guard let (known, meaning) = meanings.first(where: { Text.equal($0.key, key) }) else {
            if Text.hasPrefix(key + ".", Labels.prefix) { return false }
            return isBlank || !enforces(.labelReserved)
        }
        return switch meaning {
        // Tasks have none of Compose's own labels.
        case .identity: Text.equal(value, identity[known] ?? "") || isBlank && kind == .task
        case .claim: Text.isName(value) && claims.contains(value)
        case .name: Text.isName(value)
        case .number: Text.number(value, atMost: 100_000) != nil
        case .words(let words): words.contains { Text.equal($0, value) }
        case .spec: Gate.isSpec(value)
        case .text: true
        }
    }

    private static func labels(of kind: ObjectKind) -> [String: Meaning] {
        switch kind {
        case .container: containerLabels
        case .network, .volume: objectLabels
        case .carrier: carrierLabels
        case .export: exportLabels
        case .service: serviceLabels
        case .task: taskLabels
        case .file: [:]
        }
    }

    private var identity: [String: String] {
        let name = tenant.adopted[stack.stack] ?? stack.composeProjectName
        return [
            Labels.controller: controller, Labels.project: stack.project,
            Labels.stack: stack.stack, Labels.Compose.project: name, Labels.Swarm.namespace: name,
        ]
    }

    /// What a reserved label must say.
    private enum Meaning {
        case identity, claim, name, number, spec, text
        case words([String])
    }

    private static let commonLabels: [String: Meaning] = [
        Labels.controller: .identity, Labels.project: .identity, Labels.stack: .identity,
        Labels.claim: .claim, Labels.Compose.project: .identity,
        Labels.Swarm.namespace: .identity,
    ]

    private static let objectLabels: [String: Meaning] = [
        Labels.key: .name, Labels.spec: .spec, Labels.Compose.network: .name,
        Labels.Compose.volume: .name, Labels.content: .words(["volume"]),
    ]

    private static let carrierLabels: [String: Meaning] = [Labels.content: .words(["carrier"])]
    private static let exportLabels: [String: Meaning] = [Labels.content: .words(["export"])]

    private static let serviceLabels: [String: Meaning] = [
        Labels.service: .name, Labels.spec: .spec, Labels.sent: .spec, Labels.filled: .text,
        Labels.secrets: .text, Labels.Swarm.image: .text,
    ]

    private static let taskLabels: [String: Meaning] = [
        Labels.service: .name, Labels.spec: .spec, Labels.run: .words(["service", "task"]),
    ]

    private static let containerLabels: [String: Meaning] = [
        Labels.service: .name, Labels.slot: .number, Labels.spec: .spec,
        Labels.run: .words(["service", "task"]), Labels.filled: .text, Labels.secrets: .text,
        Labels.joins: .text,
        Labels.Compose.service: .name, Labels.Compose.number: .number,
        Labels.Compose.oneOff: .words(["False"]), Labels.Compose.workingDirectory: .text,
        Labels.Compose.configFiles: .text, Labels.Compose.configHash: .name,
    ]

    /// `1:` and 64 hexadecimal digits.
    private static func isSpec(_ value: String) -> Bool {
        let parts = value.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        return parts.count == 2 && Text.number(parts[0], atMost: 1000) != nil && isID(parts[1])
    }
}
