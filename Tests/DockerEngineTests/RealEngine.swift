import Admission
import DockerEngine
import Foundation
import Model
import Testing
import Transport

/// The engine named by `GYRE_TEST_ENGINE`, and objects on it that belong to one test.
///
/// Objects are made by plain API calls, since what Gyre itself may create is Admission's business.
final class RealEngine: Sendable {
    static let variable = ProcessInfo.processInfo.environment["GYRE_TEST_ENGINE"]
    static var isThere: Bool { variable != nil }

    let engine: DockerEngine
    /// Differs in every test, so that tests don't see each other's objects.
    let controller: String
    let stack: StackID
    private let address: EngineAddress
    private let client: HTTPClient

    private init(_ name: String) throws {
        address = try #require(EngineAddress(Self.variable ?? ""))
        client = try HTTPClient(connections: 8)
        controller = name
        stack = try StackID(parsing: name)
        engine = DockerEngine(address, client: client, registries: client)
    }

    /// Runs a test with objects of its own, and removes them whatever becomes of it.
    static func with(_ body: (RealEngine) async throws -> Void) async throws {
        let real = try RealEngine("t-\(UUID().uuidString.lowercased().prefix(13))")
        try await real.needImage()
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(real))
        } catch {
            result = .failure(error)
        }
        // In a task of its own, since the test's may be cancelled.
        try await Task { try await real.removeAll() }.value
        try result.get()
    }

    var labels: JSON {
        [
            "io.gyre.controller": .string(controller), "io.gyre.project": .string(controller),
            "io.gyre.stack": .string(controller), "io.gyre.claim": "claim1",
        ]
    }

    /// A gate through which calls about the objects in `owned` pass.
    func checked(_ request: EngineRequest, owned: Set<String> = []) throws -> CheckedRequest {
        try Gate(
            TenantPolicy(),
            controller: controller,
            stack: stack,
            owned: owned,
            claims: ["claim1"],
            confirmedVolumeRemovals: owned
        ).check(request)
    }

    /// Creates a container of busybox that runs `command`, and starts it.
    func container(
        _ name: String,
        _ command: String...,
        host: JSON = [:],
        more: [String: JSON] = [:],
        isStarted: Bool = true
    ) async throws -> String {
        var body: [String: JSON] = [
            "Image": "busybox", "Cmd": .strings(command), "Labels": labels, "HostConfig": host,
            "StopTimeout": 0,
        ]
        body.merge(more) { _, new in new }
        let id = try await create(
            "/containers/create?name=\(controller)-\(name)",
            .object(body),
            "Id"
        )
        if isStarted { try await call("POST", "/containers/\(id)/start") }
        return id
    }

    func network(_ name: String) async throws -> String {
        try await create(
            "/networks/create",
            ["Name": .string("\(controller)-\(name)"), "Labels": labels],
            "Id"
        )
    }

    func volume(_ name: String) async throws -> String {
        try await create(
            "/volumes/create",
            ["Name": .string("\(controller)-\(name)"), "Labels": labels],
            "Name"
        )
    }

    /// Waits until the container is as wanted, for at most ten seconds.
    func wait(
        for id: String,
        until isWanted: (ObservedContainer) -> Bool
    ) async throws -> ObservedContainer {
        for _ in 0..<200 {
            let observed = try await engine.observe(controller: controller, volumes: [])
            if let container = observed.containers.first(where: { $0.id == id }),
                isWanted(container)
            {
                return container
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw NeverHappened()
    }

    /// A call that nobody checks, as people make them with the command line.
    @discardableResult
    func call(_ method: String, _ path: String, _ body: JSON? = nil) async throws -> JSON {
        let response = try await client.send(
            HTTPRequest(
                method,
                "http://docker/v1.41\(path)",
                socketPath: address.description.replacing("unix://", with: ""),
                headers: [.init("Content-Type", "application/json")],
                body: body.map { Array($0.text.utf8) },
                totalTimeout: .seconds(60)
            )
        )
        guard response.status < 400 else {
            throw CallFailed(text: String(decoding: response.body, as: UTF8.self))
        }
        return (try? JSON(parsing: response.body)) ?? .null
    }

    private func create(_ path: String, _ body: JSON, _ key: String) async throws -> String {
        try #require(try await call("POST", path, body)[key]?.stringValue)
    }

    private func needImage() async throws {
        if try await engine.image("busybox") == nil {
            try await call("POST", "/images/create?fromImage=busybox&tag=latest")
        }
    }

    private func removeAll() async throws {
        let observed = try await engine.observe(controller: controller, volumes: [""])
        for container in observed.containers {
            try await call("DELETE", "/containers/\(container.id)?force=true&v=true")
        }
        for network in observed.networks { try await call("DELETE", "/networks/\(network.id)") }
        for volume in observed.volumes ?? [] {
            try await call("DELETE", "/volumes/\(volume.name)?force=true")
        }
    }
}

struct NeverHappened: Error {}

struct CallFailed: Error {
    let text: String
}
