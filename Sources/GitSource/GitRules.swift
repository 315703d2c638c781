package import Model
internal import Transport

/// What the operator allows repositories and their servers, the same for all of them.
package struct GitRules: Sendable {
    package var schemes: Set<RepositoryURL.Scheme> = [.file, .https, .ssh]
    /// Where a server may send us besides itself.
    package var redirectHosts: Set<String> = []
    /// Where no server may be that a name or a redirect leads to, as subnets.
    package var refusedAddresses: [String] = []
    /// Path of the authorities that https trusts, in PEM.
    package var authorities = TrustPolicy().authorities
    /// URL of the proxy for http and https.
    package var proxy: String?
    /// Hosts that are spoken with directly although there is a proxy.
    package var directHosts: Set<String> = []
    /// Path of the host keys that ssh accepts, in the format of `known_hosts`.
    package var knownHosts = "/var/lib/gyre/known_hosts"
    /// Path of the private ssh key that signs what Gyre commits; nil for none.
    package var signingKey: String?
    package var connectTimeout = Duration.seconds(10)
    package var progressTimeout = Duration.seconds(30)
    /// Conversations with one host at a time.
    package var connectionsPerHost = 4
    package var limits = Limits()
    /// Reads a secret when it is needed; what it throws is shown.
    package var secret: @Sendable (SecretReference) throws -> String = { reference in
        throw GitError(
            .credentialsUnreadable,
            operation: "read \(reference)",
            message: "nobody said how secrets are read"
        )
    }

    package init() {}

    /// What a single fetch may bring, so that one repository can't use up what all share.
    package struct Limits: Hashable, Sendable {
        package var pack = ByteCount.gibibytes(1)
        package var objects = 2_000_000
        /// The largest file that a snapshot holds.
        package var file = ByteCount(1 << 20)
        package var refs = 100_000
        package var time = Duration.seconds(600)

        package init() {}
    }
}
