/// The keys of `gyre.yaml` that say how an engine of another machine lets us in.
extension Shape {
    static let node = Shape.mapping([
        Key("engine", .value(.engine), isRequired: true, "The engine, as for the whole file."),
        Key("engine_access", engineAccess, "How it lets Gyre in, as for the whole file."),
        Key(
            "labels",
            .list(.value(.nodeLabel)),
            otherwise: "none",
            "What files may ask for in `deploy.placement.constraints`; before the engine's own."
        ),
    ])

    static let swarm = Shape.mapping([
        Key(
            "managers",
            .named(manager),
            isRequired: true,
            "Managers of the Swarm, by name; one that answers is enough."
        ),
        Key(
            "encrypted",
            .value(.boolean),
            otherwise: "true",
            "Networks of stacks are encrypted between nodes, whose kernels have to know ESP."
        ),
        Key(
            "no_new_privileges",
            .value(.boolean),
            otherwise: "false",
            "Each engine of the Swarm has `no-new-privileges` in its own configuration, as has "
                + "to be where they are older than API 1.44."
        ),
        Key(
            "shared",
            .value(.boolean),
            otherwise: "false",
            "Controllers of this name on several machines take turns: one leads, and `gyre serve "
                + "--standby` takes over when it is gone."
        ),
        Key(
            "users_as_shown",
            .value(.boolean),
            otherwise: "false",
            "No engine of the Swarm remaps users; else nothing is run beside a shared file system."
        ),
    ])

    private static let manager = Shape.mapping([
        Key("engine", .value(.engine), isRequired: true, "Its engine, as for the whole file."),
        Key("engine_access", engineAccess, "How it lets Gyre in, as for the whole file."),
    ])

    static let engineAccess = Shape.mapping([
        Key(
            "ca",
            .value(.path),
            otherwise: "the system's",
            "File of the authorities that an engine over tcp is checked against, in PEM."
        ),
        Key(
            "client_certificate",
            .clientCertificate,
            "Certificate that an engine over tcp is shown; it has to ask for one."
        ),
        Key(
            "key_file",
            .value(.path),
            otherwise: "none",
            "File of the private key for an engine over ssh."
        ),
        Key(
            "known_hosts",
            .value(.path),
            otherwise: "known_hosts in the state directory",
            "File of the ssh host keys that are accepted."
        ),
    ])

    /// The two files by which somebody is shown who we are.
    static let clientCertificate = Shape.mapping([
        Key("certificate_file", .value(.path), isRequired: true, "The certificate."),
        Key("key_file", .value(.path), isRequired: true, "Its private key."),
    ])
}
