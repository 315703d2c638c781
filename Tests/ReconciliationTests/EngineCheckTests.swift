import Model
@testable import Reconciliation
import Synchronization
import Testing

@Suite("Which engine answers")
struct EngineCheckTests {
    private let engine = SimulatedEngine()
    private let check = EngineCheck()

    init() {
        engine.state.withLock { $0.facts.id = "a" }
        check.go { "a" }
    }

    private var questions: Int { engine.state.withLock(\.questions) }

    @Test("it is asked once, and again when that may have changed")
    func asked() async throws {
        for _ in 1...3 { try await check.pass(engine) }
        #expect(questions == 1)
        check.doubt()
        engine.state.withLock { $0.facts.id = "b" }
        await #expect(throws: StrangeEngine.self) { try await check.pass(engine) }
        await #expect(throws: StrangeEngine.self) { try await check.pass(engine) }
        #expect(questions == 3)
    }

    @Test("the word of who has asked counts, unless it was doubted since")
    func told() async throws {
        check.saw("a", since: check.doubts)
        try await check.pass(engine)
        #expect(questions == 0)
        let before = check.doubts
        check.doubt()
        check.saw("a", since: before)
        try await check.pass(engine)
        #expect(questions == 1)
        check.saw("b", since: check.doubts)
        await #expect(throws: StrangeEngine.self) { try await check.pass(engine) }
    }
}
