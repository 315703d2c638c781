extension Service {
    /// Which requests from outside lead to a service: `x-gyre: ingress` of the file.
    ///
    /// It changes no container, and is no part of a version; see `Docs/Decisions/0022-ingress.md`.
    package struct Ingress: Hashable, Codable, Sendable {
        /// In lower case; nothing but letters, digits, dots and hyphens.
        package var host: String
        /// What the containers listen on.
        package var port: UInt16
        /// What paths begin with; nil for all paths.
        package var path: String?

        package init(host: String, port: UInt16, path: String? = nil) {
            self.host = host
            self.port = port
            self.path = path
        }

        /// What it takes of the world outside, which one service can have: `example.org/api`.
        package var claim: String { host + (path ?? "/") }
    }
}
