/// Whether an archive came to its end, seen as it goes by.
///
/// An engine that can't go on ends its answer as if it were complete. A tar archive ends with two
/// blocks of zeroes, and is made of whole blocks.
///
/// Source: POSIX, `pax`, "ustar Interchange Format".
package struct ArchiveEnd: Hashable, Sendable {
    /// How many bytes came.
    package private(set) var count = 0
    /// Zeroes at the end of what came.
    private var zeroes = 0

    package init() {}

    /// Takes note of the next piece.
    package mutating func add(_ piece: some Collection<UInt8>) {
        count += piece.count
        let tail = piece.reversed().prefix { $0 == 0 }.count
        zeroes = tail == piece.count ? zeroes + tail : tail
    }

    package var isThere: Bool { count % 512 == 0 && zeroes >= 1024 }
}
