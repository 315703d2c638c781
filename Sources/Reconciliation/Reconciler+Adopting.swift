internal import Admission
internal import Model
internal import Planning

/// Why nothing is taken over.
package struct NotAdoptable: Error, Hashable, Sendable {
    package let why: String
    package let remedy: String
}

/// What runs already and becomes the stack (decision 0025).
extension Reconciler {
    /// What Docker calls the stack where it was taken over, or is to be.
    var adoptedName: String? { tenant.adopted[id.stack] }

    /// What it is to be taken over from, by the operator's file.
    private var adopts: String? { written.adopted[id.stack] }

    /// Whether it is to be taken over, and wasn't.
    var isAdopting: Bool { adopts != nil && journal.state().adoptedNames[id] == nil }

    /// The same reconciler, to which all of `adoption` is the stack's already.
    func supposing(_ adoption: Adoption) -> Reconciler {
        var supposed = self
        supposed.journal = SupposedJournal(journal, adoption.entries)
        supposed.adoption = adoption
        return supposed
    }

    /// What is to be taken over now; nil where nothing is, or where it was.
    func adoption(by desired: Desired, _ target: Target) async throws -> Adoption? {
        guard let adopts else { return nil }
        let state = journal.state()
        if let known = state.adoptedNames[id] {
            guard known != adopts else { return nil }
            throw NotAdoptable(
                why: "was taken over from \(known), and gyre.yaml names \(adopts)",
                remedy: "write \(known) there again, or nothing"
            )
        }
        try refuseClash(adopts, state)
        let found = try await engine.observe(predecessor: adopts)
        try refuseOthers(found, adopts, state)
        let adoption = try await adoption(of: adopts, found, by: desired, try await load(target))
        guard !adoption.objects.isEmpty else {
            let place = node.swarm == nil ? "on the node \(node.name)" : "on the Swarm"
            throw NotAdoptable(
                why: "is to take over \(adopts), of which nothing is \(place)",
                remedy: "take it out of adopt: in gyre.yaml, or bring it up there first"
            )
        }
        try await refuseStrange(adoption, among: found)
        return adoption
    }

    private func adoption(
        of name: String,
        _ found: Observation,
        by desired: Desired,
        _ reading: StackReading
    ) async throws -> Adoption {
        let present = try await engine.observe(controller: settings.controller, volumes: []).of(id)
        guard let swarm = node.swarm else {
            return Adoption(
                of: name,
                found,
                by: desired,
                reading.hashes ?? .init(services: [:], networks: [:]),
                beside: present,
                on: node.name,
                controller: settings.controller
            )
        }
        var networks: [NamedObject] = []
        let externals = desired.admitted.stack.networks.values.filter(\.isExternal).map(\.name)
        for prefix in Set(externals + [name]).sorted() {
            networks += try await engine.objects(named: prefix, [.network])
        }
        return Adoption(
            ofDockerStack: name,
            found,
            by: desired,
            reading.dockerStack,
            beside: present,
            among: networks,
            isEncrypted: swarm.isEncrypted,
            on: node.name,
            controller: settings.controller,
            claim: Token.make
        )
    }

    /// A stack has one name for ever, and no other stack's.
    private func refuseClash(_ name: String, _ state: JournalState) throws {
        let siblings = tenant.siblings.subtracting([id.stack]).map { sibling in
            sibling == id.project ? sibling : "\(id.project)_\(sibling)"
        }
        let isAnothers =
            siblings.contains(name)
            || state.adoptedNames.contains { $0.key != id && $0.value == name }
        if isAnothers {
            throw NotAdoptable(
                why: "is to take over \(name), which is what another stack is called",
                remedy: "name something else under adopt: in gyre.yaml, or nothing"
            )
        }
        let strange = state.owned.values.first { object in
            object.stack == id && object.labels == nil && ContentVolume(name: object.name) == nil
                && !object.name.hasPrefix(name + "-") && !object.name.hasPrefix(name + "_")
        }
        guard let strange else { return }
        throw NotAdoptable(
            why: "is to take over \(name), and runs already: it has \(strange.name)",
            remedy: "take \(name) out of adopt: in gyre.yaml"
        )
    }

    /// Law 3: what is another stack's or another controller's is not taken.
    private func refuseOthers(
        _ found: Observation,
        _ name: String,
        _ state: JournalState
    ) throws {
        let other = found.named.first { object in
            if let owner = state.owner(of: object.id, on: node.name) { return owner != id }
            guard object.labels[Labels.controller] != nil else { return false }
            return object.labels[Labels.controller] != settings.controller
                || object.labels[Labels.project] != id.project
                || object.labels[Labels.stack] != id.stack
        }
        guard let other else { return }
        throw NotAdoptable(
            why: "is to take over \(name), but \(other.kind.rawValue) \(other.name) is another "
                + "stack's or another controller's",
            remedy: "take \(name) out of adopt: in gyre.yaml"
        )
    }

    /// With the images that unchanged services run.
    func pinning(_ desired: Desired, _ adoption: Adoption) async throws -> Desired {
        var pins = desired.pins
        let isOnSwarm = node.swarm != nil
        for (service, image) in adoption.images
        where (isOnSwarm ? pins[service]?.pinned : pins[service]?.imageID) != image {
            let reference = desired.admitted.stack.services[service]?.image ?? image
            let known = try await engine.image(image)
            pins[service] = ImagePin(
                reference: reference,
                imageID: isOnSwarm ? known?.imageID ?? image : image,
                digest: isOnSwarm ? image : known?.digest,
                config: known?.config ?? ImageConfig()
            )
        }
        var pinned = Desired(admitted: desired.admitted, commit: desired.commit, pins: pins)
        pinned.chosen = desired.chosen
        pinned.subnets = desired.subnets
        return pinned
    }

    /// Makes it so: evidence first (law 14).
    func take(_ adoption: Adoption, with desired: Desired) async throws {
        let entry = AuditEntry.adopted(adoption.objects, of: id, from: adoption.name)
        try await audit.append([entry], at: clock.now())
        let pins = adoption.images.keys.sorted().compactMap { service -> JournalEntry? in
            guard let pin = desired.pins[service], let spec = desired.specs[service] else {
                return nil
            }
            return .pinned(PinKey(stack: id, service: service, spec: spec), pin)
        }
        // What registries say of services that were not told from others yet comes first, so that
        // what they run holds.
        let entries = memory.takePins() + pins + adoption.entries
        try await journal.append(entries, at: clock.now())
    }

    /// What a person has to agree to before `plan` is gone about; `desired` is nil where the stack
    /// is to go.
    func confirmation(
        of plan: Plan,
        _ observed: Observation,
        toward desired: Desired?
    ) -> Confirmation? {
        let found = Confirmation(
            of: plan,
            running: observed,
            owned: journal.state().owned(by: id, on: node.name),
            leadsToGood: desired.map(isProven) ?? false
        )
        return found ?? adoption.flatMap { Confirmation(of: plan, adopting: $0) }
    }
}

/// A journal in which something is so that isn't yet.
private struct SupposedJournal: JournalKeeping {
    let journal: any JournalKeeping
    let entries: [JournalEntry]

    init(_ journal: any JournalKeeping, _ entries: [JournalEntry]) {
        self.journal = journal
        self.entries = entries
    }

    func state() -> JournalState {
        var state = journal.state()
        for entry in entries { state.apply(entry) }
        return state
    }

    func append(_ entries: [JournalEntry], at time: Instant) async throws {
        try await journal.append(entries, at: time)
    }

    func loss() -> String? { journal.loss() }
}
