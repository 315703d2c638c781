import DockerEngine
import Model
import Testing
import Transport

@Suite(.timeLimit(.minutes(10)))
struct NegotiationTests {
    @Test(arguments: [
        ("1.41", "1.12", "1.41"), ("1.47", "1.24", "1.47"), ("1.52", "1.44", "1.52"),
        ("1.60", "1.44", "1.52"),
    ]) func agreesOnTheNewestThatBothKnow(
        newest: String,
        oldest: String,
        agreed: String
    ) async throws {
        let fake = try FakeEngine(newest: newest, oldest: oldest) { _ in .status(200, "[]") }
        #expect(try await fake.engine.apiVersion().description == agreed)
        #expect(try await fake.engine.apiVersion().description == agreed)
        #expect(fake.calls == ["GET /version"])
    }

    @Test(arguments: [("1.40", "1.12"), ("1.70", "1.60")])
    func refusesAnEngineOfAnotherAge(newest: String, oldest: String) async throws {
        let fake = try FakeEngine(newest: newest, oldest: oldest) { _ in .status(200, "[]") }
        let error = await failure { try await fake.engine.apiVersion() }
        #expect(error?.code == .unsupported)
        #expect(
            error?.message
                == "engine x speaks API \(oldest) to \(newest), Gyre speaks 1.41 to 1.52"
        )
        #expect(error?.isTransient == false)
    }

    @Test func asksAgainWhenTheEngineWasExchanged() async throws {
        let fake = try FakeEngine { _ in
            .status(400, #"{"message":"client version 1.47 is too new. Maximum is 1.41"}"#)
        }
        for _ in 0..<2 {
            #expect(await failure { try await fake.engine.identity() }?.code == .unsupported)
        }
        #expect(fake.calls.filter { $0 == "GET /version" }.count == 2)
    }

    @Test func refusesAVersionThatIsNone() async throws {
        let fake = try FakeEngine(newest: "new") { _ in .status(200) }
        #expect(await failure { try await fake.engine.apiVersion() }?.code == .protocolError)
    }
}
