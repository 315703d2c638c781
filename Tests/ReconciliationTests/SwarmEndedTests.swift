import Model
import Reconciliation
import TestSupport
import Testing

/// What ended on a Swarm that starts it no more.
@Suite("Ended on a Swarm", .timeLimit(.minutes(10)))
struct SwarmEndedTests {
    private static let compose = """
        services:
          job: {image: 'job:1.0', restart: 'no'}
          web: {image: 'web:1.0'}

        """

    private let swarm = SwarmEngine()

    @Test("it is told with what ends that, and the next version has it run once more")
    func ended() async throws {
        let team = try SimulatedTeam(Self.compose)
        let controller = try await team.controller(on: swarm)
        #expect(try await team.settle(controller).state == .ready)
        swarm.end("shop_job", with: 3)
        let before = swarm.sent.count
        let status = try await team.settle(controller)
        let problem = try #require(status.problems.first, "\(status)")
        #expect(status.state == .stalled && problem.kind == .ended)
        #expect(problem.message.hasPrefix("shop_job ended with status 3"), "\(problem)")
        #expect(problem.remedy.hasPrefix("docker service update --force shop_job"), "\(problem)")
        #expect(swarm.sent.count == before, "a good version runs it no more")
        team.repository.push(Self.compose.replacing("web:1.0", with: "web:2.0"))
        await controller.survey()
        let after = try await team.settle(controller)
        #expect(after.state == .ready, "\(after)")
        let sent = swarm.sent.dropFirst(before).sorted()
        #expect(sent == ["updateService shop_job", "updateService shop_web"])
    }

    @Test("of a service on each node, each end counts")
    func endedOnANode() async throws {
        let more = "restart: 'no', deploy: {mode: global}"
        let team = try SimulatedTeam("services: {once: {image: 'once:1.0', \(more)}}")
        let project = "repositories: [{url: /srv/shop}], profile: baseline"
        let controller = try await team.controller(on: swarm, project: project)
        #expect(try await team.settle(controller).state == .ready)
        swarm.change(tasksOf: "shop_once") { tasks in
            guard var other = tasks.first else { return }
            (tasks[0].state, tasks[0].isWanted) = ("complete", false)
            (other.id, other.node, other.state, other.isWanted) = ("other", "n1", "failed", false)
            tasks.append(other)
        }
        let status = try await team.settle(controller)
        #expect(status.problems.map(\.kind) == [.ended], "\(status)")
    }

    @Test("of a service on each node, each task counts")
    func onEachNode() async throws {
        let team = try SimulatedTeam("services: {web: {image: 'web:1.0', deploy: {mode: global}}}")
        let project = "repositories: [{url: /srv/shop}], profile: baseline"
        let controller = try await team.controller(on: swarm, project: project)
        #expect(try await team.settle(controller).state == .ready)
        swarm.change(tasksOf: "shop_web") { tasks in
            guard var next = tasks.first else { return }
            (next.id, next.state, next.node) = ("next", "starting", "n1")
            tasks.append(next)
        }
        for isLong in [false, true] {
            let problems = try await team.settle(controller).problems
            #expect(problems.map(\.kind) == (isLong ? [.crashing] : []), "\(problems)")
            team.engine.change { $0.pass(seconds: 301) }
        }
    }

    @Test("what the Swarm fails to bring up again is told in its words", arguments: ["", "n1"])
    func short(node: String) async throws {
        let team = try SimulatedTeam(Self.compose)
        let controller = try await team.controller(on: swarm)
        #expect(try await team.settle(controller).state == .ready)
        let words = node.isEmpty ? "no suitable node (1 node not available)" : ""
        swarm.change(tasksOf: "shop_web") { tasks in
            guard var next = tasks.first else { return }
            (tasks[0].state, tasks[0].isWanted) = ("failed", false)
            (tasks[0].exitCode, tasks[0].error) = (3, "task: non-zero exit (3)")
            (next.id, next.state, next.node, next.error) = ("next", "pending", node, words)
            tasks.append(next)
        }
        let before = try await team.settle(controller)
        #expect(before.state != .ready && before.problems.isEmpty, "\(before)")
        team.engine.change { $0.pass(seconds: 299) }
        #expect(try await team.settle(controller).problems.isEmpty)
        team.engine.change { $0.pass(seconds: 10) }
        let status = try await team.settle(controller)
        let problem = try #require(status.problems.first, "\(status)")
        #expect(status.state == .stalled && status.problems.count == 1, "\(status)")
        #expect(problem.kind == (node.isEmpty ? .unplaced : .crashing))
        let why = node.isEmpty ? words : "a task ended with status 3 (task: non-zero exit (3))"
        #expect(problem.message.hasPrefix("shop_web has had too few tasks running"), "\(problem)")
        #expect(problem.message.hasSuffix(": \(why)"), "\(problem)")
        swarm.change(tasksOf: "shop_web") { $0[1].state = "running" }
        #expect(try await team.settle(controller).state == .ready)
        swarm.change(tasksOf: "shop_web") { $0[1].state = "starting" }
        #expect(try await team.settle(controller).problems.isEmpty, "it is counted anew")
    }
}
