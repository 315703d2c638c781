/// The parts of a repository's URL while it is read, checked one by one.
struct URLParts {
    var scheme = RepositoryURL.Scheme.file
    var host = ""
    var port: Int?
    var user: String?
    var path: String

    /// A path of this machine.
    init(path text: String, _ directory: String?) throws(InvalidURL) {
        var path = text
        if !path.hasPrefix("/") {
            guard let directory, directory.hasPrefix("/") else {
                throw InvalidURL(reason: "the path is relative; write an absolute one")
            }
            path = "\(directory)/\(path)"
        }
        self.path = "/" + path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }

    /// What follows `file://`.
    init(file rest: Substring) throws(InvalidURL) {
        let host = rest.prefix { $0 != "/" }
        guard !host.contains("@") else { throw URLParts.credentials }
        guard host.isEmpty || host == "localhost" else {
            throw InvalidURL(reason: "a file:// URL can't name another machine")
        }
        guard let path = percentDecoded(rest.dropFirst(host.count)), path.hasPrefix("/") else {
            throw InvalidURL(reason: "a file:// URL needs an absolute path, percent-encoded")
        }
        try self.init(path: path, nil)
    }

    /// What follows `https://`, `http://` or `ssh://`.
    init(_ scheme: RepositoryURL.Scheme, _ rest: Substring) throws(InvalidURL) {
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        self.scheme = scheme
        path = String(rest.dropFirst(authority.count))
        try readAuthority(authority)
        while path.hasSuffix("/") { path.removeLast() }
        try checkPath()
    }

    /// ssh's short form, whose path starts at the account's home unless it has a slash.
    init(short authority: Substring, _ path: Substring) throws(InvalidURL) {
        scheme = .ssh
        self.path = String(path)
        // `user:password@host:path` is what somebody tried.
        guard !path.prefix(while: { $0 != "/" }).contains("@") else { throw URLParts.credentials }
        try readAuthority(authority)
        guard port == nil else {
            throw InvalidURL(reason: "a port needs the long form, ssh://user@host:port/path")
        }
        while self.path.hasSuffix("/") { self.path.removeLast() }
        try checkPath()
    }

    var text: String {
        guard scheme != .file else { return path }
        let account = user.map { "\($0)@" } ?? ""
        guard path.hasPrefix("/") else { return "\(account)\(host):\(path)" }
        return "\(scheme.rawValue)://\(account)\(host)\(port.map { ":\($0)" } ?? "")\(path)"
    }

    private mutating func readAuthority(_ authority: Substring) throws(InvalidURL) {
        var rest = authority
        if let at = authority.lastIndex(of: "@") {
            let user = authority[..<at]
            guard scheme == .ssh, !user.contains(":") else { throw URLParts.credentials }
            guard URLParts.isPlain(user, besides: "+") else {
                throw InvalidURL(reason: "its user is none that ssh can be given")
            }
            self.user = String(user)
            rest = authority[authority.index(after: at)...]
        }
        let end = rest.hasPrefix("[") ? rest.lastIndex(of: "]").map { rest.index(after: $0) } : nil
        let colon = end ?? rest.firstIndex(of: ":") ?? rest.endIndex
        host = rest[..<colon].lowercased()
        guard isHost else { throw InvalidURL(reason: "it names no host") }
        let number = rest[colon...]
        guard !number.isEmpty, number != ":" else { return }
        guard number.hasPrefix(":"), let value = Int(number.dropFirst()),
            number.dropFirst().allSatisfy(\.isNumber), (1...65535).contains(value)
        else {
            // A password may hold a slash, which ends the authority before its `@`.
            guard !path.contains("@") else { throw URLParts.credentials }
            throw InvalidURL(reason: "its port is no number from 1 to 65535")
        }
        port = value == scheme.port ? nil : value
    }

    private var isHost: Bool {
        guard host.hasPrefix("[") else { return URLParts.isPlain(host[...], besides: "") }
        let address = host.dropFirst().dropLast()
        return host.hasSuffix("]") && address.contains(":")
            && address.utf8.allSatisfy { byte in
                (0x30...0x3A).contains(byte) || (0x61...0x66).contains(byte)
                    || byte == UInt8(ascii: ".")
            }
    }

    /// ASCII letters, digits, `.`, `_`, `-`, and nothing that a program takes for an option.
    private static func isPlain(_ text: Substring, besides more: String) -> Bool {
        !text.isEmpty && !text.hasPrefix("-")
            && text.allSatisfy {
                $0.isASCII && ($0.isLetter || $0.isNumber || "._-\(more)".contains($0))
            }
    }

    /// A path that means the same to us, to a proxy and to the server.
    private func checkPath() throws(InvalidURL) {
        guard path.contains(where: { $0 != "/" }), !path.hasPrefix("-"), !path.hasPrefix(":") else {
            throw InvalidURL(reason: "it names no repository on the host")
        }
        let components = path.split(separator: "/")
        guard !components.contains("."), !components.contains("..") else {
            throw InvalidURL(reason: "its path holds \".\" or \"..\"")
        }
        guard scheme != .ssh else { return }
        guard path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }) else {
            throw InvalidURL(reason: "its path is not percent-encoded")
        }
        guard !path.contains("?"), !path.contains("#") else {
            throw InvalidURL(reason: "a repository has no query and no fragment")
        }
    }

    private static let credentials = InvalidURL(
        reason: "it holds a user or password; take them out and name a file in \"credentials\""
    )

    /// Scheme and what follows `://`; nil for a path.
    static func split(_ text: String) -> (scheme: String, rest: Substring)? {
        let scheme = text.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "+") }
        let rest = text.dropFirst(scheme.count)
        guard !scheme.isEmpty, rest.hasPrefix("://") else { return nil }
        return (scheme.lowercased(), rest.dropFirst(3))
    }

    /// What stands around the colon of `user@host:path`, as git reads it: a colon before the
    /// first slash.
    ///
    /// Source: gitglossary and git-fetch(1), "GIT URLS".
    static func splitShort(_ text: String) -> (authority: Substring, path: Substring)? {
        let head = text.prefix { $0 != "/" }
        let start = head.lastIndex(of: "]") ?? head.startIndex
        guard let colon = head[start...].firstIndex(of: ":") else { return nil }
        let path = text[text.index(after: colon)...]
        return (text[..<colon], path)
    }
}

/// `text` without percent-encoding; nil where it is broken or hides a control character.
private func percentDecoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
        guard byte == UInt8(ascii: "%") else {
            bytes.append(byte)
            continue
        }
        guard let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16),
            rest.count >= 2, value >= 0x20
        else { return nil }
        bytes.append(value)
        rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
}
