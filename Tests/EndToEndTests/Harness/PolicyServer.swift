import Foundation
import Testing

/// Open Policy Agent's own engine behind OPA's REST API, with a policy that a test writes.
final class PolicyServer: Sendable {
    private let folder: String
    private let secured: Bool
    let token = "token-\(UInt64.random(in: 0...UInt64.max))"

    /// A policy, and certificates for whoever wants them, in a folder of their own.
    init(in parent: String, secured: Bool = false) async throws {
        folder = "\(parent)/opa"
        self.secured = secured
        try Files.makeFolder(folder)
        guard secured else { return }
        try Files.write(token, to: "\(folder)/token", 0o600)
        for name in ["ca", "other-ca"] { try await authority(name) }
        for name in ["server", "client"] { try await certificate(name) }
    }

    /// Replaces the policy; the next question is judged by it.
    func write(_ rego: String) throws { try Files.write(rego, to: "\(folder)/policy.rego") }

    /// Starts it; gives its process, which `stop` ends.
    func start() async throws -> pid_t {
        let place = "\(folder)/port"
        unlink(place)
        let testbed = URL(filePath: Environment.all["GYRE_TESTBED"] ?? "")
        let path = testbed.deletingLastPathComponent().appending(path: "servers/opa.py").path
        var command = ["python3", path, Environment.agent ?? "", "\(folder)/policy.rego", place]
        if secured {
            command += ["server.pem", "server.key", "ca.pem"].map { "\(folder)/\($0)" }
        }
        let process = try Program.start(
            command,
            environment: secured ? ["OPA_TOKEN": token] : [:],
            log: "\(folder)/log"
        )
        try await eventually("the agent listens", tail: { Files.text(of: "\(self.folder)/log") }) {
            !Files.text(of: place).isEmpty
        }
        return process
    }

    /// By force: a child of the tests comes with their signals blocked.
    func stop(_ process: pid_t) async throws {
        kill(process, SIGKILL)
        _ = try await Program.end(of: process)
    }

    /// What `policy.opa` of gyre.yaml says of it.
    func entry(authorities: String = "ca", renewal: String = "1s") -> String {
        let port = Files.text(of: "\(folder)/port")
        let scheme = secured ? "https" : "http"
        var keys = ["url: \"\(scheme)://127.0.0.1:\(port)\"", "renewal: \(renewal)"]
        if secured {
            keys += [
                "ca: \(folder)/\(authorities).pem", "token_file: \(folder)/token",
                "client_certificate: {certificate_file: \(folder)/client.pem, "
                    + "key_file: \(folder)/client.key}",
            ]
        }
        return "policy: {opa: {\(keys.joined(separator: ", "))}}"
    }

    /// What it was asked and what it said, a line each.
    var log: String { Files.text(of: "\(folder)/port.log") }

    private func authority(_ name: String) async throws {
        try await Program.check([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
            "-nodes", "-days", "2", "-subj", "/CN=\(name)", "-keyout", "\(folder)/\(name).key",
            "-out", "\(folder)/\(name).pem", "-addext", "basicConstraints=critical,CA:TRUE",
        ])
    }

    private func certificate(_ name: String) async throws {
        try Files.write("subjectAltName=IP:127.0.0.1\n", to: "\(folder)/\(name).ext")
        try await Program.check([
            "openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
            "-nodes", "-subj", "/CN=\(name)", "-keyout", "\(folder)/\(name).key",
            "-out", "\(folder)/\(name).csr",
        ])
        try await Program.check([
            "openssl", "x509", "-req", "-in", "\(folder)/\(name).csr", "-days", "2",
            "-CA", "\(folder)/ca.pem", "-CAkey", "\(folder)/ca.key", "-CAcreateserial",
            "-extfile", "\(folder)/\(name).ext", "-out", "\(folder)/\(name).pem",
        ])
    }
}
