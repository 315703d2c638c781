internal import Model

extension Rule {
    static let secretInEnvironment = Rule(
        "secret-in-environment",
        .secret,
        .warn,
        because: "everybody who may read the repository or inspect the container can read it",
        fix: "let the program read a file, where its image offers a variable that ends in _FILE",
        .service { review in
            review.service.environment.sorted { $0.key < $1.key }.compactMap { name, value in
                guard let value, SecretName.isLikely(name),
                    !switches.contains(value.lowercased())
                else { return nil }
                return Finding(
                    "\(name) looks like a secret written into the file",
                    at: review.path / "environment" / name,
                    or: review.path / "environment"
                )
            }
        }
    )

    /// What only switches something, such as `ALLOW_EMPTY_PASSWORD: "yes"`.
    private static let switches: Set<String> = ["", "0", "1", "true", "false", "yes", "no"]
}
