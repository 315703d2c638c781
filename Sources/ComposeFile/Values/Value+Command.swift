internal import Model

extension Value {
    /// The words of a command written as one text; nil after reporting that it can't be split.
    var command: [String]? {
        guard let string else { return nil }
        if loading.isForSwarm {
            if let words = PlainWords.split(string) { return words }
            fail(
                "invalid-command",
                "has a quote that nothing closes, or ends with a backslash",
                fix: "write a list: [\"sh\", \"-c\", \"…\"]"
            )
            return nil
        }
        guard let line = CommandLine(string) else {
            fail(
                "invalid-command",
                "has a quote, parenthesis or backslash that nothing closes",
                fix: "write a list: [\"sh\", \"-c\", \"…\"]"
            )
            return nil
        }
        if line.isCut {
            warn(
                "command-cut",
                "ends at the first unquoted ; & | < or >; the rest is dropped",
                fix: "let a shell run it: [\"sh\", \"-c\", \"…\"]"
            )
        }
        return line.arguments
    }
}
