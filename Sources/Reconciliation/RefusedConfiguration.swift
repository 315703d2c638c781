package import Model

/// A configuration that a running controller was asked to take up and did not; the one before
/// stays in force.
package struct RefusedConfiguration: Hashable, Codable, Sendable {
    package var file: String
    /// When the first was refused of those since the last that was taken up.
    package var since: Instant
    package var reason: String
    /// The first few mistakes.
    package var findings: [Diagnostic]

    package init(file: String, since: Instant, reason: String, findings: [Diagnostic]) {
        self.file = file
        self.since = since
        self.reason = reason
        self.findings = findings
    }
}

extension Controller {
    /// Remembers that a configuration was not taken up, until one is.
    package func refused(_ file: String, _ reason: String, _ findings: [Diagnostic]) {
        let errors = findings.filter { $0.severity == .error }
        refused = RefusedConfiguration(
            file: file,
            since: refused?.since ?? parts.clock.now(),
            reason: reason,
            findings: Array(errors.prefix(10))
        )
    }
}
