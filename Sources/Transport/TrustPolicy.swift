/// Whom TLS connections trust, and who they say they are.
///
/// Nothing of it is taken from the environment.
package struct TrustPolicy: Hashable, Sendable {
    /// Path of the certificates of trusted authorities, in PEM.
    package var authorities: String
    /// Paths of our own certificate and its key, in PEM; nil for none.
    package var identity: Identity?

    package init(
        authorities: String = "/etc/ssl/certs/ca-certificates.crt",
        identity: Identity? = nil
    ) {
        self.authorities = authorities
        self.identity = identity
    }

    /// Refuses a key of ours that others may read, as a file of a password is refused.
    package func refuseExposedKey() throws(TransportError) {
        guard let key = identity?.key, SecretFile.isExposed(at: key) else { return }
        throw TransportError(
            .untrusted,
            operation: "read the key of our certificate",
            message: "can't use \(key): others may read it; chmod 600 \(key)"
        )
    }

    /// A client certificate.
    package struct Identity: Hashable, Sendable {
        package var certificate: String
        package var key: String

        package init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }
}
