import Admission
import DockerEngine
import Glibc
import Model
import Testing

/// A call that stops a container may take as long as the container.
@Suite(.timeLimit(.minutes(10)))
struct StopDeadlineTests {
    private static let id = String(repeating: "a", count: 64)

    /// Which call, its parameter `t`, and whether an answer after 900 ms is in time where
    /// calls have 300 ms.
    @Test(arguments: [
        ("stop", "1", true), ("restart", "1", true), ("stop", "0", false), ("restart", nil, false),
        ("start", nil, false),
    ])
    func theGracePeriodIsAddedToTheDeadline(verb: String, t: String?, isInTime: Bool) async throws {
        let deadlines = EngineDeadlines(call: .milliseconds(300), stop: .milliseconds(300))
        let fake = try FakeEngine(deadlines: deadlines) { call in
            call.hasSuffix("/\(verb)") ? .late(204, milliseconds: 900) : .status(404)
        }
        let request = EngineRequest(
            try #require(Self.actions[verb]),
            "POST",
            "/containers/\(Self.id)/\(verb)",
            query: t.map { [.init("t", $0)] } ?? [],
            target: Self.id
        )
        let gate = Gate(
            TenantPolicy(),
            controller: "c",
            stack: try StackID(project: "astro", stack: "gateway"),
            owned: [Self.id]
        )
        let checked = try gate.check(request)
        let error = await failure { try await fake.engine.send(checked) }
        #expect(error?.code == (isInTime ? nil : .timeout))
    }

    private static let actions: [String: EngineRequest.Action] = [
        "stop": .stopContainer, "restart": .restartContainer, "start": .startContainer,
    ]
}

extension FakeServer.Reply {
    /// A complete answer after a while.
    fileprivate static func late(_ status: Int, milliseconds: UInt32) -> FakeServer.Reply {
        usleep(milliseconds * 1000)
        return .status(status)
    }
}
