/// What `gyre.yaml` says of an Open Policy Agent.
extension Shape {
    static let agent = Shape.mapping([
        Key(
            "url",
            .value(.agent),
            isRequired: true,
            "Where it listens: `https://HOST:PORT`, `unix:///PATH` of a socket, or `http://` and "
                + "this machine."
        ),
        Key(
            "rule",
            .value(.agentRule),
            standard: "gyre/verdict",
            "Path of the rule whose value is the verdict."
        ),
        Key("timeout", .value(.duration), standard: "5s", "How long an answer may take."),
        Key(
            "renewal",
            .value(.duration),
            standard: "60s",
            "How long a verdict that lets a stack pass holds."
        ),
        Key(
            "ca",
            .value(.path),
            otherwise: "the system's",
            "File of the authorities that it is checked against, in PEM."
        ),
        Key(
            "client_certificate",
            .clientCertificate,
            "Certificate that it is shown."
        ),
        Key("token_file", .value(.path), otherwise: "none", "File of a bearer token."),
        Key(
            "token_variable",
            .value(.variable),
            otherwise: "none",
            "Variable of the controller's environment that holds a bearer token."
        ),
    ])
}
