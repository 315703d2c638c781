import DockerEngine
import Foundation
import Model
import Testing

@Suite struct EngineRouteTests {
    /// As ssh does it for keys of its own.
    @Test func aKeyThatOthersMayReadIsNotUsed() async throws {
        let key = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try Data("key".utf8).write(to: key)
        defer { try? FileManager.default.removeItem(at: key) }
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: key.path)
        var access = EngineAccess()
        access.certificate = RepositoryAccess.Certificate(file: key.path, key: key.path)
        let engine = try DockerEngine(.tcp(host: "127.0.0.1", port: 1), access)
        let error = await #expect(throws: EngineError.self) { try await engine.ping() }
        #expect(error?.description.contains("others may read it; chmod 600 \(key.path)") == true)
    }
}
