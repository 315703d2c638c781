internal import Crypto

/// What the digests of secrets are made with, so that nobody who sees one can guess its secret.
///
/// A controller keeps its own beside the journal. Another key is no reason to change anything: who
/// compares digests of two keys knows nothing.
package struct ContentKey: Hashable, Sendable {
    /// For whoever keeps it, and nobody else.
    package let bytes: [UInt8]

    package init(_ bytes: [UInt8] = []) { self.bytes = bytes }

    /// Tells keys apart, and says nothing of them.
    package var id: String {
        String(SHA256Hex.of(Array("gyre content key ".utf8) + bytes).prefix(16))
    }

    /// HMAC-SHA-256 of an archive, in hexadecimal.
    package func digest(of archive: [UInt8]) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: archive, using: SymmetricKey(data: bytes))
        return code.map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined()
    }
}
