/// What an engine on another machine is shown, and what it has to prove.
///
/// Paths are absolute.
package struct EngineAccess: Hashable, Codable, Sendable {
    /// The authorities whose certificates count, in PEM; nil for the system's.
    package var authorities: String?
    /// Who we are, for an engine over TCP.
    package var certificate: RepositoryAccess.Certificate?
    /// A private key, for an engine behind ssh.
    package var key: String?
    /// The ssh host keys that are accepted.
    package var knownHosts = "/var/lib/gyre/known_hosts"

    package init() {}
}
