import Admission
import DockerEngine
import Model
import Synchronization
import Testing

/// Events, pulls and logs, with streams as an engine could send them.
@Suite(.timeLimit(.minutes(10)))
struct StreamTests {
    private func events(
        _ chunks: [String],
        then: FakeServer.Reply.Then = .close,
        isComplete: Bool = false
    ) throws -> FakeEngine {
        try FakeEngine { call in
            call == "GET /events"
                ? .chunks(chunks, then: then, isComplete: isComplete)
                : .status(404, #"{"message":"page not found"}"#)
        }
    }

    /// Actions of all events until the stream fails, and the failure.
    private func follow(_ fake: FakeEngine) async -> ([String], (any Error)?) {
        var actions: [String] = []
        do {
            for try await event in fake.engine.events(controller: "c") {
                actions.append(event.action)
            }
            return (actions, nil)
        } catch {
            return (actions, error)
        }
    }

    private static func container(_ action: String, controller: String = "c") -> String {
        #"{"Type":"container","Action":"\#(action)","Actor":{"ID":"c1","Attributes":"#
            + #"{"io.gyre.controller":"\#(controller)","image":"x"}}}"# + "\n"
    }

    @Test func handsOnOurEventsWhereverTheyAreCut() async throws {
        let all =
            Self.container("die") + Self.container("start", controller: "d")
            + Self.container("health_status: healthy")
        let half = all.index(all.startIndex, offsetBy: 70)
        for chunks in [[all], [String(all[..<half]), String(all[half...])]] {
            let (actions, error) = await follow(try events(chunks))
            #expect(actions == ["subscribed", "die", "health_status: healthy"])
            #expect((error as? EngineError)?.code == .unreachable)
        }
    }

    @Test func anEndIsAnErrorEvenWhenItIsClean() async throws {
        let (actions, error) = await follow(try events([], isComplete: true))
        #expect(actions == ["subscribed"])
        #expect((error as? EngineError)?.code == .unreachable)
    }

    @Test func garbageIsAnError() async throws {
        let (_, error) = await follow(try events(["{\"Type\":3}\n"]))
        #expect((error as? EngineError)?.code == .protocolError)
    }

    @Test func aLineWithoutEndIsAnError() async throws {
        let piece = String(repeating: "x", count: 60_000)
        let (_, error) = await follow(try events(Array(repeating: piece, count: 30)))
        #expect((error as? EngineError)?.code == .tooLarge)
    }

    @Test func aCancelledReaderSeesACancellation() async throws {
        let fake = try events([Self.container("die")], then: .fallSilent)
        let seen = Mutex<[String]>([])
        let reader = Task {
            for try await event in fake.engine.events(controller: "c") {
                seen.withLock { $0.append(event.action) }
            }
        }
        while seen.withLock({ $0 }) != ["subscribed", "die"] { await Task.yield() }
        reader.cancel()
        await #expect(throws: CancellationError.self) { try await reader.value }
    }

    @Test func aPullFailsByTheLineThatSaysSo() async throws {
        let cases: [(String, EngineError.Code)] = [
            ("manifest for a:1 not found: manifest unknown: manifest unknown", .noSuchImage),
            (
                "pull access denied for a, repository does not exist or may require 'docker login'",
                .noSuchImage
            ),
            ("unauthorized: authentication required", .unauthorized),
            ("toomanyrequests: slow down", .rateLimited),
            (
                "no matching manifest for linux/amd64 in the manifest list entries",
                .wrongPlatform
            ),
            (
                "Get \"https://r/v2/\": x509: certificate signed by unknown authority",
                .untrustedRegistry
            ),
            (
                "Get \"https://r/v2/\": http: server gave HTTP response to HTTPS client",
                .untrustedRegistry
            ),
            ("Get \"https://r/v2/\": net/http: TLS handshake timeout", .registry),
            ("Head \"https://r/v2/a/manifests/1\": no basic auth credentials", .unauthorized),
            (
                "Get \"https://r/v2/\": dial tcp 10.0.0.1:443: connect: connection refused",
                .registry
            ),
            ("received unexpected HTTP status: 503 Service Unavailable", .registry),
            ("Get \"https://r/v2/?token=hidden\": dial tcp: lookup r: no such host", .registry),
            ("write /var/lib/docker/tmp/x: no space left on device", .outOfDisk),
            ("unexpected EOF", .server),
        ]
        for (message, code) in cases {
            let line = JSON.object(["error": .string(message)]).text
            let fake = try pulling(["{\"status\":\"Pulling\"}\r\n", line + "\r\n"])
            let error = await failure { try await fake.engine.pull(checkedPull()) }
            #expect(error?.code == code, "\(message)")
            #expect(error?.description.contains("hidden") == false)
            #expect(error?.operation.hasPrefix("pull image busybox:1 on ") == true)
        }
    }

    @Test func aPullReportsItsProgress() async throws {
        let fake = try pulling([
            #"{"status":"Downloading","id":"ab","progressDetail":{"current":5,"total":9}}"#,
            "\r\n{\"status\":\"Done\"}",
        ])
        let seen = Mutex<[PullProgress]>([])
        try await fake.engine.pull(checkedPull()) { line in seen.withLock { $0.append(line) } }
        #expect(
            seen.withLock { $0 } == [
                PullProgress(status: "Downloading", layer: "ab", current: 5, total: 9),
                PullProgress(status: "Done"),
            ]
        )
        #expect(fake.calls.contains("POST /v1.41/images/create?fromImage=busybox&tag=1"))
    }

    @Test func aPullThatStandsStillFails() async throws {
        let fake = try FakeEngine(deadlines: EngineDeadlines(pullStall: .seconds(1))) { _ in
            .chunks(["{\"status\":\"Pulling\"}\r\n"], then: .fallSilent, isComplete: false)
        }
        #expect(await failure { try await fake.engine.pull(checkedPull()) }?.code == .timeout)
    }

    @Test func aPullThatIsCutOffFails() async throws {
        let fake = try FakeEngine { _ in
            .chunks(["{\"status\":\"Pulling\"}\r\n"], then: .close, isComplete: false)
        }
        #expect(await failure { try await fake.engine.pull(checkedPull()) }?.code == .unreachable)
    }

    @Test func aPullRefusedAtOnceFails() async throws {
        let fake = try FakeEngine { _ in
            .status(
                404,
                #"{"message":"pull access denied for busybox, repository does not exist"}"#
            )
        }
        #expect(await failure { try await fake.engine.pull(checkedPull()) }?.code == .noSuchImage)
    }

    private func pulling(_ chunks: [String]) throws -> FakeEngine {
        try FakeEngine { call in
            call == "POST /images/create"
                ? .chunks(chunks, then: .keepOpen, isComplete: true)
                : .status(200, #"{"Id":"sha256:i","Os":"linux","Architecture":"amd64"}"#)
        }
    }

    private func checkedPull() throws -> CheckedRequest {
        let stack = try StackID(parsing: "test")
        return try Gate(TenantPolicy(), controller: "c", stack: stack).check(
            EngineRequest(
                .pullImage,
                "POST",
                "/images/create",
                query: [.init("fromImage", "busybox"), .init("tag", "1")]
            )
        )
    }
}
