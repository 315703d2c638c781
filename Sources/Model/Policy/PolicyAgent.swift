/// The operator's Open Policy Agent, and how it is asked.
package struct PolicyAgent: Hashable, Codable, Sendable {
    /// Where it listens.
    package enum Address: Hashable, Codable, Sendable, CustomStringConvertible {
        /// `https://host:port`, or `http://` on this machine.
        case url(String)
        /// A socket of this machine.
        case unix(path: String)

        /// `https://HOST[:PORT]`, `unix:///PATH`, or `http://` and this machine; nil for others: a
        /// verdict that anybody on the way can change is none.
        package init?(_ text: String) {
            if text.hasPrefix("unix:///") {
                let path = String(text.dropFirst("unix://".count))
                guard path.contains(where: { $0 != "/" }) else { return nil }
                self = .unix(path: path)
                return
            }
            guard let (name, rest) = URLParts.split(text), !rest.contains("/"),
                let scheme = RepositoryURL.Scheme(rawValue: name),
                [.http, .https].contains(scheme),
                let parts = try? URLParts(scheme, rest + "/v1")
            else { return nil }
            let isHere = ["localhost", "127.0.0.1", "[::1]"].contains(parts.host)
            guard scheme == .https || isHere else { return nil }
            self = .url("\(name)://\(parts.host)\(parts.port.map { ":\($0)" } ?? "")")
        }

        package var description: String {
            switch self {
            case .url(let url): url
            case .unix(let path): "unix://\(path)"
            }
        }
    }

    package var address: Address
    /// The rule whose value is the verdict, as in OPA's own paths: `gyre/verdict`.
    package var rule: String
    /// Until the answer is complete.
    package var timeout: Nanoseconds
    /// How long a verdict that lets pass holds.
    package var renewal: Nanoseconds
    /// Absolute path of the authorities trusted instead of the system's; nil for those.
    package var authorities: String?
    /// What the agent is shown, if it asks who is there.
    package var certificate: RepositoryAccess.Certificate?
    package var token: SecretReference?

    package init(
        _ address: Address,
        rule: String = "gyre/verdict",
        timeout: Nanoseconds = .seconds(5),
        renewal: Nanoseconds = .seconds(60),
        authorities: String? = nil,
        certificate: RepositoryAccess.Certificate? = nil,
        token: SecretReference? = nil
    ) {
        self.address = address
        self.rule = rule
        self.timeout = timeout
        self.renewal = renewal
        self.authorities = authorities
        self.certificate = certificate
        self.token = token
    }

    /// Whether `text` names a rule: names with slashes between them.
    package static func isRule(_ text: String) -> Bool {
        text.utf8.count < 256
            && text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
                !part.isEmpty
                    && part.utf8.allSatisfy {
                        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0)
                            || (0x61...0x7A).contains($0) || $0 == 0x5F
                    }
            }
    }
}
