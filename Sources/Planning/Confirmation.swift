package import Model

/// What a plan would take away that a person has to agree to first (law 5 and law 4).
package struct Confirmation: Hashable, Codable, Sendable {
    /// Identifies this very removal: an agreement is good for no other.
    package var change: String
    /// What happens, as a clause: `it removes 6 of 8 containers without replacement`.
    package var why: String
    /// What a commit trailer has to name, `stack` or `stack/service`.
    package var names: [String]

    package init(change: String, why: String, names: [String]) {
        self.change = change
        self.why = why
        self.names = names
    }

    /// Containers that may go at once without anybody being asked.
    package static let freeRemovals = 4

    /// nil when `plan` may run as it is.
    ///
    /// Asked for: removing a whole stack, by its file's being gone or by its having no container
    /// left; removing more than half, and at least five, of a stack's containers without
    /// replacement; creating anew a volume that had data. What bears our labels and is not in
    /// `owned` is none of the stack's containers. `leadsToGood` says that the plan leads to the
    /// version that was good last: what goes then is none of that one's, so it is no loss, and
    /// going back waits for nobody but where data is gone.
    package init?(
        of plan: Plan,
        running observation: Observation,
        owned: Set<String>,
        leadsToGood: Bool = false
    ) {
        let stack = plan.stack.stack
        let lost = plan.steps.compactMap { step -> String? in
            guard step.reason == .lost, case .createVolume(let volume) = step.operation else {
                return nil
            }
            return volume.name
        }
        if !lost.isEmpty {
            self.init(
                lost,
                "volume \(lost.joined(separator: ", ")) had data and is gone; it would be "
                    + "created anew and empty",
                [stack]
            )
            return
        }
        guard !leadsToGood else { return nil }
        if let swarm = observation.swarm {
            self.init(of: plan, on: swarm, owned)
            return
        }
        let removed = plan.steps.compactMap { $0.finalRemoval }
        let there = observation.containers.filter { $0.state != .removing && !$0.isCarrier }
        let ours = Set(there.map(\.id)).intersection(owned)
        let count = ours.count
        let isEmptied = !removed.isEmpty && ours.subtracting(plan.removed).isEmpty
        let isWhole = isEmptied && !plan.createsContainer
        let isGone = plan.steps.contains { $0.reason == .stackRemoved }
        if isWhole || isGone {
            let why =
                isGone ? "no compose file declares it any more" : "its file leaves no container"
            self.init(removed.map(\.name), "it removes the whole stack: \(why)", [stack])
            return
        }
        guard removed.count > Confirmation.freeRemovals, removed.count * 2 > count else {
            return nil
        }
        let services = Set(removed.map { "\(stack)/\($0.slot.service)" }).sorted()
        self.init(
            removed.map(\.name),
            "it removes \(removed.count) of \(count) containers without replacement",
            services
        )
    }

    /// nil when a stack may become `after` where nothing of it is: it moves, and was `before`.
    package init?(from before: Stack, to after: Stack) {
        let stack = before.id.stack
        let gone = before.slots.subtracting(after.slots).sorted()
        let names = gone.map { $0.containerName(in: before.id) }
        if !gone.isEmpty, after.slots.isEmpty {
            self.init(names, "it removes the whole stack: its file leaves no container", [stack])
            return
        }
        guard gone.count > Confirmation.freeRemovals, gone.count * 2 > before.slots.count else {
            return nil
        }
        let services = Set(gone.map { "\(stack)/\($0.service)" }).sorted()
        let why = "it removes \(gone.count) of \(before.slots.count) containers without replacement"
        self.init(names, why, services)
    }

    /// The same of a Swarm, where tasks count as containers do, and a service with fewer replicas
    /// loses some; one that is made anew in another mode doesn't go.
    private init?(of plan: Plan, on swarm: ObservedSwarm, _ owned: Set<String>) {
        let stack = plan.stack.stack
        let there = swarm.services.filter { owned.contains($0.id) }
        let removed = plan.steps.compactMap { step -> String? in
            guard case .change(let change) = step.operation, change.kind == .service,
                case .remove(let id) = change.verb, !step.reason.isAnotherMode
            else { return nil }
            return id
        }
        let gone = there.filter { removed.contains($0.id) }
        var shrunk: [(service: ObservedService, count: Int64)] = []
        for service in there {
            guard let after = plan.replicas[service.name] else { continue }
            let before = service.replicas ?? service.size
            if before > after { shrunk.append((service, before - after)) }
        }
        guard !gone.isEmpty || !shrunk.isEmpty else { return nil }
        let names = gone.map(\.name) + shrunk.map { "\($0.service.name) -\($0.count)" }
        let isCreating = plan.steps.contains { step in
            guard case .change(let change) = step.operation else { return false }
            return change.verb == .create && !step.reason.isAnotherMode
        }
        let isGone = plan.steps.contains { $0.reason == .stackRemoved }
        let isEmptied = there.allSatisfy { service in
            removed.contains(service.id) || (plan.replicas[service.name] ?? service.replicas) == 0
        }
        if isGone || isEmptied && !isCreating {
            let why =
                isGone ? "no compose file declares it any more" : "its file leaves no service"
            self.init(names, "it removes the whole stack: \(why)", [stack])
            return
        }
        func size(_ services: [ObservedService]) -> Int64 {
            services.map { max(1, $0.size) }.reduce(0, +)
        }
        let all = size(there)
        let count = size(gone) + shrunk.map(\.count).reduce(0, +)
        guard count > Confirmation.freeRemovals, count * 2 > all else { return nil }
        let services = (gone + shrunk.map(\.service)).compactMap { $0.labels[Labels.service] }
        self.init(
            names,
            "it removes \(count) of \(all) tasks without replacement",
            services.map { "\(stack)/\($0)" }.sorted()
        )
    }

    private init(_ objects: [String], _ why: String, _ names: [String]) {
        let change = SHA256Hex.of(objects.sorted().joined(separator: "\n"))
        self.init(change: String(change.prefix(12)), why: why, names: names)
    }

    /// The two ways to agree, for people: a command, and what a commit has to name.
    package static func remedy(_ command: String, names: [String]) -> String {
        let trailers = names.map { "Gyre-Remove: \($0)" }.joined(separator: " and ")
        let word = names.count == 1 ? "trailer" : "trailers"
        return "\(command), or a commit with the \(word) \(trailers)"
    }

    /// Whether the trailers `Gyre-Remove:` of a commit name all that goes.
    package func isNamed(by trailers: [String]) -> Bool {
        !names.isEmpty && names.allSatisfy(trailers.contains)
    }
}

extension Stack {
    fileprivate var slots: Set<Slot> {
        Set(
            services.flatMap { name, service in
                (0..<max(0, service.replicas)).map { Slot(service: name, number: $0 + 1) }
            }
        )
    }
}

extension Plan {
    /// Whether it removes a container that nothing replaces.
    package var takesAway: Bool {
        steps.contains { step in
            if case .change(let change) = step.operation, case .remove = change.verb {
                return change.kind == .service
            }
            if case .replicasChanged(let from?, let to?) = step.reason { return from > to }
            return step.finalRemoval != nil
        }
    }

    /// Whether it makes a volume anew that had data.
    package var makesLostVolume: Bool { steps.contains { $0.reason == .lost } }

    /// All that it may take away, volumes apart, so that the rest of it tells as much: containers
    /// and services that it removes, and how many tasks services of a Swarm are to have that it
    /// writes or makes anew in another mode.
    package var losses: [String] {
        steps.compactMap { step in
            switch step.operation {
            case .remove: return step.finalRemoval?.name
            case .change(let change) where change.kind == .service:
                let isAnew = step.reason.isAnotherMode
                switch change.verb {
                case .remove: return isAnew ? nil : "\(change.name) removed"
                case .update: return change.replicas.map { "\(change.name) \($0)" }
                case .create where isAnew: return change.tasks.map { "\(change.name) anew \($0)" }
                case .create: return nil
                }
            default: return nil
            }
        }
    }

    /// How many tasks services of a Swarm are to have that it writes or makes anew, by name, but
    /// for those that somebody changed past Gyre.
    fileprivate var replicas: [String: Int64] {
        var replicas: [String: Int64] = [:]
        for step in steps where step.reason != .changedByHand {
            guard case .change(let change) = step.operation else { continue }
            switch change.verb {
            case .update: replicas[change.name] = change.replicas
            case .create where step.reason.isAnotherMode: replicas[change.name] = change.tasks
            case .create, .remove: continue
            }
        }
        return replicas
    }

    /// Ids of the containers that it removes, whatever for.
    fileprivate var removed: Set<String> {
        Set(
            steps.compactMap { step in
                if case .remove(let container) = step.operation { container.id } else { nil }
            }
        )
    }

    fileprivate var createsContainer: Bool {
        steps.contains { if case .createContainer = $0.operation { true } else { false } }
    }
}

extension SwarmChange {
    /// How many tasks run at a time of the service that it writes; nil where its mode says none.
    fileprivate var replicas: Int64? { body["Mode"]?["Replicated"]?["Replicas"]?.intValue }

    /// The same, or how many are to end.
    fileprivate var tasks: Int64? {
        replicas ?? body["Mode"]?["ReplicatedJob"]?["TotalCompletions"]?.intValue
    }
}

extension Reason {
    /// Whether a service of a Swarm is made anew for it.
    var isAnotherMode: Bool { if case .modeChanged = self { true } else { false } }
}

extension Step {
    /// The container that this step removes without another taking its place.
    fileprivate var finalRemoval: ContainerRef? {
        guard case .remove(let container) = operation else { return nil }
        return switch reason {
        case .surplus, .serviceRemoved, .makesWay, .stackRemoved: container
        default: nil
        }
    }
}

extension ObservedService {
    /// How many tasks it has.
    fileprivate var size: Int64 {
        max(replicas ?? 0, Int64(tasks.count(where: \.isWanted)))
    }
}
