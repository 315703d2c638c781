internal import Model

/// Containers that live in namespaces of another service's: they are created after it, by its id,
/// and follow it, since what they share ends with it.
extension PlanDraft {
    /// The containers that a new one of `service` joins: as Docker Compose has it, the first of
    /// each service.
    func joined(by service: Service) -> [JoinedNamespace: ContainerRef] {
        service.joins.compactMapValues { filled[Slot(service: $0, number: 1)]?.container }
    }

    /// A service whose container `container` lives in, though that is not, or not for long, the
    /// one that fills its slot; nil where all are there.
    ///
    /// Told by a label from when it was created. One without it is left as it is (law 9).
    func replacedHost(of container: ObservedContainer, _ service: Service) -> String? {
        guard let label = container.labels[Labels.joins] else { return nil }
        let wanted = service.joins
        return Joined.reading(label).first { joined in
            guard let name = wanted[joined.namespace],
                let filling = filled[Slot(service: name, number: 1)]
            else { return false }
            return name != joined.service || filling.observed?.id != joined.id
        }?.service
    }

    /// A service whose container is started by this plan, or was after `keep`, which lives in it:
    /// a container that was started anew has new namespaces, and `keep` is in the old ones.
    ///
    /// So it is after a restart by the engine too, of which Docker tells the other nothing.
    func restartedHost(of service: Service, filledBy keep: ObservedContainer) -> String? {
        let hosts = Set(service.joins.values).sorted()
        return hosts.first { name in
            guard let filling = filled[Slot(service: name, number: 1)] else { return false }
            // One that was only paused goes on in the namespaces that it had.
            if filling.start != nil, filling.observed?.state != .paused { return true }
            guard let host = filling.observed?.details?.started,
                let own = keep.details?.started
            else { return false }
            return filling.observed?.state == .running && host > own
        }
    }
}
