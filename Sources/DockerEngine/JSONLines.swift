/// Cuts a stream into its lines, each of which is one JSON object.
struct JSONLines {
    private var rest: [UInt8] = []
    private let limit: Int

    /// - Parameter limit: The longest line that is accepted.
    init(limit: Int = 1 << 20) { self.limit = limit }

    /// The lines that are complete now, without empty ones; nil when one grows beyond the limit.
    mutating func append(_ bytes: [UInt8]) -> [[UInt8]]? {
        rest += bytes
        var lines: [[UInt8]] = []
        var start = rest.startIndex
        while let end = rest[start...].firstIndex(of: 0x0A) {
            let line = rest[start..<end]
            let text = line.last == 0x0D ? line.dropLast() : line
            if !text.isEmpty { lines.append(Array(text)) }
            start = rest.index(after: end)
        }
        rest.removeFirst(start)
        let isTooLong = rest.count > limit || lines.contains { $0.count > limit }
        return isTooLong ? nil : lines
    }

    /// What stands after the last line end.
    var remainder: [UInt8] { rest }
}
