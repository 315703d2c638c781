/// An absolute path by its components, compared byte by byte as the kernel does it.
///
/// Strings won't do: `==` and `hasPrefix` call two spellings of `é` equal, which are two
/// directories, and take a slash with a combining mark after it for another character.
struct AbsolutePath: Hashable, Sendable {
    let components: [[UInt8]]

    /// Reads `text`, leaving out empty components and `.`; nil when it is relative, climbs with
    /// `..`, or holds a control character or a `:`, which would end it in a bind's text.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.first == 0x2F, bytes.count <= 4096,
            bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != 0x3A })
        else { return nil }
        components = bytes.split(separator: 0x2F).map(Array.init).filter { $0 != [0x2E] }
        if components.contains([0x2E, 0x2E]) { return nil }
    }

    /// The path, written plainly.
    var text: String {
        "/" + components.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
    }

    /// Whether it is `other` or lies below it, by whole components.
    func isWithin(_ other: AbsolutePath) -> Bool {
        components.starts(with: other.components)
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
        return components.isEmpty || AbsolutePath.kernel.contains(where: isWithin)
    }

    private static let kernel = ["/proc", "/sys", "/dev"].compactMap(AbsolutePath.init)
    private static let sharedMemory = ["/dev/shm"].compactMap(AbsolutePath.init)
}
