/// What the name of a variable says of its value.
package enum SecretName {
    /// Whether it sounds as if the value were a secret, which is then told to nobody.
    ///
    /// A guess by words; nothing is protected by it alone. What ends in `_FILE` names a file that
    /// holds the secret, as images have it, and is none.
    package static func isLikely(_ name: String) -> Bool {
        let name = name.uppercased()
        if name.hasSuffix("_FILE") { return false }
        if words.contains(where: name.contains) { return true }
        return name.split { !$0.isLetter }.contains { part in
            endings.contains { part.hasSuffix($0) }
        }
    }

    private static let words = ["PASSW", "PASSPHRASE", "SECRET", "TOKEN", "CREDENTIAL"]
    /// Of a part of the name, since they are in harmless words as well: `KEYBOARD`.
    private static let endings = ["KEY", "KEYS", "PASS"]
}
