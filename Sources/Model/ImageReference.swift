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
        if let at = rest.firstIndex(of: "@") {
            let value = String(rest[rest.index(after: at)...])
            guard ImageReference.isDigest(value) else { return nil }
            digest = value
            rest = rest[..<at]
        }
        var tag: String?
        if let colon = rest.lastIndex(of: ":"), !rest[colon...].contains("/") {
            let value = String(rest[rest.index(after: colon)...])
            guard ImageReference.isTag(value) else { return nil }
            tag = value
            rest = rest[..<colon]
        }
        var parts = rest.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        var registry = "docker.io"
        if parts.count > 1, let host = parts.first,
            host.contains(".") || host.contains(":") || host == "localhost"
                || host != host.lowercased()
        {
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

    private static func isHost(_ text: String) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let host = parts.first, !host.isEmpty else { return false }
        if parts.count == 2 {
            guard let port = UInt16(parts[1]), port > 0 else { return false }
        }
        return host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            !label.isEmpty && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy { isWord($0) && $0 != 0x5F || $0 == 0x2D }
        }
    }

    /// Lowercase letters and digits, joined by one `.`, one or two `_`, or any number of `-`.
    private static func isPathComponent(_ text: String) -> Bool {
        var separator = ""
        var sawWord = false
        for character in text.unicodeScalars {
            switch character {
            case "a"..."z", "0"..."9":
                separator = ""
                sawWord = true
            case ".", "_", "-":
                guard sawWord else { return false }
                separator.unicodeScalars.append(character)
                let isAllowed =
                    [".", "_", "__"].contains(separator) || separator.allSatisfy { $0 == "-" }
                guard isAllowed else { return false }
            default: return false
            }
        }
        return sawWord && separator.isEmpty
    }
}
