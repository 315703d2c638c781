internal import Model

extension Rule {
    static let variableContent = Rule(
        "variable-content",
        .environmentLeak,
        because: "variables end up in listings and logs, and whose they are can't be seen",
        fix: "write file:, or content: in a config",
        .stack { review in
            review.stack.ownFiles.filter(\.isVariable).map { file in
                Finding("a variable holds its content", at: file.path / "environment")
            }
        }
    )

    static let secretInEnvironment = Rule(
        "secret-in-environment",
        .secret,
        .warn,
        because: "everybody who may read the repository or inspect the container can read it",
        fix: "let the program read a file, where its image offers a variable that ends in _FILE",
        .service { review in
            review.service.environment.compactMap { name, value in
                guard let value, isSecret(value, called: name) else { return nil }
                return Finding(
                    "\(name) looks like a secret written into the file",
                    at: review.path / "environment" / name,
                    or: review.path / "environment"
                )
            }
        }
    )

    private static func isSecret(_ value: String, called name: String) -> Bool {
        if hasPassword(url: value) { return true }
        guard SecretName.isLikely(name), !switches.contains(value.lowercased()) else {
            return false
        }
        let parts = name.uppercased().split(separator: "_")
        if parts.contains("PUBLIC") { return false }
        // `PASSWORD_MIN_LENGTH: 8`, `MAX_TOKENS: 100`, `TOKEN_EXPIRY: 24h`.
        let isNumber = value.utf8.first.map { (0x30...0x39).contains($0) } ?? false
        return !isNumber || value.utf8.count > 8
            || !parts.contains { measures.contains(String($0)) }
    }

    /// `scheme://user:password@host`.
    private static func hasPassword(url: String) -> Bool {
        let text = Array(url.utf8)
        guard let colon = text.firstIndex(of: 0x3A), text[colon...].starts(with: "://".utf8)
        else { return false }
        let host = text[(colon + 3)...].prefix { $0 != 0x2F }
        guard let at = host.lastIndex(of: 0x40),
            let mark = host[..<at].firstIndex(of: 0x3A)
        else { return false }
        return mark + 1 < at
    }

    /// What only switches something, such as `ALLOW_EMPTY_PASSWORD: "yes"`.
    private static let switches: Set<String> = ["", "0", "1", "true", "false", "yes", "no"]
    /// Words beside which a number is no secret.
    private static let measures: Set<String> = [
        "MAX", "MIN", "LENGTH", "COUNT", "LIMIT", "TOKENS", "TTL", "EXPIRY", "EXPIRES",
        "EXPIRATION",
        "EXPIRE", "TIMEOUT", "LIFETIME", "AGE", "DAYS", "HOURS", "MINUTES", "SECONDS", "SIZE",
        "BITS",
    ]
}
