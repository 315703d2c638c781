/// What may stand at one place of a file for a Swarm.
///
/// Source: docker/cli 28, the schemas 3.0 to 3.13 in `cli/compose/schema`. They differ only in
/// what they don't know yet, so an attribute has the version of the format that brought it.
struct SwarmShape: Sendable {
    /// A letter for each type of JSON that is allowed, as in `SwarmShape.letters`.
    private(set) var types = ""
    /// The minor version of the format that brought it.
    private(set) var since = 0
    /// Members that no schema names may stand in it.
    private(set) var isOpen = false
    /// Two elements of the list may not be equal.
    private(set) var isSet = false
    /// What a text becomes when its variables are replaced stays a text.
    private(set) var isUncast = false
    /// By name; `*` is any name, `[]` any element.
    private(set) var members: [String: SwarmShape] = [:]

    /// What a member is in a version of the format; nil for what it doesn't know.
    func member(_ name: String, in version: Int) -> SwarmShape? {
        let known = members[name] ?? members["*"]
        return known.flatMap { $0.since <= version ? $0 : nil }
    }

    var element: SwarmShape? { members["[]"] }

    /// What it must be, in words.
    var wanted: String {
        let words = types.compactMap { SwarmShape.letters[$0] }
        return words.count > 1
            ? words.dropLast().joined(separator: ", ") + " or " + (words.last ?? "") : words[0]
    }

    private static let letters: [Character: String] = [
        "s": "a string", "i": "an integer", "n": "a number", "b": "a boolean", "z": "null",
        "a": "a list", "o": "a mapping",
    ]

    /// A file as a whole.
    static let file: SwarmShape = {
        var file = SwarmShape()
        file.types = "o"
        for line in SwarmShape.table.split(separator: "\n") {
            let parts = line.split(
                separator: ":",
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            let path = parts[0].split(separator: ".").map(String.init)
            for attribute in parts[1].split(separator: " ") {
                let sides = attribute.split(separator: "=", maxSplits: 1).map(String.init)
                file.insert(SwarmShape(sides[1]), at: path + [sides[0]])
            }
        }
        return file
    }()

    private init() {}

    /// Reads an entry of the table.
    ///
    /// Letters of types, `+` for an open mapping, `!` for one that texts aren't cast to, `S` for a
    /// set, `@` and a version. `D` are texts by name, `L` a
    /// set of texts, `M` a list of them, `O` options of a driver.
    private init(_ text: String) {
        let parts = text.split(separator: "@").map(String.init)
        since = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        for letter in parts[0] {
            switch letter {
            case "+": isOpen = true
            case "!": isUncast = true
            case "S": isSet = true
            case "D":
                types += "ao"
                isSet = true
                members = ["*": SwarmShape("nsz"), "[]": SwarmShape("s")]
            case "L", "M":
                types += "a"
                isSet = letter == "L"
                members["[]"] = SwarmShape("s")
            case "O":
                types += "o"
                isOpen = true
                members["*"] = SwarmShape("ns")
            default: types.append(letter)
            }
        }
    }

    private mutating func insert(_ shape: SwarmShape, at path: [String]) {
        guard let first = path.first else { return }
        if path.count == 1 {
            var shape = shape
            shape.members.merge(members[first]?.members ?? [:]) { $1 }
            members[first] = shape
        } else {
            members[first, default: SwarmShape()].insert(shape, at: Array(path.dropFirst()))
        }
    }

    /// A path, and what may stand below it; paths after those above them.
    private static let table = """
        : version=s services=o networks=o+ volumes=o secrets=o@1 configs=o@3
        services: *=o
        services.*: build=os+ cap_add=L cap_drop=L cgroupns_mode=s@9 cgroup_parent=s command=sM \
        configs=a@3 container_name=s credential_spec=o@3 depends_on=L deploy=oz devices=L dns=sL \
        dns_search=sL domainname=s entrypoint=sM env_file=sL environment=D expose=aS \
        external_links=L extra_hosts=D healthcheck=o hostname=s image=s init=b!@7 ipc=s \
        isolation=s@5 labels=D links=L logging=o mac_address=s network_mode=s networks=oL \
        oom_score_adj=i@13 pid=sz ports=a privileged=b read_only=b restart=s secrets=a@1 \
        security_opt=L shm_size=s stdin_open=b stop_grace_period=s stop_signal=s sysctls=D \
        tmpfs=sL tty=b ulimits=o+ user=s userns_mode=s volumes=a working_dir=s
        services.*.configs: []=so+
        services.*.configs.[]: source=s target=s uid=s gid=s mode=n
        services.*.secrets: []=so+
        services.*.secrets.[]: source=s target=s uid=s gid=s mode=n
        services.*.credential_spec: config=s@8 file=s registry=s
        services.*.deploy: mode=s endpoint_mode=s@2 replicas=i labels=D rollback_config=o@7 \
        update_config=o resources=o restart_policy=o placement=o
        services.*.deploy.rollback_config: parallelism=i delay=s failure_action=s monitor=s \
        max_failure_ratio=n order=s
        services.*.deploy.update_config: parallelism=i delay=s failure_action=s monitor=s \
        max_failure_ratio=n order=s@4
        services.*.deploy.resources: limits=o reservations=o
        services.*.deploy.resources.limits: cpus=s memory=s pids=i!@9
        services.*.deploy.resources.reservations: cpus=s memory=s generic_resources=a@5
        services.*.deploy.resources.reservations.generic_resources: []=o
        services.*.deploy.resources.reservations.generic_resources.[]: discrete_resource_spec=o
        services.*.deploy.resources.reservations.generic_resources.[].discrete_resource_spec: \
        kind=s value=n!
        services.*.deploy.restart_policy: condition=s delay=s max_attempts=i window=s
        services.*.deploy.placement: constraints=M preferences=a@3 max_replicas_per_node=i@8
        services.*.deploy.placement.preferences: []=o
        services.*.deploy.placement.preferences.[]: spread=s
        services.*.expose: []=ns
        services.*.healthcheck: disable=b interval=s retries=n test=sM timeout=s \
        start_period=s@4 start_interval=s@12
        services.*.logging: driver=s options=o+
        services.*.logging.options: *=nsz
        services.*.networks: *=oz
        services.*.networks.*: aliases=L driver_opts=O@13 ipv4_address=s ipv6_address=s
        services.*.ports: []=nso
        services.*.ports.[]: mode=s@2 target=i@2 published=i@2 protocol=s@2
        services.*.ulimits: *=io
        services.*.ulimits.*: hard=i soft=i
        services.*.volumes: []=so
        services.*.volumes.[]: type=s@2 source=s@2 target=s@2 read_only=b@2 consistency=s@2 \
        bind=o+@2 volume=o+@2 tmpfs=o+@6
        services.*.volumes.[].bind: propagation=s
        services.*.volumes.[].volume: nocopy=b
        services.*.volumes.[].tmpfs: size=i!
        networks: *=oz
        networks.*: name=s@5 driver=s driver_opts=O ipam=o external=bo internal=b attachable=b@2 \
        labels=D
        networks.*.external: name=s
        networks.*.ipam: driver=s config=a
        networks.*.ipam.config: []=o
        networks.*.ipam.config.[]: subnet=s
        volumes: *=oz
        volumes.*: name=s@4 driver=s driver_opts=O external=bo labels=D x-cluster-spec=o+@10
        volumes.*.external: name=s
        secrets: *=o
        secrets.*: name=s@5 file=s external=bo+ labels=D driver=s@8 driver_opts=O@8 \
        template_driver=s@8
        secrets.*.external: name=s
        configs: *=o
        configs.*: name=s@5 file=s external=bo+ labels=D template_driver=s@8
        configs.*.external: name=s
        """
}
