import Model
import Reconciliation
import Synchronization
import Testing

/// A whole controller beside a world that is not real.
@Suite("Sync and cancellation", .timeLimit(.minutes(10)))
struct SyncTests {
    private let shop: StackID

    init() throws { shop = try StackID(parsing: "shop") }

    @Test("a sync that is waited for ends with what its own pass found")
    func waits() async throws {
        let world = FakeWorld()
        try await running(world) { controller in
            try await eventually { await controller.status().stacks.first?.state == .ready }
            let before = world.state.withLock { state in
                state.commit = FakeWorld.commit("2")
                return state.observations
            }
            let status = try #require(try await controller.syncAndWait(shop).first)
            #expect(status.state == .ready)
            #expect(status.head == FakeWorld.commit("2"))
            #expect(status.target == FakeWorld.commit("2").id)
            #expect(world.state.withLock { $0.observations } > before)
            world.state.withLock { state in
                state.commit = FakeWorld.commit("3")
                state.compose = "services: {web: {image: httpd, privileged: true}}"
            }
            let denied = try #require(try await controller.syncAndWait(nil).first)
            #expect(denied.problems.map(\.kind) == [.denied])
            await #expect(throws: UnknownStack.self) {
                try await controller.syncAndWait(try StackID(parsing: "else"))
            }
        }
    }

    @Test("one that the controller's end comes before is told so")
    func ends() async throws {
        let world = FakeWorld()
        let controller = Controller(try FakeWorld.settings(), world.parts())
        let loop = Task { await controller.run() }
        try await eventually { await controller.status().stacks.first?.state == .ready }
        loop.cancel()
        await loop.value
        await #expect(throws: NotPossible.self) { try await controller.syncAndWait(shop) }
    }

    @Test("a pass that is cut off stands in nobody's way")
    func cancelled() async throws {
        let world = FakeWorld()
        try await running(world) { controller in
            try await eventually { await controller.status().stacks.first?.state == .ready }
            world.state.withLock { $0.failure = CancellationError() }
            let status = try #require(try await controller.syncAndWait(shop).first)
            #expect(status.problems == [])
        }
    }

    private func running(
        _ world: FakeWorld,
        _ body: (Controller) async throws -> Void
    ) async throws {
        let controller = Controller(try FakeWorld.settings(), world.parts())
        let loop = Task { await controller.run() }
        defer { loop.cancel() }
        try await body(controller)
    }
}
