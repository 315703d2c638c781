import ControlAPI
import Glibc
import Model
import Reconciliation
import ServiceLifecycle
import Testing
import Transport

/// What a Traefik is answered.
@Suite struct IngressServerTests {
    private static let routes = [
        IngressRoute(
            name: "shop_web_api",
            match: .init(host: "shop.example.org", port: 8080, path: "/api"),
            targets: ["10.0.0.1:8080", "10.0.0.2:8080"]
        ),
        IngressRoute(name: "b", match: .init(host: "b.example.org", port: 80), targets: []),
    ]

    @Test func routesAreTraefiksDynamicConfiguration() async throws {
        try await asking({ _ in Self.routes }) { ask in
            let reply = try await ask("/traefik")
            #expect(reply.status == 200)
            let http = try #require(try JSON(parsing: reply.body)["http"])
            let routers: JSON = [
                "shop_web_api": [
                    "rule": "Host(`shop.example.org`) && PathPrefix(`/api`)",
                    "service": "shop_web_api",
                ],
                "b": ["rule": "Host(`b.example.org`)", "service": "b"],
            ]
            #expect(http["routers"] == routers)
            let services: JSON = [
                "shop_web_api": [
                    "loadBalancer": [
                        "servers": [
                            ["url": "http://10.0.0.1:8080"], ["url": "http://10.0.0.2:8080"],
                        ]
                    ]
                ],
                "b": ["loadBalancer": ["servers": []]],
            ]
            #expect(http["services"] == services)
        }
    }

    @Test func withoutARouteNothingIsLeftToRead() async throws {
        try await asking({ _ in [] }) { ask in
            let reply = try await ask("/traefik")
            #expect(try JSON(parsing: reply.body) == [:])
        }
    }

    @Test func aNodeIsPassedOn() async throws {
        let known: @Sendable (String?) async throws -> [IngressRoute] = { node in
            guard node == "alpha" else { throw UnknownNode(node ?? "", known: ["alpha"]) }
            return Self.routes
        }
        try await asking(known) { ask in
            for (path, status) in [
                ("/traefik/alpha", 200), ("/traefik/beta", 404), ("/v1/status", 404),
            ] {
                let reply = try await ask(path)
                #expect(reply.status == status, "\(path)")
            }
        }
    }

    /// Traefik keeps what it has when it is answered so.
    @Test func whatIsUnknownIsNoAnswer() async throws {
        let unknown: @Sendable (String?) async throws -> [IngressRoute] = { _ in
            throw RoutesUnknown("shop was not looked at yet")
        }
        try await asking(unknown) { ask in
            let reply = try await ask("/traefik")
            #expect(reply.status == 503)
        }
    }

    /// Runs a server on a free port of its own while `body` asks it.
    private func asking(
        _ routes: @escaping @Sendable (String?) async throws -> [IngressRoute],
        _ body: ((String) async throws -> Transport.HTTPResponse) async throws -> Void
    ) async throws {
        let port = try freePort()
        let server = IngressServer(on: "127.0.0.1", port: port, logger: quiet, routes: routes)
        let services = ServiceGroup(
            configuration: .init(services: [Told(server: server)], logger: quiet)
        )
        let client = try HTTPClient(connections: 1)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            let result: Result<Void, any Error>
            do {
                try await body { path in
                    for _ in 0..<500 {
                        let request = Transport.HTTPRequest(
                            "GET",
                            "http://127.0.0.1:\(port)\(path)"
                        )
                        if let reply = try? await client.send(request) { return reply }
                        try await Task.sleep(for: .milliseconds(10))
                    }
                    throw CancellationError()
                }
                result = .success(())
            } catch {
                result = .failure(error)
            }
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
            try result.get()
        }
    }

    /// One that the kernel gave away a moment ago.
    private func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, size) == 0 && getsockname(descriptor, pointer, &size) == 0
            }
        }
        try #require(port)
        return Int(UInt16(bigEndian: address.sin_port))
    }
}

private struct Told: ServiceLifecycle.Service {
    let server: IngressServer

    func run() async throws { try await server.run() }
}
