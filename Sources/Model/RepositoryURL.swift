/// Where a repository is: for now a path of this machine.
///
/// A path and its `file://` URL are one place, and so compare equal. Credentials are never part
/// of it: a URL that brings some is refused, because URLs end up in logs, labels and tables.
package struct RepositoryURL: Hashable, Sendable, CustomStringConvertible {
    /// The canonical text: an absolute path without a trailing slash.
    package let text: String

    /// Reads a path or a `file://` URL; a relative path starts at `directory`.
    package init(parsing text: String, relativeTo directory: String? = nil) throws(InvalidURL) {
        guard !text.isEmpty else { throw InvalidURL(reason: "it is empty") }
        guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
            throw InvalidURL(reason: "it holds a control character")
        }
        var path = try RepositoryURL.path(of: text)
        if !path.hasPrefix("/") {
            guard let directory, directory.hasPrefix("/") else {
                throw InvalidURL(reason: "the path is relative; write an absolute one")
            }
            path = "\(directory)/\(path)"
        }
        let components = path.split(separator: "/").filter { $0 != "." }
        self.text = "/" + components.joined(separator: "/")
    }

    /// The path where the repository is on this machine.
    package var path: String { text }

    package var description: String { text }

    private static func path(of text: String) throws(InvalidURL) -> String {
        guard let (scheme, rest) = split(text) else {
            guard !isRemoteShellPath(text) else { throw InvalidURL(unsupported: "ssh") }
            return text
        }
        if rest.prefix(while: { $0 != "/" }).contains("@") {
            throw InvalidURL(
                reason: "it holds a user or password; name a credential file instead"
            )
        }
        guard scheme == "file" else { throw InvalidURL(unsupported: scheme) }
        let host = rest.prefix { $0 != "/" }
        guard host.isEmpty || host == "localhost" else {
            throw InvalidURL(reason: "a file:// URL can't name another machine")
        }
        guard let path = percentDecoded(rest.dropFirst(host.count)), path.hasPrefix("/") else {
            throw InvalidURL(reason: "a file:// URL needs an absolute path, percent-encoded")
        }
        return path
    }

    /// Scheme and what follows `://`; nil for a path.
    private static func split(_ text: String) -> (scheme: String, rest: Substring)? {
        let scheme = text.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "+") }
        let rest = text.dropFirst(scheme.count)
        guard !scheme.isEmpty, rest.hasPrefix("://") else { return nil }
        return (scheme.lowercased(), rest.dropFirst(3))
    }

    /// Whether git reads `text` as `host:path`: a colon before the first slash.
    private static func isRemoteShellPath(_ text: String) -> Bool {
        text.prefix { $0 != "/" }.contains(":")
    }

    private static func percentDecoded(_ text: Substring) -> String? {
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

    init(unsupported scheme: String) {
        self.reason = "\(scheme) is not supported yet; give a path or a file:// URL"
    }

    package var description: String { "not a usable repository URL: \(reason)" }
}
