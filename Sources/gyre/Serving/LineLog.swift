internal import FoundationEssentials
internal import Glibc
internal import Logging
internal import Model

/// Log lines on standard error, one event a line:
/// `2026-11-21T04:45:12.125Z info stack is ready stack=shop/web commit=3f2a91c4`, or the same as
/// `{"commit":"3f2a91c4","level":"info","message":"stack is ready","stack":"shop/web","time":"…"}`.
struct LineLog: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    private let isJSON: Bool

    init(level: Logger.Level, isJSON: Bool = false) {
        logLevel = level
        self.isJSON = isJSON
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let facts = metadata.merging(event.metadata ?? [:]) { _, new in new }
        let line = isJSON ? LineLog.object : LineLog.line
        Output.write(
            line(Date(), event.level, "\(event.message)", facts) + "\n",
            to: STDERR_FILENO
        )
    }

    /// The line as a JSON object; what the event is named by wins over a fact of the same name.
    static func object(
        _ time: Date,
        _ level: Logger.Level,
        _ message: String,
        _ facts: Logger.Metadata
    ) -> String {
        var members = facts.mapValues { JSON.string("\($0)") }
        members["time"] = .string(stamp(time))
        members["level"] = .string(level.rawValue)
        members["message"] = .string(message)
        return JSON.object(members).text
    }

    private static func stamp(_ time: Date) -> String {
        time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    /// The line, without its end.
    static func line(
        _ time: Date,
        _ level: Logger.Level,
        _ message: String,
        _ facts: Logger.Metadata
    ) -> String {
        let pairs = facts.sorted { $0.key < $1.key }.map { " \($0.key)=\(quoted("\($0.value)"))" }
        return "\(stamp(time)) \(level.rawValue) \(message)\(pairs.joined())"
    }

    /// As it is, or in quotes where it holds more than one word.
    private static func quoted(_ text: String) -> String {
        let isWord =
            !text.isEmpty
            && text.unicodeScalars.allSatisfy { scalar in
                (0x21...0x7E).contains(scalar.value) && scalar != "\"" && scalar != "="
                    && scalar != "\\"
            }
        guard !isWord else { return text }
        let escaped = text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return "\"\(Style.plain.printable(escaped))\""
    }
}
