import Model
import Planning
import Reconciliation
import TestSupport
import Testing

/// What becomes of a version of which some containers don't come up.
@Suite("Rollouts", .timeLimit(.minutes(10)))
struct RolloutTests {
    private static func compose(_ version: String, _ update: String) -> String {
        """
        services:
          web:
            image: web:\(version)
            deploy:
              replicas: 4
              update_config: {\(update)}

        """
    }

    /// A stack that is good, and a next version that comes up in no slot but some.
    private func failing(
        _ update: String,
        but spared: Set<Int>,
        _ body: (SimulatedTeam, Controller) async throws -> Void
    ) async throws {
        let team = try SimulatedTeam(
            Self.compose("1.0", update),
            local: ["web:1.0", "web:2.0", "web:3.0"]
        )
        let controller = try await team.controller()
        try await team.settle(controller)
        team.engine.change { node in
            node.behaviours[SimulatedNode.pin("web:2.0").imageID] = .sickens
            node.spared = Set(spared.map { Slot(service: "web", number: $0) })
        }
        team.repository.push(Self.compose("2.0", update))
        await controller.survey()
        try await body(team, controller)
    }

    @Test("a rollout that is paused leaves what came up, and repairs it")
    func paused() async throws {
        try await failing("failure_action: pause", but: [1, 2]) { team, controller in
            let status = try await team.settle(controller)
            #expect(team.versions == ["2.0", "2.0", "1.0", "1.0"])
            let problem = try #require(status.problems.first)
            #expect(problem.kind == .held && status.problems.count == 1, "\(status.problems)")
            #expect(problem.message.contains("failed in part and is paused"), "\(problem)")
            #expect(problem.remedy.contains("gyre release shop"))

            let before = team.engine.node.containers.keys.sorted()
            try await team.settle(controller)
            #expect(team.engine.node.containers.keys.sorted() == before, "the fixed point")

            let kept = try #require(team.engine.node.id(named: "shop-web-1"))
            team.engine.change { $0.befall(.stopped, "shop-web-1") }
            try await team.settle(controller)
            #expect(team.engine.node.containers[kept]?.seen.state == .running)

            team.engine.change { $0.befall(.removed, "shop-web-2") }
            try await team.settle(controller)
            #expect(team.versions == ["2.0", "1.0", "1.0", "1.0"], "repair makes what was good")

            team.engine.change { $0.behaviours = [:] }
            #expect(try await controller.release(team.shop, by: "op") == 1)
            #expect(try await team.settle(controller).state == .ready)
            #expect(team.versions == ["2.0", "2.0", "2.0", "2.0"])
            #expect(team.engine.node.id(named: "shop-web-1") == kept, "it goes on from there")
        }
    }

    @Test("another controller finds a pause as the first one left it")
    func pausedAnew() async throws {
        try await failing("parallelism: 2", but: [1, 2, 3]) { team, controller in
            try await team.settle(controller)
            #expect(team.versions == ["2.0", "2.0", "2.0", "1.0"], "pause is the default")
            let before = team.engine.node.containers.keys.sorted()
            let second = try await team.controller()
            #expect(try await team.settle(second).problems.map(\.kind) == [.held])
            #expect(team.engine.node.containers.keys.sorted() == before)
        }
    }

    @Test("a newer version replaces both that are there")
    func newer() async throws {
        try await failing("failure_action: pause", but: [1]) { team, controller in
            try await team.settle(controller)
            team.repository.push(Self.compose("3.0", "failure_action: pause"))
            await controller.survey()
            #expect(try await team.settle(controller).state == .ready)
            #expect(team.versions == ["3.0", "3.0", "3.0", "3.0"])
        }
    }

    @Test("a rollout that goes on leaves what failed to what ran there, and is no success")
    func goesOn() async throws {
        try await failing("failure_action: continue", but: [2, 4]) { team, controller in
            let status = try await team.settle(controller)
            #expect(team.versions == ["1.0", "2.0", "1.0", "2.0"])
            #expect(status.problems.map(\.kind) == [.held], "\(status.problems)")
            #expect(team.repository.good?.message == "1", "the first is good still")
            let before = team.engine.node.containers.keys.sorted()
            try await team.settle(controller)
            #expect(team.engine.node.containers.keys.sorted() == before)
        }
    }

    @Test(
        "so many may fail as the file says",
        arguments: [
            (0.25, Set([1, 2, 4]), ["2.0", "2.0", "1.0", "2.0"]),
            (0.2, Set([1, 2, 4]), ["1.0", "1.0", "1.0", "1.0"]),
            (0.5, Set([1, 4]), ["2.0", "1.0", "1.0", "2.0"]),
            (0.5, Set([4]), ["1.0", "1.0", "1.0", "1.0"]),
        ]
    )
    func ratio(ratio: Double, spared: Set<Int>, versions: [String]) async throws {
        let update = "failure_action: rollback, max_failure_ratio: \(ratio)"
        try await failing(update, but: spared) { team, controller in
            let status = try await team.settle(controller)
            #expect(team.versions == versions)
            #expect(status.problems.map(\.kind) == [.held], "\(status.problems)")
        }
    }

    @Test("what runs beside counts in the quota")
    func surge() async throws {
        let compose = { (version: String) in
            Self.compose(version, "order: start-first, parallelism: 2")
        }
        let team = try SimulatedTeam(compose("1.0"), local: ["web:1.0", "web:2.0"])
        let settings = { (most: Int) in
            try SimulatedTeam.settings(
                "controller: test\nprojects: {shop: {repositories: [{url: /srv/shop}], "
                    + "quotas: {containers: \(most)}}}"
            )
        }
        for (most, kinds) in [(5, [Problem.Kind.quota]), (6, [])] {
            let controller = Controller(try settings(most), team.parts())
            await controller.survey()
            if most == 5 {
                #expect(try await team.settle(controller).state == .ready)
                team.repository.push(compose("2.0"))
                await controller.survey()
            }
            #expect(try await team.settle(controller).problems.map(\.kind) == kinds)
        }
        #expect(team.versions == ["2.0", "2.0", "2.0", "2.0"])
        #expect(team.journal.state().reservations[team.shop]?.usage.containers == 4)
    }
}

extension SimulatedTeam {
    /// The versions that run, by slot.
    fileprivate var versions: [String] {
        let running = engine.node.containers.values.filter(\.isRunning).sorted {
            ($0.seen.slot?.number ?? 0) < ($1.seen.slot?.number ?? 0)
        }
        return running.map { container in
            ["1.0", "2.0", "3.0"].first {
                SimulatedNode.pin("web:\($0)").imageID == container.seen.imageID
            } ?? "?"
        }
    }
}
