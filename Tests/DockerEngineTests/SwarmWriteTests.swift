import Admission
import DockerEngine
import Foundation
import Model
import Testing

/// What a Swarm is shown for its nodes when a service is written.
@Suite(.timeLimit(.minutes(10)))
struct SwarmWriteTests {
    private static let id = "s" + String(repeating: "1", count: 24)
    private static let image = "registry.test:5443/web@sha256:" + String(repeating: "1", count: 64)

    private func checked(update: Bool) throws -> CheckedRequest {
        let stack = try StackID(project: "astro", stack: "gateway")
        let hash = "1:" + String(repeating: "0", count: 64)
        let task = [
            Labels.project: "astro", Labels.stack: "gateway", Labels.service: "web",
            Labels.spec: hash, Labels.Swarm.namespace: stack.composeProjectName,
        ]
        let own = [Labels.controller: "c", Labels.claim: "claim1", Labels.sent: hash]
        let body: JSON = [
            "Name": .string("\(stack.composeProjectName)_web"),
            "Labels": .strings(task.merging(own) { $1 }),
            "Mode": ["Replicated": ["Replicas": 1]],
            "TaskTemplate": [
                "LogDriver": [
                    "Name": "json-file", "Options": ["max-size": "10m", "max-file": "3"],
                ],
                "Resources": ["Limits": ["MemoryBytes": 8_388_608, "Pids": 16]],
                "ContainerSpec": [
                    "Image": .string(Self.image), "Labels": .strings(task),
                    "CapabilityDrop": ["ALL"], "StopGracePeriod": 1_000_000_000,
                ],
            ],
        ]
        let gate = Gate(
            TenantPolicy(),
            controller: "c",
            stack: stack,
            owned: [Self.id],
            pins: [ImagePin(reference: "x", imageID: "sha256:0", digest: Self.image)],
            claims: ["claim1"],
            swarm: SwarmRules(isEncrypted: false, keepsPrivileges: true)
        )
        let request =
            update
            ? EngineRequest(
                .updateService,
                "POST",
                "/services/\(Self.id)/update",
                query: [.init("version", "7")],
                body: body,
                target: Self.id
            ) : EngineRequest(.createService, "POST", "/services/create", body: body)
        return try gate.check(request)
    }

    /// What the header said, in full.
    private func shown(_ credentials: RegistryCredentials?, update: Bool) async throws -> String {
        let fake = try FakeEngine { _ in .status(200, #"{"ID":"s"}"#) }
        _ = try await fake.engine.send(try checked(update: update), credentials)
        let prefix = "X-Registry-Auth: "
        let lines = fake.server.requests.last?.split(separator: "\r\n") ?? []
        let header = try #require(lines.first { $0.hasPrefix(prefix) })
        let text = header.dropFirst(prefix.count)
            .replacing("-", with: "+").replacing("_", with: "/")
        return String(decoding: try #require(Data(base64Encoded: String(text))), as: UTF8.self)
    }

    @Test(arguments: [true, false])
    func itsNodesPullAsTheProject(update: Bool) async throws {
        let secret = RegistryCredentials(username: "robot", password: "?>hidden~")
        let text = try await shown(secret, update: update)
        #expect(text.contains(#""serveraddress":"registry.test:5443""#))
        #expect(text.contains(#""password":"?>hidden~""#))
    }

    /// Else an update keeps what was there, and a node shows it to another registry.
    @Test(arguments: [true, false])
    func nothingIsSaidToBeNothing(update: Bool) async throws {
        #expect(try await shown(nil, update: update) == "{}")
    }
}
