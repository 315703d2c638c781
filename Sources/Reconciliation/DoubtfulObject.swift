package import Model

/// Something that bears our labels and may yet be somebody else's.
///
/// Anybody on the engine can copy labels, and a recovery has nothing else to go by. What Gyre makes
/// has a token of its own, and the name that its labels say; what differs, a person has to name.
package struct DoubtfulObject: Hashable, Codable, Sendable {
    package var kind: OwnedObject.Kind
    package var id: String
    package var name: String
    /// The stack of its labels; nil when they name none, so that it can't be taken.
    package var stack: StackID?
    /// Why it is doubted, as a clause.
    package var why: String

    package init(
        kind: OwnedObject.Kind,
        id: String,
        name: String,
        stack: StackID?,
        why: String
    ) {
        self.kind = kind
        self.id = id
        self.name = name
        self.stack = stack
        self.why = why
    }

    /// Those of `objects` that are not as Gyre makes them, or that share a token.
    static func among(_ objects: [NamedObject]) -> [DoubtfulObject] {
        let claims = Dictionary(grouping: objects) { $0.labels[Labels.claim] ?? "" }
        return objects.compactMap { object in
            let stack = object.labelledStack
            let isCopied = claims[object.labels[Labels.claim] ?? ""]?.count != 1
            let copy = isCopied ? "another object has the same token" : nil
            let why = stack.map { object.doubt(of: $0) ?? copy } ?? "its labels name no stack"
            return why.map {
                DoubtfulObject(
                    kind: object.kind,
                    id: object.id,
                    name: object.name,
                    stack: stack,
                    why: $0
                )
            }
        }
    }
}

extension NamedObject {
    init(_ container: ObservedContainer) {
        self.init(
            kind: .container,
            id: container.id,
            name: container.name,
            labels: container.labels
        )
    }

    /// The stack that its labels name.
    var labelledStack: StackID? {
        guard let project = labels[Labels.project], let stack = labels[Labels.stack] else {
            return nil
        }
        return try? StackID(project: project, stack: stack)
    }

    /// What about it is not as Gyre makes things for `stack`.
    fileprivate func doubt(of stack: StackID) -> String? {
        let project = stack.composeProjectName
        guard NamedObject.isHexadecimal(labels[Labels.claim] ?? "", 32) else {
            return "it has no token of Gyre's"
        }
        if let content = labels[Labels.content] { return doubt(ofContent: content, stack) }
        let isOfSwarm = [.service, .config, .secret].contains(kind)
        let said = isOfSwarm ? Labels.Swarm.namespace : Labels.Compose.project
        guard labels[said] == project else {
            return "its labels contradict each other"
        }
        guard kind == .container else {
            return name.hasPrefix(project + "_") ? nil : "its labels imply another name"
        }
        guard let spec = labels[Labels.spec]?.split(separator: ":"), spec.count == 2,
            NamedObject.isHexadecimal(spec[1], 64)
        else { return "it has no spec hash" }
        guard let service = labels[Labels.service],
            let slot = labels[Labels.slot].flatMap({ Int($0) }), slot > 0
        else { return "its labels name no slot" }
        let own = "\(project)-\(service)-\(slot)"
        // A candidate has a mark behind the name until it takes it.
        return name == own || name.hasPrefix(own + ".") ? nil : "its labels imply the name \(own)"
    }

    /// What of a stack's contents it claims to be, and is not by its name.
    private func doubt(ofContent label: String, _ stack: StackID) -> String? {
        let controller = labels[Labels.controller] ?? ""
        let isOurs =
            switch (kind, label) {
            case (.volume, "volume"):
                ContentVolume(name: name)?.belongs(to: stack, controller: controller) ?? false
            case (.container, "carrier"):
                name == ContentVolume.carrier(of: stack, controller: controller)
            case (.container, "export"):
                VolumeExport.isName(name, of: stack, controller: controller)
            default: false
            }
        return isOurs ? nil : "its labels imply another name"
    }

    private static func isHexadecimal(_ text: some StringProtocol, _ count: Int) -> Bool {
        text.utf8.count == count
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}

extension Observation {
    /// All that it holds, whatever its kind.
    var named: [NamedObject] {
        containers.map(NamedObject.init)
            + networks.map {
                NamedObject(kind: .network, id: $0.id, name: $0.name, labels: $0.labels)
            }
            + (volumes ?? []).map {
                NamedObject(kind: .volume, id: $0.name, name: $0.name, labels: $0.labels)
            }
            + (swarm?.services ?? []).map {
                NamedObject(kind: .service, id: $0.id, name: $0.name, labels: $0.labels)
            }
            + (swarm?.files ?? []).map {
                NamedObject(kind: $0.kind, id: $0.id, name: $0.name, labels: $0.labels)
            }
    }
}
