internal import ControlAPI
internal import Glibc
internal import Model

/// What a command has to say: a value for programs, a text for people.
protocol Answer: Encodable {
    /// The text, without a line end at its end.
    func text(_ style: Style) -> String
}

/// The one place where something is printed.
///
/// With `--json` the answer, or the failure, is one JSON value on standard output and nothing
/// else is printed there. Notes and progress go to standard error.
struct Output: Sendable {
    let isJSON: Bool
    /// Of standard output.
    let style: Style
    /// Whether standard output is a terminal.
    let isTerminal: Bool
    private let errorStyle: Style

    init(isJSON: Bool, allowsColour: Bool) {
        self.isJSON = isJSON
        let mayColour =
            allowsColour && !isJSON && getenv("NO_COLOR").map { $0.pointee == 0 } ?? true
        isTerminal = isatty(STDOUT_FILENO) == 1
        style = Style(isColoured: mayColour && isTerminal)
        errorStyle = Style(isColoured: mayColour && isatty(STDERR_FILENO) == 1)
    }

    /// Prints the answer to what was asked.
    func show(_ answer: some Answer) throws {
        let text = isJSON ? try Output.json(answer) : answer.text(style)
        try Output.answer(style.printable(text) + "\n")
    }

    /// Writes an answer as it is; one that can't be written is a failure.
    static func answer(_ text: String) throws {
        let code = write(text, to: STDOUT_FILENO)
        guard code != 0, code != EPIPE else { return }
        let reason = String(cString: strerror(code))
        throw Failure(.failed, "the answer can't be written: \(reason)")
    }

    /// Prints a line while work goes on; with `--json` nothing.
    func progress(_ line: (Style) -> String) {
        guard !isJSON else { return }
        Output.write(style.printable(line(style)) + "\n", to: STDOUT_FILENO)
    }

    /// Prints a remark that is no part of the answer.
    func note(_ text: String) {
        guard !isJSON else { return }
        Output.write(errorStyle.printable(errorStyle(.dim, text)) + "\n", to: STDERR_FILENO)
    }

    /// Prints what the reader of the answer has to know, with `--json` too.
    func warn(_ text: String) {
        let line = errorStyle(.yellow, "warning: ") + text
        Output.write(errorStyle.printable(line) + "\n", to: STDERR_FILENO)
    }

    /// Prints why there is no answer.
    func show(_ failure: Failure) {
        if isJSON, let text = try? Output.json(FailureAnswer(failure)) {
            Output.write(text + "\n", to: STDOUT_FILENO)
            return
        }
        let text = FailureAnswer(failure).text(errorStyle, in: failure.sources)
        Output.write(errorStyle.printable(text) + "\n", to: STDERR_FILENO)
    }

    /// Clears the terminal and prints a page from its top.
    func redraw(_ text: String) {
        let page = isTerminal ? "\u{1B}[H\u{1B}[2J" : ""
        Output.write(page + style.printable(text) + "\n", to: STDOUT_FILENO)
    }

    static func json(_ value: some Encodable) throws -> String {
        Style.escaped(json: try PrettyJSON.text(JSON(parsing: ControlCoding.encode(value))))
    }

    /// Whether whoever read standard output has gone.
    static var isAbandoned: Bool {
        var reader = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
        return poll(&reader, 1, 0) > 0 && reader.revents & Int16(POLLERR | POLLHUP) != 0
    }

    /// Writes all of `text`; whoever closed the other end does not want the rest.
    ///
    /// - Returns: The system's code for what went wrong; 0 when nothing did.
    @discardableResult
    static func write(_ text: String, to descriptor: CInt) -> CInt {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0 else { return count < 0 ? errno : EIO }
            bytes = bytes.dropFirst(count)
        }
        return 0
    }
}

/// A failure as `--json` shows it.
struct FailureAnswer: Encodable {
    struct Body: Encodable {
        var code: String
        var exit: Int32
        var message: String
        var remedy: String?
        var diagnostics: [Finding]
    }

    var error: Body
    /// Where the diagnostics are explained, by their codes.
    var docs: [String: String]?

    init(_ failure: Failure) {
        error = Body(
            code: failure.exit.word,
            exit: failure.exit.rawValue,
            message: failure.message,
            remedy: failure.remedy,
            diagnostics: failure.diagnostics.map(Finding.init)
        )
        docs = failure.docs?.places(of: failure.diagnostics.map(\.code))
        self.failure = failure
    }

    private let failure: Failure

    private enum CodingKeys: String, CodingKey {
        case error, docs
    }

    /// The findings with what they point at, then what it comes to, then what helps and explains.
    func text(_ style: Style, in sources: SourceFiles) -> String {
        var lines = Excerpt.all(failure.diagnostics, in: sources).map { $0.text(style) }
        lines.append(style(.red, "error: ") + failure.message)
        if let remedy = failure.remedy { lines.append("  \(remedy)") }
        if let pointer = failure.docs?.pointer(of: failure.diagnostics.map(\.code)) {
            lines.append(style(.dim, pointer))
        }
        return lines.joined(separator: "\n")
    }
}
