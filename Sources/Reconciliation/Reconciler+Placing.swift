internal import Admission
internal import Model
internal import Planning

/// Where a stack is to run of which nothing runs yet.
extension Reconciler {
    /// Chooses a node for the best target that one fits, and writes it down if it `acts`; else
    /// the report says why there is none.
    func place(
        _ head: Head,
        among standings: [NodeStanding],
        acts: Bool
    ) async -> (node: String?, report: PassReport) {
        var report = report(head)
        for target in await targets(head, &report) {
            do {
                let choice = try await choose(for: target, among: standings, holds: acts)
                if acts, journal.state().placements[id] != choice.node {
                    try await journal.append([.placed(id, node: choice.node)], at: clock.now())
                }
                return (choice.node, report)
            } catch {
                await noteDenial(error, of: target, on: nil)
                report.note(error, of: target)
            }
        }
        return (nil, report)
    }

    /// The choice under the ledger's lock, made again where a stranger has a port of it.
    func choose(
        for target: Target,
        among standings: [NodeStanding],
        holds: Bool
    ) async throws -> Placement.Choice {
        var nodes = try await answers(to: target, of: standings)
        var isAsked: Set<String> = []
        while true {
            let choice = try decide(among: nodes, holds: holds)
            guard !choice.reservation.ports.isEmpty, isAsked.insert(choice.node).inserted,
                let index = nodes.firstIndex(where: { $0.name == choice.node }),
                let standing = standings.first(where: { $0.node.name == choice.node })
            else { return choice }
            do {
                nodes[index].ports = try await standing.node.engine.boundPorts()
            } catch {
                nodes[index].answer = .silent("\(error)")
            }
        }
    }

    /// What the target comes to on each node.
    private func answers(
        to target: Target,
        of standings: [NodeStanding]
    ) async throws -> [Placement.Node] {
        let reading = try await load(target)
        var known: [Ground: Result<AdmittedStack, Rejection>] = [:]
        let nodes = standings.map { standing in
            let name = standing.node.name
            if standing.isDrained { return Placement.Node(drained: name) }
            guard let facts = standing.facts else {
                return Placement.Node(name, .silent(standing.problem))
            }
            let ground = Ground(
                choices: tenant.on([standing.node.place]).choices,
                users: facts.users
            )
            let admitted = known[ground] ?? admit(reading, on: ground)
            known[ground] = admitted
            switch admitted {
            case .success(let admitted):
                let desired = Desired(admitted: admitted, commit: target.commit.id, pins: [:])
                return Placement.Node(name, .facts(facts, desired))
            case .failure(let rejection):
                return Placement.Node(name, .denied(rejection))
            }
        }
        // Denied wherever somebody answers is denied.
        let denials = known.values.compactMap {
            if case .failure(let denial) = $0 { denial } else { nil }
        }
        if denials.count == known.count, let denial = denials.first { throw denial }
        return nodes
    }

    /// What of a node decides what policy says there.
    private struct Ground: Hashable {
        let choices: [ProfileChoice]
        let users: NodeUsers
    }

    private func admit(
        _ reading: StackReading,
        on ground: Ground
    ) -> Result<AdmittedStack, Rejection> {
        var tenant = tenant.withoutQuotas
        tenant.choices = ground.choices
        let policy = Policy(tenant, at: clock.now(), users: ground.users)
        return Result { () throws(Rejection) in try policy.admit(reading) }
    }

    private func decide(
        among nodes: [Placement.Node],
        holds: Bool
    ) throws -> Placement.Choice {
        let state = journal.state()
        func choice(in ledger: Ledger) throws -> Placement.Choice {
            let placement = Placement(
                of: id,
                among: nodes.map { $0.holding(ledger, but: id) },
                home: state.placements[id],
                before: state.reservations[id] ?? Reservation(),
                ranges: tenant.grants.allocatedPorts
            )
            return try placement.choice()
        }
        guard holds else { return try choice(in: ledger.now(state, counting: .none)) }
        return try ledger.place(id, journal.state, decide: choice)
    }
}

extension Placement.Node {
    fileprivate init(drained name: String) {
        self.init(name, .silent("nobody asked"))
        isDrained = true
    }

    /// With what other stacks have reserved there.
    fileprivate func holding(_ ledger: Ledger, but stack: StackID) -> Placement.Node {
        var node = self
        let others = ledger.reservations(on: name, but: stack)
        node.held = others.values.map(\.usage).reduce(Usage(), +)
        node.stacks = others.count
        node.ports += others.values.flatMap(\.ports).map(\.bound)
        return node
    }
}
