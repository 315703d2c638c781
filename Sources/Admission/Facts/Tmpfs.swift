/// The mount options of a tmpfs, such as `size=64m,mode=1777`.
struct Tmpfs: Hashable, Sendable {
    /// nil: bounded by the container's memory alone.
    let size: Int64?

    /// nil when an option is not one of those that change nothing outside the container, or the
    /// size isn't given in bytes.
    ///
    /// Source of the options: `tmpfs(5)` and the list that moby's `parsers/mount` takes.
    init?(options: String) {
        var size: Int64?
        for option in options.split(separator: ",").map(String.init) {
            let parts = option.split(separator: "=", maxSplits: 1).map(String.init)
            switch (parts.first ?? "", parts.count == 2 ? parts[1] : nil) {
            case ("size", let value?):
                guard let bytes = Tmpfs.bytes(value) else { return nil }
                // The kernel takes zero for no bound of its own.
                size = bytes == 0 ? nil : bytes
            case ("nr_inodes", let value?):
                guard Tmpfs.bytes(value) != nil else { return nil }
            case ("mode", let value?), ("uid", let value?), ("gid", let value?):
                guard value.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            case (let flag, nil) where Tmpfs.flags.contains(flag): continue
            default: return nil
            }
        }
        self.size = size
    }

    private static let flags: Set<String> = [
        "rw", "ro", "exec", "noexec", "nosuid", "nodev", "noatime", "nodiratime", "relatime",
        "strictatime", "sync", "async", "dirsync",
    ]

    /// A number with `k`, `m` or `g`, where more than can be counted is as much as can be;
    /// percentages are of the node's memory and no size.
    private static func bytes(_ text: String) -> Int64? {
        let digits = text.utf8.prefix { (0x30...0x39).contains($0) }
        guard !digits.isEmpty else { return nil }
        let number = Int64(String(decoding: digits, as: UTF8.self)) ?? .max
        let shift: Int64
        switch text.utf8.dropFirst(digits.count).map({ $0 | 0x20 }) {
        case []: shift = 0
        case [0x6B]: shift = 10
        case [0x6D]: shift = 20
        case [0x67]: shift = 30
        default: return nil
        }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << shift)
        return overflow ? .max : bytes
    }
}
