/// A reference to an image, taken apart as the engine does it.
///
/// Source of the grammar: the `distribution/reference` specification. `httpd` means
/// `docker.io/library/httpd:latest`.
package struct ImageReference: Hashable, Codable, Sendable, CustomStringConvertible {
    /// Host and port, `docker.io` when none is written.
    package let registry: String
    /// Path below the registry, with `library/` filled in.
    package let repository: String
    package let tag: String?
    /// `sha256:` and 64 hexadecimal digits.
    package let digest: String?

    /// Takes `text` apart; nil when it is no reference by name (64 hexadecimal digits are an
    /// image id, which names nothing that policy could judge).
    package init?(_ text: String) {
        var rest = text[...]
        var digest: String?
        // Bytes, because a sign with a mark above it would be another character.
        if let at = rest.utf8.firstIndex(of: UInt8(ascii: "@")) {
            let value = String(rest[rest.utf8.index(after: at)...])
            guard ImageReference.isDigest(value) else { return nil }
            digest = value
            rest = rest[..<at]
        }
        var tag: String?
        if let colon = rest.utf8.lastIndex(of: UInt8(ascii: ":")),
            !rest[colon...].utf8.contains(UInt8(ascii: "/"))
        {
            let value = String(rest[rest.utf8.index(after: colon)...])
            guard ImageReference.isTag(value) else { return nil }
            tag = value
            rest = rest[..<colon]
        }
        var parts = rest.utf8.split(
            separator: UInt8(ascii: "/"),
            omittingEmptySubsequences: false
        ).map { String(Substring($0)) }
        var registry = "docker.io"
        if parts.count > 1, let host = parts.first, ImageReference.isOfHost(host) {
            guard ImageReference.isHost(host) else { return nil }
            registry = host == "index.docker.io" ? "docker.io" : host
            parts.removeFirst()
        }
        guard parts.allSatisfy(ImageReference.isPathComponent) else { return nil }
        if registry == "docker.io", parts.count == 1 {
            if tag == nil, digest == nil, ImageReference.isID(parts[0]) { return nil }
            parts.insert("library", at: 0)
        }
        guard !parts.isEmpty else { return nil }
        self.registry = registry
        self.repository = parts.joined(separator: "/")
        self.tag = tag
        self.digest = digest
    }

    /// `docker.io/library/httpd`.
    package var name: String { "\(registry)/\(repository)" }

    /// The name as the engine's users write it: `httpd`, without tag or digest.
    package var familiarName: String {
        guard registry == "docker.io" else { return name }
        let parts = repository.split(separator: "/")
        return parts.count == 2 && parts[0] == "library" ? String(parts[1]) : repository
    }

    /// The whole reference, with `:latest` where neither tag nor digest is written.
    package var description: String {
        var text = name
        if let tag { text += ":\(tag)" }
        if let digest { text += "@\(digest)" }
        return tag == nil && digest == nil ? text + ":latest" : text
    }

    private static func isDigest(_ text: String) -> Bool {
        text.hasPrefix("sha256:") && isID(String(text.dropFirst(7)))
    }

    private static func isID(_ text: String) -> Bool {
        text.utf8.count == 64
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x66).contains($0)
            }
    }

    private static func isTag(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 128 else { return false }
        return isWord(first) && text.utf8.allSatisfy { isWord($0) || $0 == 0x2E || $0 == 0x2D }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
            || (0x61...0x7A).contains(byte) || byte == 0x5F
    }

    /// Whether what stands before the first slash names a host rather than a folder.
    private static func isOfHost(_ text: String) -> Bool {
        text == "localhost"
            || text.utf8.contains { $0 == 0x2E || $0 == 0x3A || (0x41...0x5A).contains($0) }
    }

    private static func isHost(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: 0x3A, omittingEmptySubsequences: false)
        guard parts.count <= 2, let host = parts.first else { return false }
        if parts.count == 2 {
            guard let port = UInt16(Substring(parts[1])), port > 0 else { return false }
        }
        return host.split(separator: 0x2E, omittingEmptySubsequences: false).allSatisfy { label in
            !label.isEmpty && label.first != 0x2D && label.last != 0x2D
                && label.allSatisfy { isWord($0) && $0 != 0x5F || $0 == 0x2D }
        }
    }

    /// Lowercase letters and digits, joined by one `.`, one or two `_`, or any number of `-`.
    private static func isPathComponent(_ text: String) -> Bool {
        var separator: [UInt8] = []
        var sawWord = false
        for byte in text.utf8 {
            switch byte {
            case 0x61...0x7A, 0x30...0x39:
                separator.removeAll(keepingCapacity: true)
                sawWord = true
            case 0x2E, 0x5F, 0x2D:
                guard sawWord else { return false }
                separator.append(byte)
                let isAllowed =
                    separator == [0x2E] || separator == [0x5F] || separator == [0x5F, 0x5F]
                    || separator.allSatisfy { $0 == 0x2D }
                guard isAllowed else { return false }
            default: return false
            }
        }
        return sawWord && separator.isEmpty
    }
}
