internal import CYAML
internal import Model

/// Reads events from libyaml and makes its errors ours.
struct EventReader: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let file: String
    /// Columns that places don't count, by line; see ``SpacedColons``.
    private let blanks: [Int: [Int]]
    private var open = OpenMarks()

    /// Reads `bytes`, which must outlive the reader; nil when there is no memory.
    init?(_ bytes: UnsafeBufferPointer<UInt8>, file: String, blanks: [Int: [Int]] = [:]) {
        parser = .allocate(capacity: 1)
        self.file = file
        self.blanks = blanks
        guard yaml_parser_initialize(parser) == 1 else {
            parser.deallocate()
            return nil
        }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    /// The next event; after an error or the end of the stream there is none to ask for.
    mutating func next() throws(Rejection) -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw Rejection(failure) }
        defer { yaml_event_delete(&event) }
        open.follow(event)
        return read(event)
    }

    /// Reads all, and says which colon of a plain text stopped it for what stands after it.
    mutating func refusedColon(levels: Int) -> yaml_mark_t? {
        var depth = 0
        var event = yaml_event_t()
        while yaml_parser_parse(parser, &event) == 1 {
            let type = event.type
            yaml_event_delete(&event)
            switch type {
            case YAML_STREAM_END_EVENT: return nil
            case YAML_SEQUENCE_START_EVENT, YAML_MAPPING_START_EVENT: depth += 1
            case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: depth -= 1
            default: break
            }
            // Nobody reads on from there.
            guard depth <= levels else { return nil }
        }
        let problem = parser.pointee.problem.map { String(cString: $0) }
        return problem == "found unexpected ':'" ? parser.pointee.problem_mark : nil
    }

    private func read(_ event: yaml_event_t) -> Event {
        var result = Event(kind: .other, location: place(event.start_mark))
        switch event.type {
        case YAML_DOCUMENT_START_EVENT: result.kind = .documentStart
        case YAML_DOCUMENT_END_EVENT: result.kind = .documentEnd
        case YAML_STREAM_END_EVENT: result.kind = .streamEnd
        case YAML_SEQUENCE_END_EVENT: result.kind = .sequenceEnd
        case YAML_MAPPING_END_EVENT: result.kind = .mappingEnd
        case YAML_ALIAS_EVENT: result.kind = .alias(string(event.data.alias.anchor) ?? "")
        case YAML_SEQUENCE_START_EVENT:
            result.kind = .sequenceStart
            result.anchor = string(event.data.sequence_start.anchor)
            result.tag = string(event.data.sequence_start.tag)
        case YAML_MAPPING_START_EVENT:
            result.kind = .mappingStart
            result.anchor = string(event.data.mapping_start.anchor)
            result.tag = string(event.data.mapping_start.tag)
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let text = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            result.kind = .scalar(
                text: String(decoding: text, as: UTF8.self),
                style: scalar.style == YAML_PLAIN_SCALAR_STYLE ? .plain : .quoted
            )
            result.anchor = string(scalar.anchor)
            result.tag = string(scalar.tag)
        default: break
        }
        return result
    }

    /// libyaml counts lines and columns from 0; this is the one place that adds 1.
    private func place(_ mark: yaml_mark_t) -> SourceLocation {
        let mark = written(mark)
        return SourceLocation(file: file, line: mark.line + 1, column: mark.column + 1)
    }

    /// The place in the text as somebody wrote it.
    private func written(_ mark: yaml_mark_t) -> yaml_mark_t {
        guard let columns = blanks[mark.line] else { return mark }
        var mark = mark
        mark.column -= columns.count { $0 < mark.column }
        return mark
    }

    private func string(_ text: UnsafeMutablePointer<UInt8>?) -> String? {
        text.map { String(cString: $0) }
    }

    private var failure: Diagnostic {
        guard let problem = parser.pointee.problem.map({ String(cString: $0) }) else {
            return Diagnostic(
                code: "yaml-no-memory",
                "there is no memory to parse it",
                at: SourceLocation(file: file, line: 1, column: 1)
            )
        }
        let context = parser.pointee.context.map { String(cString: $0) } ?? ""
        let start = parser.pointee.context_mark
        let mark = parser.pointee.problem_mark
        if let mistake = open.mistake(problem, at: written(mark), context: context, since: start) {
            return Diagnostic(
                code: "yaml-syntax",
                mistake.message,
                at: place(mistake.mark),
                fix: mistake.fix
            )
        }
        return Diagnostic(
            code: "yaml-syntax",
            context.isEmpty ? problem : "\(context), \(problem)",
            at: place(mark),
            fix: fix(for: problem)
        )
    }

    private func fix(for problem: String) -> String? {
        let isTab = parser.pointee.buffer.pointer?.pointee == UInt8(ascii: "\t")
        switch problem {
        case "found character that cannot start any token":
            return isTab
                ? "indent with spaces; YAML allows no tab there"
                : "put the text in quotes; it starts with a character that YAML reserves"
        case "mapping values are not allowed in this context":
            return "put a text that holds `: ` in quotes, or check the indentation"
        case "did not find expected key", "could not find expected ':'":
            return "check the indentation: keys of one mapping start in one column"
        default: return nil
        }
    }
}
