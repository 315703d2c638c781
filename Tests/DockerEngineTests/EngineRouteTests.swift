import Foundation
import Model
import Testing
import Transport

@testable import DockerEngine

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

    /// In the words of libcurl 7.88 and OpenSSL 3.0, and in Transport's own of a refusal.
    @Test(arguments: [
        ("SSL certificate problem: certificate has expired", "give the engine a new one"),
        ("SSL certificate problem: unable to get local issuer certificate", "as \"ca\""),
        (
            "SSL: no alternative certificate subject name matches target host name '10.0.0.1'",
            "the URL has to name the engine's host"
        ),
        ("the server doesn't accept our certificate: certificate expired", "sign ours"),
    ])
    func aQuarrelAboutCertificatesIsToldWithItsEnd(_ said: String, _ remedy: String) {
        let address = EngineAddress.tcp(host: "10.0.0.1", port: 2376)
        let route = EngineRoute(address, EngineAccess(), connectTimeout: .seconds(1))
        let told = route.told(TransportError(.untrusted, operation: "GET /", message: said))
        #expect(told.code == .untrusted && told.message.hasPrefix("\(said); "))
        #expect(told.message.contains(remedy), "\(told.message)")
    }
}
