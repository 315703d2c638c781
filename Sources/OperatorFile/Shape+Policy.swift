internal import Model

/// What `gyre.yaml` says of policy: profiles, exceptions and grants of a project.
extension Shape {
    static let policy: [Key] = [
        Key(
            "profile",
            .value(.choice(profiles)),
            standard: "restricted",
            "The set of rules that its containers are judged by, where no choice fits."
        ),
        Key(
            "choices",
            .list(choice),
            standard: "[]",
            "Profiles for containers of a kind; the first that fits a container holds."
        ),
        Key(
            "enforce",
            .list(.value(.ruleID)),
            standard: "[]",
            "Rules that hold besides those of the profile."
        ),
        Key(
            "audit",
            .list(.value(.ruleID)),
            standard: "[]",
            "Rules whose denials are only told."
        ),
        Key("exceptions", .list(exception), standard: "[]", "Rules that may be broken for a time."),
        Key("grants", grants, "What of the node the project may use."),
        Key(
            "opa",
            .value(.agentRule),
            otherwise: "as in `policy`",
            "The rule of the Open Policy Agent that judges its stacks; `none`: it is not asked."
        ),
        Key("quotas", quota(), "The most that all stacks of the project may take together."),
        Key(
            "offers",
            .list(offer),
            standard: "[]",
            "Objects of the project that others may use, if they are granted them."
        ),
    ]

    private static let profiles = ["restricted", "baseline", "privileged"]

    private static let choice = Shape.mapping([
        Key("profile", .value(.choice(profiles)), isRequired: true, "The profile."),
        Key("stack", .value(.name), otherwise: "any", "The stack of the container."),
        Key("service", .value(.prefix), otherwise: "any", "Its service."),
        Key("mounts", .value(.absolutePath), otherwise: "any", "It binds this path or one below."),
        Key(
            "publishes",
            .value(.boolean),
            otherwise: "any",
            "Whether it publishes a port, or an ingress leads to it."
        ),
        Key(
            "ports",
            .valueOrList(.numbers(1...65535)),
            otherwise: "any",
            "It publishes one of these ports."
        ),
        Key(
            "audience",
            .value(.choice(["public", "site", "internal"])),
            otherwise: "any",
            "Who reaches it: people outside, at one of `public_ports` or by an ingress; the site "
                + "alone; or nobody, for it publishes nothing and no ingress leads to it."
        ),
        Key("image", .value(.registry), otherwise: "any", "Its image comes from there."),
        Key("node", .value(.name), otherwise: "any", "Its node."),
        Key("labels", .list(.value(.nodeLabel)), standard: "[]", "What `nodes` says of its node."),
        Key(
            "cluster",
            .value(.choice(["nodes", "swarm"])),
            otherwise: "any",
            "What it runs on: engines, one or several, or a Swarm."
        ),
    ])

    private static let exception = Shape.mapping([
        Key("rule", .value(.ruleID), isRequired: true, "The rule that may be broken."),
        Key("stack", .value(.name), otherwise: "all stacks", "Where."),
        Key("service", .value(.prefix), otherwise: "all services", "Where."),
        Key("owner", .value(.words), isRequired: true, "Who answers for it."),
        Key("reason", .value(.words), isRequired: true, "Why."),
        Key(
            "expires",
            .value(.date),
            isRequired: true,
            "The first day on which it holds no more, UTC."
        ),
    ])

    private static let offer = Shape.mapping([
        Key("name", .value(.prefix), isRequired: true, "What it is called on the engine."),
        Key("to", .list(.value(.name)), isRequired: true, "Projects that may use it."),
    ])

    private static let grants = Shape.mapping([
        Key("mounts", .list(mount), standard: "[]", "Directories of the node that may be bound."),
        Key(
            "registries",
            .list(.value(.registry)),
            standard: "[docker.io/library]",
            "Where images may come from, as a host and the start of a path."
        ),
        Key(
            "image_tags",
            .value(.choice(["any", "named", "digest"])),
            standard: "any",
            "How a file says which image it means: `named` is a tag but `latest`, or a digest."
        ),
        Key(
            "identities",
            .mapping([
                Key("uids", .valueOrList(.numbers(0...4_294_967_294)), standard: "[]", "Users."),
                Key("gids", .valueOrList(.numbers(0...4_294_967_294)), standard: "[]", "Groups."),
            ]),
            "Numeric users and groups that a container with a shared file system may run as."
        ),
        Key(
            "ports",
            .valueOrList(.numbers(1...65535)),
            standard: "[]",
            "Ports of the node that may be published."
        ),
        Key(
            "allocated_ports",
            .valueOrList(.numbers(1...65535)),
            standard: "[]",
            "Ports that Gyre chooses from where a file publishes one without a port of the node."
        ),
        Key(
            "public_ports",
            .valueOrList(.numbers(1...65535)),
            standard: "[]",
            "Those that people outside the site reach; beside one, shared file systems are "
                + "read-only."
        ),
        Key(
            "published",
            .value(.count(0...65535)),
            standard: "64",
            "Most ports that one stack publishes."
        ),
        Key(
            "input",
            .value(.size),
            standard: "1m",
            "Most that a stack's files have, and what their variables and aliases make of them."
        ),
        Key(
            "reserved_labels",
            .list(.value(.labelPrefix)),
            standard: "[]",
            "Beginnings of labels that files may not use, besides those that are always reserved."
        ),
        Key(
            "names",
            .list(.value(.prefix)),
            standard: "[]",
            "Beginnings of names that objects may have besides those that Compose derives."
        ),
        Key(
            "hosts",
            .list(.value(.host)),
            standard: "[]",
            "Host names, with all below them, that routers of the ingress may match."
        ),
        Key(
            "site_hosts",
            .list(.value(.host)),
            standard: "[]",
            "Those, with all below them, that only the site reaches; by another, everybody does."
        ),
        Key(
            "routes",
            .value(.prefix),
            otherwise: "none",
            "Beginning of the names of routers, services and middlewares of the ingress."
        ),
        Key(
            "network_drivers",
            .list(.value(.choice(["bridge", "overlay"]))),
            standard: "[bridge]",
            "Drivers of networks."
        ),
        Key(
            "subnets",
            .list(.value(.subnet)),
            standard: "[]",
            "Where networks may take their addresses from."
        ),
        Key(
            "shared",
            .list(.value(.prefix)),
            standard: "[]",
            "Networks, volumes, configs and secrets that others offer to this project."
        ),
        Key(
            "log_drivers",
            .list(.value(.choice(["json-file", "local"]))),
            standard: "[json-file, local]",
            "Log drivers."
        ),
        Key(
            "log_size",
            .value(.size),
            standard: "4g",
            "Most bytes that one container's log keeps: `max-size` times `max-file`."
        ),
        Key(
            "sysctls",
            .list(.value(.sysctl)),
            otherwise: "those that Kubernetes counts as safe",
            "Sysctls that a container may set."
        ),
        Key(
            "open_files",
            .value(.count(1...1_073_741_816)),
            standard: "1048576",
            "Most open files of one process."
        ),
        Key(
            "quota",
            quota(networks: Grants.standardNetworks),
            "The most that one stack may take."
        ),
        Key(
            "capabilities",
            .list(.value(.capability)),
            standard: "[CHOWN, DAC_OVERRIDE, FOWNER, KILL, NET_BIND_SERVICE, SETGID, SETUID]",
            "Capabilities of a container without a shared file system."
        ),
        Key(
            "shared_capabilities",
            .list(.value(.capability)),
            standard: "[NET_BIND_SERVICE]",
            "Capabilities of a container that mounts a shared file system."
        ),
        Key("memory", limit(.size, "512m", "8g"), "Memory of one container."),
        Key(
            "pids",
            limit(.count(1...1_000_000), "512", "4096"),
            "Processes and threads of one container."
        ),
        Key(
            "cpus",
            .mapping([
                Key(
                    "default",
                    .value(.count(1...1_000_000)),
                    otherwise: "the maximum; else 1 where a quota bounds them, or none",
                    "What a container gets whose file says nothing."
                ),
                Key(
                    "maximum",
                    .value(.count(1...1_000_000)),
                    otherwise: "none",
                    "The most that a file may ask for."
                ),
            ]),
            "CPUs of one container."
        ),
        Key(
            "replicas",
            .value(.count(1...1000)),
            standard: "20",
            "Most containers of one service."
        ),
        Key(
            "services",
            .value(.count(1...10_000)),
            standard: "50",
            "Most services of one stack."
        ),
    ])

    /// With `networks` as the standard of what is counted under that name.
    private static func quota(networks: Int? = nil) -> Shape {
        .mapping([
            Key(
                "containers",
                .value(.count(0...1_000_000)),
                otherwise: "none",
                "Containers, as the files ask for them."
            ),
            Key(
                "replicas",
                .value(.count(0...1_000_000)),
                otherwise: "none",
                "Those of them that are not to end of their own accord."
            ),
            Key("memory", .value(.size), otherwise: "none", "Sum of memory limits."),
            Key("cpus", .value(.count(1...1_000_000)), otherwise: "none", "Sum of CPU limits."),
            Key("pids", .value(.count(1...1_000_000_000)), otherwise: "none", "Sum of pid limits."),
            Key("volumes", .value(.count(0...1_000_000)), otherwise: "none", "Volumes."),
            Key("ports", .value(.count(0...65535)), otherwise: "none", "Published ports."),
            Key(
                "networks",
                .value(.count(0...1_000_000)),
                standard: networks.map { "\($0)" } ?? "",
                otherwise: networks == nil ? "none" : "",
                "Networks that its files have made."
            ),
        ])
    }

    private static let mount = Shape.mapping([
        Key("path", .value(.absolutePath), isRequired: true, "The directory, with all below it."),
        Key(
            "access",
            .value(.choice(["read-only", "read-write"])),
            standard: "read-only",
            "What a service may ask for."
        ),
        Key(
            "shared",
            .value(.boolean),
            standard: "true",
            "Whether others keep files there; then the rules of identity and capabilities hold."
        ),
        Key(
            "links",
            .value(.choice(["looked-for", "trusted"])),
            standard: "looked-for",
            "Links on the way to what is bound below it; `trusted` lets that be bound on a Swarm "
                + "too, where Gyre can't look for them."
        ),
    ])

    private static func limit(_ format: Format, _ standard: String, _ most: String) -> Shape {
        .mapping([
            Key(
                "default",
                .value(format),
                standard: standard,
                "What a container gets whose file says nothing."
            ),
            Key("maximum", .value(format), standard: most, "The most that a file may ask for."),
        ])
    }
}
