/// What is wrong with a file that people wrote, where, and how to mend it.
package struct Diagnostic: Hashable, Codable, Sendable {
    /// How much it matters: an error rejects the file, a warning rides along.
    package enum Severity: String, Codable, Sendable, Comparable {
        case error, warning

        package static func < (a: Severity, b: Severity) -> Bool { a == .error && b == .warning }
    }

    package var severity: Severity
    /// Stable identifier of the kind of mistake, such as `unknown-attribute`; for a policy
    /// finding it is the rule's id.
    package var code: String
    /// One sentence without a full stop, on one line; never a secret value.
    package var message: String { didSet { message = message.onOneLine } }
    package var location: SourceLocation?
    /// The field that the finding is about, where it is about one.
    package var field: FieldPath?
    /// What to write instead, where that is known.
    package var fix: String? { didSet { fix = fix?.onOneLine } }

    package init(
        _ severity: Severity = .error,
        code: String,
        _ message: String,
        at location: SourceLocation? = nil,
        field: FieldPath? = nil,
        fix: String? = nil
    ) {
        self.severity = severity
        self.code = code
        self.message = message.onOneLine
        self.location = location
        self.field = field
        self.fix = fix?.onOneLine
    }
}

extension Diagnostic: CustomStringConvertible {
    /// `path:line:column: error: message [code]`, and the fix on a line of its own.
    package var description: String {
        let place = location.map { "\($0): " } ?? ""
        let fix = fix.map { "\n  fix: \($0)" } ?? ""
        return "\(place)\(severity.rawValue): \(message) [\(code)]\(fix)"
    }
}

extension Diagnostic: Comparable {
    package static func < (a: Diagnostic, b: Diagnostic) -> Bool {
        if a.location != b.location {
            guard let x = a.location else { return true }
            guard let y = b.location else { return false }
            return x < y
        }
        let (left, right) = ((a.severity, a.code, a.message), (b.severity, b.code, b.message))
        guard left == right, let x = a.field, let y = b.field else { return left < right }
        return x < y
    }
}

/// Everything that is wrong with somebody's file, gathered before it is refused.
package struct Rejection: Error, Hashable, Codable, Sendable, CustomStringConvertible {
    /// Sorted by place; never empty; warnings found on the way are among them.
    package let diagnostics: [Diagnostic]

    /// Refuses with all of `diagnostics`, of which at least one is an error.
    package init(_ diagnostics: [Diagnostic]) {
        precondition(diagnostics.contains { $0.severity == .error }, "a rejection needs an error")
        self.diagnostics = diagnostics.sorted()
    }

    package init(_ diagnostic: Diagnostic) { self.init([diagnostic]) }

    package var description: String {
        diagnostics.map(\.description).joined(separator: "\n")
    }
}
