import DockerEngine
import Model
import Testing

/// Calls that change a real engine.
@Suite(.enabled(if: RealEngine.isThere), .timeLimit(.minutes(10)))
struct RealSendTests {
    private func send(
        _ real: RealEngine,
        _ action: EngineRequest.Action,
        _ method: String,
        _ path: String,
        query: [EngineRequest.QueryItem] = [],
        body: JSON? = nil,
        target: String? = nil
    ) async throws -> EngineReply {
        let request = EngineRequest(
            action,
            method,
            path,
            query: query,
            body: body,
            target: target
        )
        return try await real.engine.send(
            real.checked(request, owned: target.map { [$0] } ?? [])
        )
    }

    @Test func aContainersLife() async throws {
        try await RealEngine.with { real in
            let id = try await real.container("web", "sleep", "600", isStarted: false)
            let path = "/containers/\(id)"
            func effect(
                _ action: EngineRequest.Action,
                _ verb: String
            ) async throws
                -> EngineReply.Effect
            {
                try await send(real, action, "POST", "\(path)/\(verb)", target: id).effect
            }
            #expect(try await effect(.startContainer, "start") == .done)
            #expect(try await effect(.startContainer, "start") == .alreadySo)
            #expect(try await effect(.unpauseContainer, "unpause") == .alreadySo)
            let renamed = try await send(
                real,
                .renameContainer,
                "POST",
                "\(path)/rename",
                query: [.init("name", "\(real.controller)-web-1")],
                target: id
            )
            #expect(renamed.effect == .done)
            #expect(try await real.engine.inspect(id)?.name == "\(real.controller)-web-1")
            let busy = await failure {
                try await send(real, .removeContainer, "DELETE", path, target: id)
            }
            #expect(busy?.code == .conflict)
            #expect(try await effect(.stopContainer, "stop") == .done)
            #expect(try await effect(.stopContainer, "stop") == .alreadySo)
            #expect(try await effect(.killContainer, "kill") == .alreadySo)
            for expected in [EngineReply.Effect.done, .alreadyGone] {
                let removal = try await send(real, .removeContainer, "DELETE", path, target: id)
                #expect(removal.effect == expected)
            }
            let gone = await failure { try await effect(.startContainer, "start") }
            #expect(gone?.code == .notFound)
        }
    }

    @Test func updatesLimits() async throws {
        try await RealEngine.with { real in
            let id = try await real.container("web", "sleep", "600")
            let reply = try await send(
                real,
                .updateContainer,
                "POST",
                "/containers/\(id)/update",
                body: [
                    "Memory": 67_108_864, "MemorySwap": 67_108_864, "MemoryReservation": 0,
                    "NanoCpus": 0, "PidsLimit": 40,
                    "RestartPolicy": ["Name": "always", "MaximumRetryCount": 0],
                ],
                target: id
            )
            #expect(reply.effect == .done)
            let limits = try await real.engine.inspect(id)?.details?.limits
            #expect(limits?.memory == 67_108_864)
            #expect(limits?.restart == .always)
        }
    }

    @Test func createsAndRemovesNetworksAndVolumes() async throws {
        try await RealEngine.with { real in
            let volume = "\(real.controller)_data"
            let created = try await send(
                real,
                .createVolume,
                "POST",
                "/volumes/create",
                body: ["Name": .string(volume), "Driver": "local", "Labels": real.labels]
            )
            #expect(created == EngineReply(.done, id: volume))
            let network = try await send(
                real,
                .createNetwork,
                "POST",
                "/networks/create",
                body: [
                    "Name": .string("\(real.controller)_net"), "Driver": "bridge",
                    "CheckDuplicate": true, "Labels": real.labels,
                ]
            )
            let id = try #require(network.id)
            let observed = try await real.engine.observe(
                controller: real.controller,
                volumes: [volume]
            )
            #expect(observed.networks.map(\.id) == [id])
            #expect(observed.volumes?.map(\.name) == [volume])
            for expected in [EngineReply.Effect.done, .alreadyGone] {
                #expect(
                    try await send(
                        real,
                        .removeNetwork,
                        "DELETE",
                        "/networks/\(id)",
                        target: id
                    ).effect == expected
                )
                #expect(
                    try await send(
                        real,
                        .removeVolume,
                        "DELETE",
                        "/volumes/\(volume)",
                        target: volume
                    ).effect == expected
                )
            }
        }
    }

    @Test func aNetworkThatIsUsedStays() async throws {
        try await RealEngine.with { real in
            let network = try await real.network("net")
            let id = try await real.container(
                "web",
                "sleep",
                "600",
                host: ["NetworkMode": .string(network)]
            )
            let refused = await failure {
                try await send(
                    real,
                    .removeNetwork,
                    "DELETE",
                    "/networks/\(network)",
                    target: network
                )
            }
            #expect(refused?.code == .conflict)
            let request = EngineRequest(
                .disconnectNetwork,
                "POST",
                "/networks/\(network)/disconnect",
                body: ["Container": .string(id), "Force": true],
                target: id
            )
            let reply = try await real.engine.send(real.checked(request, owned: [id, network]))
            #expect(reply.effect == .done)
            #expect(try await real.engine.inspect(id)?.networks == [:])
        }
    }

    @Test func namesThePortThatIsTaken() async throws {
        try await RealEngine.with { real in
            let host: JSON = ["PortBindings": ["80/tcp": [["HostPort": "38123"]]]]
            // Bindings without an exposed port publish nothing.
            let exposed: [String: JSON] = ["ExposedPorts": ["80/tcp": [:]]]
            let first = try await real.container(
                "first",
                "sleep",
                "600",
                host: host,
                more: exposed
            )
            let second = try await real.container(
                "second",
                "sleep",
                "600",
                host: host,
                more: exposed,
                isStarted: false
            )
            let error = await failure {
                try await send(
                    real,
                    .startContainer,
                    "POST",
                    "/containers/\(second)/start",
                    target: second
                )
            }
            #expect(error?.code == .portInUse)
            #expect(error?.message.hasPrefix("port 38123 is in use: ") == true)
            #expect(first != second)
        }
    }
}
