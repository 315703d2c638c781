import Foundation
import Testing

/// What listens where a git server should be speaks neither TLS nor ssh, or never comes to it.
@Suite(.onTestbed, .timeLimit(.minutes(15)))
struct StrangerTests {
    private func faults(_ servers: GitServers) -> [SourceFault] {
        func fault(_ name: String, _ place: String, _ code: String, _ words: String) -> SourceFault
        {
            let isSSH = name.hasPrefix("ssh")
            let way = Way(
                name: name,
                server: "\(isSSH ? "ssh://git@" : "https://")\(place)/",
                keys: isSSH ? servers.key(servers["SSH_KEY"]) : nil
            )
            return SourceFault(wrong: way, code: code, words: words, isSameOrigin: false)
        }
        // Addresses without their scheme, to be asked by another.
        let https = String(servers["HTTPS"].trimmingPrefix("https://"))
        let http = String(servers["HTTP"].trimmingPrefix("http://"))
        let ssh = String(servers["SSH"].trimmingPrefix("ssh://git@"))
        let late = "in time (defaults.timeouts.connect)"
        return [
            fault("https-silent", servers["HOSTILE_SILENT"], "timeout", "no connection with TLS"),
            fault("https-flood", servers["HOSTILE_FLOOD"], "protocol-error", "speaks no TLS"),
            fault("https-http", http, "protocol-error", "speaks no TLS"),
            fault("https-ssh", ssh, "protocol-error", "speaks no TLS"),
            fault("https-greet", servers["HOSTILE_GREET"], "protocol-error", "speaks no TLS"),
            fault("ssh-silent", servers["HOSTILE_SILENT"], "timeout", "nothing of ssh \(late)"),
            fault("ssh-drip", servers["HOSTILE_DRIP"], "timeout", "nothing of ssh \(late)"),
            fault("ssh-greet", servers["HOSTILE_GREET"], "timeout", "no agreement with us \(late)"),
            fault("ssh-flood", servers["HOSTILE_FLOOD"], "protocol-error", "no ssh server answers"),
            fault("ssh-cut", servers["HOSTILE_CUT"], "host-unreachable", "hung up"),
            fault("ssh-http", http, "protocol-error", "but \"HTTP/1.1 400 Bad Request\""),
            fault("ssh-https", https, "protocol-error", "but \"HTTP/1.1 400 Bad Request\""),
        ]
    }

    /// At another address of the same machine, which is another host to Gyre.
    private func sound(_ servers: GitServers, _ stage: Stage) -> [Way] {
        func elsewhere(_ setting: String) -> String {
            servers[setting].replacing(stage.testbed.host, with: servers["HOSTILE_OTHER"]) + "/"
        }
        return [
            Way(name: "sound", server: elsewhere("HTTPS")),
            Way(
                name: "sound-ssh",
                server: elsewhere("SSH"),
                keys: servers.key(servers["SSH_KEY"])
            ),
        ]
    }

    @Test func `what is no git server is told, holds up no other and leaves nothing`() async throws
    {
        try await Stage.run("strangers") { stage in
            let servers = try await GitServers("https", "ssh", "hostile", on: stage.testbed)
            let faults = faults(servers)
            let sound = sound(servers, stage)
            let right = sound + faults.map { $0.rightWay(servers) }
            let wrong = sound + faults.map(\.wrong)
            let team = try await servers.team(stage, right.map(stage.project))
            let known = "\(stage.folder)/known"
            let keys = Files.text(of: servers["SSH_KNOWN_HOSTS"])
            let here = keys.replacing(stage.testbed.host, with: servers["HOSTILE_OTHER"])
            try Files.write(keys + here, to: known)
            func configure(_ ways: [Way], connect: String) throws {
                try stage.configure(
                    stage.projects(ways),
                    timeouts: "{engine: 10s, connect: \(connect)}",
                    git: "{ca: \(servers["CA"]), known_hosts: \(known)}"
                )
            }
            try configure(right, connect: "2s")
            let first = try await team.push(Compose.web("1.0"), "First")
            try await stage.gyre.start()
            try await stage.ready(right, at: first)
            let before = Set(try await stage.containers().map(\.id))

            try configure(wrong, connect: "2s")
            await stage.gyre.reload()
            for fault in faults { try await stage.told(fault) }
            let second = try await team.push(Compose.web("2.0"))
            try await stage.ready(sound, at: second)
            let after = Set(try await stage.containers().filter(\.isRunning).map(\.id))
            #expect(after.count == right.count && before.subtracting(after).count == sound.count)

            // Now those that never come to an end hang for longer than this test may take.
            try await stage.gyre.stop()
            try configure(wrong, connect: "1h")
            try await stage.gyre.start()
            try await eventually("all that the host may hold up hangs", tail: { stage.gyre.tail }) {
                stage.sshClients().count == 3
            }
            let third = try await team.push(Compose.web("1.0"))
            try await stage.ready(sound, at: third)
            try await stage.gyre.stop()
            #expect(stage.sshClients().isEmpty)

            try configure(right, connect: "2s")
            try await stage.gyre.start()
            try await stage.ready(right, at: third)
        }
    }
}
