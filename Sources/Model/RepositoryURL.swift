/// Where a repository is: a path of this machine, or a place on an http or ssh server.
///
/// Texts for one place compare equal: a path and its `file://` URL, a host in upper and lower
/// case, a scheme's own port and none. Credentials are never part of it: a URL that brings some
/// is refused, because URLs end up in logs, labels and tables. The user of an ssh URL is no
/// credential; it says which account's shell answers.
package struct RepositoryURL: Hashable, Sendable, CustomStringConvertible {
    /// How a repository is reached.
    package enum Scheme: String, Hashable, Codable, Sendable, CaseIterable {
        case file, http, https, ssh

        /// The port that a URL without one means; nil for files.
        package var port: Int? {
            switch self {
            case .file: nil
            case .http: 80
            case .https: 443
            case .ssh: 22
            }
        }
    }

    /// The canonical text: an absolute path without a trailing slash, or a URL.
    package let text: String
    package let scheme: Scheme
    /// Lowercase, an IPv6 address in brackets; empty for a path of this machine.
    package let host: String
    /// nil where the URL names none.
    package let port: Int?
    /// The account of an ssh URL.
    package let user: String?
    /// On the machine; as written, percent-encoded, for http; for ssh without a leading slash
    /// where it starts at the account's home.
    package let path: String

    /// Reads a path, a `file`, `https`, `http` or `ssh` URL, or ssh's short `user@host:path`; a
    /// relative path starts at `directory`.
    package init(parsing text: String, relativeTo directory: String? = nil) throws(InvalidURL) {
        guard !text.isEmpty else { throw InvalidURL(reason: "it is empty") }
        guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
            throw InvalidURL(reason: "it holds a control character")
        }
        let parts: URLParts
        if let (name, rest) = URLParts.split(text) {
            guard let scheme = Scheme(rawValue: name) else { throw InvalidURL(scheme: name) }
            parts = try scheme == .file ? .init(file: rest) : .init(scheme, rest)
        } else if let (authority, path) = URLParts.splitShort(text) {
            parts = try URLParts(short: authority, path)
        } else {
            parts = try URLParts(path: text, directory)
        }
        self.text = parts.text
        scheme = parts.scheme
        host = parts.host
        port = parts.port
        user = parts.user
        path = parts.path
    }

    /// Whether it is a path of this machine.
    package var isLocal: Bool { scheme == .file }

    package var description: String { text }
}

extension RepositoryURL: Codable {
    package init(from decoder: any Decoder) throws {
        try self.init(parsing: decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// Why a text is no URL of a repository; never repeats the text, which may hold a password.
package struct InvalidURL: Error, Hashable, Sendable, CustomStringConvertible {
    package let reason: String

    package init(reason: String) { self.reason = reason }

    init(scheme: String) {
        reason =
            scheme == "git"
            ? "git:// neither encrypts nor proves who answers; give an https or ssh URL"
            : "\(scheme) is not supported; give a path, an https or an ssh URL"
    }

    package var description: String { "not a usable repository URL: \(reason)" }
}
