/// Takes apart the engine's logs, in which the two outputs of a container are interleaved.
///
/// Source: the Engine API reference, "Stream format": eight bytes before each frame, the first of
/// which is 0, 1 or 2 and the last four its length. A container with a terminal has no frames.
struct LogFrames {
    private let isTerminal: Bool
    private let limit: Int
    private var header: [UInt8] = []
    /// Bytes of the current frame that are still to come.
    private var frameRest = 0
    private var kept: [UInt8] = []
    private(set) var isCut = false

    /// - Parameters:
    ///   - isTerminal: Whether the container has a terminal.
    ///   - limit: How many bytes of the end are kept.
    init(isTerminal: Bool, limit: Int) {
        self.isTerminal = isTerminal
        self.limit = limit
    }

    /// False when what came is no frame.
    mutating func append(_ bytes: [UInt8]) -> Bool {
        var bytes = bytes[...]
        guard !isTerminal else {
            keep(bytes)
            return true
        }
        while !bytes.isEmpty {
            if frameRest > 0 {
                keep(bytes.prefix(frameRest))
                let taken = min(frameRest, bytes.count)
                frameRest -= taken
                bytes = bytes.dropFirst(taken)
                continue
            }
            let missing = 8 - header.count
            header += bytes.prefix(missing)
            bytes = bytes.dropFirst(missing)
            guard header.count == 8 else { continue }
            guard header[0] <= 3, header[1...3].allSatisfy({ $0 == 0 }) else { return false }
            frameRest = header[4...].reduce(0) { $0 << 8 | Int($1) }
            header = []
        }
        return true
    }

    private mutating func keep(_ bytes: ArraySlice<UInt8>) {
        kept += bytes
        // Cut only now and then, so that many small frames stay cheap.
        if kept.count > 2 * limit { cut() }
    }

    private mutating func cut() {
        guard kept.count > limit else { return }
        isCut = true
        kept.removeFirst(kept.count - limit)
    }

    /// The end of what was written, without control characters that could steer a terminal.
    mutating func text() -> String {
        cut()
        var text = ""
        for scalar in String(decoding: kept, as: UTF8.self).unicodeScalars {
            let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            if !isControl || scalar == "\n" || scalar == "\t" { text.unicodeScalars.append(scalar) }
        }
        return isCut ? "…" + text : text
    }
}
