/// The block that stands before each entry of an archive.
///
/// Source: POSIX.1-2017, pax, "ustar Interchange Format".
struct UstarHeader {
    let block: [UInt8]

    /// A time in 2001, when nothing says anything of it.
    private static let epoch = 1_000_000_000

    init(
        path: String,
        _ attributes: Content.Attributes,
        type: Unicode.Scalar,
        link: String = "",
        content: [UInt8]? = nil,
        isSecret: Bool = false
    ) throws(ContentError) {
        guard let (prefix, name) = UstarHeader.split(Array(path.utf8)), link.utf8.count <= 100
        else { throw .nameTooLong(path: path) }
        let mark = isSecret ? nil : content.map(UstarHeader.mark)
        let time = UstarHeader.epoch + (mark ?? 0)
        var block: [UInt8] = []
        block.reserveCapacity(512)
        block += UstarHeader.text(name, 100)
        block += UstarHeader.octal(attributes.mode, 8)
        block += UstarHeader.octal(attributes.user, 8)
        block += UstarHeader.octal(attributes.group, 8)
        block += UstarHeader.octal(content?.count ?? 0, 12)
        block += UstarHeader.octal(time, 12)
        // The sum is over a block in which it is blank itself.
        block += [UInt8](repeating: 0x20, count: 8)
        block.append(UInt8(ascii: type))
        block += UstarHeader.text(Array(link.utf8), 100)
        block += Array("ustar\u{0}00".utf8)
        block += UstarHeader.text(Array(attributes.user == 0 ? "root".utf8 : "".utf8), 32)
        block += UstarHeader.text(Array(attributes.group == 0 ? "root".utf8 : "".utf8), 32)
        block += UstarHeader.octal(0, 8) + UstarHeader.octal(0, 8)
        block += UstarHeader.text(prefix, 155)
        block += [UInt8](repeating: 0, count: 512 - block.count)
        let sum = block.reduce(0) { $0 + Int($1) }
        block.replaceSubrange(148..<156, with: UstarHeader.octal(sum, 7) + [0x20])
        self.block = block
    }

    /// 28 bits of the bytes' hash, so that other bytes have another time.
    private static func mark(of content: [UInt8]) -> Int {
        Int(SHA256Hex.of(content).prefix(7), radix: 16) ?? 0
    }

    /// The path in its two fields, of which the second alone may hold all of it.
    private static func split(_ path: [UInt8]) -> (prefix: [UInt8], name: [UInt8])? {
        if path.count <= 100 { return ([], path) }
        let slash = path.indices.first { index in
            path[index] == 0x2F && index > 0 && path.count - index - 1 <= 100
                && index + 1 < path.count
        }
        guard let slash, slash <= 155 else { return nil }
        return (Array(path[..<slash]), Array(path[(slash + 1)...]))
    }

    private static func text(_ bytes: [UInt8], _ width: Int) -> [UInt8] {
        bytes + [UInt8](repeating: 0, count: width - bytes.count)
    }

    private static func octal(_ number: Int, _ width: Int) -> [UInt8] {
        let digits = Array(String(number, radix: 8).utf8)
        return [UInt8](repeating: 0x30, count: max(0, width - 1 - digits.count)) + digits + [0]
    }
}
