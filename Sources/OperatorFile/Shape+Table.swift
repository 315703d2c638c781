/// The one table of `gyre.yaml`: checking, the JSON Schema and the reference are made from it.
extension Shape {
    static let file = Shape.mapping([
        Key(
            "controller",
            .value(.name),
            standard: "gyre",
            "Name of this controller, in the labels of everything it makes; no two controllers "
                + "of one engine may share it."
        ),
        Key(
            "state",
            .value(.path),
            standard: "/var/lib/gyre",
            "Directory of the journal, the history and the mirrors of repositories."
        ),
        Key(
            "engine",
            .value(.engine),
            standard: "unix:///var/run/docker.sock",
            "The Docker engine that runs the containers: `unix:///PATH`, `tcp://HOST:PORT` over "
                + "TLS, or `ssh://USER@HOST` with `:PORT` and `/PATH` of its socket where they "
                + "aren't the usual."
        ),
        Key("engine_access", engineAccess, "How an engine of another machine lets Gyre in."),
        Key(
            "nodes",
            .named(node),
            otherwise: "one, `main`, of `engine`",
            "Several engines, by the names that their nodes have here, in the place of `engine`."
        ),
        Key(
            "swarm",
            swarm,
            otherwise: "none",
            "A Docker Swarm, in the place of `engine` and `nodes`."
        ),
        Key(
            "networks",
            networks,
            otherwise: "as Docker has it: pools that end at about thirty networks",
            "Where networks of stacks get their subnets from whose files name none."
        ),
        Key(
            "socket",
            .value(.path),
            otherwise: "gyre.sock in the state directory",
            "Socket where the controller answers the command line."
        ),
        Key(
            "polling",
            .value(.duration),
            standard: "60s",
            "How often a repository is asked for its tip; each wait is spread by a tenth."
        ),
        Key(
            "ingress",
            .mapping([
                Key(
                    "address",
                    .value(.host),
                    standard: "127.0.0.1",
                    "What the listener is bound to; whoever reaches it can read the routes."
                ),
                Key(
                    "port",
                    .value(.count(1...65535)),
                    isRequired: true,
                    "The TCP port on which Traefik's HTTP provider asks."
                ),
                Key(
                    "drain",
                    .value(.duration),
                    standard: "10s",
                    "How long a container that is to be stopped is no target any more; longer "
                        + "than Traefik's `pollInterval` and `providersThrottleDuration` together."
                ),
            ]),
            otherwise: "none",
            "Where a Traefik asks which containers serve."
        ),
        Key("git", git, "How repositories on servers are reached."),
        Key(
            "policy",
            .mapping([
                Key("opa", agent, "An Open Policy Agent that can deny what they allow."),
                Key(
                    "docs",
                    .value(.pages),
                    otherwise: "none",
                    "Where teams read Gyre's pages; findings of `gyre policy check` link there."
                ),
            ]),
            "What judges stacks besides Gyre's own rules."
        ),
        Key("defaults", defaults, "How patient and how busy the controller is."),
        Key(
            "registries",
            .list(registry),
            standard: "[]",
            "Registries that do not let everybody in, as every project may use them."
        ),
        Key(
            "projects",
            .named(project),
            isRequired: true,
            "The tenants, by name; `{}` where there is none yet."
        ),
    ])

    private static let defaults = Shape.mapping([
        Key(
            "stability",
            .value(.duration),
            standard: "10s",
            "How long a service without a health check must run to count as stable."
        ),
        Key(
            "after_healthy",
            .value(.duration),
            standard: "5s",
            "How long a service must stay healthy after its first good health check."
        ),
        Key(
            "backoff",
            .mapping([
                Key("first", .value(.duration), standard: "1s", "Wait after the first failure."),
                Key(
                    "longest",
                    .value(.duration),
                    standard: "5m",
                    "Longest wait; each failure in a row doubles it up to this."
                ),
            ]),
            "How long to wait before trying again what failed."
        ),
        Key(
            "parallelism",
            .value(.count(1...64)),
            standard: "16",
            "Steps of one plan that run side by side."
        ),
        Key(
            "pulls",
            .value(.count(1...64)),
            standard: "3",
            "Images that are pulled from one registry at once, for all stacks together."
        ),
        Key(
            "unused_images",
            .value(.durationOrNever),
            standard: "336h",
            "How long an image that Gyre pulled stays on a node where no container is made of it."
        ),
        Key("timeouts", timeouts, "When a call that doesn't answer has failed."),
        Key("loading", loading, "What loading the files of one commit may take."),
    ])

    private static let loading = Shape.mapping([
        Key(
            "memory",
            .value(.size),
            standard: "512m",
            "Memory beside what the program itself has; a commit that takes more is held."
        ),
        Key(
            "time",
            .value(.duration),
            standard: "10s",
            "Time of a processor, in whole seconds; a commit that takes more is held."
        ),
    ])

    private static let timeouts = Shape.mapping([
        Key(
            "engine",
            .value(.duration),
            standard: "30s",
            "One call to the engine; one that doesn't say within a third of it that it answers "
                + "is silent."
        ),
        Key("pull", .value(.duration), standard: "30m", "The pull of one image."),
        Key(
            "connect",
            .value(.duration),
            standard: "10s",
            "Until the server of a repository, or an engine of another machine, answers."
        ),
        Key(
            "node",
            .value(.duration),
            standard: "5m",
            "One of several nodes that is silent; then it is lost, and its stacks without data are "
                + "made on another."
        ),
        Key(
            "progress",
            .value(.duration),
            standard: "30s",
            "A transfer from a repository that brings no byte."
        ),
    ])

    private static let project = Shape.mapping(
        [
            Key(
                "repositories",
                .list(repository),
                isRequired: true,
                "Where the project declares its stacks."
            ),
            Key(
                "registries",
                .list(registry),
                standard: "[]",
                "Registries as this project alone may use them; before those for everybody."
            ),
            Key(
                "nodes",
                .list(.value(.name)),
                otherwise: "all",
                "The nodes that its stacks may be given."
            ),
            Key(
                "failover",
                .list(.value(.name)),
                standard: "[]",
                "Stacks that move from a lost node though they write what outlives them there. "
                    + "Dangerous: for as long as the node is only cut off, two of each write."
            ),
            Key(
                "adopt",
                .named(
                    .mapping([
                        Key(
                            "compose",
                            .value(.composeName),
                            otherwise: "none",
                            "Name of a compose project that runs on the stack's engine."
                        ),
                        Key(
                            "stack",
                            .value(.composeName),
                            otherwise: "none",
                            "Of a Swarm instead: the name of what `docker stack deploy` brought up."
                        ),
                    ])
                ),
                otherwise: "none",
                "By stack of the project: what already runs, and becomes that stack."
            ),
        ] + policy
    )

    private static let repository = Shape.mapping(
        [
            Key(
                "url",
                .value(.url),
                isRequired: true,
                "Where the repository is; a relative path starts at the directory of `gyre.yaml`."
            )
        ] + reference + [
            Key(
                "stack",
                .value(.name),
                otherwise: "name of the project",
                "What the stack of the folder itself is called."
            ),
            Key(
                "environments",
                .list(.value(.name)),
                otherwise: "any",
                "Environments that `.gyre.yaml` may ask for; the first is that of a stack which "
                    + "names none."
            ),
            Key(
                "polling",
                .value(.duration),
                otherwise: "as for the file",
                "How often this repository is asked for its tip."
            ),
        ] + access
    )
}
