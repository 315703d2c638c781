import Model
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// What holds for stacks on several simulated nodes, whatever people, nodes and ends of the
/// controller do: generated tales, in which each call may be the last.
@Suite("Laws of moving") struct MovingLawTests {
    @Test(arguments: 0..<60) func holds(_ seed: Int) async throws {
        var tale = Tale(seed: seed)
        try await tale.tell()
        #expect(tale.broken == [])
    }

    /// Where the operator lets all stacks move from lost nodes, those that write too.
    @Test(arguments: 0..<40) func holdsWhereTwoMayWrite(_ seed: Int) async throws {
        var tale = Tale(seed: 2 * seed + 1, accepts: true)
        try await tale.tell()
        #expect(tale.broken == [])
    }
}

/// A cluster, what is done to it, and a note of every law that is broken.
private struct Tale {
    private let cluster = SimulatedCluster("alpha", "beta", "gamma")
    private let nodes = ["alpha", "beta", "gamma"]
    private var random: SplitMix64
    /// By name: whether it has data.
    private let stacks: [String: Bool]
    private var versions: [String: Int] = [:]
    private var silent: Set<String> = []
    /// Whether nodes are lost in it: then what has no data may run twice for a while.
    private let loses: Bool
    /// Whether what has no volume writes a bind, and all may move from lost nodes.
    private let accepts: Bool
    private(set) var broken: [String] = []

    init(seed: Int, accepts: Bool = false) {
        self.accepts = accepts
        random = SplitMix64(seed: seed)
        loses = seed % 2 == 1
        var stacks: [String: Bool] = [:]
        for name in ["a", "b", "c", "d"].prefix(Int.random(in: 1...4, using: &random)) {
            stacks[name] = random.chance(33)
        }
        self.stacks = stacks
    }

    mutating func tell() async throws {
        push()
        try await pass()
        for _ in 0..<10 {
            try await happen()
            if random.chance(50) {
                let calls = Int.random(in: 0..<60, using: &random)
                cluster.doom.come(after: calls, isLost: random.chance(50))
                try await pass()
                cluster.doom.pass()
            }
            try await pass()
            look()
        }
        // In peace everything gets where it should.
        for node in nodes {
            cluster[node].state.withLock { ($0.failure, $0.refusals) = (nil, [:]) }
        }
        silent = []
        for _ in 0..<3 { try await pass() }
        look()
        lookInPeace()
    }

    private mutating func push() {
        var files: [String: String] = [:]
        for (name, hasData) in stacks {
            versions[name, default: 0] += random.chance(50) ? 1 : 0
            let other = accepts ? "volumes: ['/srv/\(name):/data']" : "labels: {}"
            let mounts = hasData ? "volumes: ['data:/data']" : other
            files[name] = """
                services:
                  web: {image: web, pull_policy: missing, mem_limit: 64m, depends_on: [db], \
                \(mounts), environment: {V: '\(versions[name] ?? 0)'}}
                  db: {image: web, pull_policy: missing, mem_limit: 64m}
                volumes: {\(hasData ? "data: {}" : "")}
                """
        }
        cluster.push(files)
    }

    private mutating func happen() async throws {
        let node = random.pick(nodes)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: push()
        case 1, 2:
            let drained = cluster.journal.state().drained[node] != nil
            let entry =
                drained
                ? JournalEntry.undrained(node: node, by: "ann") : .drained(node: node, by: "ann")
            try await cluster.journal.append([entry], at: Instant(milliseconds: 0))
        case 3:
            silent.formSymmetricDifference([node])
            let failure: NoAnswer? = silent.contains(node) ? NoAnswer() : nil
            cluster[node].state.withLock { $0.failure = failure }
        case 4:
            cluster[node].change { node in
                guard let id = node.containers.keys.min() else { return }
                node.containers[id] = nil
            }
        default:
            cluster[node].state.withLock { state in
                let isRefusing = !state.refusals.isEmpty
                state.refusals = isRefusing ? [:] : [.createContainer: Refused()]
            }
        }
    }

    /// A controller that is new each time goes over all stacks.
    private func pass() async throws {
        let controller = try await cluster.controller(
            accepts ? "failover: [a, b, c, d]" : "",
            grants: "{mounts: [{path: /srv, access: read-write, shared: false}]}"
        )
        for node in nodes {
            await cluster.ask(node, controller, for: loses && silent.contains(node) ? 310 : 0)
        }
        for name in stacks.keys.sorted() {
            let known = await controller.known().contains { $0.description == "shop/\(name)" }
            if known { try await cluster.settle("shop/\(name)", controller) }
        }
    }

    private mutating func look() {
        let doubles = cluster.seen.withLock(\.doubles)
            .union(cluster.homes.filter { $0.value.count > 1 }.keys)
        for stack in doubles where !loses || stacks[stack.stack] == true {
            broken.append("\(stack) runs on two nodes at once")
        }
        // What writes was stopped with the first answer of its old node.
        for (stack, homes) in cluster.homes where accepts && silent.isEmpty && homes.count > 1 {
            broken.append("\(stack) writes on \(homes.sorted())")
        }
        for engine in cluster.engines.values {
            for volume in engine.node.volumes.keys where volume.hasPrefix("shop_") {
                let name = String(volume.dropFirst(5).prefix(1))
                let others = cluster.engines.values.filter { $0.node.volumes[volume] != nil }
                if others.count > 1 { broken.append("the data of \(name) is on two nodes") }
            }
        }
    }

    private mutating func lookInPeace() {
        let state = cluster.journal.state()
        let open = nodes.filter { state.drained[$0] == nil }
        for (name, hasData) in stacks.sorted(by: { $0.key < $1.key }) {
            guard let id = try? StackID(parsing: "shop/\(name)") else { continue }
            let homes = cluster.homes[id] ?? []
            let isPlaced = !open.isEmpty || state.holdsAnything(id)
            if isPlaced, homes.count != 1 { broken.append("\(name) runs on \(homes.sorted())") }
            if !hasData, !accepts, !open.isEmpty, !homes.isSubset(of: open) {
                broken.append("\(name) is still on \(homes.sorted()), open are \(open)")
            }
            for node in nodes where !homes.contains(node) && !state.owned(by: id, on: node).isEmpty
            {
                broken.append("something of \(name) is left on \(node)")
            }
        }
    }
}
