import Model
@testable import Reconciliation
import Synchronization
import TestSupport
import Testing

/// Clocks that are wrong, the node's or the controller's, and that are set while one looks on.
@Suite("Clocks", .timeLimit(.minutes(10)))
struct ClockTests {
    private static func compose(_ version: String, isChecked: Bool) -> String {
        let check = isChecked ? "healthcheck: {test: 'true'}" : "labels: {}"
        return "services: {web: {image: 'web:\(version)', \(check)}}\n"
    }

    /// Whose clock, whether it is wrong from the beginning or set in the middle, and by how much.
    struct Fault: CustomTestStringConvertible {
        var isTheNodes: Bool
        var isSet: Bool
        var seconds: Int64

        var testDescription: String {
            "\(isTheNodes ? "node" : "controller") \(isSet ? "set" : "off") by \(seconds) s"
        }

        func befall(_ engine: SimulatedEngine) {
            engine.state.withLock { state in
                if isTheNodes {
                    state.node.lead = .seconds(seconds)
                } else {
                    state.step = .seconds(seconds)
                }
            }
        }

        static let all: [Fault] = [true, false].flatMap { isTheNodes in
            [true, false].flatMap { isSet in
                [-86_400, -301, -11, 11, 301, 86_400].map {
                    Fault(isTheNodes: isTheNodes, isSet: isSet, seconds: $0)
                }
            }
        }
    }

    /// A stack of which 1.0 is good, with 2.0 pushed and tried; gives for how long.
    private func tried(
        _ fault: Fault,
        isChecked: Bool,
        isBad: Bool
    ) async throws -> (SimulatedTeam, StackStatus, Nanoseconds) {
        let compose = { Self.compose($0, isChecked: isChecked) }
        let team = try SimulatedTeam(compose("1.0"), local: ["web:1.0", "web:2.0"])
        if !fault.isSet { fault.befall(team.engine) }
        let controller = try await team.controller()
        #expect(try await team.settle(controller).state == .ready)
        if isBad {
            let image = SimulatedNode.pin("web:2.0").imageID
            team.engine.change { $0.behaviours[image] = .sickens }
        }
        let engine = team.engine
        if fault.isSet {
            // At the first look at the new container it still runs.
            engine.state.withLock { $0.onSleep = { fault.befall(engine) } }
        }
        team.repository.push(compose("2.0"))
        await controller.survey()
        let before = team.engine.node.time
        let status = try await team.settle(controller)
        return (team, status, team.engine.node.time.since(before))
    }

    @Test("a bad version is held", arguments: Fault.all, [false, true])
    func bad(fault: Fault, isChecked: Bool) async throws {
        let (team, status, _) = try await tried(fault, isChecked: isChecked, isBad: true)
        #expect(status.problems.map(\.kind) == [.held], "\(status.problems)")
        #expect(team.repository.good?.message == "1")
        let running = team.engine.node.containers.values.first { $0.isRunning }
        let web = try #require(running)
        #expect(web.seen.imageID == SimulatedNode.pin("web:1.0").imageID)
    }

    @Test("a good version is good, and as soon as ever", arguments: Fault.all, [false, true])
    func good(fault: Fault, isChecked: Bool) async throws {
        let (team, status, span) = try await tried(fault, isChecked: isChecked, isBad: false)
        #expect(status.state == .ready && status.problems.isEmpty, "\(status.problems)")
        #expect(team.repository.good?.message == "2")
        #expect(span < .seconds(20), "\(span)")
        #expect(span >= .seconds(7), "\(span)")
    }

    @Test(
        "what dies is started again soon, and tried again, whatever is done to the clock",
        arguments: [-86_400, 86_400] as [Int64]
    )
    func repair(step: Int64) async throws {
        let team = try SimulatedTeam(Self.compose("1.0", isChecked: false), local: ["web:1.0"])
        let controller = try await team.controller()
        #expect(try await team.settle(controller).state == .ready)
        let loop = Task { await controller.run() }
        defer { loop.cancel() }
        try await eventually { try await team.status(controller).observed != nil }
        for round in 0..<3 {
            let (since, _) = team.engine.state.withLock { state in
                if round == 1 { state.step = .seconds(step) }
                // Nobody tells: the next look finds it.
                state.node.befall(.killed, "shop-web-1")
                return (state.node.time, ())
            }
            try await eventually { team.engine.node.isServing }
            // The simulated time makes jumps of up to an hour, for which images are left alone.
            #expect(team.engine.node.time.since(since) < .seconds(7200), "round \(round)")
        }
    }

    @Test("a node's clock that is off is told, one that is a little off isn't")
    func told() async throws {
        let cluster = SimulatedCluster("alpha", "beta", "gamma")
        cluster.push(["a": "services: {web: {image: web, pull_policy: missing}}"])
        cluster["beta"].change { $0.lead = .seconds(-90) }
        cluster["gamma"].change { $0.lead = .seconds(3) }
        let controller = try await cluster.controller()
        await controller.askEngines()
        let off = await controller.nodeStatuses().map { $0.clockOff?.count }
        #expect(off == [nil, -89_500_000_000, nil])
        #expect(await controller.status().clocks.keys.sorted() == ["beta"])
        cluster["beta"].change { $0.lead = .seconds(0) }
        await controller.askEngines()
        #expect(await controller.status().clocks.isEmpty)
    }
}
