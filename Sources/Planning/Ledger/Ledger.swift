package import Model

/// What the stacks of a cluster hold of what they share, as a value.
package struct Ledger: Hashable, Sendable {
    /// What each may come to hold until its next decision.
    package var reservations: [StackID: Reservation]
    /// Names of the volumes that were made for each, and are kept whatever its file says.
    package var volumes: [StackID: Set<String>]
    /// Where each is, unless it is on the one node there is.
    package var nodes: [StackID: String]
    /// How many nodes a Swarm has.
    package var swarmNodes = 1

    package init(
        _ reservations: [StackID: Reservation] = [:],
        volumes: [StackID: Set<String>] = [:],
        nodes: [StackID: String] = [:]
    ) {
        self.reservations = reservations
        self.volumes = volumes
        self.nodes = nodes
    }

    /// The node that a stack is on.
    package func node(of stack: StackID) -> String { nodes[stack] ?? NodeName.main }

    /// What all stacks but one have reserved on a node.
    package func reservations(
        on node: String,
        but stack: StackID
    ) -> [StackID: Reservation] {
        reservations.filter { $0.key != stack && self.node(of: $0.key) == node }
    }

    /// Forgets volumes of a node that aren't among those that it has.
    package mutating func keepVolumes(_ present: Set<String>, on node: String) {
        for stack in volumes.keys where self.node(of: stack) == node {
            volumes[stack]?.formIntersection(present)
        }
    }

    /// What the stacks of a project take, each by itself.
    package func usages(of project: String) -> [StackID: Usage] {
        let stacks = Set(reservations.keys).union(volumes.keys).filter { $0.project == project }
        return Dictionary(
            uniqueKeysWithValues: stacks.map { stack in
                let reservation = reservations[stack] ?? Reservation()
                var usage = reservation.usage(onNodes: swarmNodes)
                usage.volumes += Int64(
                    (volumes[stack] ?? []).union(reservation.volumes).count
                )
                return (stack, usage)
            }
        )
    }

    /// What they take together.
    package func usage(of project: String) -> Usage {
        usages(of: project).values.reduce(Usage(), +)
    }
}

/// What a stack is to hold, and what stands against it.
package struct LedgerQuestion: Sendable {
    package var stack: Stack
    /// What it needs once it is what it should be.
    package var needed: Reservation
    /// What it is to hold while it becomes what it should be.
    package var wanted: Reservation
    /// What all have now, this stack too.
    package var ledger: Ledger
    /// Of the stack's project; empty where nobody enforces them.
    package var quotas: Quota
    /// What containers of others listen on.
    package var bound: [BoundPort] = []
    /// Where Gyre may choose ports from.
    package var ranges: [ClosedRange<Int>] = []
    /// For what no port was left.
    package var unmet: [PortChoosing.Want] = []
    /// The stack's own networks that are there.
    package var networks: [ObservedNetwork] = []
    /// Of networks of the node that aren't the stack's.
    package var strangers: [Subnet] = []
    /// Where Gyre chooses subnets from; nil where it chooses none.
    package var pool: SubnetPool?
    /// Keys of networks for which no subnet was left.
    package var unmetNetworks: [String] = []

    package init(
        _ stack: Stack,
        needs needed: Reservation,
        wants wanted: Reservation,
        in ledger: Ledger,
        under quotas: Quota
    ) {
        self.stack = stack
        self.needed = needed
        self.wanted = wanted
        self.ledger = ledger
        self.quotas = quotas
    }

    /// Why it may not; empty when it may.
    package var objections: [Diagnostic] {
        portObjections + nameObjections + subnetObjections + quotaObjections
    }

    /// Growth beyond a quota; what is over it and doesn't grow stays (law 9).
    private var quotaObjections: [Diagnostic] {
        guard !quotas.isEmpty else { return [] }
        let project = stack.id.project
        let before = ledger.usages(of: project)
        var asked = ledger
        asked.reservations[stack.id] = wanted
        let after = asked.usages(of: project)
        let (total, used) = (after.values.reduce(Usage(), +), before.values.reduce(Usage(), +))
        return quotas.exceeded(by: total).filter { total[$0] > used[$0] }.map { kind in
            let growth = total[kind] - used[kind]
            return Diagnostic(
                code: "project-quota",
                words(kind, growth: growth, used: used[kind], by: before),
                at: stack.places.location(of: place(of: kind)),
                field: place(of: kind),
                fix: "ask for less, take away another stack of the project (gyre usage "
                    + "\(project)), or ask the operator to raise quotas.\(kind.rawValue)"
            )
        }
    }

    private func words(
        _ kind: QuotaKind,
        growth: Int64,
        used: Int64,
        by stacks: [StackID: Usage]
    ) -> String {
        let most = quotas[kind] ?? 0
        let holders = stacks.filter { $0.value[kind] > 0 }.sorted { $0.key < $1.key }
            .map { "\($0.key) \(kind.number($0.value[kind]))" }
        let use =
            holders.isEmpty
            ? "nothing is used" : "\(kind.number(used)) used (\(holders.joined(separator: ", ")))"
        let left = used < most ? "\(kind.number(most - used)) left" : "nothing left"
        return "quotas.\(kind.rawValue) of the project is \(kind.number(most)): \(use), "
            + "\(left), and this asks for \(kind.text(growth)) more"
    }

    /// The service that grows most, or the first volume or network that is new.
    private func place(of kind: QuotaKind) -> FieldPath {
        let before = ledger.reservations[stack.id] ?? Reservation()
        if kind == .volumes {
            let made = (ledger.volumes[stack.id] ?? []).union(before.volumes)
            let new = stack.volumes.filter { !$1.isExternal && !made.contains($1.name) }.keys.min()
            if let new { return FieldPath("volumes", new) }
        }
        if kind == .networks {
            let made = before.networks
            let new = stack.networks.filter { !$1.isExternal && !made.contains($1.name) }.keys.min()
            if let new { return FieldPath("networks", new) }
        }
        func growth(_ service: String) -> Int64 {
            let nodes = ledger.swarmNodes
            return wanted.usage(of: service, onNodes: nodes)[kind]
                - before.usage(of: service, onNodes: nodes)[kind]
        }
        let most = stack.services.keys.sorted().max { growth($0) < growth($1) }
        return most.map { FieldPath("services", $0) } ?? FieldPath("services")
    }
}

extension Reservation {
    /// What one service takes.
    fileprivate func usage(of service: String, onNodes nodes: Int) -> Usage {
        Reservation(shares.filter { $0.service == service }).usage(onNodes: nodes)
    }
}
