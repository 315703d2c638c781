import ControlAPI
import Glibc
import Logging
import Model
import Reconciliation
import ServiceLifecycle
import TestSupport
import Testing
import Transport

/// The whole way of a question: client, socket, routes, and back.
///
/// Behind the routes stands a double with fixed answers, so that each route is seen to pass on
/// what it is given; the end-to-end tests go the same way to a real controller.
@Suite struct ControlRoutesTests {
    private let shop: StackID

    init() throws { shop = try StackID(project: "shop", stack: "web") }

    @Test func everyQuestionComesBack() async throws {
        let stub = try StubControl()
        try await serving(stub) { client, _ in
            #expect(try await client.version() == stub.versionAnswer)
            #expect(try await client.status() == stub.statusAnswer)
            #expect(try await client.plan(shop) == stub.planAnswer)
            #expect(try await client.diff(shop) == stub.diffAnswer)
            #expect(try await client.recoveryFindings() == stub.recoveryAnswer)
            try await client.sync(nil, by: "x")
            try await client.sync(shop, by: "x")
            #expect(try await client.syncAndWait(shop, by: "x") == stub.statusAnswer.stacks)
            let query = HistoryQuery(stack: shop, run: "a&b", limit: 7)
            #expect(try await client.history(query) == [stub.run])
        }
        let me = Person.own
        #expect(
            stub.demands == [
                "sync all by \(me)", "sync shop/web by \(me)", "sync shop/web and wait by \(me)",
                "history shop/web run a&b limit 7",
            ]
        )
    }

    @Test func aVolumeComesAsItIsReadAndWhatBreaksOffIsNoEnd() async throws {
        let stub = try StubControl()
        try await serving(stub) { client, _ in
            var count = 0
            let whole = VolumeQuestion("data", on: "alpha")
            for try await piece in try await client.exportVolume(whole, of: shop, by: "x") {
                #expect(piece.allSatisfy { $0 == 7 })
                count += piece.count
            }
            #expect(count == 64 << 16)
            count = 0
            let cut = try await client.exportVolume(VolumeQuestion("cut"), of: shop, by: "x")
            await #expect(throws: TransportError.self) {
                for try await piece in cut { count += piece.count }
            }
            #expect(count < 64 << 16)
        }
        let me = Person.own
        #expect(
            stub.demands == [
                "export data on alpha of shop/web by \(me)", "export cut on - of shop/web by \(me)",
            ]
        )
        try await serving(try StubControl(failing: true)) { client, _ in
            let failure = await #expect(throws: ControlFailure.self) {
                _ = try await client.exportVolume(VolumeQuestion("none"), of: shop, by: "x")
            }
            #expect(failure?.code == .notPossible)
            #expect(failure?.message == "shop/web has no volume none")
        }
    }

    /// A volume may be larger than the memory of who hands it on; nobody waits for a slow reader.
    @Test func aVolumeWaitsForWhoReadsIt() async throws {
        let stub = try StubControl()
        let question = VolumeQuestion("endless")
        var slow: Pieces?
        try await serving(stub) { client, _ in
            do {
                let left = try await client.exportVolume(question, of: shop, by: "x")
                _ = try await left.next()
            }
            // Nothing more is taken for who has left, nor for who doesn't read.
            #expect(try await rests(stub.reader))
            let pieces = try await client.exportVolume(question, of: shop, by: "x")
            _ = try await pieces.next()
            #expect(try await rests(stub.reader))
            slow = pieces
        }
        let pieces = try #require(slow)
        await #expect(throws: TransportError.self) {
            while let _ = try await pieces.next() {}
        }
    }

    /// Whether there comes a time at which nothing more is taken.
    private func rests(_ reader: StubControl.Reader) async throws -> Bool {
        for _ in 0..<100 {
            let before = reader.count
            try await Task.sleep(for: .milliseconds(300))
            if before > 0, reader.count == before { return true }
        }
        return false
    }

    @Test func demandsNameTheUserThatTheKernelKnows() async throws {
        let stub = try StubControl()
        try await serving(stub) { client, _ in
            try await client.confirm(shop, change: "3f2a", by: "somebody else")
            #expect(try await client.release(shop, by: "somebody else") == 2)
            _ = try await client.recover(by: "somebody else", taking: ["b", "a"])
            let demand = RollbackDemand(to: "3f2a", message: "w", dryRun: true)
            let rollback = try await client.rollback(shop, demand, by: "somebody else")
            #expect(rollback == stub.rollbackAnswer)
            try await client.drain("alpha-2", by: "somebody else")
            try await client.undrain("alpha", by: "somebody else")
            try await client.fence("alpha", by: "somebody else")
            try await client.accept("alpha", by: "somebody else")
        }
        let me = Person.own
        #expect(
            stub.demands == [
                "confirm shop/web 3f2a by \(me)", "release shop/web by \(me)",
                "recover [\"a\", \"b\"] by \(me)", "rollback shop/web to 3f2a w true by \(me)",
                "drain alpha-2 by \(me)", "undrain alpha by \(me)",
                "fence alpha by \(me)", "accept alpha by \(me)",
            ]
        )
    }

    @Test func errorsKeepTheirCodeAndRemedy() async throws {
        let stub = try StubControl(failing: true)
        try await serving(stub) { client, _ in
            await #expect(throws: ControlFailure.self) { try await client.plan(shop) }
            let unknown = await failure { _ = try await client.plan(shop) }
            #expect(unknown?.code == .unknownStack)
            #expect(unknown?.remedy == "gyre status lists all stacks")
            let refused = await failure { _ = try await client.release(shop, by: "") }
            #expect(refused?.code == .notPossible)
            #expect(refused?.message == "no version of shop/web is held")
            let slip = await failure { try await client.drain("beta", by: "") }
            #expect(slip?.code == .unknownNode && slip?.status == 404)
            #expect(slip?.message == "no node beta; known: alpha")
        }
    }

    @Test(arguments: [
        ("GET", "/v1/nothing", 404, "unknown-route"),
        ("GET", "/v1/stacks/shop/A_b/plan", 400, "bad-request"),
        ("GET", "/v1/history?limit=0", 400, "bad-request"),
        ("GET", "/v1/history?limit=1001", 400, "bad-request"),
        ("GET", "/v1/history?limit=many", 400, "bad-request"),
        ("GET", "/v1/history?stack=a/b/c", 400, "bad-request"),
        ("POST", "/v1/stacks/shop/web/confirm", 400, "bad-request"),
    ])
    func wrongRequestsAreRefused(
        method: String,
        path: String,
        status: Int,
        code: String
    ) async throws {
        try await serving(try StubControl()) { _, socket in
            let reply = try await ask(socket, method, path, body: method == "POST" ? [0x7B] : nil)
            #expect(reply.status == status)
            #expect(String(decoding: reply.body, as: UTF8.self).contains("\"\(code)\""))
        }
    }

    @Test func aLargeBodyIsRefused() async throws {
        let stub = try StubControl()
        try await serving(stub) { _, socket in
            let body = [UInt8](repeating: 0x20, count: 1 << 20)
            let reply = try await ask(socket, "POST", "/v1/stacks/shop/web/confirm", body: body)
            #expect(reply.status == 413)
        }
        #expect(stub.demands == [])
    }

    private func failure(_ body: () async throws -> Void) async -> ControlFailure? {
        do {
            try await body()
            return nil
        } catch { return error as? ControlFailure }
    }

    private func ask(
        _ socket: ControlSocket,
        _ method: String,
        _ path: String,
        body: [UInt8]?
    ) async throws -> Transport.HTTPResponse {
        let request = Transport.HTTPRequest(
            method,
            "http://gyre\(path)",
            socketPath: socket.path,
            headers: [.init("Content-Type", "application/json")],
            body: body
        )
        return try await HTTPClient(connections: 1).send(request)
    }
}

/// Runs a server on a socket of its own while `body` asks it.
func serving(
    _ control: any Control,
    _ body: (ControlClient, ControlSocket) async throws -> Void
) async throws {
    let folder = try temporaryFolder()
    defer { rmdir(folder) }
    let socket = ControlSocket(folder + "/s")
    let server = ControlServer(control, on: socket, logger: quiet)
    let services = ServiceGroup(
        configuration: ServiceGroupConfiguration(services: [Served(server: server)], logger: quiet)
    )
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await services.run() }
        for _ in 0..<500 {
            if socket.state() == .answering { break }
            try await Task.sleep(for: .milliseconds(10))
        }
        // The server is only ever shut down gracefully, whatever the test came to.
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(try ControlClient(socket), socket))
        } catch {
            result = .failure(error)
        }
        await services.triggerGracefulShutdown()
        try await group.waitForAll()
        try result.get()
    }
    unlink(socket.path)
}

private struct Served: ServiceLifecycle.Service {
    let server: ControlServer

    func run() async throws { try await server.run() }
}

func temporaryFolder() throws -> String {
    var template = Array("/tmp/gyre-control.XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { buffer in
        buffer.baseAddress.flatMap { mkdtemp($0) } != nil
    }
    try #require(made)
    return template.withUnsafeBufferPointer { buffer in
        buffer.baseAddress.map { String(cString: $0) } ?? ""
    }
}

let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
