import Testing
import Transport

@Suite(.timeLimit(.minutes(10)))
struct HTTPClientTests {
    let client: HTTPClient

    init() throws { client = try HTTPClient(connections: 8) }

    private func get(_ server: FakeServer, _ path: String = "/x") -> HTTPRequest {
        HTTPRequest("GET", "http://docker\(path)", socketPath: server.path)
    }

    @Test func sendsMethodHeadersAndBody() async throws {
        let server = try FakeServer { _ in .status(201, "made", headers: "X-Kind: Fake\r\n") }
        var request = get(server, "/things?name=a%20b")
        request.method = "POST"
        request.headers = [.init("Content-Type", "application/json"), .init("X-Empty", "")]
        request.body = Array(#"{"a":1}"#.utf8)
        let response = try await client.send(request)
        #expect(response.status == 201)
        #expect(response.head["x-kind"] == "Fake")
        #expect(response.body == Array("made".utf8))
        let text = try #require(server.requests.first)
        #expect(text.hasPrefix("POST /things?name=a%20b HTTP/1.1\r\nHost: docker\r\n"))
        #expect(text.contains("\r\nContent-Type: application/json\r\n"))
        #expect(text.contains("\r\nX-Empty:\r\n"))
        #expect(!text.contains("Expect:"))
        #expect(text.hasSuffix("\r\n\r\n" + #"{"a":1}"#))
    }

    @Test func sendsAPostWithoutABodyAndADelete() async throws {
        let server = try FakeServer { _ in .status(204) }
        for method in ["POST", "DELETE", "HEAD"] {
            var request = get(server)
            request.method = method
            #expect(try await client.send(request).status == 204)
        }
        #expect(server.requests.map { $0.prefix { $0 != " " } } == ["POST", "DELETE", "HEAD"])
        #expect(server.requests.first?.contains("Content-Length: 0") == true)
        #expect(server.connections == 1)
    }

    @Test func keepsItsConnections() async throws {
        let server = try FakeServer { _ in .status(200, "ok") }
        for _ in 0..<50 { _ = try await client.send(get(server)) }
        #expect(server.connections == 1)
    }

    @Test func neverMixesUpTwoSockets() async throws {
        let one = try FakeServer { _ in .status(200, "one") }
        let two = try FakeServer { _ in .status(200, "two") }
        for _ in 0..<20 {
            #expect(try await client.send(get(one)).body == Array("one".utf8))
            #expect(try await client.send(get(two)).body == Array("two".utf8))
        }
        #expect(one.connections == 1 && two.connections == 1)
    }

    @Test func opensNoMoreConnectionsThanAllowed() async throws {
        let server = try FakeServer { _ in .status(200, "ok") }
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<100 { group.addTask { try await client.send(get(server)).status } }
            for try await status in group { #expect(status == 200) }
        }
        #expect(server.connections <= 8)
    }

    @Test func followsNoRedirect() async throws {
        let server = try FakeServer { _ in .status(302, headers: "Location: http://else/\r\n") }
        #expect(try await client.send(get(server)).status == 302)
        #expect(server.requests.count == 1)
    }

    @Test func leavesInterimAnswersOut() async throws {
        let server = try FakeServer { _ in
            .raw(
                "HTTP/1.1 103 Hints\r\nA: 1\r\n\r\nHTTP/1.1 200 OK\r\nB: 2\r\n"
                    + "Content-Length: 0\r\n\r\n",
                then: .keepOpen
            )
        }
        let response = try await client.send(get(server))
        #expect(response.status == 200)
        #expect(response.head["a"] == nil)
        #expect(response.head["b"] == "2")
    }

    @Test func namesTheSocketWhenNobodyListens() async throws {
        let request = HTTPRequest("GET", "http://docker/v", socketPath: "/nowhere/docker.sock")
        let error = await failure { try await client.send(request) }
        #expect(error?.code == .cannotConnect)
        #expect(
            error?.description
                == "GET /v on /nowhere/docker.sock: cannot connect: No such file or directory"
        )
        #expect(error?.isTransient == true)
    }

    @Test func errorsHoldNoQueryAndNoCredentials() {
        let request = HTTPRequest("GET", "https://me:secret@git.example/a/b?token=secret")
        #expect(request.operation == "GET /a/b on git.example")
    }

    @Test func refusesAHeaderThatWouldBeTwo() async throws {
        let server = try FakeServer { _ in .status(200) }
        var request = get(server)
        request.headers = [.init("X", "a\r\nY: b")]
        #expect(await failure { try await client.send(request) }?.code == .invalidRequest)
        #expect(server.requests.isEmpty)
    }

    @Test func givesUpOnASilentServer() async throws {
        let server = try FakeServer { _ in Reply(pieces: [], then: .fallSilent) }
        var request = get(server)
        request.totalTimeout = .milliseconds(150)
        #expect(await failure { try await client.send(request) }?.code == .timedOut)
        request.totalTimeout = nil
        request.headTimeout = .milliseconds(150)
        #expect(await failure { try await client.stream(request) }?.code == .timedOut)
    }

    @Test func givesUpWhenNothingMoves() async throws {
        let server = try FakeServer { _ in .chunks(["a"], then: .fallSilent, isComplete: false) }
        var request = get(server)
        request.totalTimeout = nil
        request.stallTimeout = .seconds(1)
        let stream = try await client.stream(request)
        let error = await failure { for try await _ in stream.body {} }
        #expect(error?.code == .timedOut)
    }

    @Test(arguments: [
        (FakeServer.Reply.raw(""), TransportError.Code.closedEarly),
        (.raw("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"), .closedEarly),
        (.chunks(["abc"], then: .close, isComplete: false), .closedEarly),
        (.raw("SSH-2.0-OpenSSH_9.2\r\n"), .malformed),
        (
            .raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n"), .closedEarly
        ),
    ]) func neverTakesABrokenAnswerForAWholeOne(
        reply: FakeServer.Reply,
        code: TransportError.Code
    ) async throws {
        let server = try FakeServer { _ in reply }
        #expect(await failure { try await client.send(get(server)) }?.code == code)
    }

    @Test func refusesAnAnswerThatIsTooLarge() async throws {
        let server = try FakeServer { _ in .status(200, String(repeating: "x", count: 2000)) }
        var request = get(server)
        request.maxResponseBytes = 1999
        #expect(await failure { try await client.send(request) }?.code == .tooLarge)
        request.maxResponseBytes = 2000
        #expect(try await client.send(request).body.count == 2000)
    }

    @Test func refusesHeadersWithoutEnd() async throws {
        let lines = String(
            repeating: "X-Kind: \(String(repeating: "x", count: 1000))\r\n",
            count: 300
        )
        let server = try FakeServer { _ in .status(200, "ok", headers: lines) }
        #expect(await failure { try await client.send(get(server)) }?.code == .tooLarge)
    }

    @Test func replacesAConnectionThatWasClosed() async throws {
        let server = try FakeServer { _ in .raw("HTTP/1.1 204 X\r\n\r\n", then: .close) }
        for _ in 0..<5 { #expect(try await client.send(get(server)).status == 204) }
        #expect(server.connections == 5)
    }

    @Test func aCancelledTaskEndsItsTransfer() async throws {
        let server = try FakeServer { _ in Reply(pieces: [], then: .fallSilent) }
        let task = Task { try await client.send(get(server)) }
        while server.requests.isEmpty { await Task.yield() }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func losesNothingInAStormOfCancellations() async throws {
        let server = try FakeServer { _ in .status(200, "ok") }
        let tasks = (0..<1000).map { _ in Task { try await client.send(get(server)).status } }
        for (number, task) in tasks.enumerated() where number % 3 != 0 { task.cancel() }
        var answered = 0
        for task in tasks {
            switch await task.result {
            case .success(let status):
                #expect(status == 200)
                answered += 1
            case .failure(let error): #expect(error is CancellationError)
            }
        }
        #expect(answered >= 334)
    }

    @Test func failsWhatComesAfterItsEnd() async throws {
        let server = try FakeServer { _ in .chunks(["a"], then: .fallSilent, isComplete: false) }
        var short: HTTPClient? = try HTTPClient()
        var request = get(server)
        (request.totalTimeout, request.stallTimeout) = (nil, .seconds(3600))
        let stream = try await short?.stream(request)
        short = nil
        let error = await failure {
            if let stream { for try await _ in stream.body {} }
        }
        #expect(error?.code == .shutDown)
    }
}

typealias Reply = FakeServer.Reply

/// What `body` throws of ours.
func failure<T>(_ body: () async throws -> T) async -> TransportError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? TransportError
    }
}
