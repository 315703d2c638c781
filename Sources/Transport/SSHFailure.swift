/// Why the OpenSSH client ended, from what it wrote on standard error.
///
/// Its exit status is 255 for everything of its own; only the words tell more. They are those of
/// OpenSSH since 6.8; what isn't known is passed on as it is.
package struct SSHFailure: Hashable, Sendable {
    /// What kind of failure it is, for those who must decide.
    package enum Kind: Hashable, Sendable {
        /// What answers there is no ssh server.
        case stranger
        case hostKeyUnknown
        case hostKeyChanged
        /// A private key that can't be used.
        case unreadableKey
        case denied
        case unreachable
        case late
        /// The server ended the connection before anybody was let in.
        case hungUp
        /// Nothing that both sides speak.
        case disagreed
        /// The server let us in; what failed came later.
        case other
    }

    package let kind: Kind
    /// What went wrong, and what to do where that is known.
    package let message: String
    /// The last that the client, or who answered it, said; a server's words, so kept short.
    package let said: String
    private let text: String

    /// What it wrote as `text`; it `isLate` where it was ended because no session stood in time.
    package init(_ text: String, _ place: SSHPlace, isLate: Bool = false) {
        let words = SSHWords(text, place)
        self.text = text
        said = words.said
        (kind, message) = isLate ? words.lateness : words.meaning
    }

    /// Whether the client, or who answered it, said so.
    package func says(_ words: String) -> Bool { text.contains(words) }
}

/// What the client wrote, and whom it was to reach.
private struct SSHWords {
    private let text: String
    private let place: SSHPlace
    private let account: SSHAccount

    init(_ text: String, _ place: SSHPlace) {
        self.text = text
        self.place = place
        account = SSHAccount(text)
    }

    var lateness: (SSHFailure.Kind, String) {
        if let stranger = account.stranger { return (.stranger, stranger) }
        return (.late, "\(account.waiting) in time (defaults.timeouts.connect)")
    }

    var meaning: (SSHFailure.Kind, String) {
        if let stranger = account.stranger { return (.stranger, stranger) }
        if says("Host key verification failed") { return hostKey }
        if says("UNPROTECTED PRIVATE KEY FILE") {
            return (.unreadableKey, "others may read the key; chmod 600 \(place.key ?? "it")")
        }
        if says("Permission denied (") { return denial }
        if says("Could not resolve hostname") {
            return (.unreachable, "the name has no address")
        }
        if says("Connection timed out") || says("Operation timed out") { return lateness }
        for reason in ["Connection refused", "No route to host", "Network is unreachable"]
        where says(reason) {
            return (.unreachable, reason.lowercased())
        }
        if says("kex_exchange_identification") || says("Connection closed by")
            || says("Connection reset by")
        {
            return (.hungUp, "the server hung up\(said)")
        }
        if says("no matching") || says("Protocol major versions differ") {
            return (.disagreed, "nothing both sides speak\(said)")
        }
        return (.other, "the conversation broke off\(said)")
    }

    private func says(_ words: String) -> Bool { text.contains(words) }

    /// A host that isn't known, or no longer by this key, and how it can be accepted.
    private var hostKey: (SSHFailure.Kind, String) {
        let (file, host) = (place.knownHosts, place.host)
        let offered = offeredKey
        let type = offered.map { " -t \($0.type)" } ?? ""
        let port = place.port.map { " -p \($0)" } ?? ""
        let name = place.port.map { "[\(host)]:\($0)" } ?? host
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
    private var denial: (SSHFailure.Kind, String) {
        guard let file = place.key else {
            return (.denied, "the server asks for a key; name one as \(place.keySetting)")
        }
        if says("no such identity: ") { return (.unreadableKey, "there is no key \(file)") }
        if let line = lines.first(where: { $0.hasPrefix("Load key ") }) {
            let reason = line.split(separator: ": ").last ?? "it can't be read"
            return (.unreadableKey, "\(file) is no private key that ssh can use: \(reason)")
        }
        // A key that is in order is offered and then proven; only a locked one stops in between.
        guard says("Server accepts key: ") || says("Trying private key: ") else {
            return (.denied, "the server doesn't accept the key \(file)")
        }
        return (
            .unreadableKey,
            "the key \(file) is locked with a passphrase, which nobody is there to type; use one "
                + "without, or take it away: ssh-keygen -p -N '' -f \(file)"
        )
    }

    private var lines: [Substring] { text.split(whereSeparator: \.isNewline) }

    /// The last thing it said that isn't its own narration, behind a colon; empty for nothing.
    var said: String {
        let line = lines.last { line in
            !line.hasPrefix("debug") && !line.hasPrefix("Transferred:")
                && !line.hasPrefix("Bytes per second:") && !line.hasPrefix(SSHAccount.entry)
        }
        let plain = (line ?? "").prefix(200).filter { character in
            character.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
        }
        return plain.isEmpty ? "" : ": \(plain)"
    }
}
