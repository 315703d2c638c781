import Model
import Synchronization
import TestSupport
import Testing

@testable import Reconciliation

/// A node is back, and what its stack was to have elsewhere could not be made there.
extension FailoverTests {
    /// The stack `c`, which writes, given to beta, where the engine takes no container of it.
    private func refused(
        isAccepted: Bool = false
    ) async throws -> (SimulatedCluster, Controller, StackID) {
        let (cluster, controller) = try await onAlpha(isAccepted ? "failover: [c]" : "")
        cluster.cutOff("alpha")
        if isAccepted {
            await cluster.ask("alpha", controller, for: 310)
        } else {
            try await controller.fence("alpha", by: "ann")
        }
        cluster["beta"].state.withLock { $0.refusals[.createContainer] = Refused() }
        let c = try await cluster.settle("shop/c", controller)
        #expect(c.node == "beta" && c.problems.contains { $0.kind == .failing }, "\(c.problems)")
        #expect(!cluster["beta"].node.networks.isEmpty, "something of it was made")
        #expect(!cluster.journal.state().claims(of: c.stack, on: "beta").isEmpty)
        cluster.seen.withLock { $0 = ([], []) }
        return (cluster, controller, c.stack)
    }

    private func runs(_ cluster: SimulatedCluster) -> Bool {
        cluster.running["alpha"]?.contains("shop_c-web-1") == true
    }

    /// It is where it was, and has one writer.
    private func expectBack(_ cluster: SimulatedCluster, _ controller: Controller) async throws {
        let c = try await cluster.settle("shop/c", controller)
        #expect(c.state == .ready && c.node == "alpha", "\(c.problems)")
        await cluster.ask("beta", controller, for: 0)
        let beta = cluster["beta"].node
        #expect(beta.networks.isEmpty && beta.containers.isEmpty, "nothing is left of it")
        #expect(runs(cluster))
        let (calls, doubles) = cluster.seen.withLock { $0 }
        #expect(doubles == [] && !calls.contains("beta startContainer"))
        #expect(cluster.journal.state().fenced.isEmpty)
    }

    @Test(arguments: [false, true])
    func aWriterGoesOnWhoseSuccessorNeverWas(isAccepted: Bool) async throws {
        let (cluster, controller, _) = try await refused(isAccepted: isAccepted)
        cluster.bringBack("alpha")
        await cluster.ask("alpha", controller, for: 0)
        #expect(runs(cluster))
        try await expectBack(cluster, controller)
        #expect(!cluster.seen.withLock(\.calls).contains("alpha stopContainer"))
    }

    /// What a pass does may bring it up any moment, whatever is there just now.
    @Test func aWriterIsStoppedWhileItsSuccessorIsBeingMade() async throws {
        let (cluster, controller, c) = try await refused()
        cluster.bringBack("alpha")
        try await controller.ask("alpha", of: cluster, during: c)
        #expect(!runs(cluster))
        try await expectBack(cluster, controller)
    }

    @Test func aWriterIsStoppedWhereNobodyKnowsOfItsSuccessor() async throws {
        let (cluster, controller, _) = try await refused()
        cluster.cutOff("beta")
        cluster.bringBack("alpha")
        await cluster.ask("alpha", controller, for: 0)
        #expect(!runs(cluster))
        #expect(try await cluster.settle("shop/c", controller).state == .unknown)
        cluster.bringBack("beta")
        await cluster.ask("beta", controller, for: 0)
        try await expectBack(cluster, controller)
    }

    /// The engine carries out a create that was given up, when the stack is back where it was.
    @Test func whatIsMadeTooLateIsNeverStarted() async throws {
        let (cluster, controller, c) = try await refused()
        cluster.bringBack("alpha")
        await cluster.ask("alpha", controller, for: 0)
        let old = cluster["alpha"].node.containers.values.first { $0.seen.name == "shop_c-web-1" }
        var late = try #require(old)
        let id = String(repeating: "f", count: 64)
        late.seen.id = id
        late.seen.state = .created
        late.seen.labels[Labels.claim] = cluster.journal.state().claims(of: c, on: "beta").min()
        cluster["beta"].change { [late] in $0.containers[id] = late }
        let back = try await cluster.settle("shop/c", controller)
        #expect(back.state == .ready && back.node == "alpha", "\(back.problems)")
        #expect(cluster["beta"].node.containers[id]?.seen.state == .created)
        // Whoever was silent may have carried out what nobody heard of.
        cluster.cutOff("beta")
        await cluster.ask("beta", controller, for: 0)
        cluster.bringBack("beta")
        try await expectBack(cluster, controller)
    }

    /// One that was made may come to run: a start may be on its way.
    @Test func aWriterIsStoppedBesideWhatWasMade() async throws {
        let (cluster, controller, _) = try await refused()
        cluster["beta"].state.withLock { $0.refusals = [.startContainer: NoAnswer()] }
        try await cluster.settle("shop/c", controller)
        #expect(!cluster["beta"].node.containers.isEmpty)
        cluster.bringBack("alpha")
        await cluster.ask("alpha", controller, for: 0)
        #expect(!runs(cluster))
        cluster["beta"].state.withLock { $0.refusals = [:] }
        let c = try await cluster.settle("shop/c", controller)
        #expect(c.state == .ready && c.node == "beta", "\(c.problems)")
        #expect(cluster.seen.withLock(\.doubles) == [], "two writers")
    }
}

extension Controller {
    /// Has a node asked while something is done about a stack.
    fileprivate func ask(
        _ node: String,
        of cluster: SimulatedCluster,
        during stack: StackID
    ) async throws {
        try await apart(from: stack) { await cluster.ask(node, self, for: 0) }
    }
}
