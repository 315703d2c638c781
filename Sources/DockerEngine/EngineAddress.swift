/// Where an engine listens.
package struct EngineAddress: Hashable, Sendable, CustomStringConvertible {
    /// Path of the unix socket.
    package let socketPath: String

    /// Reads `unix:///run/docker.sock` or `/run/docker.sock`; nil for anything else.
    package init?(_ text: String) {
        let scheme = "unix://"
        let path = text.hasPrefix(scheme) ? String(text.dropFirst(scheme.count)) : text
        guard path.hasPrefix("/"), !path.utf8.contains(0) else { return nil }
        socketPath = path
    }

    package var description: String { socketPath }
}
