/// An account on an ssh server, and what it takes to be let in.
///
/// It is reached by the OpenSSH client as a child: an argument list and no shell on our side, and
/// nothing of the account that Gyre runs in: no configuration, no agent, no keys. A host is known
/// from our file or not at all.
package struct SSHPlace: Hashable, Sendable {
    /// A name or an address, without brackets.
    package var host: String
    /// nil is ssh's own.
    package var port: Int?
    /// nil is ssh's own: the name of who runs Gyre.
    package var user: String?
    /// Path of the private key; nil where none is shown.
    package var key: String?
    /// Path of the host keys that are accepted.
    package var knownHosts: String
    package var connectTimeout: Duration
    /// Where a person names a key, such as `key_file of credentials`.
    package var keySetting: String

    package init(
        host: String,
        port: Int? = nil,
        user: String? = nil,
        key: String?,
        knownHosts: String,
        connectTimeout: Duration,
        keySetting: String
    ) {
        self.host = host
        self.port = port
        self.user = user
        self.key = key
        self.knownHosts = knownHosts
        self.connectTimeout = connectTimeout
        self.keySetting = keySetting
    }

    /// Path of the client.
    package static let program = "/usr/bin/ssh"
    /// All that it is given of an environment.
    package static let environment = [
        "PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C",
    ]

    /// The client's arguments for running `command`, a line of the server's shell, and for
    /// `forwarding` a socket of ours to one of the server's.
    ///
    /// Source: ssh(1) and ssh_config(5) of OpenSSH 9.2.
    package func arguments(
        _ command: String,
        forwarding: (ours: String, theirs: String)? = nil
    ) -> [String] {
        let seconds = max(1, Int(connectTimeout / .seconds(1)))
        var options = [
            "BatchMode=yes", "StrictHostKeyChecking=yes", "GlobalKnownHostsFile=/dev/null",
            "UserKnownHostsFile=\"\(knownHosts)\"", "UpdateHostKeys=no",
            "CheckHostIP=no", "VerifyHostKeyDNS=no", "ConnectTimeout=\(seconds)",
            "ConnectionAttempts=1", "PreferredAuthentications=publickey", "IdentitiesOnly=yes",
            "IdentityAgent=none", "ForwardAgent=no", "ForwardX11=no",
            "PermitLocalCommand=no", "ControlMaster=no", "ControlPath=none", "RequestTTY=no",
            "EscapeChar=none",
            // The fingerprint that a host offers is told at this level only.
            "LogLevel=DEBUG1",
            key.map { "IdentityFile=\"\($0)\"" } ?? "IdentityFile=none",
        ]
        var places: [String] = []
        if let forwarding {
            options += [
                "ExitOnForwardFailure=yes", "StreamLocalBindUnlink=yes", "StreamLocalBindMask=0177",
                // A server that is gone is noticed, whatever goes on over it.
                "ServerAliveInterval=5", "ServerAliveCountMax=3",
            ]
            places = ["-L", "\(forwarding.ours):\(forwarding.theirs)"]
        } else {
            options.append("ClearAllForwardings=yes")
        }
        let user = user.map { ["-l", $0] } ?? []
        let port = port.map { ["-p", "\($0)"] } ?? []
        return ["-F", "/dev/null", "-T"] + options.flatMap { ["-o", $0] } + places + user + port
            + ["--", host, command]
    }
}
