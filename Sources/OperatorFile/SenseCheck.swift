internal import Model
internal import YAMLTree

/// Finds what no single value shows: the same thing twice, limits the wrong way round, grants
/// that give away the node.
struct SenseCheck {
    let settings: Settings
    let directory: String
    var findings: [Diagnostic] = []

    /// Looks at the file that `settings` was read from, which stands in `directory`.
    init(settings: Settings, directory: String) {
        self.settings = settings
        self.directory = directory
    }

    mutating func check(_ file: Node) {
        checkBackoff(file)
        checkSocket(file)
        checkNodes(file)
        checkSubnets(file)
        checkAgent(file)
        checkRegistries(file)
        checkAdoptions(file)
        checkFailover(file)
        for project in file["projects"]?.entries ?? [] {
            let path = FieldPath("projects", project.key)
            checkRepositories(of: project.value, at: path)
            checkMounts(of: project.value, at: path)
            checkIdentities(of: project.value, at: path)
            checkLimits(of: project.value, project.key, at: path)
            checkGrants(of: project.value, project.key, at: path)
            checkNodes(of: project.value, at: path)
            checkPlaces(of: project.value, project.key, at: path)
        }
    }

    /// The longest path that the kernel takes for a socket; unix(7).
    private static let longestSocketPath = 107

    private mutating func checkSocket(_ file: Node) {
        let longest = SenseCheck.longestSocketPath
        guard settings.socket.utf8.count > longest else { return }
        refuse(
            file["socket"] ?? file["state"] ?? file,
            FieldPath("socket"),
            "path-too-long",
            "the path of the socket has \(settings.socket.utf8.count) bytes, and may have "
                + "\(longest): \(settings.socket)"
        )
    }

    private mutating func checkRegistries(_ file: Node) {
        var registries = RegistryCheck()
        registries.check(file["registries"], at: FieldPath("registries"))
        for project in file["projects"]?.entries ?? [] {
            registries.check(
                project.value["registries"],
                at: FieldPath("projects", project.key) / "registries",
                grants: settings.projects[project.key]?.policy.grants.registries
            )
        }
        findings += registries.findings
    }

    private mutating func checkBackoff(_ file: Node) {
        guard settings.defaults.backoffFirst > settings.defaults.backoffLongest,
            let node = file["defaults"]?["backoff"]
        else { return }
        refuse(
            node,
            FieldPath("defaults", "backoff"),
            "wrong-order",
            "the first wait is longer than the longest"
        )
    }

    private mutating func checkRepositories(of project: Node, at path: FieldPath) {
        var places: [Settings.Repository: SourceLocation] = [:]
        var stacks: [String: SourceLocation] = [:]
        for (index, node) in (project["repositories"]?.elements ?? []).enumerated() {
            let path = (path / "repositories")[index]
            if let name = node["stack"]?.text, !name.isEmpty {
                if let first = stacks[name] {
                    refuse(
                        node["stack"] ?? node,
                        path / "stack",
                        "duplicate-name",
                        "line \(first.line) already declares a stack \"\(name)\""
                    )
                }
                stacks[name] = stacks[name] ?? node.location
            }
            guard
                var place = Settings.Repository(
                    reading: Reading(node),
                    directory: directory,
                    polling: settings.polling
                )
            else { continue }
            checkAccess(node, place.url, at: path)
            place.stack = nil
            place.environments = nil
            place.polling = settings.polling
            place.access = RepositoryAccess()
            if let first = places[place] {
                refuse(
                    node,
                    path,
                    "duplicate-repository",
                    "line \(first.line) already names this folder of this commit"
                )
            }
            places[place] = places[place] ?? node.location
        }
    }

    private mutating func checkMounts(of project: Node, at path: FieldPath) {
        var earlier: [String] = []
        for (index, node) in (project["grants"]?["mounts"]?.elements ?? []).enumerated() {
            guard let grant = MountGrant(reading: Reading(node)) else { continue }
            let path = (path / "grants" / "mounts")[index] / "path"
            let place = node["path"] ?? node
            if let danger = danger(of: grant.path) {
                refuse(place, path, "unsafe-mount", "a grant of \(grant.path) \(danger)")
                continue
            }
            if SenseCheck.systemPaths.contains(where: { covers($0, grant.path) }) {
                warn(
                    place,
                    path,
                    "system-mount",
                    "\(grant.path) belongs to the node's system, not to a project"
                )
            }
            for other in earlier {
                if other == grant.path {
                    refuse(place, path, "duplicate-mount", "\(grant.path) is granted twice")
                } else if covers(other, grant.path) || covers(grant.path, other) {
                    warn(
                        place,
                        path,
                        "covered-mount",
                        "the grants of \(other) and \(grant.path) cover each other's files"
                    )
                }
            }
            earlier.append(grant.path)
        }
    }

    /// What a project could do to everybody else with `path`; nil when nothing is known.
    private func danger(of path: String) -> String? {
        if path == "/" { return "gives away the whole node" }
        if covers(path, settings.stateDirectory) || covers(settings.stateDirectory, path) {
            return "gives away the state of Gyre"
        }
        for node in settings.doors.values {
            guard case .unix(let socket) = node.engine, covers(path, socket) else { continue }
            return "gives away the engine, and with it the node"
        }
        if let key = settings.git.signingKey, covers(path, key) {
            return "gives away the key that Gyre signs commits with"
        }
        if settings.agent?.secretFiles.contains(where: { covers(path, $0) }) == true {
            return "gives away what the Open Policy Agent lets Gyre in by"
        }
        let isKey = settings.doors.values.flatMap(\.access.secretFiles).contains {
            covers(path, $0)
        }
        return isKey ? "gives away the key of the engine, and with it its node" : nil
    }

    /// Whether `inner` is `outer` or lies below it, with `/var/run` as what it is: `/run`.
    private func covers(_ outer: String, _ inner: String) -> Bool {
        func real(_ path: String) -> String {
            path == "/var/run" || path.hasPrefix("/var/run/") ? String(path.dropFirst(4)) : path
        }
        return MountGrant(path: real(outer)).covers(real(inner))
    }

    private static let systemPaths = [
        "/bin", "/boot", "/dev", "/etc", "/lib", "/proc", "/root", "/run", "/sbin", "/sys",
        "/usr", "/var/lib/docker", "/var/lib/containerd",
    ]

    private mutating func checkIdentities(of project: Node, at path: FieldPath) {
        let grants = project["grants"]
        for key in ["uids", "gids"] {
            guard let node = grants?["identities"]?[key], let ranges = Reading(node).ranges,
                ranges.contains(where: { $0.contains(0) })
            else { continue }
            warn(
                node,
                path / "grants" / "identities" / key,
                "root-identity",
                "0 is root, on shared file systems too"
            )
        }
    }

    private mutating func checkLimits(of project: Node, _ name: String, at path: FieldPath) {
        guard let grants = settings.projects[name]?.policy.grants else { return }
        for (key, limit) in [("memory", grants.memory), ("pids", grants.pids)]
        where limit.standard > limit.maximum {
            guard let node = project["grants"]?[key] else { continue }
            refuse(
                node,
                path / "grants" / key,
                "wrong-order",
                "the default is more than the maximum"
            )
        }
    }

    mutating func refuse(
        _ node: Node,
        _ path: FieldPath,
        _ code: String,
        _ message: String
    ) {
        findings.append(Diagnostic(code: code, message, at: node.location, field: path))
    }

    mutating func warn(
        _ node: Node,
        _ path: FieldPath,
        _ code: String,
        _ message: String
    ) {
        findings.append(
            Diagnostic(.warning, code: code, message, at: node.location, field: path)
        )
    }
}
