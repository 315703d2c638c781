import Foundation
import Glibc
import Testing

/// Repositories on real servers: every reason to stay out.
@Suite(.onTestbed, .timeLimit(.minutes(15)))
struct SourceFaultTests {
    private func faults(_ servers: GitServers, _ stage: Stage) -> [SourceFault] {
        func https(
            _ name: String,
            _ server: String,
            _ code: String,
            _ words: String
        ) -> SourceFault {
            let way = Way(name: name, server: "\(servers[server])/")
            return SourceFault(wrong: way, code: code, words: words, isSameOrigin: false)
        }
        func ssh(
            _ name: String,
            _ server: String,
            _ key: String,
            _ code: String,
            _ words: String
        ) -> SourceFault {
            let way = Way(name: name, server: server, keys: servers.key("\(stage.folder)/\(key)"))
            return SourceFault(wrong: way, code: code, words: words)
        }
        return [
            SourceFault(
                wrong: Way(
                    name: "password",
                    server: "\(servers["HTTPS_AUTH"])/",
                    keys: servers.password("\(stage.folder)/password")
                ),
                code: "unauthorized",
                words: "doesn't accept the credentials"
            ),
            https("nobody", "HTTPS_AUTH", "unauthorized", "name them under \"credentials\""),
            https("unknown", "HTTPS_UNKNOWN_CA", "untrusted-certificate", "which \"ca\" replaces"),
            https("expired", "HTTPS_EXPIRED", "untrusted-certificate", "expired"),
            https("old", "HTTPS_TLS11", "protocol-error", "TLS 1.2 or 1.3"),
            https("name", "HTTPS_BY_NAME", "untrusted-certificate", "the URL has to name"),
            https("client", "HTTPS_CLIENT", "protocol-error", "client_certificate"),
            SourceFault(
                wrong: Way(
                    name: "bared",
                    server: "\(servers["HTTPS_CLIENT"])/",
                    keys: "client_certificate: {certificate_file: \(servers["CLIENT_CERT"]), "
                        + "key_file: \(stage.folder)/client-key}"
                ),
                code: "credentials-unreadable",
                words: "others may read it; chmod 600 \(stage.folder)/client-key"
            ),
            ssh("lent", "\(servers["SSH"])/", "key-c", "credentials-unreadable", "chmod 600"),
            ssh("stranger", servers["SSH_SCP"], "key-a", "unauthorized", "doesn't accept the key"),
            ssh("newhost", "\(servers["SSH_RSA"])/", "key-b", "host-key-unknown", "accept it: "),
            ssh("changed", "\(servers["SSH"])/", "key-b", "host-key-changed", "new fingerprint: "),
        ]
    }

    /// Files that gyre.yaml of ``faults(_:_:)`` names, as they are while all is well.
    private func writeRight(_ servers: GitServers, _ stage: Stage) throws {
        let files = [
            "password": "HTTPS_PASSWORD_FILE", "key-a": "SSH_KEY", "key-b": "SSH_KEY",
            "known": "SSH_KNOWN_HOSTS", "client-key": "CLIENT_KEY", "key-c": "SSH_KEY",
        ]
        for (name, setting) in files {
            let path = "\(stage.folder)/\(name)"
            try Files.write(Files.text(of: servers[setting]), to: path, 0o600)
            chmod(path, 0o600)
        }
    }

    /// A wrong password, a key of a stranger, keys that others may read, a host nobody knows and
    /// one with another key.
    private func writeWrong(_ servers: GitServers, _ stage: Stage) throws {
        try Files.write(SourceFaultTests.wrongPassword, to: "\(stage.folder)/password")
        let stranger = servers["SSH_KEY_STRANGER"]
        try Files.write(Files.text(of: stranger), to: "\(stage.folder)/key-a")
        for name in ["client-key", "key-c"] { chmod("\(stage.folder)/\(name)", 0o640) }
        let known = Files.text(of: servers["SSH_KNOWN_HOSTS"]).split(separator: "\n")
        let other = Files.text(of: "\(stranger).pub").split(separator: " ").prefix(2)
        // ssh takes a key that it knows of the host for one of all the host's ports.
        let first = known.prefix { $0.contains(" ssh-ed25519 ") }.map(String.init)
        let lines = first + ["[\(stage.testbed.host)]:2222 \(other.joined(separator: " "))"]
        try Files.write(lines.joined(separator: "\n") + "\n", to: "\(stage.folder)/known")
    }

    private static let wrongPassword = "Wr0ng-Passw0rd"

    @Test func `whatever is wrong with a server is told and holds up no other`() async throws {
        try await Stage.run("faults") { stage in
            let servers = try await GitServers("https", "ssh", on: stage.testbed)
            let breakdown = Breakdown(
                stage: stage,
                servers: servers,
                sound: [Way(name: "sound", server: "\(servers["HTTPS"])/")],
                faults: faults(servers, stage),
                git: "{ca: \(servers["CA"]), known_hosts: \(stage.folder)/known}",
                connect: "10s"
            )
            try writeRight(servers, stage)
            let team = try await breakdown.begin()
            try writeWrong(servers, stage)
            let second = try await breakdown.breakDown(team)
            try await secrets(servers, stage)

            let faults = breakdown.faults
            for fault in faults where fault.wrong.name == "newhost" || fault.wrong.name == "changed"
            {
                try await accept(fault, stage)
            }
            let accepted = faults.filter { $0.code.hasPrefix("host-key") }.map(\.wrong)
            try await stage.ready(accepted, at: second)

            try writeRight(servers, stage)
            try breakdown.configure(breakdown.right)
            await stage.gyre.reload()
            try await stage.ready(breakdown.right, at: second)
        }
    }

    /// Runs the command that the message ends with, as a person would.
    private func accept(_ fault: SourceFault, _ stage: Stage) async throws {
        let text = stage.message(fault, try await stage.gyre.status())
        let start = try #require(text.firstRange(of: fault.words), "\(text)").upperBound
        let end = try #require(text.firstRange(of: " [\(fault.code)]"), "\(text)").lowerBound
        try await Program.check(["sh", "-c", String(text[start..<end])])
    }

    /// Nothing that a person or a file gets to see holds a password, in whatever dress.
    private func secrets(_ servers: GitServers, _ stage: Stage) async throws {
        let right = Files.text(of: servers["HTTPS_PASSWORD_FILE"])
        let secrets = [right, SourceFaultTests.wrongPassword].flatMap { secret in
            [secret, Data("\(servers["HTTPS_USER"]):\(secret)".utf8).base64EncodedString()]
        }
        var texts = ["log": Files.text(of: stage.gyre.log)]
        for command in ["status", "history", "plan"] {
            texts["\(command) --json"] = try await stage.gyre.run(command, "--json").out
            let output = try await stage.gyre.run(command)
            texts[command] = output.out + output.err
        }
        for (place, text) in texts {
            #expect(!text.isEmpty, "\(place)")
            for secret in secrets + ["Authorization", "PRIVATE KEY-----"] {
                #expect(!text.contains(secret), "\(place) holds \(secret)")
            }
        }
        for secret in secrets + ["PRIVATE KEY-----"] {
            let found = try await Program.run(["grep", "-rlaF", "--", secret, stage.gyre.state])
            #expect(found.status == 1, "\(found.out)")
        }
    }
}
