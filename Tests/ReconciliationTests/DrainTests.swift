import Model
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// Nodes that nothing is to be on any more, simulated ones.
@Suite struct DrainTests {
    /// A service that waits for another, and what it has besides.
    private func compose(_ more: String = "", volumes: String = "{}") -> String {
        """
        services:
          web:
            image: web
            pull_policy: missing
            mem_limit: 1g
            depends_on: [db]
            \(more)
          db: {image: web, pull_policy: missing, mem_limit: 64m}
        volumes: \(volumes)
        """
    }

    private let data = "volumes: ['data:/data']"

    /// Stacks that were given alpha, and a controller that knows them.
    private func onAlpha(
        _ cluster: SimulatedCluster,
        _ stacks: [String: String],
        grants: String = "{ports: 1-65535}"
    ) async throws -> Controller {
        for name in stacks.keys {
            let id = try StackID(parsing: "shop/\(name)")
            let entry = JournalEntry.placed(id, node: "alpha")
            try await cluster.journal.append([entry], at: Instant(milliseconds: 0))
        }
        cluster.push(stacks)
        let first = try await cluster.controller(grants: grants)
        for name in stacks.keys.sorted() {
            let status = try await cluster.settle("shop/\(name)", first)
            #expect(status.state == .ready && status.node == "alpha", "\(status.problems)")
        }
        cluster.seen.withLock { $0.calls = [] }
        return try await cluster.controller(grants: grants)
    }

    @Test func whatHasNoDataMovesAndTheRestSaysWhyNot() async throws {
        let cluster = SimulatedCluster("alpha", "beta")
        let controller = try await onAlpha(
            cluster,
            ["a": compose(), "b": compose(data, volumes: "{data: {}}")]
        )
        try await controller.drain("alpha", by: "ann")
        let a = try await cluster.settle("shop/a", controller)
        let b = try await cluster.settle("shop/b", controller)
        #expect(a.state == .ready && a.node == "beta", "\(a.problems)")
        #expect(b.node == "alpha" && b.state == .stalled)
        let problem = try #require(b.problems.first)
        #expect(problem.kind == .drained && problem.message.contains("volume shop_b_data"))
        #expect(problem.remedy.contains("gyre undrain alpha"))
        #expect(
            cluster.running == [
                "alpha": ["shop_b-web-1", "shop_b-db-1"], "beta": ["shop_a-web-1", "shop_a-db-1"],
            ]
        )
        #expect(cluster.seen.withLock(\.doubles).isEmpty)
        // What waits for another is stopped before it; nothing is made before all is gone.
        let calls = cluster.seen.withLock(\.calls).filter { !$0.hasSuffix("Network") }
        let gone = ["stopContainer", "removeContainer"].flatMap { ["alpha \($0)", "alpha \($0)"] }
        #expect(calls.prefix(4).sorted() == gone.sorted(), "\(calls)")
        #expect(calls.dropFirst(4).first == "beta createContainer", "\(calls)")
        // At the fixed point nothing is done.
        cluster.seen.withLock { $0.calls = [] }
        for name in ["shop/a", "shop/b"] { try await cluster.settle(name, controller) }
        #expect(cluster.seen.withLock(\.calls).isEmpty)

        let nodes = await controller.nodeStatuses()
        #expect(nodes.map(\.state) == ["drained", "ready"] && nodes[0].drainedBy == "ann")
        let acts = cluster.audit.of(.acted).map(\.facts)
        #expect(acts == [["by": ["name": "ann"], "demand": "drain", "node": "alpha"]])
        // Nobody moves back.
        try await controller.undrain("alpha", by: "ann")
        #expect(try await cluster.settle("shop/a", controller).node == "beta")
        #expect(try await cluster.settle("shop/b", controller).state == .ready)
        #expect(await controller.nodeStatuses().map(\.state) == ["ready", "ready"])
    }

    @Test(arguments: ["bind", "image", "anonymous"])
    func dataIsWhateverIsWritten(_ kind: String) async throws {
        let cluster = SimulatedCluster("alpha", "beta")
        if kind == "image" {
            for name in ["alpha", "beta"] { cluster[name].add("web", volumes: ["/data"]) }
        }
        let more = [
            "bind": "volumes: ['/srv/a:/data', '/srv/b:/b:ro']", "anonymous": "volumes: ['/data']",
        ]
        let grants = "{ports: 1-65535, mounts: [{path: /srv, access: read-write, shared: false}]}"
        let controller = try await onAlpha(
            cluster,
            ["a": compose(more[kind] ?? "")],
            grants: grants
        )
        try await controller.drain("alpha", by: "ann")
        let a = try await cluster.settle("shop/a", controller)
        let message = try #require(a.problems.first).message
        let expected = [
            "bind": "/srv/a, which web writes", "anonymous": "the volume of web at /data",
            "image": "the volume that the image of db has at /data",
        ]
        #expect(message.contains(expected[kind] ?? "-") && !message.contains("/srv/b"))
        #expect(a.node == "alpha" && cluster.running["alpha"]?.count == 2)
    }

    @Test func whereNoNodeFitsItSaysWhyForEach() async throws {
        let cluster = SimulatedCluster("alpha", "beta", "gamma")
        _ = try await onAlpha(cluster, ["a": compose()])
        for (name, size) in [("beta", 1), ("gamma", 8)] as [(String, Int64)] {
            cluster[name].state.withLock { $0.facts.memory = size << 30 }
        }
        let later = try await cluster.controller()
        try await later.drain("gamma", by: "ann")
        try await later.drain("alpha", by: "ann")
        let a = try await cluster.settle("shop/a", later)
        let message = try #require(a.problems.first).message
        #expect(
            message.contains("no node fits: alpha: it is drained; beta: it has 1"),
            "\(message)"
        )
        #expect(message.contains("gamma: it is drained"))
        #expect(cluster.running["alpha"] == ["shop_a-web-1", "shop_a-db-1"])
        // It is repaired where it is.
        let killed = try #require(cluster["alpha"].node.id(named: "shop_a-web-1"))
        cluster["alpha"].change { $0.containers[killed] = nil }
        try await cluster.settle("shop/a", later)
        #expect(cluster.running["alpha"] == ["shop_a-web-1", "shop_a-db-1"])
        try await later.undrain("gamma", by: "ann")
        #expect(try await cluster.settle("shop/a", later).node == "gamma")
    }

    @Test func itsImagesAreThereBeforeItGoes() async throws {
        let cluster = SimulatedCluster("alpha", "beta")
        let controller = try await onAlpha(cluster, ["a": compose()])
        cluster["beta"].lose("web")
        cluster["beta"].state.withLock { $0.refusals[.pullImage] = NoAnswer() }
        try await controller.drain("alpha", by: "ann")
        let stuck = try await cluster.settle("shop/a", controller)
        #expect(stuck.node == "alpha" && stuck.problems.first?.kind == .image)
        #expect(cluster.running["alpha"]?.count == 2)
        cluster["beta"].state.withLock { $0.refusals = [:] }
        cluster.seen.withLock { $0.calls = [] }
        let a = try await cluster.settle("shop/a", controller)
        #expect(a.state == .ready && a.node == "beta", "\(a.problems)")
        #expect(cluster["beta"].state.withLock(\.sent).first == .pullImage)
    }

    @Test func nothingIsPlacedOnADrainedNode() async throws {
        let cluster = SimulatedCluster("alpha", "main")
        cluster.push(["a": compose(), "b": compose()])
        let controller = try await cluster.controller()
        try await controller.drain("alpha", by: "ann")
        for name in ["shop/a", "shop/b"] {
            #expect(try await cluster.settle(name, controller).node == "main")
        }
        // Nor on the only one there is.
        let one = SimulatedCluster("main")
        one.push(["a": compose()])
        let alone = try await one.controller()
        try await alone.drain("main", by: "ann")
        let waits = try await one.settle("shop/a", alone)
        #expect(waits.problems.first?.message.contains("main: it is drained") == true)
        try await alone.undrain("main", by: "ann")
        #expect(try await one.settle("shop/a", alone).state == .ready)
    }

    @Test func slipsAreTold() async throws {
        let cluster = SimulatedCluster("alpha", "beta")
        cluster.push(["a": compose()])
        let controller = try await cluster.controller()
        await #expect(throws: UnknownNode.self) {
            try await controller.drain("gamma", by: "ann")
        }
        await #expect(throws: UnknownNode.self) {
            try await controller.undrain("gamma", by: "ann")
        }
        await #expect(throws: NotPossible.self) {
            try await controller.undrain("beta", by: "ann")
        }
        try await controller.drain("beta", by: "ann")
        let again = await #expect(throws: NotPossible.self) {
            try await controller.drain("beta", by: "bob")
        }
        #expect(again?.description.contains("by ann") == true)
    }

    private func services(_ count: Int) -> String {
        let names = (1...count).map { "  s\($0): {image: web, pull_policy: missing}" }
        return (["services:"] + names).joined(separator: "\n")
    }

    /// It is about nothing that the stack is to become where it is.
    @Test func aMoveThatComesToNothingUsesUpNoConfirmation() async throws {
        let cluster = SimulatedCluster("alpha", "beta")
        _ = try await onAlpha(cluster, ["a": services(6)])
        cluster.push(["a": services(1)])
        let controller = try await cluster.controller()
        let waiting = try await cluster.settle("shop/a", controller)
        let change = try #require(waiting.problems.compactMap(\.change).first, "\(waiting)")
        try await controller.confirm(waiting.stack, change: change, by: "ann")
        cluster["beta"].lose("web")
        cluster["beta"].state.withLock { $0.refusals[.pullImage] = NoAnswer() }
        try await controller.drain("alpha", by: "ann")
        let a = try await cluster.settle("shop/a", controller)
        #expect(a.node == "alpha" && !a.problems.contains { $0.kind == .unconfirmed }, "\(a)")
        #expect(cluster.running["alpha"]?.count == 1, "\(a.problems)")
    }

    /// Law 5: moving is no way round it.
    @Test func aMoveTakesNothingAwayThatWaitsForAPerson() async throws {
        let cluster = SimulatedCluster("alpha", "beta")
        _ = try await onAlpha(cluster, ["a": services(6)])
        cluster.push(["a": services(1)])
        let controller = try await cluster.controller()
        #expect(try await cluster.settle("shop/a", controller).problems.first?.change != nil)
        try await controller.drain("alpha", by: "ann")
        let a = try await cluster.settle("shop/a", controller)
        #expect(a.node == "beta" && cluster.running["beta"]?.count == 6, "\(a.problems)")
        let later = try await cluster.controller()
        let still = try await cluster.settle("shop/a", later)
        let waiting = try #require(still.problems.first { $0.kind == .unconfirmed })
        #expect(cluster.running["beta"]?.count == 6)
        let change = try #require(waiting.change)
        try await later.confirm(still.stack, change: change, by: "ann")
        #expect(try await cluster.settle("shop/a", later).state == .ready)
        #expect(cluster.running["beta"]?.count == 1)
    }

    /// Whatever the controller's last call was, and whether it was carried out or not.
    @Test(arguments: 0..<36, [true, false])
    func oneWriterWhereverItDies(_ calls: Int, _ isLost: Bool) async throws {
        let cluster = SimulatedCluster("alpha", "beta")
        let first = try await onAlpha(cluster, ["a": compose()])
        try await first.drain("alpha", by: "ann")
        cluster.doom.come(after: calls, isLost: isLost)
        try await cluster.settle("shop/a", first)
        cluster.doom.pass()
        let next = try await cluster.controller()
        let a = try await cluster.settle("shop/a", next)
        #expect(a.state == .ready && a.node == "beta", "\(a.problems)")
        #expect(cluster.running == ["alpha": [], "beta": ["shop_a-web-1", "shop_a-db-1"]])
        #expect(cluster.seen.withLock(\.doubles).isEmpty)
        #expect(cluster["alpha"].node.containers.isEmpty)
    }
}
