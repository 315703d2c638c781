internal import Model

/// Reads an archive that is about to be shipped, block by block, with no help of what wrote it.
///
/// It may hold folders, plain files and links that stay inside, under names that climb nowhere,
/// with no bit that gives a program another user's rights.
struct ArchiveCheck {
    private let bytes: [UInt8]
    private var position = 0

    static func passes(_ bytes: [UInt8]) -> Bool {
        guard bytes.count % 512 == 0, bytes.count <= ContentArchive.maximumBytes + 1024 else {
            return false
        }
        var check = ArchiveCheck(bytes: bytes)
        while let block = check.next() {
            if block.allSatisfy({ $0 == 0 }) { return check.isAtEnd }
            guard check.isPlain(block) else { return false }
        }
        return false
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func next() -> ArraySlice<UInt8>? {
        guard position + 512 <= bytes.count else { return nil }
        position += 512
        return bytes[position - 512..<position]
    }

    /// The second of the two empty blocks, and nothing behind it.
    private var isAtEnd: Bool {
        bytes.count == position + 512 && bytes[position...].allSatisfy { $0 == 0 }
    }

    /// Judges a header, and passes over what follows it.
    private mutating func isPlain(_ block: ArraySlice<UInt8>) -> Bool {
        let start = block.startIndex
        func field(_ offset: Int, _ width: Int) -> ArraySlice<UInt8> {
            block[start + offset..<start + offset + width]
        }
        guard field(257, 8).elementsEqual("ustar\u{0}00".utf8),
            let mode = ArchiveCheck.number(field(100, 8)), mode <= 0o777,
            let size = ArchiveCheck.number(field(124, 12)), size <= bytes.count,
            let name = ArchiveCheck.text(field(0, 100)),
            let prefix = ArchiveCheck.text(field(345, 155)),
            let link = ArchiveCheck.text(field(157, 100))
        else { return false }
        let path = prefix.isEmpty ? name : "\(prefix)/\(name)"
        switch field(156, 1).first {
        case UInt8(ascii: "0"):
            position += (size + 511) / 512 * 512
            return ArchiveCheck.isInside(path) && link.isEmpty
        case UInt8(ascii: "5"): return size == 0 && (path == "./" || ArchiveCheck.isInside(path))
        case UInt8(ascii: "2"):
            return size == 0 && ArchiveCheck.isInside(path)
                && ContentArchive.stays(link, seenFrom: path)
        default: return false
        }
    }

    /// Whether a path is relative and climbs nowhere.
    private static func isInside(_ path: String) -> Bool {
        guard let first = path.utf8.first, first != 0x2F else { return false }
        return path.utf8.split(separator: 0x2F).allSatisfy { part in
            !part.elementsEqual("..".utf8) && !part.elementsEqual(".".utf8)
        }
    }

    /// Octal digits up to the first NUL.
    private static func number(_ field: ArraySlice<UInt8>) -> Int? {
        Int(String(decoding: field.prefix { $0 != 0 }, as: UTF8.self), radix: 8)
    }

    private static func text(_ field: ArraySlice<UInt8>) -> String? {
        String(validating: field.prefix { $0 != 0 }, as: UTF8.self)
    }
}
