import DockerEngine
import Model
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ImageTests {
    private static let one = "sha256:" + String(repeating: "1", count: 64)
    private static let two = "sha256:" + String(repeating: "2", count: 64)

    private func engine(digests: [String], config: String = "{}") throws -> FakeEngine {
        let digests = JSON.strings(digests).text
        return try FakeEngine { _ in
            .status(200, #"{"Id":"sha256:i","RepoDigests":\#(digests),"Config":\#(config)}"#)
        }
    }

    @Test(
        arguments: [
            ("httpd", ["httpd@\(one)"], "httpd@\(one)", "httpd:latest"),
            ("httpd:2.4", ["other/httpd@\(two)", "httpd@\(one)"], "httpd@\(one)", "httpd:2.4"),
            ("httpd@\(two)", ["httpd@\(one)", "httpd@\(two)"], "httpd@\(two)", "httpd@\(two)"),
            (
                "docker.io/library/httpd", ["httpd@\(two)", "httpd@\(one)"], "httpd@\(one)",
                "httpd:latest"
            ),
            (
                "r.example:5000/a/b:1", ["r.example:5000/a/b@\(one)"], "r.example:5000/a/b@\(one)",
                "r.example:5000/a/b:1"
            ),
            ("local:1", [], nil, "local:1"),
            ("local:1", ["elsewhere.example/local@\(one)"], nil, "local:1"),
        ] as [(String, [String], String?, String)]
    )
    func pinsByTheRepositorysOwnDigest(
        reference: String,
        digests: [String],
        pin: String?,
        path: String
    ) async throws {
        let fake = try engine(digests: digests)
        let image = try #require(await fake.engine.image(reference))
        #expect(image.reference == reference)
        #expect(image.imageID == "sha256:i")
        #expect(image.digest == pin)
        #expect(fake.calls.last == "GET /v1.41/images/\(path)/json")
    }

    @Test func readsWhatTheImageBrings() async throws {
        let fake = try engine(
            digests: [],
            config: #"{"User":"5:6","Volumes":{"/b":{},"/a":{}},"Labels":{"k":"v"},"#
                + #""Healthcheck":{"Test":["CMD","x"],"Interval":5,"StartInterval":6},"#
                + #""WorkingDir":"/srv"}"#
        )
        let config = try await fake.engine.image("a")?.config
        #expect(
            config
                == ImageConfig(
                    user: "5:6",
                    volumes: ["/a", "/b"],
                    labels: ["k": "v"],
                    hasHealthcheck: true,
                    workingDirectory: "/srv",
                    checkInterval: 5,
                    startInterval: 6
                )
        )
        let none = try engine(
            digests: [],
            config: #"{"Healthcheck":{"Test":["NONE"],"Interval":0},"WorkingDir":""}"#
        )
        #expect(try await none.engine.image("a")?.config == ImageConfig())
        let empty = try engine(digests: [], config: "null")
        #expect(try await empty.engine.image("a")?.config == ImageConfig())
    }

    @Test func whatIsNotThereIsNil() async throws {
        let fake = try FakeEngine { _ in .status(404, #"{"message":"No such image: a:latest"}"#) }
        #expect(try await fake.engine.image("a") == nil)
    }

    @Test func anIDIsNoReference() async throws {
        let fake = try engine(digests: [])
        let id = String(repeating: "a", count: 64)
        #expect(await failure { try await fake.engine.image(id) }?.code == .badRequest)
        #expect(fake.calls.isEmpty)
    }
}
