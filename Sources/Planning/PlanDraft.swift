internal import Admission
internal import Model

/// A plan in the making: the steps so far, and what later steps have to come after.
struct PlanDraft {
    let input: PlanningInput
    var plan: Plan
    /// Owned containers by slot, oldest first.
    var slots: [Slot: [ObservedContainer]] = [:]
    /// By name on the engine, those that are ours.
    let networks: [String: ObservedNetwork]
    /// Ours too, but another of the same name is used: the engine lets two creations at once both
    /// succeed, and refuses the name as ambiguous afterwards.
    let spareNetworks: [ObservedNetwork]
    var pulls: [String: Step.ID] = [:]
    var networkSteps: [String: Step.ID] = [:]
    var volumeSteps: [String: Step.ID] = [:]
    var creations: [Step.ID] = []
    /// The steps that create containers, by slot.
    var made: [Slot: Step.ID] = [:]
    /// What was decided for each slot, for those that depend on it.
    var filled: [Slot: Filling] = [:]
    /// Waits that dependents asked for, so that each is made once.
    var waits: [Slot: [WaitCondition: Step.ID]] = [:]

    /// What a plan does with a slot.
    struct Filling {
        var container: ContainerRef
        var observed: ObservedContainer?
        /// The step that starts it; nil when it runs already, or is not to be started.
        var start: Step.ID?
        /// A new container takes the place of one that is there.
        var isReplaced = false
        /// The step after which it has been judged.
        var proof: Step.ID?
        /// It is started while the one that it replaces still runs.
        var isBeside = false
        /// The step after which nothing is left to do about the slot.
        var end: Step.ID?
    }

    init(_ input: PlanningInput) {
        self.input = input
        plan = Plan(stack: input.desired.id, commit: input.desired.commit)
        plan.externals = input.externals
        let ours = input.observation.networks.sortedByName.filter { input.owned.contains($0.id) }
        let used = Set(input.observation.containers.flatMap(\.networks.values))
        let chosen = Dictionary(ours.map { ($0.name, $0) }) { first, second in
            used.contains(second.id) && !used.contains(first.id) ? second : first
        }
        networks = chosen
        spareNetworks = ours.filter { $0.id != chosen[$0.name]?.id && !used.contains($0.id) }
        let containers = input.observation.containers.sorted {
            ($0.created, $0.id) < ($1.created, $1.id)
        }
        for container in containers {
            if container.isCarrier, input.owned.contains(container.id) { continue }
            guard input.owned.contains(container.id), let slot = container.slot else {
                note(
                    "container \(container.name) bears our labels, but the journal does not "
                        + "know it: left alone"
                )
                continue
            }
            slots[slot, default: []].append(container)
        }
    }

    var stack: Stack { input.desired.admitted.stack }

    mutating func note(_ text: String) {
        plan.pending.append(text)
        plan.pending.sort()
    }

    /// One pull for each image that a service needs and that is not known or not there; two
    /// services may have pinned one reference to different digests.
    mutating func pullImages() {
        let services = stack.services
        let pins = input.desired.pins
        let missing = services.keys.filter { name in
            pins[name] == nil || input.absentImages.contains(name)
        }.sorted()
        let byImage = Dictionary(grouping: missing) { name in
            [services[name]?.image ?? "", pins[name]?.digest ?? ""]
        }
        for (image, services) in byImage.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            let digest = pins[services[0]]?.digest
            let pull = ImagePull(services: services, reference: image[0], digest: digest)
            let id = plan.add(.pullImage(pull), because: .imageNotOnNode)
            for service in services { pulls[service] = id }
        }
    }

    mutating func createNetworks() {
        for (key, network) in stack.networks.sorted(by: { $0.key < $1.key })
        where networks[network.name] == nil && !network.isExternal {
            var ours = network
            ours.labels = objectLabels(key: key, tenant: network.labels)
            ours.labels[Labels.Compose.network] = key
            ours.labels[Labels.spec] = NetworkChange.spec(of: network)
            if let subnet = input.desired.subnets[network.name] {
                ours.addressing.pools = [.init(subnet: subnet)]
            }
            let spec = NetworkSpec(key: key, network: ours)
            networkSteps[network.name] = plan.add(.createNetwork(spec), because: .missing)
        }
        for (key, network) in stack.networks where !network.isExternal {
            guard let made = networks[network.name], made.tenantLabels != network.labels else {
                continue
            }
            note("network \(key) gets its new labels when it is made anew, under another key")
        }
        let wanted = Set(stack.networks.values.map(\.name))
        for spare in spareNetworks where wanted.contains(spare.name) {
            let before = networkSteps[spare.name].map { [$0] } ?? []
            networkSteps[spare.name] = plan.add(
                .removeNetwork(spare.reference),
                after: before,
                because: .spare
            )
        }
    }

    mutating func createVolumes() {
        guard let existing = input.observation.volumes else { return }
        let names = Set(existing.map(\.name))
        for (key, volume) in stack.volumes.sorted(by: { $0.key < $1.key })
        where !names.contains(volume.name) && !volume.isExternal {
            var ours = volume
            ours.labels = objectLabels(key: key, tenant: volume.labels)
            ours.labels[Labels.Compose.volume] = key
            let spec = VolumeSpec(key: key, volume: ours)
            let isLost = input.volumesSeen.contains(volume.name)
            volumeSteps[key] = plan.add(.createVolume(spec), because: isLost ? .lost : .missing)
        }
    }

    private func objectLabels(key: String, tenant: [String: String]) -> [String: String] {
        tenant.merging([
            Labels.controller: input.controller,
            Labels.project: stack.id.project,
            Labels.stack: stack.id.stack,
            Labels.key: key,
            Labels.Compose.project: stack.composeProjectName,
        ]) { _, ours in ours }
    }
}
