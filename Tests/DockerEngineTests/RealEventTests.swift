import DockerEngine
import Model
import Synchronization
import Testing

/// Events of a real engine.
@Suite(.enabled(if: RealEngine.isThere), .timeLimit(.minutes(10)))
struct RealEventTests {
    @Test func tellsWhatHappensToOurObjects() async throws {
        try await RealEngine.with { real in
            let network = try await real.network("net")
            let volume = try await real.volume("data")
            let id = try await real.container(
                "web",
                "sleep",
                "600",
                host: ["NetworkMode": .string(network)]
            )
            let other = try await real.call(
                "POST",
                "/containers/create",
                ["Image": "busybox", "Cmd": ["true"], "Labels": ["x": "y"]]
            )
            let otherID = try #require(other["Id"]?.stringValue)
            _ = try await real.engine.observe(controller: real.controller, volumes: [volume])

            var events = real.engine.events(controller: real.controller).makeAsyncIterator()
            #expect(
                try await events.next()
                    == EngineEvent(kind: "engine", action: "subscribed", containerID: nil)
            )
            try await real.call("POST", "/containers/\(otherID)/start")
            try await real.call("DELETE", "/containers/\(otherID)?force=true")
            try await real.call(
                "POST",
                "/containers/\(id)/update",
                ["Memory": 67_108_864, "MemorySwap": 67_108_864]
            )
            try await real.call(
                "POST",
                "/networks/\(network)/disconnect",
                ["Container": .string(id), "Force": true]
            )
            try await real.call("POST", "/containers/\(id)/kill")
            _ = try await real.wait(for: id) { $0.state == .exited }
            try await real.call("DELETE", "/containers/\(id)")
            try await real.call("DELETE", "/volumes/\(volume)")

            var seen: [EngineEvent] = []
            while !seen.contains(where: { $0.kind == "volume" }) {
                seen.append(try #require(try await events.next()))
            }
            let stories = seen.map { "\($0.kind) \($0.action)" }
            // The engine reports one disconnect twice.
            #expect(
                stories.filter { $0 != "network disconnect" } == [
                    "container update", "container die", "container destroy", "volume destroy",
                ]
            )
            let cut = try #require(seen.first { $0.action == "disconnect" })
            #expect(cut.containerID == id)
            #expect(cut.labels["io.gyre.stack"] == real.controller)
            #expect(seen.allSatisfy { $0.containerID == id || $0.kind == "volume" })
        }
    }

    @Test func aCancelledReaderIsFreeAtOnce() async throws {
        try await RealEngine.with { real in
            let subscribed = Mutex(false)
            let reader = Task {
                for try await _ in real.engine.events(controller: real.controller) {
                    subscribed.withLock { $0 = true }
                }
            }
            while !subscribed.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(5)) }
            reader.cancel()
            await #expect(throws: CancellationError.self) { try await reader.value }
        }
    }
}
