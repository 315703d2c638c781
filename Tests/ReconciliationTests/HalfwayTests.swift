import Model
import OperatorFile
import Planning
import Reconciliation
import TestSupport
import Testing

/// A version that has begun to take over when something else comes between.
@Suite("Halfway", .timeLimit(.minutes(10)))
struct HalfwayTests {
    private typealias World = OrderTests.World

    /// Two stacks at version 1, and `web` halfway to version 2, whose image had to be pulled.
    private func halfway(_ attributes: [String: String] = [:]) async throws -> World {
        var world = try await World(["db": [], "web": ["db"]], attributes: attributes)
        world.replicas = 3
        await world.push()
        for name in ["db", "web"] { #expect(try await world.settle(name).state == .ready) }
        world.team.engine.lose("web:2")
        world.versions = ["web": 2]
        await world.push()
        #expect(try await world.settle("db").state == .ready)
        world.giveUp(afterStarts: 1)
        _ = try await world.settle("web")
        world.recover()
        #expect(world.running("web") == [2, 1], "the second has been stopped")
        world.team.engine.change { $0.pass(seconds: 60) }
        return world
    }

    @Test("another controller goes on with a version that has begun to take over")
    func begunBefore() async throws {
        var world = try await halfway()
        world.versions = ["db": 2, "web": 2]
        await world.push()
        let second = Controller(try World.settings(), world.team.parts())
        await second.survey()
        let web = try StackID(project: "shop", stack: "web")
        _ = try await second.pulling { try await second.settle(web, listener: { _ in }) }
        #expect(world.running("web") == [2, 2, 2])
    }

    /// What is bound below a granted folder is looked at first, which takes a decision of its own.
    @Test(
        "a commit that waits takes nothing back of a version that is halfway",
        arguments: [[:], ["web": "volumes: ['/srv/data/a:/data']"]]
    )
    func overtaken(attributes: [String: String]) async throws {
        var world = try await halfway(attributes)
        let before = world.team.engine.node.containers.values.filter { container in
            container.seen.imageID == SimulatedNode.pin("web:2").imageID
        }
        world.versions = ["db": 2, "web": 3]
        await world.push()
        let waiting = try await world.settle("web")
        #expect(waiting.problems.map(\.kind) == [.dependency], "\(waiting)")
        #expect(world.running("web") == [2, 1, 1], "what was stopped runs again")
        _ = try await world.settle("web")
        #expect(world.running("web") == [2, 1, 1], "nor is it when somebody looks again")
        for container in before {
            #expect(world.team.engine.node.containers[container.seen.id] != nil)
        }
        #expect(try await world.settle("db").state == .ready)
        #expect(try await world.settle("web").state == .ready)
        #expect(world.running("web") == [3, 3, 3])
    }

    @Test("a version that is halfway gives way when what the next one waits for is stuck")
    func stuck() async throws {
        var world = try await halfway()
        world.versions = ["db": 2, "web": 3]
        world.broken = ["db"]
        await world.push()
        #expect(try await world.settle("db").state == .stalled)
        #expect(try await world.settle("web").problems.map(\.kind) == [.dependency])
        #expect(world.running("web") == [1, 1, 1])
    }

    @Test("what ended for good is told, and nothing waits for it halfway")
    func ended() async throws {
        var world = try await halfway(["db": "restart: 'no'"])
        world.team.engine.change { $0.befall(.stopped, "shop_db-web-3") }
        world.versions = ["web": 3]
        await world.push()
        let db = try await world.settle("db")
        let problem = try #require(db.problems.first, "\(db)")
        #expect(db.state == .stalled && problem.kind == .ended)
        #expect(problem.message.contains("shop_db-web-3 ended with status 143"), "\(problem)")
        let web = try await world.settle("web")
        let waiting = try #require(web.problems.first, "\(web)")
        #expect(waiting.kind == .dependency)
        #expect(waiting.remedy.contains("docker start shop_db-web-3"), "\(waiting)")
        #expect(world.running("web") == [1, 1, 1])
        world.team.engine.change { node in
            guard let id = node.id(named: "shop_db-web-3") else { return }
            node.containers[id]?.seen.state = .running
        }
        #expect(try await world.settle("db").state == .ready)
        #expect(try await world.settle("web").state == .ready)
        #expect(world.running("web") == [3, 3, 3])
    }
}
