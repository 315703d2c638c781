import Model
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// Stacks on several nodes, simulated ones.
@Suite struct ClusterTests {
    private func compose(
        label: String? = nil,
        port: Int? = nil,
        memory: String = "64m",
        tag: String = ""
    ) -> String {
        var lines = [
            "services:", "  web:", "    image: web", "    pull_policy: missing",
            "    mem_limit: \(memory)", "    environment: {TAG: '\(tag)'}",
        ]
        if let label {
            let constraint = "node.labels.tier == \(label)"
            lines.append("    deploy: {placement: {constraints: ['\(constraint)']}}")
        }
        if let port { lines.append("    ports: ['\(port):80']") }
        return lines.joined(separator: "\n")
    }

    private func gigabytes(_ cluster: SimulatedCluster, _ name: String, _ count: Int64) {
        cluster[name].state.withLock { $0.facts.memory = count << 30 }
    }

    @Test func aStackRunsWholeWhereItsLabelsSay() async throws {
        let cluster = SimulatedCluster(
            "alpha",
            "beta",
            labels: ["alpha": "tier=web", "beta": "tier=db"]
        )
        cluster.push(["a": compose(label: "web"), "b": compose(label: "db")])
        let controller = try await cluster.controller()
        let a = try await cluster.settle("shop/a", controller)
        let b = try await cluster.settle("shop/b", controller)
        #expect(a.state == .ready && b.state == .ready)
        #expect(a.node == "alpha" && b.node == "beta")
        #expect(cluster.running == ["alpha": ["shop_a-web-1"], "beta": ["shop_b-web-1"]])
        let state = cluster.journal.state()
        #expect(state.placements == [a.stack: "alpha", b.stack: "beta"])
        for object in state.owned.values {
            #expect(object.node == state.placements[object.stack], "\(object)")
        }
        // At the fixed point nothing is done.
        for engine in cluster.engines.values { engine.state.withLock { $0.sent = [] } }
        for name in ["shop/a", "shop/b"] { try await cluster.settle(name, controller) }
        #expect(cluster.engines.values.allSatisfy { $0.state.withLock(\.sent).isEmpty })
    }

    /// A choice by labels holds on the node that the stack comes to, and on no other.
    @Test(arguments: [("alpha", "beta"), ("beta", "alpha")])
    func policyIsThatOfTheNode(lax: String, strict: String) async throws {
        let cluster = SimulatedCluster("alpha", "beta", labels: [lax: "tier=lab"])
        cluster.push(["a": compose(port: 9999), "b": compose()])
        let choices = "choices: [{profile: privileged, labels: [tier=lab]}]"
        let controller = try await cluster.controller(choices, grants: "{}")
        let a = try await cluster.settle("shop/a", controller)
        #expect(a.state == .ready && a.node == lax, "\(a.problems)")
        // It can't go where policy denies it.
        try await controller.drain(lax, by: "ann")
        let stays = try await cluster.settle("shop/a", controller)
        #expect(stays.node == lax && stays.problems.first?.kind == .drained)
        #expect(stays.problems[0].message.contains("host port 9999 is not granted"))
        #expect(cluster.running[lax] == ["shop_a-web-1"])
        cluster.push(["a": compose(port: 9999), "b": compose(port: 9998)])
        let later = try await cluster.controller(choices, grants: "{}")
        let b = try await cluster.settle("shop/b", later)
        #expect(b.problems.first?.kind == .denied && b.node == nil, "\(b.problems)")
    }

    @Test func onePortIsHadOncePerNode() async throws {
        let cluster = SimulatedCluster("alpha", "beta")
        let folders = ["a", "b", "c"]
        cluster.push(Dictionary(uniqueKeysWithValues: folders.map { ($0, compose(port: 8080)) }))
        let controller = try await cluster.controller()
        let a = try await cluster.settle("shop/a", controller)
        let b = try await cluster.settle("shop/b", controller)
        #expect(Set([a.node, b.node]) == ["alpha", "beta"])
        let c = try await cluster.settle("shop/c", controller)
        let problem = try #require(c.problems.first)
        #expect(problem.kind == .unplaced && c.state == .stalled && c.node == nil)
        let reason = "taken there: host port 8080/tcp"
        #expect(
            problem.message.contains("no node fits: alpha: \(reason); beta: \(reason)"),
            "\(problem.message)"
        )
        #expect(cluster.running.values.allSatisfy { $0.count == 1 })

        // One that gives it back lets the next one in, and only there.
        cluster.push(["a": compose(port: 8081), "b": compose(port: 8080), "c": compose(port: 8080)])
        let later = try await cluster.controller()
        try await cluster.settle("shop/a", later)
        let placed = try await cluster.settle("shop/c", later)
        #expect(placed.state == .ready && placed.node == a.node)
    }

    @Test func aStrangersPortIsTakenThereOnly() async throws {
        let cluster = SimulatedCluster("alpha", "beta")
        cluster.push(["a": compose(port: 8080)])
        let before = try await cluster.settle("shop/a", try await cluster.controller())
        let node = try #require(before.node)
        // The same stack, new, where a container of nobody's has its port.
        let other = SimulatedCluster("alpha", "beta")
        let stranger = cluster[node].node.containers
        other[node].change {
            $0.containers = stranger.mapValues {
                var a = $0; a.seen.labels = [:]; a.seen.name = "x"; return a
            }
        }
        other.push(["a": compose(port: 8080)])
        let after = try await other.settle("shop/a", try await other.controller())
        #expect(after.state == .ready && after.node != node)
    }

    @Test func whatRunsStaysWhereItIs() async throws {
        let cluster = SimulatedCluster("alpha", "beta")
        for name in ["alpha", "beta"] { gigabytes(cluster, name, 8) }
        cluster.push(["a": compose(memory: "1g"), "b": compose(memory: "1g")])
        let controller = try await cluster.controller()
        let a = try await cluster.settle("shop/a", controller)
        let b = try await cluster.settle("shop/b", controller)
        // The emptier one each time.
        #expect(Set([a.node, b.node]) == ["alpha", "beta"])
        let node = try #require(a.node)
        gigabytes(cluster, node == "alpha" ? "beta" : "alpha", 1000)
        cluster.push(["a": compose(memory: "7g"), "b": compose(memory: "1g")])
        let later = try await cluster.controller()
        let grown = try await cluster.settle("shop/a", later)
        #expect(grown.state == .ready && grown.node == node)
        let killed = try #require(cluster[node].node.id(named: "shop_a-web-1"))
        cluster[node].change { $0.containers[killed] = nil }
        #expect(try await cluster.settle("shop/a", later).node == node)
        #expect(cluster[node].node.id(named: "shop_a-web-1") != nil)
    }

    @Test func aSilentNodeHoldsUpItsOwnStacksAlone() async throws {
        let cluster = SimulatedCluster(
            "alpha",
            "beta",
            labels: ["alpha": "tier=web", "beta": "tier=db"]
        )
        cluster.push(["a": compose(label: "web"), "b": compose(label: "db")])
        let first = try await cluster.controller()
        for name in ["shop/a", "shop/b"] { try await cluster.settle(name, first) }
        let running = cluster.running
        cluster["beta"].state.withLock { state in
            state.failure = NoAnswer()
            state.sent = []
        }
        cluster.push([
            "a": compose(label: "web", tag: "2"), "b": compose(label: "db", tag: "2"),
            "c": compose(), "d": compose(label: "db"),
        ])
        let controller = try await cluster.controller()
        let a = try await cluster.settle("shop/a", controller)
        let b = try await cluster.settle("shop/b", controller)
        let c = try await cluster.settle("shop/c", controller)
        let d = try await cluster.settle("shop/d", controller)
        #expect(a.state == .ready && c.state == .ready && c.node == "alpha")
        #expect(b.state == .unknown && b.node == "beta" && b.problems.first?.kind == .engine)
        #expect(
            d.problems.first?.message.contains("beta: it does not answer: the engine") == true,
            "\(d.problems)"
        )
        #expect(cluster.running["beta"] == running["beta"])
        #expect(cluster["beta"].state.withLock(\.sent).isEmpty)
        let nodes = await controller.nodeStatuses()
        #expect(nodes.map(\.state) == ["ready", "unknown"])
        #expect(nodes[0].stacks == [a.stack, c.stack] && nodes[1].stacks == [b.stack])
        #expect(nodes[0].reserved.memory == 128 << 20)

        cluster["beta"].state.withLock { $0.failure = nil }
        let later = try await cluster.controller()
        #expect(try await cluster.settle("shop/b", later).state == .ready)
        #expect(try await cluster.settle("shop/d", later).node == "beta")
    }

    /// It answers that it is there, and hangs when it is asked what it is.
    @Test(.timeLimit(.minutes(1))) func aNodeThatHangsHoldsUpNoPlacing() async throws {
        let cluster = SimulatedCluster("alpha", "beta")
        cluster["beta"].state.withLock { $0.isMute = true }
        cluster.push(["a": compose(), "b": compose()])
        let controller = try await cluster.controller(looks: false)
        let loop = Task { await controller.run() }
        defer { loop.cancel() }
        try await eventually { cluster.running["alpha"]?.count == 2 }
        #expect(cluster.running["beta"] == [])
        cluster["beta"].state.withLock { $0.isMute = false }
        try await eventually { await controller.nodeStatuses()[1].host == "host-beta" }
    }

    @Test func whatWasPlacedAndNeverMadeIsPlacedAnew() async throws {
        let cluster = SimulatedCluster("alpha", "beta")
        cluster.push(["a": compose()])
        let id = try StackID(parsing: "shop/a")
        try await cluster.journal.append([.placed(id, node: "alpha")], at: .init(milliseconds: 0))
        cluster["alpha"].state.withLock { $0.failure = NoAnswer() }
        // The journal knows that nothing is there, so nobody has to ask.
        let a = try await cluster.settle("shop/a", try await cluster.controller())
        #expect(a.state == .ready && a.node == "beta")
    }

    @Test func aLostJournalPlacesNothingUntilAllNodesWereSeen() async throws {
        let cluster = SimulatedCluster(
            "alpha",
            "beta",
            labels: ["alpha": "tier=web", "beta": "tier=db"]
        )
        cluster.push(["a": compose(label: "web"), "b": compose(label: "db")])
        let first = try await cluster.controller()
        for name in ["shop/a", "shop/b"] { try await cluster.settle(name, first) }
        let ids = cluster.engines.mapValues { Set($0.node.containers.keys) }
        let journal = FakeJournal()
        cluster["alpha"].state.withLock { $0.failure = NoAnswer() }
        cluster.push([
            "a": compose(label: "web"), "b": compose(label: "db"), "c": compose(label: "db"),
        ])
        let blind = try await cluster.controller(journal: journal)
        for name in ["shop/a", "shop/b", "shop/c"] { try await cluster.settle(name, blind) }
        #expect(journal.state() == JournalState())
        #expect(cluster.engines.mapValues { Set($0.node.containers.keys) } == ids)

        cluster["alpha"].state.withLock { $0.failure = nil }
        let later = try await cluster.controller(journal: journal)
        let frozen = try await cluster.settle("shop/c", later)
        #expect(frozen.problems.contains { $0.kind == .frozen })
        _ = try await later.recover(by: "ann")
        for name in ["shop/a", "shop/b"] {
            #expect(try await cluster.settle(name, later).state == .ready, "\(name)")
        }
        #expect(cluster.engines.mapValues { Set($0.node.containers.keys) } == ids)
        let nodes = await later.nodeStatuses()
        #expect(nodes.map { $0.stacks.map(\.description) } == [["shop/a"], ["shop/b"]])
        #expect(try await cluster.settle("shop/c", later).node == "beta")
    }

    @Test func theOneNodeMayHaveAnyName() async throws {
        let cluster = SimulatedCluster("alpha")
        cluster.push(["a": compose()])
        try await cluster.settle("shop/a", try await cluster.controller())
        let running = cluster.running
        let later = try await cluster.controller(journal: FakeJournal())
        _ = try await later.recover(by: "ann")
        let a = try await cluster.settle("shop/a", later)
        #expect(a.state == .ready && cluster.running == running, "\(a.problems)")
    }

    @Test func aProjectHasTheNodesThatItWasGranted() async throws {
        let cluster = SimulatedCluster("alpha", "beta")
        let names = (0..<6).map { "s\($0)" }
        cluster.push(Dictionary(uniqueKeysWithValues: names.map { ($0, compose(port: 80)) }))
        let controller = try await cluster.controller("nodes: [beta]")
        let first = try await cluster.settle("shop/s0", controller)
        #expect(first.node == "beta" && first.state == .ready)
        let next = try await cluster.settle("shop/s1", controller)
        // Of a node that it may not use it hears nothing.
        #expect(next.problems.first?.kind == .unplaced)
        #expect(!"\(next.problems)".contains("alpha"))
    }

    @Test func aNodeThatWasTakenOutOfTheFileIsLeftAlone() async throws {
        let cluster = SimulatedCluster("alpha", "beta", labels: ["beta": "tier=db"])
        cluster.push(["a": compose(label: "db")])
        try await cluster.settle("shop/a", try await cluster.controller())
        let running = cluster.running
        cluster.push(["a": compose(label: "db", tag: "2")])
        let a = try await cluster.settle("shop/a", try await cluster.controller(but: ["beta"]))
        #expect(a.state == .unknown)
        #expect(
            a.problems.first?.message == "it is on the node beta, which gyre.yaml does not have"
        )
        #expect(cluster.running == running)
    }

    @Test func whoHadOneEngineCallsItMain() async throws {
        let team = try SimulatedTeam(compose(), local: ["web"])
        #expect(try await team.settle(try await team.controller()).state == .ready)
        #expect(team.journal.state().placements.isEmpty)
        let cluster = SimulatedCluster("alpha", "main", journal: team.journal)
        let node = team.engine.node
        cluster["main"].change { $0.containers = node.containers }
        cluster["main"].change { $0.networks = node.networks }
        // The folder is called as the stack is.
        cluster.push(["shop": compose()])
        let shop = try await cluster.settle("shop", try await cluster.controller())
        #expect(shop.node == "main" && shop.state == .ready)
        #expect(cluster.running["alpha"]?.isEmpty == true)
        #expect(Set(cluster["main"].node.containers.keys) == Set(node.containers.keys))
    }

    @Test("Fifty at a time, no node is given more than it has")
    func crowd() async throws {
        let cluster = SimulatedCluster("alpha", "beta", "gamma")
        for name in ["alpha", "beta", "gamma"] { gigabytes(cluster, name, 10) }
        let names = (0..<50).map { "s\($0)" }
        cluster.push(Dictionary(uniqueKeysWithValues: names.map { ($0, compose(memory: "1g")) }))
        let controller = try await cluster.controller()
        try await withThrowingDiscardingTaskGroup { group in
            for name in names {
                group.addTask { try await cluster.settle("shop/\(name)", controller) }
            }
        }
        #expect(cluster.running.values.map(\.count) == [10, 10, 10])
        let unplaced = await controller.status().stacks.filter { $0.node == nil }
        #expect(unplaced.count == 20)
        #expect(unplaced.allSatisfy { $0.problems.first?.kind == .unplaced })
    }
}
