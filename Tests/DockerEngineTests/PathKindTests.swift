import DockerEngine
import Foundation
import Model
import Testing

/// What an engine says of a path in a container.
@Suite(.timeLimit(.minutes(10)))
struct PathKindTests {
    private func fake(_ status: Int, _ header: String) throws -> FakeEngine {
        try FakeEngine { call in
            call == "HEAD /containers/c1/archive"
                ? .status(status, headers: header) : .status(404, #"{"message":"no such c1"}"#)
        }
    }

    private static func header(_ stat: String) -> String {
        "X-Docker-Container-Path-Stat: \(Data(stat.utf8).base64EncodedString())\r\n"
    }

    /// As 20.10 and 26.1 answer.
    @Test(arguments: [
        (2_147_484_141, PathKind.folder), (134_218_239, .link), (420, .other),
        (2_148_532_221, .folder),
    ])
    func tellsWhatThereIs(mode: Int, kind: PathKind) async throws {
        let stat = #"{"name":"x","size":4,"mode":\#(mode),"mtime":"","linkTarget":"/etc"}"#
        let fake = try fake(200, Self.header(stat))
        #expect(try await fake.engine.kind(of: "/1/a b", in: "c1") == kind)
        #expect(fake.calls.contains { $0.hasSuffix("/archive?path=%2F1%2Fa%20b") })
    }

    /// Unknown is never empty, nor a directory.
    @Test(arguments: [
        (200, ""), (200, "X-Docker-Container-Path-Stat: !\r\n"), (200, header("{}")), (500, ""),
        (404, ""),
    ])
    func whatCantBeToldIsAnError(status: Int, header: String) async throws {
        let fake = try fake(status, header)
        await #expect(throws: EngineError.self) {
            try await fake.engine.kind(of: "/1/a", in: "c1")
        }
    }
}
