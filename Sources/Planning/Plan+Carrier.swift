internal import Admission
package import Model

/// The container of ours that is never started: contents are shipped through it, and binds are
/// looked at.
extension Plan {
    /// What a plan has to know to carry anything.
    package struct Surroundings: Sendable {
        var observation: Observation
        var owned: Set<String>
        var controller: String
        var grants: Grants

        package init(
            _ observation: Observation,
            owned: Set<String>,
            controller: String,
            grants: Grants
        ) {
            self.observation = observation
            self.owned = owned
            self.controller = controller
            self.grants = grants
        }
    }

    /// A content on its way, and the container that mounts it.
    typealias Carried = (volume: ContentVolume, content: Content, user: String)

    /// Has the binds looked at of all that the plan starts, below the paths that were granted.
    package mutating func lookFirst(_ surroundings: Surroundings) {
        carry([], into: [], surroundings)
    }

    /// Ships `contents` into their volumes and has binds looked at, by one carrier that comes
    /// before what needs it and goes after the last; those that were left behind go first.
    ///
    /// Links are followed each time a container is started, so what binds a path below a granted
    /// one is looked at when it is created and whenever it starts.
    mutating func carry(
        _ contents: [Carried],
        into volumes: [Step.ID],
        _ surroundings: Surroundings
    ) {
        let looks = looks(surroundings)
        let left = surroundings.observation.containers.sortedByName.filter {
            $0.isCarrier && surroundings.owned.contains($0.id) && $0.state != .removing
        }
        let cleared = left.map { add(.remove($0.reference), because: .abandoned) }
        guard !contents.isEmpty || !looks.isEmpty else { return }
        let controller = surroundings.controller
        let carrier = CarrierSpec(
            stack: stack,
            name: ContentVolume.carrier(of: stack, controller: controller),
            volumes: contents.map(\.volume),
            labels: stack.contentLabels("carrier", controller: controller),
            looks: looks.map(\.look)
        )
        let reason = contents.isEmpty ? Reason.looking : .shipping
        let made = add(.createCarrier(carrier), after: cleared + volumes, because: reason)
        var order = looks.flatMap { look in look.steps.map { (first: made, second: $0) } }
        var uses = looks.flatMap(\.steps)
        for item in contents {
            let shipment = Shipment(
                content: item.content,
                volume: item.volume,
                carrier: carrier.container
            )
            let mounting = mounting(item.volume)
            let ship = add(.ship(shipment), after: [made], because: .mounted(by: item.user))
            order += mounting.map { (first: ship, second: $0) }
            uses.append(ship)
        }
        add(.remove(carrier.container), after: uses, because: .shipped)
        var graph = PlanGraph(self)
        for (first, second) in order { graph.order(first, before: second) }
        self = graph.plan
    }

    /// The steps that create containers which mount the content.
    private func mounting(_ volume: ContentVolume) -> [Step.ID] {
        steps.compactMap { step in
            guard case .createContainer(let spec) = step.operation,
                spec.contents.contains(where: { $0.volume == volume })
            else { return nil }
            return step.id
        }
    }

    /// What is to be looked at, and the steps that mount it.
    private func looks(_ surroundings: Surroundings) -> [(look: Look, steps: [Step.ID])] {
        var binds: [ContainerRef: [String]] = [:]
        var mounting: [ContainerRef: [Step.ID]] = [:]
        for container in surroundings.observation.containers {
            binds[.init(known: container.id)] = container.mounts.map(\.source)
        }
        for step in steps {
            switch step.operation {
            case .createContainer(let spec):
                binds[.init(new: spec.slot)] = spec.body.boundPaths
                mounting[.init(new: spec.slot), default: []].append(step.id)
            case .start(let container), .restart(let container, _):
                mounting[container.unnamed, default: []].append(step.id)
            default: break
            }
        }
        return mounting.sorted { $0.value[0] < $1.value[0] }.compactMap { container, steps in
            var seen: Set<[UInt8]> = []
            let paths = (binds[container] ?? []).sorted().filter {
                seen.insert(Array($0.utf8)).inserted
            }.compactMap(surroundings.grants.below)
            return paths.isEmpty ? nil : (Look(container: container, paths: paths), steps)
        }
    }

    /// What has to be free of links before the container is created, and again before it is
    /// started, and the carrier to look through; nil where there is nothing to look at.
    package func paths(
        boundBy container: ContainerRef
    ) -> (carrier: CarrierSpec, paths: [GrantedPath])? {
        for case .createCarrier(let carrier) in steps.map(\.operation) {
            let look = carrier.looks.first { $0.container == container.unnamed }
            return look.map { (carrier, $0.paths) }
        }
        return nil
    }
}

extension ContainerRef {
    /// The same whatever it is called meanwhile.
    fileprivate var unnamed: ContainerRef {
        id.map(ContainerRef.init(known:)) ?? ContainerRef(new: slot)
    }

    fileprivate init(known id: String) {
        self.init(slot: Slot(service: "", number: 1), id: id, name: "")
    }

    fileprivate init(new slot: Slot) { self.init(slot: slot, id: nil, name: "") }
}

extension StackID {
    /// What carriers and volumes of contents bear, but for the claim.
    func contentLabels(_ kind: String, controller: String) -> [String: String] {
        [
            Labels.controller: controller, Labels.project: project, Labels.stack: stack,
            Labels.content: kind,
        ]
    }
}

extension JSON {
    /// The paths of the node that a container's body binds.
    fileprivate var boundPaths: [String] {
        let host = self["HostConfig"]
        let short = (host?["Binds"]?.arrayValue ?? []).compactMap { bind in
            bind.stringValue.map { String($0.prefix { $0 != ":" }) }
        }
        let long = (host?["Mounts"]?.arrayValue ?? []).compactMap { mount in
            mount["Type"]?.stringValue == "bind" ? mount["Source"]?.stringValue : nil
        }
        return short + long
    }
}
