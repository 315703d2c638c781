import DockerEngine
import Model
import Reconciliation
import Synchronization
import Testing

@testable import gyre

/// Which of a Swarm's managers is believed.
@Suite struct ManagerListTests {
    /// A manager of whichever Swarm it is in now; nil: it is silent.
    private final class Manager: Sendable {
        private let swarm: Mutex<String?>

        init(_ swarm: String?) { self.swarm = Mutex(swarm) }

        func turn(to swarm: String?) { self.swarm.withLock { $0 = swarm } }

        func ask() throws -> String {
            guard let id = swarm.withLock(\.self) else {
                throw EngineError(.unreachable, operation: "ask", message: "nobody listens")
            }
            return id
        }
    }

    private let one = Manager("first")
    private let two = Manager("first")

    private func list(_ id: String?) -> ManagerList<Manager> { list(KnownSwarm { id }) }

    private func list(_ known: KnownSwarm) -> ManagerList<Manager> {
        ManagerList([("one", one), ("two", two)], of: known) { try $0.ask() }
    }

    @Test("A manager of another Swarm gives no answer, and the first one goes on when it is back")
    func another() async throws {
        let managers = list("first")
        #expect(try await managers.ask { try $0.ask() } == "first")
        one.turn(to: nil)
        two.turn(to: "second")
        let error = await #expect(throws: StrangeEngine.self) {
            try await managers.ask { try $0.ask() }
        }
        let words = try #require(error).description
        #expect(words.contains("one: ") && words.contains("nobody listens"), "\(words)")
        #expect(words.contains("two: this manager is in another Swarm (second)"), "\(words)")
        #expect(words.contains("gyre nodes accept main"), "\(words)")
        #expect(error?.id == "second" && error?.known == "first" && managers.first == 0)
        one.turn(to: "first")
        #expect(try await managers.ask { try $0.ask() } == "first")

        // The other way round it is passed over, and that is told.
        one.turn(to: "third")
        two.turn(to: "first")
        var told: [String] = []
        let answer = try await managers.ask(
            moved: { told.append("\($0), because \($1)") },
            { try $0.ask() }
        )
        #expect(answer == "first" && managers.first == 1)
        #expect(told.first?.hasPrefix("two, because one: this manager is in another") == true)
    }

    @Test("What a manager says while it leaves its Swarm is not believed, nor a refusal then")
    func leaving() async throws {
        let managers = list("first")
        let answer = try await managers.ask { manager in
            if manager === one { one.turn(to: "second") }
            return manager === one ? "nothing" : "all"
        }
        #expect(answer == "all")
        two.turn(to: "second")
        one.turn(to: "first")
        let gone = try await managers.ask { manager in
            guard manager === one else {
                throw EngineError(.notFound, operation: "ask", message: "no such service")
            }
            return "there"
        }
        #expect(gone == "there")
        // In the right Swarm it counts.
        let refused = await #expect(throws: EngineError.self) {
            try await managers.ask { _ in
                throw EngineError(.notFound, operation: "ask", message: "no such service")
            }
        }
        #expect(refused?.code == .notFound)
    }

    @Test("Nothing is sent to a manager of another Swarm")
    func writes() async throws {
        let managers = list("first")
        #expect(try await managers.trusted(0) === one)
        one.turn(to: "second")
        await #expect(throws: StrangeEngine.self) { try await managers.trusted(0) }
        one.turn(to: nil)
        await #expect(throws: EngineError.self) { try await managers.trusted(0) }
    }

    @Test("Where nothing is written down the first Swarm that is seen counts, for all that ask")
    func firstSight() async throws {
        let known = KnownSwarm()
        #expect(try await list(known).ask { try $0.ask() } == "first")
        one.turn(to: nil)
        two.turn(to: "second")
        await #expect(throws: StrangeEngine.self) { try await list(known).trusted(1) }
    }

    @Test("A person's word is about one other Swarm, and turns the first one away")
    func accepted() async throws {
        let id = Mutex("first")
        let managers = list(KnownSwarm { id.withLock(\.self) })
        one.turn(to: "third")
        two.turn(to: "second")
        await #expect(throws: EngineError.self, "Which of both?") {
            try await managers.ask { try $0.ask() }
        }
        one.turn(to: "first")
        id.withLock { $0 = "second" }
        #expect(try await managers.ask { try $0.ask() } == "second")
    }

    /// The journal of an engine that became a Swarm, written before Swarms' ids were.
    @Test("An engine that was the node before is no other Swarm")
    func before() {
        var state = JournalState()
        state.apply(.engineKnown(node: NodeName.main, id: "engine"))
        #expect(KnownSwarm.id(in: state) == nil)
        state.apply(.engineKnown(node: NodeName.swarm(NodeName.main), id: "first"))
        #expect(KnownSwarm.id(in: state) == "first")
        #expect(state.engines[NodeName.main] == "engine")
    }
}
