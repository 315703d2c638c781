package import Model

extension Person: ExpressibleByStringLiteral {
    /// Somebody of whom only the name matters.
    package init(stringLiteral name: String) { self.init(name) }
}
