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
