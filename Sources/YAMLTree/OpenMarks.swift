internal import CYAML

/// What is open where the parser stands: libyaml notices a bracket or quote that nobody closed
/// only much later, where it says little about the mistake.
struct OpenMarks {
    /// Where a mistake was made, and what to say of it.
    typealias Mistake = (mark: yaml_mark_t, message: String, fix: String)

    /// A mark for each open collection; nil for those of indented lines, which nothing closes.
    private var collections: [yaml_mark_t?] = []
    /// The last event, if it was a text in quotes.
    private var quoted: (start: yaml_mark_t, end: yaml_mark_t)?

    mutating func follow(_ event: yaml_event_t) {
        quoted = nil
        switch event.type {
        case YAML_SEQUENCE_START_EVENT:
            let isFlow = event.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE
            collections.append(isFlow ? event.start_mark : nil)
        case YAML_MAPPING_START_EVENT:
            let isFlow = event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
            collections.append(isFlow ? event.start_mark : nil)
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: _ = collections.popLast()
        case YAML_SCALAR_EVENT:
            let style = event.data.scalar.style
            if style == YAML_DOUBLE_QUOTED_SCALAR_STYLE || style == YAML_SINGLE_QUOTED_SCALAR_STYLE
            {
                quoted = (event.start_mark, event.end_mark)
            }
        default: break
        }
    }

    /// What was left open, if that is why the parser gave up at `mark`, where it stumbled over
    /// `problem`, in the midst of the `context` that began at `start`.
    func mistake(
        _ problem: String,
        at mark: yaml_mark_t,
        context: String,
        since start: yaml_mark_t
    ) -> Mistake? {
        if context == "while scanning a quoted scalar" {
            return (start, "the quote that opens here is never closed", "close the quote")
        }
        // `"a` in one line, and in a later one `b: "c"`: the quote closes before c.
        if let quoted, quoted.end.index == mark.index, quoted.start.line < quoted.end.line {
            return (
                quoted.start,
                "the quote that opens here closes in line \(quoted.end.line + 1), before more text",
                "close the quote where its text ends"
            )
        }
        let problems = [
            "did not find expected ',' or ']'", "did not find expected ',' or '}'",
            "did not find expected node content",
        ]
        guard let open = collections.last ?? nil, open.line < mark.line, problems.contains(problem)
        else { return nil }
        return (
            open,
            "the bracket that opens here is not closed before line \(mark.line + 1), "
                + "column \(mark.column + 1), which can't stand in it",
            "close the bracket, or put a comma where one is missing"
        )
    }
}
