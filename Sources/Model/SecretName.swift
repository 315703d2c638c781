/// What the name of a variable says of its value.
package enum SecretName {
    /// Whether it sounds as if the value were a secret, which is then told to nobody.
    ///
    /// A guess by words; nothing is protected by it alone. What ends in `_FILE` names a file that
    /// holds the secret, as images have it, and is none.
    package static func isLikely(_ name: String) -> Bool {
        let name = name.utf8.map { (0x61...0x7A).contains($0) ? $0 - 0x20 : $0 }
        if name.hasSuffix("_FILE") { return false }
        if words.contains(where: name.contains) { return true }
        let parts = name.split { !isLetter($0) }
        // Alone it is the working directory.
        if parts.count > 1, parts.contains(where: { $0.elementsEqual("PWD".utf8) }) { return true }
        return parts.contains { part in endings.contains(where: part.hasSuffix) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || byte >= 0x80
    }

    private static let words = ["PASSW", "PASSPHRASE", "SECRET", "TOKEN", "CREDENTIAL"]
    /// Of a part of the name, since they are in harmless words as well: `KEYBOARD`.
    private static let endings = ["KEY", "KEYS", "PASS"]
}

extension BidirectionalCollection<UInt8> {
    fileprivate func hasSuffix(_ text: String) -> Bool {
        reversed().starts(with: text.utf8.reversed())
    }

    fileprivate func contains(_ text: String) -> Bool {
        indices.contains { self[$0...].starts(with: text.utf8) }
    }
}
