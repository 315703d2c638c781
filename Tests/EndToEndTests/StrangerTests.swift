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

    /// Whether a client waits for each of those that never come to an end; others come and go.
    private func hangs(_ servers: GitServers, _ stage: Stage) -> Bool {
        let clients = stage.sshClients()
        return ["SILENT", "DRIP", "GREET"].allSatisfy { name in
            let port = servers["HOSTILE_\(name)"].split(separator: ":").last ?? ""
            return clients.contains { $0.contains(" -p \(port) ") }
        }
    }

    @Test func `what is no git server is told, holds up no other and leaves nothing`() async throws
    {
        try await Stage.run("strangers") { stage in
            let servers = try await GitServers("https", "ssh", "hostile", on: stage.testbed)
            let known = "\(stage.folder)/known"
            let keys = Files.text(of: servers["SSH_KNOWN_HOSTS"])
            let here = keys.replacing(stage.testbed.host, with: servers["HOSTILE_OTHER"])
            try Files.write(keys + here, to: known)
            let breakdown = Breakdown(
                stage: stage,
                servers: servers,
                sound: sound(servers, stage),
                faults: faults(servers),
                git: "{ca: \(servers["CA"]), known_hosts: \(known)}"
            )
            let team = try await breakdown.begin()
            try await breakdown.breakDown(team)
            let last = try await breakdown.hang(team) { hangs(servers, stage) }
            try await stage.gyre.stop()
            #expect(stage.sshClients().isEmpty)

            try breakdown.configure(breakdown.right)
            try await stage.gyre.start()
            try await stage.ready(breakdown.right, at: last)
        }
    }
}
