import Admission
import DockerEngine
import Foundation
import Model
import Testing

/// What is asked of registries through an engine, and who is shown what.
@Suite(.timeLimit(.minutes(10)))
struct RegistryTests {
    private static let digest = "sha256:" + String(repeating: "1", count: 64)
    private let secret = RegistryCredentials(username: "robot", password: "?>hidden~")

    private func distributing(
        _ platforms: String = "[]",
        node: (String, String) = ("linux", "amd64")
    ) throws -> FakeEngine {
        try FakeEngine(node: node) { _ in
            .status(
                200,
                #"{"Descriptor":{"digest":"\#(Self.digest)"},"Platforms":\#(platforms)}"#
            )
        }
    }

    @Test(
        arguments: [
            ("httpd", "httpd:latest", "httpd@\(digest)"),
            ("r.example:5000/a/b:1", "r.example:5000/a/b:1", "r.example:5000/a/b@\(digest)"),
            ("r.example/a@\(digest)", "r.example/a@\(digest)", "r.example/a@\(digest)"),
        ]
    )
    func theRegistrysDigestIsAsked(reference: String, path: String, pin: String) async throws {
        let fake = try distributing()
        #expect(try await fake.engine.digest(of: reference, nil) == pin)
        #expect(fake.calls.last == "GET /v1.41/distribution/\(path)/json")
        #expect(fake.server.requests.allSatisfy { !$0.contains("X-Registry-Auth") })
    }

    /// Nothing ends by a deadline here: who waits for a silent registry waits for the whole test.
    @Test func silentRegistriesHoldUpNoOther() async throws {
        let fake = try FakeEngine(
            deadlines: EngineDeadlines(call: .seconds(3600))
        ) { call in
            if call.contains("/distribution/silent") {
                return .chunks([], then: .fallSilent, isComplete: false)
            }
            return .status(200, #"{"Descriptor":{"digest":"\#(Self.digest)"}}"#)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask {
                    _ = try? await fake.engine.digest(of: "silent.example/a:\(number)", nil)
                }
            }
            while fake.calls.count(where: { $0.contains("silent") }) < 4 {
                try await Task.sleep(for: .milliseconds(5))
            }
            _ = try await fake.engine.digest(of: "loud.example/a:1", nil)
            for number in 0..<40 {
                group.addTask {
                    _ = try? await fake.engine.digest(of: "silent-too.example/a:\(number)", nil)
                }
            }
            while fake.calls.count(where: { $0.contains("silent-too") }) < 4 {
                try await Task.sleep(for: .milliseconds(5))
            }
            // All connections of the client that asks registries are taken now.
            try await fake.engine.ping()
            #expect(fake.calls.count { $0.contains("silent") } == 8)
            group.cancelAll()
        }
    }

    /// A line of questions ends with those that got no answer, not one deadline after the other.
    @Test func whoWaitedForASilentRegistryIsGivenUpWithTheRest() async throws {
        let fake = try FakeEngine(deadlines: EngineDeadlines(call: .seconds(3))) { _ in
            .chunks([], then: .fallSilent, isComplete: false)
        }
        try await withThrowingTaskGroup(of: EngineError?.self) { group in
            for number in 1...16 {
                group.addTask {
                    await failure {
                        try await fake.engine.digest(of: "silent.example/a:\(number)", nil)
                    }
                }
            }
            for try await error in group { #expect(error?.code == .timeout) }
        }
        let asked = fake.calls.count { $0.contains("silent.example") }
        #expect(asked < 12, "\(asked) of 16, of which 4 at a time may ask")
    }

    @Test func anotherDigestThanTheOneAskedForIsNone() async throws {
        let other = "r.example/a@sha256:" + String(repeating: "2", count: 64)
        let fake = try distributing()
        let error = await failure { try await fake.engine.digest(of: other, nil) }
        #expect(error?.code == .protocolError)
    }

    @Test(arguments: [("r.example:5000/a", "r.example:5000"), ("a", "https://index.docker.io/v1/")])
    func credentialsAreShownAsTheAPIWantsThem(image: String, address: String) async throws {
        let fake = try distributing()
        _ = try await fake.engine.digest(of: image, secret)
        let shown = try #require(fake.shown.last)
        #expect(shown == ["username": "robot", "password": "?>hidden~", "serveraddress": address])
    }

    @Test func aPullShowsThemToo() async throws {
        let fake = try FakeEngine { call in
            call == "POST /images/create"
                ? .chunks(["{}"], then: .keepOpen, isComplete: true)
                : .status(200, #"{"Id":"sha256:i"}"#)
        }
        try await fake.engine.pull(checkedPull(), secret)
        #expect(fake.shown.map { $0["password"] } == ["?>hidden~"])
        #expect(fake.server.requests.count { $0.contains("X-Registry-Auth") } == 1)
    }

    @Test func noTextHasThePassword() async throws {
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), dumped] {
            #expect(!text.contains("hidden"))
        }
        let fake = try FakeEngine { _ in
            .status(401, #"{"message":"unauthorized: authentication required"}"#)
        }
        let error = await failure { try await fake.engine.digest(of: "r.example/a", secret) }
        #expect(error?.code == .unauthorized)
        #expect(error?.description.contains("hidden") == false)
    }

    @Test(
        arguments: [
            ("amd64", #"[{"os":"linux","architecture":"arm64"}]"#, false),
            (
                "amd64",
                #"[{"os":"linux","architecture":"arm64"},{"os":"linux","architecture":"amd64"}]"#,
                true
            ),
            ("amd64", #"[{"os":"windows","architecture":"amd64"}]"#, false),
            ("amd64", #"[{"os":"linux","architecture":"386"}]"#, true),
            ("arm64", #"[{"os":"linux","architecture":"arm"}]"#, true),
            ("arm64", #"[{"os":"linux","architecture":"386"}]"#, false),
            ("amd64", #"[{"os":"","architecture":""}]"#, true),
            ("", #"[{"os":"linux","architecture":"arm64"}]"#, true),
        ]
    )
    func theRegistryTellsWhoCanRunIt(node: String, platforms: String, runs: Bool) async throws {
        let fake = try distributing(platforms, node: ("linux", node))
        let error = await failure { try await fake.engine.digest(of: "r.example/a", nil) }
        #expect(error?.code == (runs ? nil : .wrongPlatform))
        #expect(error?.isTransient != true)
    }

    @Test func whatIsMadeForOthersDoesNotFit() async throws {
        let fake = try FakeEngine { call in
            call == "POST /images/create"
                ? .chunks(["{}"], then: .keepOpen, isComplete: true)
                : .status(200, #"{"Id":"sha256:i","Os":"linux","Architecture":"arm64"}"#)
        }
        #expect(try await fake.engine.image("busybox:1")?.imageID == "sha256:i")
        #expect(try await fake.engine.fittingImage("busybox:1") == nil)
        let error = await failure { try await fake.engine.pull(checkedPull()) }
        #expect(error?.code == .wrongPlatform)
        #expect(error?.message == "it is made for linux/arm64, the node is linux/amd64")
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

extension FakeEngine {
    /// What registries were shown, in the order of the calls.
    fileprivate var shown: [[String: String]] {
        server.requests.compactMap { request in
            let head = request.split(separator: "\r\n").first { $0.hasPrefix("X-Registry-Auth: ") }
            let text = head?.dropFirst("X-Registry-Auth: ".count)
                .replacing("-", with: "+").replacing("_", with: "/")
            return text.flatMap { Data(base64Encoded: String($0)) }.flatMap {
                try? JSONDecoder().decode([String: String].self, from: $0)
            }
        }
    }
}
