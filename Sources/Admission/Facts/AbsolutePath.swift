/// An absolute path by its components, compared byte by byte as the kernel does it.
///
/// Strings won't do: `==` and `hasPrefix` call two spellings of `é` equal, which are two
/// directories, and take a slash with a combining mark after it for another character.
struct AbsolutePath: Hashable, Sendable {
    private static let slash = UInt8(ascii: "/")

    /// Each component behind a slash; nothing for `/`.
    private let bytes: [UInt8]

    /// Reads `text`, leaving out empty components and `.`; nil when it is relative, climbs with
    /// `..`, or holds a control character or a `:`, which would end it in a bind's text.
    init?(_ text: String) {
        let text = text.utf8
        guard text.first == AbsolutePath.slash, text.count <= 4096,
            text.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != 0x3A })
        else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        for component in text.split(separator: AbsolutePath.slash) {
            if component.elementsEqual(".".utf8) { continue }
            if component.elementsEqual("..".utf8) { return nil }
            bytes.append(AbsolutePath.slash)
            bytes += component
        }
        self.bytes = bytes
    }

    /// From the root down.
    var components: [ArraySlice<UInt8>] { bytes.split(separator: AbsolutePath.slash) }

    /// How many components it has.
    var depth: Int { bytes.count { $0 == AbsolutePath.slash } }

    /// The path, written plainly.
    var text: String { bytes.isEmpty ? "/" : String(decoding: bytes, as: UTF8.self) }

    /// Whether it is `other` or lies below it, by whole components.
    func isWithin(_ other: AbsolutePath) -> Bool {
        guard bytes.starts(with: other.bytes) else { return false }
        let rest = bytes.dropFirst(other.bytes.count)
        return rest.isEmpty || rest.first == AbsolutePath.slash
    }

    /// Whether it is `other`, or one of the two lies below the other.
    func touches(_ other: AbsolutePath) -> Bool { isWithin(other) || other.isWithin(self) }
}

extension AbsolutePath {
    /// Where nothing may be mounted in a container, nor its processes start: a runtime has been
    /// led astray there more than once (CVE-2024-21626, CVE-2025-31133, CVE-2025-52565,
    /// CVE-2025-52881).
    ///
    /// `/dev/shm` is memory of the container's own and harmless.
    var isReservedInContainer: Bool {
        if AbsolutePath.sharedMemory.contains(where: isWithin) { return false }
        return bytes.isEmpty || AbsolutePath.kernel.contains(where: isWithin)
    }

    private static let kernel = ["/proc", "/sys", "/dev"].compactMap(AbsolutePath.init)
    private static let sharedMemory = ["/dev/shm"].compactMap(AbsolutePath.init)
}
