internal import Model

/// The texts of single values as values; nil where a text breaks its format.
extension Format {
    /// Whole numbers with units, such as `90s`, `1m30s` or `500ms`; more than nothing.
    static func duration(_ text: String) -> Nanoseconds? {
        let units: [(name: String, nanoseconds: Int64)] = [
            ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000),
            ("h", 3_600_000_000_000),
        ]
        var rest = text[...]
        var total: Int64 = 0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            let word = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(word.count)
            guard let unit = units.first(where: { $0.name == word }), digits.count < 10,
                let count = Int64(digits)
            else { return nil }
            let (product, overflow) = count.multipliedReportingOverflow(by: unit.nanoseconds)
            guard !overflow, product < Int64.max - total else { return nil }
            total += product
        }
        return total > 0 ? Nanoseconds(total) : nil
    }

    /// What is wrong with a duration in whose place there may be `never`.
    static func ageProblem(_ text: String) -> String? {
        text == "never" || duration(text) != nil
            ? nil : "is neither a duration such as 336h nor never"
    }

    /// What is wrong with the name of a capability.
    static func capabilityProblem(_ text: String) -> String? {
        guard capability(text) == nil else { return nil }
        return "is no capability" + Suggestion.question(text.uppercased(), capabilities)
    }

    /// A whole number of bytes, or of units in steps of 1024: `512m`, `8g`, `1GiB`.
    static func size(_ text: String) -> ByteCount? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let shifts: [String: Int64] = [
            "": 0, "b": 0, "k": 10, "kb": 10, "kib": 10, "m": 20, "mb": 20, "mib": 20,
            "g": 30, "gb": 30, "gib": 30, "t": 40, "tb": 40, "tib": 40,
        ]
        guard let count = Int64(digits), count > 0,
            let shift = shifts[text.dropFirst(digits.count).lowercased()],
            count <= Int64.max >> shift
        else { return nil }
        return ByteCount(count << shift)
    }

    /// `8080` or `30000-32767`.
    static func numbers(_ text: String, within range: ClosedRange<Int>) -> ClosedRange<Int>? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count <= 2, let first = parts.first.flatMap({ Int($0) }),
            let last = parts.last.flatMap({ Int($0) }), first <= last, range.contains(first),
            range.contains(last)
        else { return nil }
        return first...last
    }

    /// A folder of a repository without `.`, leading and trailing slashes.
    static func folder(_ text: String) -> String? {
        let parts = text.split(separator: "/")
        guard isPath(text), !text.hasPrefix("/"), !parts.contains("..") else { return nil }
        return parts.filter { $0 != "." }.joined(separator: "/")
    }

    /// A capability in the engine's spelling: upper case, without `CAP_`.
    static func capability(_ text: String) -> String? {
        let name = text.uppercased()
        let bare = name.hasPrefix("CAP_") ? String(name.dropFirst(4)) : name
        return capabilities.contains(bare) ? bare : nil
    }

    /// `text` as an absolute path; a relative one starts at `directory`.
    static func path(_ text: String, in directory: String) -> String {
        let whole = text.hasPrefix("/") ? text : "\(directory)/\(text)"
        return "/" + whole.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }

    /// A path that is relative, and of no folder.
    static func isFile(_ text: String) -> Bool {
        isPath(text) && !text.hasPrefix("/") && !text.hasSuffix("/")
    }

    static func isPath(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count < 4096
            && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    }

    static func isCleanAbsolutePath(_ text: String) -> Bool {
        guard isPath(text), text.hasPrefix("/") else { return false }
        guard text != "/" else { return true }
        return text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
            .allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    }

    static func urlProblem(_ text: String) -> String? {
        do {
            _ = try RepositoryURL(parsing: text, relativeTo: "/")
            return nil
        } catch {
            return "can't be used: \(error.reason)"
        }
    }

    static func isBranch(_ text: String) -> Bool { GitReference.isName(text) }

    /// A host, and below it components of a repository's name.
    static func isRegistry(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let host = parts.first,
            host.contains(".") || host.contains(":") || host == "localhost"
        else { return false }
        return parts.enumerated().allSatisfy { index, part in
            let isFirst = index == 0
            return !part.isEmpty
                && part.utf8.allSatisfy { byte in
                    (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
                        || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
                        || (byte == UInt8(ascii: isFirst ? ":" : "_"))
                }
        }
    }

    /// Source: capabilities(7), Linux 6.1.
    static let capabilities: Set<String> = [
        "AUDIT_CONTROL", "AUDIT_READ", "AUDIT_WRITE", "BLOCK_SUSPEND", "BPF",
        "CHECKPOINT_RESTORE", "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID",
        "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE", "LINUX_IMMUTABLE", "MAC_ADMIN",
        "MAC_OVERRIDE", "MKNOD", "NET_ADMIN", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_RAW",
        "PERFMON", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYSLOG", "SYS_ADMIN", "SYS_BOOT",
        "SYS_CHROOT", "SYS_MODULE", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO",
        "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "WAKE_ALARM",
    ]
}
