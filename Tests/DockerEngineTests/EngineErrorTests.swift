import DockerEngine
import Model
import Testing

@Suite(.timeLimit(.minutes(10)))
struct EngineErrorTests {
    private func error(_ status: Int, _ message: String) async throws -> EngineError? {
        let body = JSON.object(["message": .string(message)]).text
        let fake = try FakeEngine { _ in .status(status, body) }
        return await failure { try await fake.engine.identity() }
    }

    @Test(arguments: [
        (400, "invalid reference format", EngineError.Code.badRequest),
        (401, "who are you", .unauthorized),
        (403, "endpoint with name a already exists in network b", .conflict),
        (403, "authorization denied by plugin x", .unauthorized),
        (404, "No such container: abc", .notFound),
        (404, "No such image: httpd:9", .noSuchImage),
        (404, "page not found", .unsupported),
        (409, "Conflict. The container name \"/a\" is already in use", .conflict),
        (500, "something broke", .server),
        (500, "write /x: no space left on device", .outOfDisk),
        (
            500,
            "could not find an available, non-overlapping IPv4 address pool among the "
                + "defaults to assign to the network", .noAddress
        ),
        (403, "Pool overlaps with other one on this address space", .noAddress),
        (503, "This node is not a swarm manager.", .server),
        (500, "rpc error: code = Unknown desc = update out of sequence", .server),
        (503, "rpc error: code = Unavailable desc = the swarm does not have a leader", .server),
        (500, "rpc error: code = DeadlineExceeded desc = context deadline exceeded", .server),
        (
            501, "rpc error: code = Unimplemented desc = service mode change is not allowed",
            .badRequest
        ),
        (
            400,
            "rpc error: code = InvalidArgument desc = invalid cpu value 0.0001: Must be at least "
                + "0.001", .badRequest
        ),
        (
            400,
            "rpc error: code = InvalidArgument desc = port '80' is already in use by service 'x' "
                + "(y) as an ingress port", .portInUse
        ),
        (400, "rpc error: code = InvalidArgument desc = secret not found: key", .notFound),
        (
            400,
            "rpc error: code = FailedPrecondition desc = service needs ingress network, but no "
                + "ingress network is present", .server
        ),
        (302, "elsewhere", .protocolError),
    ]) func saysWhatAnErrorMeans(
        status: Int,
        message: String,
        code: EngineError.Code
    ) async throws {
        let error = try #require(await error(status, message))
        #expect(error.code == code)
        #expect(error.message == message)
        #expect(error.operation.hasPrefix("ask who it is on /tmp/"))
    }

    @Test(arguments: [
        "driver failed programming external connectivity on endpoint web (0f2a): "
            + "Bind for 0.0.0.0:30080 failed: port is already allocated",
        "driver failed programming external connectivity on endpoint web (0f2a): Error starting "
            + "userland proxy: listen tcp4 0.0.0.0:30080: bind: address already in use",
        "failed to set up container networking: driver failed programming external connectivity "
            + "on endpoint web (0f2a): failed to bind host port 0.0.0.0:30080/tcp: address "
            + "already in use",
        "failed to bind host port for 0.0.0.0:30080:172.17.0.2:80/tcp: address already in use",
        "Bind for [::]:30080 failed: port is already allocated",
        "Bind for :::30080 failed: port is already allocated",
    ]) func namesThePortThatIsInUse(message: String) async throws {
        let error = try #require(await error(500, message))
        #expect(error.code == .portInUse)
        #expect(error.message == "port 30080 is in use: \(message)")
    }

    @Test(arguments: [
        "create d: error looking up volume plugin nosuch: plugin \"nosuch\" not found",
        "could not find plugin nosuch in v1 plugin registry: plugin not found",
    ]) func namesADriverThatIsMissing(message: String) async throws {
        let error = try #require(await error(404, message))
        #expect(error.code == .noDriver && error.isTransient)
    }

    /// A port comes free and an image is pushed without anybody's changing the file that asks for
    /// them; a request that the engine does not take stays one.
    @Test(arguments: [
        (EngineError.Code.portInUse, true), (.noSuchImage, true), (.notFound, true),
        (.timeout, true), (.badRequest, false), (.conflict, false), (.unsupported, false),
    ]) func saysWhatIsWorthTryingAgain(code: EngineError.Code, isTransient: Bool) {
        #expect(EngineError(code, operation: "", message: "").isTransient == isTransient)
    }

    @Test func showsNoCredentials() async throws {
        let error = try #require(
            await error(
                500,
                "Get \"https://me:hidden@r.example/v2/token?account=me&token=hidden\": EOF, "
                    + "see http://r.example/a?hidden\u{1B}[2J and https://r.example/plain"
            )
        )
        #expect(!error.description.contains("hidden"))
        #expect(!error.description.contains("\u{1B}"))
        #expect(error.message.contains("https://r.example/v2/token?…"))
        #expect(error.message.contains("and https://r.example/plain"))
    }

    @Test func anErrorWithoutAReasonIsNotTheEngines() async throws {
        for (status, code) in [(404, EngineError.Code.protocolError), (502, .server)] {
            let fake = try FakeEngine { _ in .status(status, "<html>Bad Gateway</html>") }
            let error = await failure { try await fake.engine.identity() }
            #expect(error?.code == code)
            // Not "gone": nothing may be concluded from somebody else's 404.
            #expect(await failure { try await fake.engine.inspect("c1") }?.code == code)
        }
    }

    @Test func aLongReasonIsCut() async throws {
        let error = try #require(await error(500, String(repeating: "x", count: 5000)))
        #expect(error.message.count == 1000)
    }
}
