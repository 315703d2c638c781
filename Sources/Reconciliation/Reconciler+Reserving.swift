internal import Admission
internal import Model
internal import Planning

/// The ledger does not grant what a version asks for.
struct NotGranted: Error {
    let findings: [Diagnostic]
}

/// What the ledger made of what a version asks for.
struct Grant {
    /// With the ports that were chosen.
    var desired: Desired
    /// What the stack may come to hold.
    var reservation: Reservation
    /// Why it may not; then nothing is held, and nothing may be changed.
    var objections: [Diagnostic]
    /// Whether requests would be led to it that weren't before, which touches no container.
    var takesRoutes: Bool
}

extension Reconciler {
    /// Holds what `desired` needs while it comes about, until ``SharedLedger/written(by:)``, and
    /// chooses ports.
    func reserve(
        _ desired: Desired,
        _ observed: Observation,
        _ setback: Setback
    ) async throws -> Grant {
        let facts = try await ledgerFacts(desired, observed, setback)
        return ledger.grant(id, journal.state, counting: countedVolumes) { ledger in
            let grant = decide(desired, facts, in: ledger)
            return (grant, grant.objections.isEmpty ? grant.reservation : nil)
        }
    }

    /// The same without holding anything, for somebody who only wants to know.
    func weighReservation(
        _ desired: Desired,
        _ observed: Observation,
        _ setback: Setback
    ) async throws -> Grant {
        let facts = try await ledgerFacts(desired, observed, setback)
        let now = ledger.now(journal.state(), counting: countedVolumes)
        return decide(desired, facts, in: now)
    }

    /// What is to be written down with a decision that `grant` is the base of.
    func entries(of grant: Grant) -> [JournalEntry] {
        let before = journal.state().reservations[id] ?? Reservation()
        let isNew = before != grant.reservation
        return isNew ? [.reserved(id, grant.reservation)] : []
    }

    /// Where requests were led to, as far as that was written down.
    var heldRoutes: [ReservedRoute] { journal.state().reservations[id]?.routes ?? [] }

    /// By name of a network: the subnet that was chosen for it, as far as that was written down.
    var chosenSubnets: [String: String] {
        let reserved = journal.state().reservations[id]?.subnets.filter(\.isChosen) ?? []
        return Dictionary(reserved.map { ($0.network, $0.subnet) }) { _, last in last }
    }

    private var countedVolumes: SharedLedger.Volumes {
        tenant.quotas.volumes == nil ? .none : node.swarm == nil ? .owned : .mounted
    }

    /// What a decision needs that the journal doesn't tell.
    private struct LedgerFacts {
        var containers: [ObservedContainer]
        /// The stack's own services on a Swarm.
        var services: [ObservedService] = []
        /// How many nodes a Swarm has; one where nobody has to know.
        var swarmNodes = 1
        /// Volumes that there are; nil where nobody has to know.
        var volumes: Set<String>?
        /// What containers of others listen on; empty where nobody has to know.
        var bound: [BoundPort] = []
        /// The stack's own networks that are there.
        var networks: [ObservedNetwork] = []
        /// Of all other networks of the node; none where nobody has to know.
        var strangers: [Subnet] = []
        /// How many containers of each service may run beside those that they replace.
        var surges: [String: Int] = [:]
    }

    /// What the stack may come to hold: what is to be, and what is still there of what was.
    private func decide(
        _ desired: Desired,
        _ facts: LedgerFacts,
        in ledger: Ledger
    ) -> Grant {
        var ledger = ledger
        ledger.swarmNodes = facts.swarmNodes
        var before =
            ledger.reservations[id] ?? Reservation(found: facts.containers, facts.services)
        if let volumes = facts.volumes {
            ledger.keepVolumes(volumes, on: node.name)
        }
        var desired = desired
        let choice = choosing(before, facts, in: ledger).ports(for: desired)
        desired.chosen = choice.ports
        let others = ledger.reservations.filter { $0.key != id }.values.flatMap(\.subnets)
        let subnets = SubnetChoosing(
            from: settings.subnets,
            before: before,
            networks: facts.networks,
            taken: others.compactMap { Subnet($0.subnet) } + facts.strangers
        ).subnets(for: desired.admitted.stack)
        desired.subnets = subnets.subnets
        let needed = Reservation(of: desired, surges: facts.surges)
        before = before.counted(as: needed, facts.networks)
        ledger.reservations[id] = before
        let wanted = needed.union(
            before.kept(by: facts.containers, facts.networks, facts.services)
        )
        var question = LedgerQuestion(
            desired.admitted.stack,
            needs: needed,
            wants: wanted,
            in: ledger,
            under: policy.enforcesQuotas(of: id) ? tenant.quotas : Quota()
        )
        question.bound = facts.bound
        question.ranges = tenant.grants.allocatedPorts
        question.unmet = choice.unmet
        question.networks = facts.networks
        question.strangers = facts.strangers
        question.pool = settings.subnets
        question.unmetNetworks = subnets.unmet
        let routes = Set(needed.names.filter { $0.kind == .route })
        return Grant(
            desired: desired,
            reservation: wanted,
            objections: question.objections,
            takesRoutes: !routes.isSubset(of: before.names)
        )
    }

    private func choosing(
        _ before: Reservation,
        _ facts: LedgerFacts,
        in ledger: Ledger
    ) -> PortChoosing {
        let others = ledger.reservations(on: node.name, but: id).values.flatMap(\.shares)
        let taken = Dictionary(
            grouping: others.flatMap(\.ports).map(\.bound) + facts.bound,
            by: \.number
        )
        return PortChoosing(
            from: tenant.grants.allocatedPorts,
            before: before,
            containers: facts.containers,
            isTaken: { port in taken[port.number]?.contains { $0.overlaps(port) } ?? false }
        )
    }

    private func ledgerFacts(
        _ desired: Desired,
        _ observed: Observation,
        _ setback: Setback
    ) async throws -> LedgerFacts {
        let owned = journal.state().owned(by: id, on: node.name)
        var facts = LedgerFacts(containers: observed.containers.filter { owned.contains($0.id) })
        facts.networks = observed.networks.filter { owned.contains($0.id) }
        facts.services = observed.swarm?.services.filter { owned.contains($0.id) } ?? []
        facts.strangers = try await strangers(to: desired, beside: facts.networks)
        facts.surges = planningInput(desired, observed, setback).surges
        try await findUnreserved()
        let now = ledger.now(journal.state(), counting: countedVolumes)
        let before =
            now.reservations[id] ?? Reservation(found: facts.containers, facts.services)
        let trial = decide(desired, facts, in: now)
        let had = Set(before.ports.map(\.bound))
        let isNew = !had.isSuperset(of: Reservation(of: trial.desired).ports.map(\.bound))
        if isNew {
            facts.bound = try await engine.boundPorts().filter { !owned.contains($0.container) }
        }
        // One that somebody removed by hand counts no more.
        let volumes = (now.volumes[id] ?? []).union(before.volumes)
        if countedVolumes == .owned, !volumes.isSuperset(of: trial.reservation.volumes) {
            let listed = try await engine.observe(controller: settings.controller, volumes: [""])
            facts.volumes = Set((listed.volumes ?? []).map(\.name))
        }
        let shares = [trial.reservation, before] + now.reservations.values
        if node.swarm != nil, !tenant.quotas.isEmpty, trial.reservation != before,
            shares.contains(where: { $0.shares.contains(where: \.isOnEachNode) })
        {
            facts.swarmNodes = max(1, try await engine.hosts().count)
        }
        return facts
    }

    /// What other networks of the node have; asked for where one is made whose addresses matter.
    private func strangers(
        to desired: Desired,
        beside own: [ObservedNetwork]
    ) async throws -> [Subnet] {
        let made = Set(own.map(\.name))
        let matters = desired.admitted.stack.networks.values.contains { network in
            let isOurs = network.isOpen && settings.subnets != nil
            return !made.contains(network.name) && (isOurs || !network.namedSubnets.isEmpty)
        }
        guard matters else { return [] }
        let ids = Set(own.map(\.id))
        return try await engine.networks().filter { !ids.contains($0.id) }
            .flatMap(\.subnets).compactMap(Subnet.init)
    }

    /// Looks at the containers, or a Swarm's services, of stacks that the journal knows no
    /// reservation of.
    private func findUnreserved() async throws {
        guard !ledger.isComplete(on: node.name) else { return }
        let state = journal.state()
        let unknown = state.owned.values.filter {
            $0.node == node.name && state.reservations[$0.stack] == nil
        }
        var found: [StackID: (containers: [ObservedContainer], services: [ObservedService])] = [:]
        for object in unknown {
            if object.kind == .container, let container = try await engine.inspect(object.id) {
                found[object.stack, default: ([], [])].containers.append(container)
            } else if object.kind == .service,
                let service = try await engine.service(object.id)
            {
                found[object.stack, default: ([], [])].services.append(service)
            }
        }
        let reservations = found.mapValues { Reservation(found: $0.containers, $0.services) }
        ledger.complete(reservations, on: node.name)
    }

    /// Gives back what a version doesn't need that has come about.
    func settle(_ desired: Desired, _ report: inout PassReport) async throws {
        try await keep(Reservation(of: desired), &report)
    }

    /// Gives back what nothing needs that is there, since the version that asked for it is held and
    /// there is no other.
    func settleHeld(_ report: inout PassReport) async {
        guard report.problems.contains(where: { $0.kind == .held }),
            let reservation = journal.state().reservations[id],
            let observed = try? await observeInPassing(nil)
        else { return }
        let owned = journal.state().owned(by: id, on: node.name)
        let kept = reservation.kept(
            by: observed.containers.filter { owned.contains($0.id) },
            observed.networks.filter { owned.contains($0.id) },
            observed.swarm?.services.filter { owned.contains($0.id) } ?? []
        )
        try? await keep(kept, &report)
    }

    private func keep(_ reservation: Reservation, _ report: inout PassReport) async throws {
        let before = journal.state().reservations[id]
        guard before ?? Reservation() != reservation else { return }
        try await journal.append([.reserved(id, reservation)], at: clock.now())
        report.gaveBack = before != nil
    }
}
