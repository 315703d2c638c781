import Model
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// What one try of a version may cost the one that serves.
@Suite("Taken down", .timeLimit(.minutes(10)))
struct TakenDownTests {
    private static let compose = "services:\n  web:\n    image: web:1.0\n"

    /// A stack that is good, whose next version the engine can't start for a reason that passes.
    private func refused(
        _ refusal: any Error & Sendable,
        _ body: (SimulatedTeam, Controller, _ old: String) async throws -> Void
    ) async throws {
        let team = try SimulatedTeam(Self.compose, local: ["web:1.0", "web:2.0"])
        let controller = try await team.controller()
        try await team.settle(controller)
        let old = try #require(team.engine.node.id(named: "shop-web-1"))
        team.repository.push(Self.compose.replacing("1.0", with: "2.0"))
        await controller.survey()
        team.engine.state.withLock { $0.refusals[.startContainer] = refusal }
        // The old one may start: what it needs is still there.
        team.engine.state.withLock { $0.spared = old }
        try await body(team, controller, old)
    }

    @Test("a version that can't take the good one's place is held, whatever the reason")
    func held() async throws {
        try await refused(PortInUse()) { team, controller, old in
            let status = try await team.settle(controller)
            let problem = try #require(status.problems.first)
            #expect(problem.kind == .held, "\(status.problems)")
            #expect(problem.message.contains("port 80 is in use"))
            #expect(problem.remedy.contains("gyre release shop"))
            #expect(team.engine.node.containers[old]?.seen.state == .running)
            #expect(team.engine.node.containers.count == 1)
            let stops = team.engine.stops
            try await team.settle(controller)
            #expect(team.engine.stops == stops, "the good one is left alone")

            team.engine.state.withLock { $0.refusals = [:] }
            #expect(try await controller.release(team.shop, by: "op") == 1)
            #expect(try await team.settle(controller).state == .ready)
            #expect(team.engine.node.id(named: "shop-web-1") != old)
        }
    }

    /// Law 5 is about what served: five new services are more than half of the stack.
    @Test("what a failed version added goes unasked, and the good one serves again")
    func added() async throws {
        let team = try SimulatedTeam(Self.compose, local: ["web:1.0", "web:2.0"])
        let controller = try await team.controller()
        try await team.settle(controller)
        let old = try #require(team.engine.node.id(named: "shop-web-1"))
        team.engine.change { $0.behaviours[SimulatedNode.pin("web:2.0").imageID] = .sickens }
        let news = "abcde".map { "  \($0): {image: 'web:1.0'}\n" }.joined()
        let check = "    healthcheck: {test: [CMD, check]}\n"
        team.repository.push(Self.compose.replacing("1.0", with: "2.0") + check + news)
        await controller.survey()
        let status = try await team.settle(controller)
        #expect(status.problems.map(\.kind) == [.held], "\(status.problems)")
        #expect(team.engine.node.containers.mapValues(\.seen.state) == [old: .running])
        #expect(team.engine.node.id(named: "shop-web-1") == old)
    }

    /// A push that is what the good version was takes away nothing of it, whoever pushed what.
    @Test("nor does anybody ask of a commit that is the good version again")
    func reverted() async throws {
        let team = try SimulatedTeam(Self.compose, local: ["web:1.0", "web:2.0"])
        let controller = try await team.controller()
        try await team.settle(controller)
        let old = try #require(team.engine.node.id(named: "shop-web-1"))
        let good = try #require(team.repository.good)
        let news = "abcde".map { "  \($0): {image: 'web:1.0'}\n" }.joined()
        team.repository.push(Self.compose + news)
        await controller.survey()
        // The engine gives up when all that is new has been started.
        let left = Mutex(5)
        team.engine.state.withLock { state in
            state.onSent = { [engine = team.engine] action in
                guard action == .startContainer else { return }
                let isOver = left.withLock { left in
                    left -= 1
                    return left <= 0
                }
                if isOver { engine.state.withLock { $0.failure = NoAnswer() } }
            }
        }
        try await team.settle(controller)
        team.engine.state.withLock { state in
            state.onSent = nil
            state.failure = nil
        }
        #expect(team.engine.node.containers.count == 6)
        team.repository.reset(to: good)
        await controller.survey()
        let status = try await team.settle(controller)
        #expect(status.state == .ready && status.problems.isEmpty, "\(status)")
        #expect(team.engine.node.containers.keys.sorted() == [old])
    }

    @Test("silence says nothing of a version")
    func silent() async throws {
        try await refused(NoAnswer()) { team, controller, old in
            let status = try await team.settle(controller)
            #expect(!status.problems.contains { $0.kind == .held }, "\(status.problems)")
            #expect(team.engine.node.containers[old]?.seen.state == .running)
            team.engine.state.withLock { $0.refusals = [:] }
            #expect(try await team.settle(controller).state == .ready)
            #expect(team.engine.node.id(named: "shop-web-1") != old)
        }
    }

    private static func two(_ version: String) -> String {
        """
        services:
          a: {image: "web:\(version)"}
          b: {image: "web:\(version)"}
        """
    }

    @Test("a version of which the engine takes no container is held, and all of it taken back")
    func unmakable() async throws {
        let team = try SimulatedTeam(Self.two("1.0"), local: ["web:1.0", "web:2.0"])
        let controller = try await team.controller()
        try await team.settle(controller)
        let images = team.engine.serving
        let b = try #require(team.engine.node.id(named: "shop-b-1"))
        team.repository.push(Self.two("2.0"))
        await controller.survey()
        team.engine.state.withLock { $0.unmakable = "shop-b" }
        let status = try await team.settle(controller)
        let held = try #require(status.problems.first { $0.kind == .held }, "\(status.problems)")
        #expect(held.message.contains("create container shop-b-1"), "\(held)")
        #expect(held.message.contains("duplicate mount point"), "\(held)")
        #expect(held.remedy.contains("gyre release shop"), "\(held)")
        #expect(team.engine.serving == images && team.engine.node.id(named: "shop-b-1") == b)
        let sent = team.engine.state.withLock { $0.sent.count }
        try await team.settle(controller)
        #expect(team.engine.state.withLock { $0.sent.count } == sent, "no further try is made")

        team.engine.state.withLock { $0.unmakable = nil }
        #expect(try await controller.release(team.shop, by: "op") == 1)
        #expect(try await team.settle(controller).state == .ready)
        #expect(team.engine.serving.keys == images.keys && team.engine.serving != images)
    }

    @Test("a first version of which the engine takes no container is tried again, and says so")
    func firstUnmakable() async throws {
        let team = try SimulatedTeam(Self.two("1.0"), local: ["web:1.0"])
        team.engine.state.withLock { $0.unmakable = "shop-b" }
        let controller = try await team.controller()
        let problem = try #require(try await team.settle(controller).problems.first)
        #expect(problem.kind == .failing && problem.message.contains("duplicate mount point"))
        #expect(problem.remedy.contains("gyre apply tries again"), "\(problem)")
        team.engine.state.withLock { $0.unmakable = nil }
        #expect(try await team.settle(controller).state == .ready)
    }

    @Test("a first version that can't start is tried again by itself")
    func first() async throws {
        let team = try SimulatedTeam(Self.compose, local: ["web:1.0"])
        team.engine.state.withLock { $0.refusals[.startContainer] = PortInUse() }
        let controller = try await team.controller()
        #expect(try await team.settle(controller).problems.map(\.kind) == [.failing])
        team.engine.state.withLock { $0.refusals = [:] }
        #expect(try await team.settle(controller).state == .ready)
    }
}

extension SimulatedEngine {
    /// By name of each container that runs, its image.
    fileprivate var serving: [String: String] {
        let running = node.containers.values.filter(\.isRunning).map(\.seen)
        return Dictionary(uniqueKeysWithValues: running.map { ($0.name, $0.imageID) })
    }

    /// How often a container was stopped.
    fileprivate var stops: Int { state.withLock { $0.sent.count { $0 == .stopContainer } } }
}

/// What may be otherwise the next time.
private struct PortInUse: ClassifiedError, CustomStringConvertible {
    var kind: StepFailure.Kind { .transient }
    var description: String { "port 80 is in use" }
}
