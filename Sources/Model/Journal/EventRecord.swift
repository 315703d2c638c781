/// Something that happened and that people may want to read about later.
package struct EventRecord: Hashable, Codable, Sendable {
    /// How much it matters.
    package enum Level: String, Codable, Sendable, CaseIterable {
        case debug, info, warning, error
    }

    package var time: Instant
    /// nil when it concerns the controller as a whole.
    package var stack: StackID?
    package var level: Level
    /// A word for programs, such as `held` or `fetch-failed`.
    package var kind: String
    /// One sentence for people.
    package var message: String

    package init(
        time: Instant,
        stack: StackID?,
        level: Level,
        kind: String,
        message: String
    ) {
        self.time = time
        self.stack = stack
        self.level = level
        self.kind = kind
        self.message = message
    }
}
