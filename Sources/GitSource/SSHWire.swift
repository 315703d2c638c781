internal import Model
internal import Transport

/// git's smart protocol over ssh: the OpenSSH client as a child, one for a whole conversation.
final class SSHWire: Wire {
    private let link: Link
    private var child: ChildProcess?
    private var received = 0

    init(_ link: Link) { self.link = link }

    func begin(_ request: GitRequest) throws(GitError) {
        guard child == nil else { return }
        received = 0
        let command = "\(request.service.rawValue) \(SSHWire.quoted(link.url.path))"
        let arguments = try place().arguments(command)
        do throws(TransportError) {
            child = try ChildProcess(
                SSHPlace.program,
                arguments,
                environment: SSHPlace.environment,
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
        throw try failure(child)
    }

    func end() {
        child?.finish()
        child = nil
    }

    /// A session that came to no beginning is told with what ssh had to say until then.
    private func describe(_ error: TransportError) -> GitError {
        guard let child else { return GitError(error, link) }
        do {
            switch error.code {
            case .closedEarly:
                child.finish()
                return try failure(child)
            case .timedOut where error.deadline == .connect:
                return try failure(child, isLate: true)
            default:
                return GitError(error, link)
            }
        } catch {
            return error
        }
    }

    private func failure(_ child: ChildProcess, isLate: Bool = false) throws(GitError) -> GitError {
        let failure = SSHFailure(child.errorText, try place(), isLate: isLate)
        return GitError(failure, link, hasSpoken: received > 0)
    }

    private func place() throws(GitError) -> SSHPlace {
        var key: String?
        switch link.access.credentials {
        case nil: break
        case .key(let path):
            try link.checkKey(path)
            key = path
        case .password, .token:
            throw GitError(
                .credentialsUnreadable,
                operation: "read the credentials of \(link.url)",
                message: "ssh needs a key; name its file as \"key_file\""
            )
        }
        return SSHPlace(
            host: link.url.host.filter { $0 != "[" && $0 != "]" },
            port: link.url.port,
            user: link.url.user,
            key: key,
            knownHosts: link.rules.knownHosts,
            connectTimeout: link.rules.connectTimeout,
            keySetting: "\"key_file\" under \"credentials\""
        )
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

extension GitError {
    /// What a failed session means for git; where the server's git `hasSpoken`, it isn't ssh
    /// that failed.
    fileprivate init(_ failure: SSHFailure, _ link: Link, hasSpoken: Bool) {
        let operation = "speak with \(link.url)"
        let absent = ["does not appear to be a git repository", "not found", "does not exist"]
        let isAbsent = absent.contains(where: failure.says)
        if isAbsent, [.hungUp, .disagreed, .other].contains(failure.kind) {
            let message = "the server has no such repository, or hides it from us\(failure.said)"
            self.init(.notFound, operation: operation, message: message)
            return
        }
        let code: GitError.Code =
            switch failure.kind {
            case .stranger, .disagreed: .protocolError
            case .hostKeyUnknown: .hostKeyUnknown
            case .hostKeyChanged: .hostKeyChanged
            case .unreadableKey: .credentialsUnreadable
            case .denied: .unauthorized
            case .unreachable, .hungUp: .hostUnreachable
            case .late: .timeout
            case .other: hasSpoken ? .hostUnreachable : .failed
            }
        self.init(code, operation: operation, message: failure.message)
    }
}
