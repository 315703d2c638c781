/// A file system in memory, by the options of a mount: `size=64m,mode=1777`.
package struct MemoryMount: Hashable, Sendable {
    package private(set) var size: ByteCount?
    package private(set) var mode: Int64?
    package private(set) var isReadOnly = false
    /// What a Swarm has no word for.
    package private(set) var unknown: [String] = []

    package init(_ options: String) {
        for option in options.split(separator: ",").map(String.init) {
            let parts = option.split(separator: "=", maxSplits: 1).map(String.init)
            let value = parts.count > 1 ? parts[1] : ""
            switch parts[0] {
            case "ro": isReadOnly = true
            case "rw": isReadOnly = false
            case "size":
                size = MemoryMount.bytes(value).map { ByteCount($0) }
                if size == nil { unknown.append(option) }
            case "mode":
                mode = Int64(value, radix: 8)
                if mode == nil { unknown.append(option) }
            default: unknown.append(option)
            }
        }
    }

    /// Bytes of `64m`; tmpfs(5).
    private static func bytes(_ text: String) -> Int64? {
        let units: [Character: Int64] = ["k": 1 << 10, "m": 1 << 20, "g": 1 << 30]
        guard let last = text.lowercased().last else { return nil }
        let unit = units[last]
        guard let number = Int64(unit == nil ? text[...] : text.dropLast()), number >= 0 else {
            return nil
        }
        let (bytes, isOver) = number.multipliedReportingOverflow(by: unit ?? 1)
        return isOver ? nil : bytes
    }
}
