internal import CCurl
internal import Glibc

/// Addresses of IPv4 or IPv6 that begin alike, such as `169.254.0.0/16`.
package struct AddressRange: Hashable, Sendable, CustomStringConvertible {
    package let description: String
    private let bytes: [UInt8]
    private let length: Int

    /// nil when it is no address with a length behind a slash.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let bytes = AddressRange.bytes(of: parts[0]),
            let length = Int(parts[1]), (0...bytes.count * 8).contains(length)
        else { return nil }
        description = text
        self.bytes = bytes
        self.length = length
    }

    /// Whether `address` is one of them; one of IPv4 in the clothes of IPv6 is one of IPv4.
    package func contains(_ address: String) -> Bool {
        AddressRange.bytes(of: address).map(contains) ?? false
    }

    private func contains(_ address: [UInt8]) -> Bool {
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        let address = address.starts(with: mapped) ? Array(address.dropFirst(12)) : address
        guard address.count == bytes.count else { return false }
        return (0..<length).allSatisfy { bit in
            (address[bit / 8] ^ bytes[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
        }
    }

    private static func bytes(of text: String) -> [UInt8]? {
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: count)
            if inet_pton(family, text, &bytes) == 1 { return bytes }
        }
        return nil
    }
}

extension AddressRange {
    /// The text of what libcurl is about to connect to; nil where it is no IP address.
    static func text(of address: UnsafeMutablePointer<curl_sockaddr>) -> String? {
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let failure = getnameinfo(
            ccurl_address(address),
            socklen_t(address.pointee.addrlen),
            &text,
            socklen_t(text.count),
            nil,
            0,
            NI_NUMERICHOST
        )
        guard failure == 0 else { return nil }
        let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        // A link-local address has its interface behind it.
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "%") }, as: UTF8.self)
    }
}
