internal import Model

/// How much of what a container writes its node keeps: files of one size, of which the oldest goes.
extension Grants {
    /// Of both drivers that keep logs on the node.
    static let logOptions: Set<String> =
        logTexts.union(["max-size", "max-file", "compress", "mode", "max-buffer-size"])
    /// What is written beside each line: of the container alone.
    ///
    /// Engines take the tag for a template.
    static let logTexts: Set<String> = ["tag", "labels", "labels-regex", "env", "env-regex"]

    private static let fileDrivers = ["json-file", "local"]
    private static let standardSize: Int64 = 10_000_000
    private static let standardFiles: Int64 = 3
    private static let mostFiles: Int64 = 1000
    /// Bytes of the engine's own memory, in the mode `non-blocking`.
    private static let mostBuffer: Int64 = 16 << 20

    /// What an engine is told of a container's log: without an end nothing is kept in files.
    ///
    /// What the file says stays; the engine's defaults would keep all (`json-file`).
    func kept(_ asked: Service.Logging?) -> Service.Logging {
        let isOffered = logDrivers.contains("json-file") || logDrivers.isEmpty
        let driver = asked?.driver ?? (isOffered ? "json-file" : logDrivers.min() ?? "json-file")
        var options = asked?.options ?? [:]
        guard Grants.fileDrivers.contains(where: { Text.equal($0, driver) }) else {
            return Service.Logging(driver: driver, options: options)
        }
        if options["max-size"] == nil {
            let files = options["max-file"].flatMap { Text.number($0) }
            let share = maximumLogs / max(1, files ?? Grants.standardFiles)
            let bytes = max(1, min(Grants.standardSize, share))
            options["max-size"] = bytes == Grants.standardSize ? "10m" : "\(bytes)"
        }
        if options["max-file"] == nil {
            let size = options["max-size"].flatMap(Text.logSize) ?? Grants.standardSize
            let most = maximumLogs / size
            options["max-file"] = "\(max(1, min(Grants.standardFiles, most)))"
        }
        return Service.Logging(driver: driver, options: options)
    }

    /// What ends an objection to the option of that name.
    static func fix(ofLogOption name: String) -> String {
        switch name {
        case "tag": "write \"{{.Name}}\", or remove it"
        case "max-buffer-size": "remove it, or write 16m or less"
        default: "write max-size: 10m and max-file: 3"
        }
    }

    /// Why a container's log may not be `kept` so, and the option that it is about.
    ///
    /// What `asked` leaves out was filled in.
    func objection(
        toLog kept: Service.Logging,
        asked: Service.Logging
    ) -> (option: String, text: String)? {
        let kept = kept.options
        guard kept["tag"].map({ GoTemplate.isPlain($0, GoTemplate.tagNames) }) ?? true else {
            let names = GoTemplate.tagNames.map { "{{\($0)}}" }.sorted().joined(separator: ", ")
            return ("tag", "a tag is text and any of \(names)")
        }
        let buffer = kept["max-buffer-size"].map { Text.logSize($0) ?? .max }
        guard buffer ?? 0 <= Grants.mostBuffer else {
            let most = ByteCount(Grants.mostBuffer)
            return ("max-buffer-size", "a buffer is memory of the engine, \(most) at the most")
        }
        guard let size = kept["max-size"].flatMap(Text.logSize), size <= 1 << 30 else {
            return ("max-size", "a log file may have 1 GiB at the most")
        }
        guard let files = kept["max-file"].flatMap({ Text.number($0, atMost: Grants.mostFiles) }),
            files > 0
        else { return ("max-file", "there are between 1 and \(Grants.mostFiles) log files") }
        guard size * files > maximumLogs else { return nil }
        let option = asked.options["max-file"] == nil ? "max-size" : "max-file"
        let sum = "\(ByteCount(size * files)) of logs"
        return (option, "\(sum) are more than the \(ByteCount(maximumLogs)) that are granted")
    }
}
