internal import CYAML

/// A text with a blank after each colon of a plain key that touches the end of its value.
///
/// Docker Compose takes `{a:, b:}` for two keys without values. libyaml refuses a colon before `,`,
/// `}` and `]` there, and takes it with a blank between; whether a colon is such a one only its
/// scanner knows, so that it is asked.
struct SpacedColons {
    private(set) var bytes: ArraySlice<UInt8>
    /// The columns of the blanks in each line, both from 0, as libyaml counts them in `bytes`.
    private(set) var blanks: [Int: [Int]] = [:]

    /// Every blank costs a look at the whole text; after 64 MiB the rest stays as it is.
    init(_ text: ArraySlice<UInt8>, levels: Int) {
        bytes = text
        guard SpacedColons.mayTouch(text) else { return }
        bytes = Array(text)[...]
        var budget = 64 << 20
        // Where the text was left: its place, and how many characters stand before it.
        var place = bytes.startIndex
        var passed = 0
        while budget >= bytes.count, let mark = refused(levels), mark.index >= passed {
            budget -= bytes.count
            while passed < mark.index + 1, place < bytes.endIndex {
                place += 1
                while place < bytes.endIndex, bytes[place] & 0xC0 == 0x80 { place += 1 }
                passed += 1
            }
            guard place < bytes.endIndex, SpacedColons.closers.contains(bytes[place]) else {
                return
            }
            bytes.insert(UInt8(ascii: " "), at: place)
            blanks[mark.line, default: []].append(mark.column + 1)
        }
    }

    private static let closers = Array(",}]".utf8)

    /// Whether there is any such colon, be it in a quoted text.
    private static func mayTouch(_ text: ArraySlice<UInt8>) -> Bool {
        text.withUnsafeBufferPointer { bytes in
            var index = 1
            while index < bytes.count {
                if bytes[index - 1] == 0x3A, closers.contains(bytes[index]) { return true }
                index += 1
            }
            return false
        }
    }

    private func refused(_ levels: Int) -> yaml_mark_t? {
        bytes.withUnsafeBufferPointer { buffer in
            guard var reader = EventReader(buffer, file: "") else { return nil }
            return reader.refusedColon(levels: levels)
        }
    }
}
