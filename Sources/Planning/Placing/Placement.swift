internal import Admission
package import Model

/// Chooses the node for a stack, which runs whole on one.
///
/// A pure function of what is known; see `Docs/Decisions/0018-nodes.md`.
package struct Placement: Sendable {
    /// A node that the stack's project may use.
    package struct Node: Sendable {
        package var name: String
        package var answer: Answer
        package var isDrained = false
        /// What other stacks have reserved there.
        package var held = Usage()
        /// How many they are.
        package var stacks = 0
        /// Ports that are taken there.
        package var ports: [BoundPort] = []

        package init(_ name: String, _ answer: Answer) {
            self.name = name
            self.answer = answer
        }
    }

    /// What a node is.
    package enum Answer: Sendable {
        /// What it is, and what the stack would be there.
        case facts(NodeFacts, Desired)
        /// Policy denies the stack there.
        case denied(Rejection)
        /// Nobody knows.
        case silent(String)
    }

    /// Where the stack goes, and as what.
    package struct Choice: Hashable, Sendable {
        package var node: String
        package var desired: Desired
        package var reservation: Reservation
    }

    package var stack: StackID
    package var nodes: [Node]
    /// Where it was to go before; it is preferred.
    package var home: String?
    /// What it has reserved so far: it keeps the ports that were chosen for it, where it can.
    package var before: Reservation
    /// Where Gyre may choose ports from.
    package var ranges: [ClosedRange<Int>]

    package init(
        of stack: StackID,
        among nodes: [Node],
        home: String? = nil,
        before: Reservation = Reservation(),
        ranges: [ClosedRange<Int>] = []
    ) {
        self.stack = stack
        self.nodes = nodes
        self.home = home
        self.before = before
        self.ranges = ranges
    }

    /// The best of the nodes that fit.
    package func choice() throws(NoNodeFits) -> Choice {
        var reasons: [String: String] = [:]
        var fits: [(choice: Choice, rank: Rank)] = []
        for node in nodes {
            switch judge(node) {
            case .fits(let choice, let load):
                let hash = SHA256Hex.of("\(stack) \(node.name)")
                let isHome = node.name == home
                let rank = Rank(isHome: isHome, load: load, stacks: node.stacks, hash: hash)
                fits.append((choice, rank))
            case .doesNot(let reason): reasons[node.name] = reason
            }
        }
        guard let best = fits.min(by: { $0.rank < $1.rank }) else {
            throw NoNodeFits(stack: stack, reasons: reasons)
        }
        return best.choice
    }

    private enum Judgement {
        case fits(Choice, load: Double)
        case doesNot(String)
    }

    private func judge(_ node: Node) -> Judgement {
        if node.isDrained { return .doesNot("it is drained") }
        switch node.answer {
        case .silent(let reason): return .doesNot("it does not answer: \(reason)")
        case .denied: return .doesNot("policy denies the stack there")
        case .facts(let facts, let desired): return judge(node, facts, desired)
        }
    }

    private func judge(_ node: Node, _ facts: NodeFacts, _ desired: Desired) -> Judgement {
        let findings = NodeNeeds(of: desired.admitted.stack, calling: "it")?.findings(on: facts)
        if let findings, !findings.isEmpty { return .doesNot(findings.map(\.message).list) }
        func isTaken(_ port: BoundPort) -> Bool { node.ports.contains { $0.overlaps(port) } }
        let taken = desired.namedPorts.filter { isTaken($0.bound) }
        if !taken.isEmpty {
            let names = taken.map { "\($0.number)/\($0.place.protocol)" }
            return .doesNot("taken there: host port \(names.list)")
        }
        var desired = desired
        let choosing = PortChoosing(
            from: ranges,
            before: before,
            containers: [],
            isTaken: { [ports = node.ports] port in ports.contains { $0.overlaps(port) } }
        )
        let chosen = choosing.ports(for: desired)
        guard chosen.unmet.isEmpty else { return .doesNot("no port that Gyre may choose is left") }
        desired.chosen = chosen.ports
        // Subnets are the cluster's: they move along.
        for (_, network) in desired.admitted.stack.networks where network.isOpen {
            let had = before.subnets.first { $0.isChosen && $0.network == network.name }
            desired.subnets[network.name] = had?.subnet
        }
        let reservation = Reservation(of: desired)
        let wants = reservation.usage
        let excess = [
            Placement.excess(.memory, wants.memory, node.held.memory, facts.memory),
            Placement.excess(.cpus, wants.nanoCPUs, node.held.nanoCPUs, facts.nanoCPUs),
        ].compactMap(\.self)
        guard excess.isEmpty else { return .doesNot(excess.joined(separator: "; ")) }
        let load = max(
            Placement.part(wants.memory, node.held.memory, facts.memory),
            Placement.part(wants.nanoCPUs, node.held.nanoCPUs, facts.nanoCPUs)
        )
        let choice = Choice(node: node.name, desired: desired, reservation: reservation)
        return .fits(choice, load: load)
    }

    /// Why so much more doesn't fit; nothing is said of what wants nothing, or what has no bound.
    private static func excess(
        _ kind: QuotaKind,
        _ wanted: Int64,
        _ held: Int64,
        _ capacity: Int64
    ) -> String? {
        let left = max(0, capacity - held)
        guard wanted > left, capacity > 0 else { return nil }
        return "it has \(kind.number(left)) of \(kind.text(capacity)) left, and "
            + "\(kind.number(wanted)) is wanted"
    }

    private static func part(_ wanted: Int64, _ held: Int64, _ capacity: Int64) -> Double {
        capacity > 0 ? (Double(wanted) + Double(held)) / Double(capacity) : 0
    }

    /// Home first, then the least loaded, then with the fewest stacks; equals are spread.
    private struct Rank: Comparable {
        var isHome: Bool
        var load: Double
        var stacks: Int
        var hash: String

        static func < (a: Rank, b: Rank) -> Bool {
            guard a.isHome == b.isHome else { return a.isHome }
            return (a.load, a.stacks, a.hash) < (b.load, b.stacks, b.hash)
        }
    }
}

/// No node is one that a stack can be given.
package struct NoNodeFits: Error, Hashable, CustomStringConvertible {
    package let stack: StackID
    /// Why not, by node.
    package let reasons: [String: String]

    package init(stack: StackID, reasons: [String: String]) {
        self.stack = stack
        self.reasons = reasons
    }

    package var description: String {
        let lines = reasons.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        return "no node fits" + (lines.isEmpty ? "" : ": ") + lines.joined(separator: "; ")
    }
}

extension [String] {
    /// Each once, in the order of the letters.
    fileprivate var list: String { Set(self).sorted().joined(separator: ", ") }
}
