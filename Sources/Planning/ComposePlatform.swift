/// What an image is made for, as a file writes it.
///
/// Source: containerd's `platforms.Parse` and `platforms.Format`, by which Docker Compose sends it.
enum ComposePlatform {
    /// `linux/amd64` or `linux/arm/v6`; nil for what names none.
    static func text(_ text: String) -> String? {
        let parts = text.lowercased().split(separator: "/", omittingEmptySubsequences: false)
            .map(String.init)
        guard parts.count <= 3, parts.allSatisfy(isName) else { return nil }
        let system = parts[0] == "macos" ? "darwin" : parts[0]
        guard parts.count > 1 else {
            // The other half is this machine's, on which nobody is to depend.
            if systems.contains(system) { return system + "/amd64" }
            let processor = processor(parts[0], "")
            return processors.contains(processor.name) ? "linux/" + written(processor) : nil
        }
        var processor = processor(parts[1], parts.count > 2 ? parts[2] : "")
        if parts.count == 2 { return "\(system)/" + written(processor) }
        if processor.name == "arm64", processor.variant.isEmpty { processor.variant = "v8" }
        return [system, processor.name, processor.variant].filter { !$0.isEmpty }
            .joined(separator: "/")
    }

    /// Where no variant was asked for, the usual one of arm is left out.
    private static func written(_ processor: (name: String, variant: String)) -> String {
        let isUsual = processor == ("arm", "v7")
        return processor.variant.isEmpty || isUsual
            ? processor.name : "\(processor.name)/\(processor.variant)"
    }

    private static func processor(
        _ name: String,
        _ variant: String
    ) -> (
        name: String, variant: String
    ) {
        switch (name, variant) {
        case ("i386", _): ("386", "")
        case ("x86_64", _), ("x86-64", _), ("amd64", _):
            ("amd64", variant == "v1" ? "" : variant)
        case ("aarch64", _), ("arm64", _):
            ("arm64", ["8", "v8"].contains(variant) ? "" : variant)
        case ("armhf", _): ("arm", "v7")
        case ("armel", _): ("arm", "v6")
        case ("arm", ""): ("arm", "v7")
        case ("arm", "5"), ("arm", "6"), ("arm", "7"), ("arm", "8"): ("arm", "v" + variant)
        default: (name, variant)
        }
    }

    private static func isName(_ part: String) -> Bool {
        !part.isEmpty
            && part.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
                    || byte == 0x5F || byte == 0x2D
            }
    }

    private static let systems: Set = [
        "aix", "android", "darwin", "dragonfly", "freebsd", "hurd", "illumos", "ios", "js",
        "linux", "nacl", "netbsd", "openbsd", "plan9", "solaris", "windows", "zos",
    ]

    private static let processors: Set = [
        "386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc",
        "ppc64", "ppc64le", "riscv", "riscv64", "s390", "s390x", "sparc", "sparc64", "wasm",
    ]
}
