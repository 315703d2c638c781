/// What the files of a folder come to: the stack as far as it could be read, and why no further.
///
/// A stack with errors is there for policy alone, which denies it with all that it finds besides.
package struct StackReading: Hashable, Codable, Sendable {
    package let stack: Stack
    /// What keeps the stack from being run; empty when nothing does.
    package let errors: [Diagnostic]

    package init(_ stack: Stack, errors: [Diagnostic] = []) {
        self.stack = stack
        self.errors = errors
    }
}
