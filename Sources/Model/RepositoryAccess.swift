/// By what a repository is entered: references to credentials and certificates, never those
/// themselves.
///
/// Two projects share a mirror only where URL and access are the same, so that what one may read
/// is not shown to another that may not.
package struct RepositoryAccess: Hashable, Codable, Sendable {
    /// nil for a repository that everybody may read.
    package var credentials: Credentials?
    /// Absolute path of the authorities trusted instead of the program's usual ones, in PEM.
    package var authorities: String?
    /// Absolute paths of our own certificate and its key, in PEM.
    package var certificate: Certificate?

    package init(
        credentials: Credentials? = nil,
        authorities: String? = nil,
        certificate: Certificate? = nil
    ) {
        self.credentials = credentials
        self.authorities = authorities
        self.certificate = certificate
    }

    /// What a server asks for.
    package enum Credentials: Hashable, Codable, Sendable {
        /// HTTP's basic authentication.
        case password(user: String, SecretReference)
        /// HTTP's bearer token.
        case token(SecretReference)
        /// Path of ssh's private key.
        case key(String)
    }

    /// A client certificate.
    package struct Certificate: Hashable, Codable, Sendable {
        package var file: String
        package var key: String

        package init(file: String, key: String) {
            self.file = file
            self.key = key
        }
    }
}

/// Where a secret is found when it is needed, so that a changed one is noticed.
package enum SecretReference: Hashable, Codable, Sendable, CustomStringConvertible {
    /// Absolute path of a file that holds it and nothing else but a line's end.
    case file(String)
    /// Name of a variable in the controller's environment.
    case variable(String)

    package var description: String {
        switch self {
        case .file(let path): path
        case .variable(let name): "the variable \(name)"
        }
    }
}
