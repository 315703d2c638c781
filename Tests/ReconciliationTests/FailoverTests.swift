import Model
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// Nodes that are lost, fenced and back again, simulated ones.
@Suite struct FailoverTests {
    func compose(_ more: String = "labels: {}", volumes: String = "{}") -> String {
        """
        services:
          web: {image: web, pull_policy: missing, mem_limit: 64m, \(more)}
        volumes: \(volumes)
        """
    }

    let grants =
        "{ports: 1-65535, mounts: [{path: /srv, access: read-write, shared: false}]}"

    /// A stack without data, one with a volume and one that writes a bind, all on alpha.
    func onAlpha(
        _ project: String = ""
    ) async throws -> (SimulatedCluster, Controller) {
        let cluster = SimulatedCluster("alpha", "beta")
        for name in ["a", "b", "c"] {
            let id = try StackID(parsing: "shop/\(name)")
            let entry = JournalEntry.placed(id, node: "alpha")
            try await cluster.journal.append([entry], at: Instant(milliseconds: 0))
        }
        cluster.push([
            "a": compose(), "b": compose("volumes: ['data:/data']", volumes: "{data: {}}"),
            "c": compose("volumes: ['/srv/c:/data']"),
        ])
        let controller = try await cluster.controller(project, grants: grants)
        for name in ["a", "b", "c"] {
            let status = try await cluster.settle("shop/\(name)", controller)
            #expect(status.state == .ready && status.node == "alpha", "\(status.problems)")
        }
        cluster.seen.withLock { $0.calls = [] }
        return (cluster, controller)
    }

    @Test func whatWritesNothingIsMadeElsewhereAfterAWhile() async throws {
        let (cluster, controller) = try await onAlpha()
        cluster.cutOff("alpha")
        await cluster.ask("alpha", controller, for: 200)
        #expect(try await cluster.settle("shop/a", controller).node == "alpha")
        #expect(await controller.nodeStatuses()[0].state == "unknown")
        await cluster.ask("alpha", controller, for: 150)
        #expect(await controller.nodeStatuses()[0].state == "lost")
        let a = try await cluster.settle("shop/a", controller)
        #expect(a.node == "beta" && a.state == .ready, "\(a.problems)")
        for (name, data) in [("shop/b", "volume shop_b_data"), ("shop/c", "/srv/c, which web")] {
            let status = try await cluster.settle(name, controller)
            let lost = try #require(status.problems.first { $0.kind == .lost })
            #expect(lost.message.contains(data) && status.node == "alpha", "\(lost.message)")
            #expect(lost.remedy.contains("gyre nodes fence alpha"))
        }
        #expect(cluster.running["beta"] == ["shop_a-web-1"])

        // It was only cut off: the copy is taken away, and what stayed goes on untouched.
        let there = Set(cluster["alpha"].node.containers.values.map(\.seen.name))
        #expect(there == ["shop_a-web-1", "shop_b-web-1", "shop_c-web-1"])
        cluster.bringBack("alpha")
        await cluster.ask("alpha", controller, for: 0)
        #expect(cluster.running["alpha"] == ["shop_b-web-1", "shop_c-web-1"])
        for name in ["shop/a", "shop/b", "shop/c"] {
            #expect(try await cluster.settle(name, controller).state == .ready)
        }
        #expect(cluster.running["beta"] == ["shop_a-web-1"])
        let calls = cluster.seen.withLock(\.calls).filter { $0.hasPrefix("alpha") }
        #expect(calls == ["alpha stopContainer", "alpha removeContainer", "alpha removeNetwork"])
    }

    @Test func aCopyServesUntilItsSuccessorIsStable() async throws {
        let (cluster, controller) = try await onAlpha()
        cluster.cutOff("alpha")
        cluster["beta"].state.withLock { $0.refusals[.startContainer] = NoAnswer() }
        await cluster.ask("alpha", controller, for: 310)
        #expect(try await cluster.settle("shop/a", controller).node == "beta")
        cluster.bringBack("alpha")
        await cluster.ask("alpha", controller, for: 0)
        #expect(cluster.running["alpha"]?.contains("shop_a-web-1") == true)
        cluster["beta"].state.withLock { $0.refusals = [:] }
        #expect(try await cluster.settle("shop/a", controller).state == .ready)
        await cluster.ask("alpha", controller, for: 0)
        #expect(cluster.running["alpha"]?.contains("shop_a-web-1") == false)
    }

    @Test func whoStoodStillCountsNoSilence() async throws {
        let (cluster, controller) = try await onAlpha()
        cluster.cutOff("alpha")
        await cluster.ask("alpha", controller, for: 20)
        cluster["beta"].change { $0.pass(seconds: 3600) }
        await cluster.ask("alpha", controller, for: 20)
        #expect(await controller.nodeStatuses()[0].state == "unknown")
        // One answer, and it begins anew; so does another controller.
        await cluster.ask("alpha", controller, for: 200)
        cluster.bringBack("alpha")
        await cluster.ask("alpha", controller, for: 0)
        cluster.cutOff("alpha")
        await cluster.ask("alpha", controller, for: 200)
        #expect(await controller.nodeStatuses()[0].state == "unknown")
        let other = try await cluster.controller(grants: grants)
        await cluster.ask("alpha", other, for: 200)
        #expect(try await cluster.settle("shop/a", other).node == "alpha")
    }

    @Test func aFencedNodesWritersGoOnAndTheOldOnesAreStoppedFirst() async throws {
        let (cluster, controller) = try await onAlpha()
        let answers = await #expect(throws: NotPossible.self) {
            try await controller.fence("alpha", by: "ann")
        }
        #expect(answers?.description.contains("gyre drain alpha") == true)
        cluster.cutOff("alpha")
        try await controller.fence("alpha", by: "ann")
        #expect(cluster.audit.of(.acted).contains { $0.facts["demand"] == "nodes fence" })
        #expect(await controller.nodeStatuses()[0].fencedBy == "ann")
        // Law 4: its data is missed, and not made anew without a word.
        let b = try await cluster.settle("shop/b", controller)
        let waiting = try #require(b.problems.first { $0.kind == .unconfirmed })
        #expect(b.node == "beta" && waiting.message.contains("had data and is gone"))
        let change = try #require(waiting.change)
        try await controller.confirm(b.stack, change: change, by: "ann")
        #expect(try await cluster.settle("shop/b", controller).state == .ready)
        cluster["beta"].state.withLock { $0.refusals[.startContainer] = NoAnswer() }
        #expect(try await cluster.settle("shop/c", controller).node == "beta")

        // One successor isn't stable, and yet what writes is stopped as soon as it can be.
        cluster.bringBack("alpha")
        cluster.seen.withLock { $0.calls = [] }
        await cluster.ask("alpha", controller, for: 0)
        #expect(cluster.running["alpha"] == ["shop_a-web-1"])
        let left = Set(cluster["alpha"].node.containers.values.map(\.seen.name))
        #expect(left == ["shop_a-web-1", "shop_c-web-1"])
        #expect(cluster.seen.withLock(\.calls).first == "alpha stopContainer")
        #expect(cluster["alpha"].node.volumes["shop_b_data"] != nil, "its data stays")
        #expect(cluster.journal.state().fenced.isEmpty)
        cluster["beta"].state.withLock { $0.refusals = [:] }
        #expect(try await cluster.settle("shop/c", controller).state == .ready)
        await cluster.ask("alpha", controller, for: 0)
        #expect(cluster["alpha"].node.id(named: "shop_c-web-1") == nil)
        #expect(cluster.running["beta"] == ["shop_b-web-1", "shop_c-web-1"])
    }

    /// The operator lets them write twice for a while; law 4 holds all the same.
    @Test func whatTheOperatorAcceptsMovesWithItsData() async throws {
        let (cluster, controller) = try await onAlpha("failover: [b, c]")
        cluster.cutOff("alpha")
        await cluster.ask("alpha", controller, for: 200)
        #expect(try await cluster.settle("shop/c", controller).node == "alpha")
        await cluster.ask("alpha", controller, for: 150)
        let c = try await cluster.settle("shop/c", controller)
        #expect(c.node == "beta" && c.state == .ready, "\(c.problems)")
        let b = try await cluster.settle("shop/b", controller)
        #expect(b.node == "beta" && b.problems.contains { $0.kind == .unconfirmed })
        #expect(cluster["beta"].node.volumes.isEmpty)
        // What still writes there is stopped with its node's first answer, and its data is found.
        cluster["beta"].state.withLock { $0.refusals[.startContainer] = NoAnswer() }
        cluster.bringBack("alpha")
        cluster.seen.withLock { $0.calls = [] }
        await cluster.ask("alpha", controller, for: 0)
        #expect(cluster.seen.withLock(\.calls).first == "alpha stopContainer")
        #expect(cluster.running["alpha"] == ["shop_a-web-1", "shop_b-web-1"])
        cluster["beta"].state.withLock { $0.refusals = [:] }
        let back = try await cluster.settle("shop/b", controller)
        #expect(back.node == "alpha" && back.state == .ready, "\(back.problems)")
        #expect(cluster.running["beta"] == ["shop_c-web-1"])
        #expect(cluster["alpha"].node.id(named: "shop_c-web-1") == nil)
    }

    @Test func whatTheOperatorAcceptsStaysWhereItsNodeIsBack() async throws {
        let (cluster, controller) = try await onAlpha("failover: [c]")
        cluster.cutOff("alpha")
        await cluster.ask("alpha", controller, for: 310)
        cluster["beta"].lose("web")
        cluster["beta"].state.withLock { state in
            state.onPull = {
                cluster.bringBack("alpha")
                await cluster.ask("alpha", controller, for: 0)
            }
        }
        let c = try await cluster.settle("shop/c", controller)
        #expect(c.node == "alpha" && c.state == .ready, "\(c.problems)")
        #expect(cluster.seen.withLock(\.doubles) == [], "two writers")
        // Nor does an operator who accepts that empty a node that answers.
        cluster["beta"].state.withLock { $0.onPull = nil }
        try await controller.drain("alpha", by: "ann")
        let stays = try await cluster.settle("shop/c", controller)
        #expect(stays.node == "alpha" && stays.problems.contains { $0.kind == .drained })
    }

    @Test func whatWasNotMadeElsewhereIsWhereItsDataIs() async throws {
        let (cluster, controller) = try await onAlpha()
        cluster.cutOff("alpha")
        try await controller.fence("alpha", by: "ann")
        #expect(try await cluster.settle("shop/b", controller).node == "beta")
        let running = cluster.running
        cluster.bringBack("alpha")
        await cluster.ask("alpha", controller, for: 0)
        let b = try await cluster.settle("shop/b", controller)
        #expect(b.state == .ready && b.node == "alpha", "\(b.problems)")
        #expect(cluster.running == running && cluster["beta"].node.volumes.isEmpty)
    }

    /// Law 4: what was agreed to for one loss is not for the next.
    @Test(arguments: [false, true])
    func anAgreementEndsWithTheWayBack(isHeadBroken: Bool) async throws {
        let (cluster, controller) = try await onAlpha()
        if isHeadBroken {
            cluster.push(["a": compose(), "b": "services: [", "c": compose()])
            await controller.survey()
        }
        let stack = try StackID(parsing: "shop/b")
        func lose() async throws -> String {
            cluster.cutOff("alpha")
            try await controller.fence("alpha", by: "ann")
            let b = try await cluster.settle("shop/b", controller)
            #expect(b.node == "beta")
            return try #require(b.problems.compactMap(\.change).first, "\(b.problems)")
        }
        try await controller.confirm(stack, change: try await lose(), by: "ann")
        cluster.bringBack("alpha")
        await cluster.ask("alpha", controller, for: 0)
        #expect(try await cluster.settle("shop/b", controller).node == "alpha")
        _ = try await lose()
        #expect(cluster["beta"].node.volumes.isEmpty)
    }

    enum Return: CaseIterable { case back, backAndGone, backAndDrained }

    /// Law 6: its node is back while its images are pulled on another.
    @Test(arguments: Return.allCases)
    func aFencedNodeIsBackWhileItsStackLeaves(_ kind: Return) async throws {
        let (cluster, controller) = try await onAlpha()
        cluster.cutOff("alpha")
        try await controller.fence("alpha", by: "ann")
        if kind == .backAndDrained { try await controller.drain("alpha", by: "ann") }
        cluster["beta"].lose("web")
        cluster["beta"].state.withLock { state in
            state.onPull = {
                cluster.bringBack("alpha")
                await cluster.ask("alpha", controller, for: 0)
                if kind == .backAndGone { cluster.cutOff("alpha") }
            }
        }
        cluster.seen.withLock { $0.doubles = [] }
        let c = try await cluster.settle("shop/c", controller)
        #expect(cluster.seen.withLock(\.doubles) == [], "two writers")
        cluster["beta"].state.withLock { $0.onPull = nil }
        await cluster.ask("alpha", controller, for: 0)
        try await cluster.settle("shop/c", controller)
        #expect(cluster.seen.withLock(\.doubles) == [], "two writers")
        #expect(cluster.homes[c.stack] == ["alpha"], "\(c.problems)")
        // It answered, so it was not off.
        #expect(cluster.journal.state().fenced.isEmpty)
    }

    @Test func aStrayOfAProjectThatIsGoneWritesNoMore() async throws {
        let (cluster, controller) = try await onAlpha()
        cluster.cutOff("alpha")
        try await controller.fence("alpha", by: "ann")
        let c = try await cluster.settle("shop/c", controller)
        #expect(c.node == "beta" && c.state == .ready, "\(c.problems)")
        let other = try await cluster.controller(grants: grants, named: "other")
        await cluster.ask("alpha", other, for: 0)
        cluster.bringBack("alpha")
        await cluster.ask("alpha", other, for: 0)
        #expect(cluster.running["alpha"] == ["shop_a-web-1", "shop_b-web-1"])
        #expect(cluster.running["beta"] == ["shop_c-web-1"], "nobody says what it should be")
        #expect(cluster["alpha"].node.id(named: "shop_c-web-1") != nil)
        #expect(cluster.journal.state().fenced.isEmpty, "the fence has an end")
    }

    @Test func whatWasRemovedMeanwhileIsRemovedThereToo() async throws {
        let (cluster, controller) = try await onAlpha()
        cluster.cutOff("alpha")
        await cluster.ask("alpha", controller, for: 310)
        #expect(try await cluster.settle("shop/a", controller).node == "beta")
        cluster.push(["b": compose()])
        let later = try await cluster.controller(grants: grants)
        let waiting = try await cluster.settle("shop/a", later)
        let change = try #require(waiting.problems.first { $0.change != nil }?.change)
        try await later.confirm(waiting.stack, change: change, by: "ann")
        let gone = try await cluster.settle("shop/a", later)
        #expect(gone.problems.first?.message.contains("a copy of it is still on alpha") == true)
        #expect(cluster.running["beta"] == [])
        cluster.bringBack("alpha")
        await cluster.ask("alpha", later, for: 0)
        #expect(cluster.running["alpha"] == ["shop_b-web-1", "shop_c-web-1"])
    }

    /// As when two addresses were mixed up: what runs on alpha is not gone.
    @Test func whatAnotherEngineHasSaysNothingOfANode() async throws {
        let (cluster, _) = try await onAlpha()
        for (name, engine) in cluster.engines {
            engine.state.withLock { $0.facts.id = "engine-of-\(name)" }
        }
        let controller = try await cluster.controller(grants: grants)
        try await cluster.settle("shop/a", controller)
        #expect(cluster.journal.state().engines["alpha"] == "engine-of-alpha")
        let before = cluster.journal.state()
        let nowhere = cluster["alpha"].node
        cluster["alpha"].change { node in
            node.containers = [:]
            node.networks = [:]
        }
        cluster["alpha"].state.withLock { $0.facts.id = "a stranger" }

        let later = try await cluster.controller(grants: grants)
        for name in ["shop/a", "shop/b", "shop/c"] {
            let status = try await cluster.settle(name, later)
            #expect(status.state == .unknown && status.node == "alpha", "\(status)")
            let problem = try #require(status.problems.first { $0.kind == .engine })
            #expect(problem.message.contains("another engine answers"), "\(problem)")
            #expect(problem.message.contains("gyre nodes accept"))
        }
        await cluster.ask("alpha", later, for: 400)
        #expect(await later.nodeStatuses()[0].state == "unknown", "it is not lost")
        let refusal = await #expect(throws: NotPossible.self) {
            try await later.fence("alpha", by: "ann")
        }
        #expect(refusal?.description.contains("gyre nodes accept") == true)
        #expect(cluster.journal.state() == before && cluster["alpha"].node.containers.isEmpty)
        #expect(cluster.running["beta"] == [])

        // The address is right again.
        cluster["alpha"].change { [nowhere] in $0 = nowhere }
        cluster["alpha"].state.withLock { $0.facts.id = "engine-of-alpha" }
        await cluster.ask("alpha", later, for: 0)
        let a = try await cluster.settle("shop/a", later)
        #expect(a.state == .ready, "\(a.problems)")
    }

    @Test func aPersonSaysThatAnEngineWasReplaced() async throws {
        let (cluster, _) = try await onAlpha()
        cluster["alpha"].state.withLock { $0.facts.id = "first" }
        let controller = try await cluster.controller(grants: grants)
        try await cluster.settle("shop/a", controller)
        let same = await #expect(throws: NotPossible.self) {
            try await controller.accept("alpha", by: "ann")
        }
        #expect(same?.description.contains("the engine that it had") == true)
        cluster["alpha"].change { node in
            node.containers = [:]
            node.networks = [:]
            node.volumes = [:]
        }
        cluster["alpha"].state.withLock { $0.facts.id = "second" }
        let later = try await cluster.controller(grants: grants)
        #expect(try await cluster.settle("shop/a", later).state == .unknown)
        // The same content has the same id on the new engine, and somebody else brought it there.
        let brought = JournalEntry.imageBrought(id: "sha256:a", node: "alpha", name: "web:1.0")
        try await cluster.journal.append([brought], at: Instant(milliseconds: 0))
        let known = JournalEntry.engineKnown(node: "alpha", id: "first")
        try await cluster.journal.append([known], at: Instant(milliseconds: 0))
        #expect(cluster.journal.state().images(on: "alpha").count == 1)
        try await later.accept("alpha", by: "ann")
        #expect(cluster.journal.state().images(on: "alpha").isEmpty)
        #expect(cluster.audit.of(.acted).contains { $0.facts["demand"] == "nodes accept" })
        await cluster.ask("alpha", later, for: 0)
        let a = try await cluster.settle("shop/a", later)
        #expect(a.state == .ready && a.node == "alpha", "\(a.problems)")
        // Law 4.
        let b = try await cluster.settle("shop/b", later)
        #expect(b.problems.contains { $0.kind == .unconfirmed }, "\(b.problems)")
    }

    @Test func nothingMovesWithoutASoundJournal() async throws {
        let (cluster, _) = try await onAlpha()
        cluster.cutOff("alpha")
        let blind = try await cluster.controller(grants: grants, journal: FakeJournal())
        await cluster.ask("alpha", blind, for: 400)
        for name in ["shop/a", "shop/b", "shop/c"] { try await cluster.settle(name, blind) }
        #expect(cluster.running["beta"] == [])
        await #expect(throws: NotPossible.self) { try await blind.fence("beta", by: "ann") }
    }
}
