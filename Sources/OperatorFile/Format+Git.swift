internal import Model

/// Texts of the keys that say how repositories are reached.
extension Format {
    /// As a URL would have it: lowercase, an IPv6 address in brackets.
    static func isHost(_ text: String) -> Bool {
        (try? RepositoryURL(parsing: "https://\(text)/a"))?.host == text && !text.contains("/")
    }

    /// `http://proxy.example.org:3128`, or `https` or `socks5h` in its place.
    static func proxyProblem(_ text: String) -> String? {
        let schemes = ["http", "https", "socks5h"]
        guard let scheme = schemes.first(where: { text.hasPrefix("\($0)://") }) else {
            return "is no URL that starts with \(schemes.joined(separator: ", ")) and \"://\""
        }
        let rest = text.dropFirst(scheme.count + 3)
        guard !rest.contains("@") else {
            return "holds a user or password, which a proxy can't be given yet"
        }
        // Read as the place of a repository, a proxy differs in having no path.
        guard !rest.contains("/"), (try? RepositoryURL(parsing: "https://\(rest)/a")) != nil else {
            return "is more, or less, than a scheme, a host and a port"
        }
        return nil
    }

    static func isUser(_ text: String) -> Bool { isPath(text) && !text.contains(":") }

    /// Source: POSIX.1-2017, "Environment Variable Definition", portable names.
    static func isVariable(_ text: String) -> Bool {
        guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return text.utf8.count <= 256
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                    || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "_")
            }
    }
}
