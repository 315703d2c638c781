import DockerEngine
import Model
import Testing

/// What a look at a Swarm asks its manager, and in which order.
@Suite(.timeLimit(.minutes(10)))
struct SwarmListingTests {
    /// Without a leader an engine says that a Swarm has no networks, which must not be believed.
    @Test func networksAreAskedForBetweenListsThatNeedALeader() async throws {
        let fake = try FakeEngine { _ in .status(200, "[]") }
        let seen = try await fake.engine.observeSwarm(controller: "c")
        #expect(seen.networks.isEmpty && seen.swarm?.services.isEmpty == true)
        let lists = fake.calls.filter { $0.contains("filters=") }.compactMap { call in
            call.split(separator: "/").last?.prefix { $0 != "?" }
        }
        #expect(lists.prefix(2) == ["services", "networks"])
        #expect(Set(lists.dropFirst(2)) == ["configs", "secrets"])
    }

    @Test(arguments: ["services", "configs", "secrets"])
    func aListThatFailsIsNoEmptySwarm(list: String) async throws {
        let fake = try FakeEngine { call in
            call.hasSuffix("/\(list)")
                ? .status(500, #"{"message":"The swarm does not have a leader."}"#)
                : .status(200, "[]")
        }
        let error = await failure { try await fake.engine.observeSwarm(controller: "c") }
        #expect(error?.message.contains("does not have a leader") == true)
    }
}
