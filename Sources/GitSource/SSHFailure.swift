internal import Model

/// Why the OpenSSH client ended, from what it wrote on standard error.
///
/// Its exit status is 255 for everything of its own; only the words tell more. They are those of
/// OpenSSH since 6.8; what isn't known is passed on as it is.
struct SSHFailure {
    private let text: String
    private let link: Link
    /// Whether the server's git had said anything: then it isn't ssh that failed.
    private let hasSpoken: Bool
    private let account: SSHAccount

    init(_ text: String, _ link: Link, hasSpoken: Bool) {
        self.text = text
        account = SSHAccount(text)
        self.link = link
        self.hasSpoken = hasSpoken
    }

    var error: GitError {
        let (code, message) = meaning
        return GitError(code, operation: "speak with \(link.url)", message: message)
    }

    /// For a client that was ended because no session stood in time.
    var lateness: GitError {
        let operation = "speak with \(link.url)"
        if let stranger = account.stranger {
            return GitError(.protocolError, operation: operation, message: stranger)
        }
        let message = "\(account.waiting) in time (defaults.timeouts.connect)"
        return GitError(.timeout, operation: operation, message: message)
    }

    private var meaning: (GitError.Code, String) {
        if let stranger = account.stranger { return (.protocolError, stranger) }
        if says("Host key verification failed") { return hostKey }
        if says("UNPROTECTED PRIVATE KEY FILE") {
            return (.credentialsUnreadable, "others may read the key; chmod 600 \(keyFile)")
        }
        if says("Permission denied (") { return denial }
        if says("Could not resolve hostname") {
            return (.hostUnreachable, "the name has no address")
        }
        if says("Connection timed out") || says("Operation timed out") {
            return (lateness.code, lateness.message)
        }
        for reason in ["Connection refused", "No route to host", "Network is unreachable"]
        where says(reason) {
            return (.hostUnreachable, reason.lowercased())
        }
        if says("does not appear to be a git repository") || says("not found")
            || says("does not exist")
        {
            return (.notFound, "the server has no such repository, or hides it from us\(said)")
        }
        if says("kex_exchange_identification") || says("Connection closed by")
            || says("Connection reset by")
        {
            return (.hostUnreachable, "the server hung up\(said)")
        }
        if says("no matching") || says("Protocol major versions differ") {
            return (.protocolError, "nothing both sides speak\(said)")
        }
        return (hasSpoken ? .hostUnreachable : .failed, "the conversation broke off\(said)")
    }

    private func says(_ words: String) -> Bool { text.contains(words) }

    /// A host that isn't known, or no longer by this key, and how it can be accepted.
    private var hostKey: (GitError.Code, String) {
        let file = link.rules.knownHosts
        let host = link.url.host.filter { $0 != "[" && $0 != "]" }
        let offered = offeredKey
        let type = offered.map { " -t \($0.type)" } ?? ""
        let port = link.url.port.map { " -p \($0)" } ?? ""
        let name = link.url.port.map { "[\(host)]:\($0)" } ?? host
        let key = offered.map { "the key \($0.fingerprint)" } ?? "a key"
        let accept = "ssh-keyscan\(type)\(port) \(host) >> \(file)"
        guard says("IDENTIFICATION HAS CHANGED") || says("REVOKED") else {
            return (
                .hostKeyUnknown,
                "\(name) offers \(key), which \(file) doesn't have; if its owner confirms that "
                    + "fingerprint, accept it: \(accept)"
            )
        }
        return (
            .hostKeyChanged,
            "\(name) offers \(key), but \(file) has another: somebody may be in between; if its "
                + "owner confirms the new fingerprint: ssh-keygen -f \(file) -R '\(name)' && "
                + accept
        )
    }

    /// What ssh tells of it, such as `debug1: Server host key: ssh-ed25519 SHA256:…`.
    private var offeredKey: (type: String, fingerprint: String)? {
        let mark = "Server host key: "
        guard let line = lines.first(where: { $0.contains(mark) }),
            let range = line.firstRange(of: mark)
        else { return nil }
        let words = line[range.upperBound...].split(separator: " ")
        guard words.count == 2, words[1].hasPrefix("SHA256:") else { return nil }
        let type =
            words[0].hasPrefix("ecdsa")
            ? "ecdsa" : words[0].hasSuffix("ed25519") ? "ed25519" : "rsa"
        return (type, String(words[1]))
    }

    /// Told apart by what ssh did with the key before it gave up.
    private var denial: (GitError.Code, String) {
        guard case .key(let file) = link.access.credentials else {
            let message =
                "the server asks for a key; name one under \"credentials\" as \"key_file\""
            return (.unauthorized, message)
        }
        if says("no such identity: ") { return (.credentialsUnreadable, "there is no key \(file)") }
        if let line = lines.first(where: { $0.hasPrefix("Load key ") }) {
            let reason = line.split(separator: ": ").last ?? "it can't be read"
            return (.credentialsUnreadable, "\(file) is no private key that ssh can use: \(reason)")
        }
        // A key that is in order is offered and then proven; only a locked one stops in between.
        guard says("Server accepts key: ") || says("Trying private key: ") else {
            return (.unauthorized, "the server doesn't accept the key \(file)")
        }
        return (
            .credentialsUnreadable,
            "the key \(file) is locked with a passphrase, which nobody is there to type; use one "
                + "without, or take it away: ssh-keygen -p -N '' -f \(file)"
        )
    }

    private var keyFile: String {
        if case .key(let path) = link.access.credentials { return path }
        return "none"
    }

    private var lines: [Substring] { text.split(whereSeparator: \.isNewline) }

    /// The last thing it said that isn't its own narration; a server's words, so kept short.
    private var said: String {
        let line = lines.last { line in
            !line.hasPrefix("debug") && !line.hasPrefix("Transferred:")
                && !line.hasPrefix("Bytes per second:") && !line.hasPrefix("Authenticated to")
        }
        let plain = (line ?? "").prefix(200).filter { character in
            character.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
        }
        return plain.isEmpty ? "" : ": \(plain)"
    }
}
