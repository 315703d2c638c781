package import Model

extension ObservedContainer {
    /// The slot that our labels name.
    package var slot: Slot? {
        guard let service = labels[Labels.service],
            let number = labels[Labels.slot].flatMap({ Int($0) }), number > 0
        else { return nil }
        return Slot(service: service, number: number)
    }

    /// Whether contents were to be shipped through it.
    package var isCarrier: Bool { labels[Labels.content] == "carrier" }

    /// Whether a person reads a volume through it, or did: no plan's business.
    package var isExport: Bool { labels[Labels.content] == "export" }

    /// Refers to it by id; slotless containers count as slot 1 of their own name.
    var reference: ContainerRef {
        ContainerRef(slot: slot ?? Slot(service: name, number: 1), id: id, name: name)
    }
}

extension ObservedContainer.State {
    /// Whether its ports, addresses and mounts are in use, so that it has to be stopped before
    /// another takes them.
    var holdsResources: Bool {
        switch self {
        case .running, .paused, .restarting: true
        case .created, .removing, .exited, .dead: false
        }
    }

    /// Whether it stands still after it has run.
    var hasEnded: Bool {
        switch self {
        case .exited, .dead, .removing: true
        case .created, .running, .paused, .restarting: false
        }
    }
}

extension ObservedNetwork {
    var reference: ObjectRef { ObjectRef(id: id, name: name) }

    /// Its labels but for ours and Compose's.
    var tenantLabels: [String: String] {
        labels.filter { name, _ in
            !name.hasPrefix(Labels.prefix) && !name.hasPrefix(Labels.Compose.prefix)
        }
    }
}

extension [ObservedContainer] {
    var sortedByName: [ObservedContainer] { sorted { ($0.name, $0.id) < ($1.name, $1.id) } }
}

extension [ObservedNetwork] {
    var sortedByName: [ObservedNetwork] { sorted { ($0.name, $0.id) < ($1.name, $1.id) } }
}
