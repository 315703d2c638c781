internal import Model
internal import Transport

/// git's smart protocol over ssh: the OpenSSH client as a child, one for a whole conversation.
///
/// An argument list and no shell on our side. Nothing of the account that Gyre runs in is used:
/// no configuration, no agent, no keys; a host is known from our file or not at all.
final class SSHWire: Wire {
    private static let program = "/usr/bin/ssh"

    private let link: Link
    private var child: ChildProcess?
    private var received = 0

    init(_ link: Link) { self.link = link }

    func begin(_ request: GitRequest) throws(GitError) {
        guard child == nil else { return }
        received = 0
        let arguments = try arguments(request.service)
        do throws(TransportError) {
            child = try ChildProcess(
                SSHWire.program,
                arguments,
                environment: [
                    "PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C",
                ],
                operation: "ssh to \(link.url.host)",
                patience: link.patience,
                connectedAt: SSHAccount.entry
            )
        } catch {
            throw GitError(error, link)
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(GitError) {
        guard let child else { return }
        do throws(TransportError) {
            try child.write(bytes)
        } catch {
            throw describe(error)
        }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(GitError) -> Int {
        guard let child else { return 0 }
        do throws(TransportError) {
            let count = try child.read(into: buffer)
            received += count
            if count > 0 { return count }
        } catch {
            throw describe(error)
        }
        let status = child.finish()
        guard received == 0 || status != 0 else { return 0 }
        throw SSHFailure(child.errorText, link, hasSpoken: received > 0).error
    }

    func end() {
        child?.finish()
        child = nil
    }

    /// A session that came to no beginning is told with what ssh had to say until then.
    private func describe(_ error: TransportError) -> GitError {
        guard let child else { return GitError(error, link) }
        switch error.code {
        case .closedEarly:
            child.finish()
            return SSHFailure(child.errorText, link, hasSpoken: received > 0).error
        case .timedOut where error.deadline == .connect:
            return SSHFailure(child.errorText, link, hasSpoken: received > 0).lateness
        default:
            return GitError(error, link)
        }
    }

    /// Source: ssh(1) and ssh_config(5) of OpenSSH 9.2.
    private func arguments(_ service: GitRequest.Service) throws(GitError) -> [String] {
        let seconds = max(1, Int(link.rules.connectTimeout / .seconds(1)))
        var options = [
            "BatchMode=yes", "StrictHostKeyChecking=yes", "GlobalKnownHostsFile=/dev/null",
            "UserKnownHostsFile=\"\(link.rules.knownHosts)\"", "UpdateHostKeys=no",
            "CheckHostIP=no", "VerifyHostKeyDNS=no", "ConnectTimeout=\(seconds)",
            "ConnectionAttempts=1", "PreferredAuthentications=publickey", "IdentitiesOnly=yes",
            "IdentityAgent=none", "ForwardAgent=no", "ForwardX11=no", "ClearAllForwardings=yes",
            "PermitLocalCommand=no", "ControlMaster=no", "ControlPath=none", "RequestTTY=no",
            "EscapeChar=none",
            // The fingerprint that a host offers is told at this level only.
            "LogLevel=DEBUG1",
        ]
        switch link.access.credentials {
        case nil: options.append("IdentityFile=none")
        case .key(let path):
            try link.checkKey(path)
            options.append("IdentityFile=\"\(path)\"")
        case .password, .token:
            throw GitError(
                .credentialsUnreadable,
                operation: "read the credentials of \(link.url)",
                message: "ssh needs a key; name its file as \"key_file\""
            )
        }
        let user = link.url.user.map { ["-l", $0] } ?? []
        let port = link.url.port.map { ["-p", "\($0)"] } ?? []
        let host = link.url.host.filter { $0 != "[" && $0 != "]" }
        return ["-F", "/dev/null", "-T"] + options.flatMap { ["-o", $0] } + user + port
            + ["--", host, "\(service.rawValue) \(SSHWire.quoted(link.url.path))"]
    }

    /// As one word of the shell that the server runs.
    ///
    /// A path such as `/~ada/app` means the home of an account, as git itself reads it.
    static func quoted(_ path: String) -> String {
        let path = path.hasPrefix("/~") ? String(path.dropFirst()) : path
        return "'"
            + path.split(separator: "'", omittingEmptySubsequences: false)
            .joined(separator: "'\\''") + "'"
    }
}
