package import Model

/// What policy says of one path of the node that a container would mount.
enum BindVerdict: Hashable, Sendable {
    /// No grant covers it.
    case notGranted
    /// Relative, climbing, or not printable.
    case malformed
    /// An engine's socket or state, or a directory that holds one.
    case engine
    /// Kernel interfaces and accounts of the node, or a directory that holds them.
    case node
    /// Granted, but only for reading.
    case onlyForReading
    case granted
}

extension BindVerdict {
    /// The rule that objects; nil when none does.
    var rule: Rule? {
        switch self {
        case .notGranted: .bindGranted
        case .malformed: .bindForm
        case .engine: .bindEngine
        case .node: .bindNode
        case .onlyForReading: .bindReadOnly
        case .granted: nil
        }
    }
}

extension Grants {
    /// Judges a bind of `path`; what belongs to the engine or the node is refused under any
    /// grant.
    ///
    /// The deepest grant decides whether it may be written; where a grant below the path is
    /// read-only or shared, so is the path, because it reaches that far.
    func judge(bind path: String, readOnly: Bool) -> BindVerdict {
        guard let path = AbsolutePath(path) else { return .malformed }
        if path.isOfEngine { return .engine }
        if path.isOfNode { return .node }
        let near = grants { path.touches($0) }
        let covering = near.filter { path.isWithin($0.path) }
        guard let deepest = covering.map(\.path.depth).max() else { return .notGranted }
        let deciding = covering.filter { $0.path.depth == deepest }
        let below = near.filter { $0.path.isWithin(path) }
        let isReadOnly = (deciding + below).contains { $0.grant.readOnly }
        return isReadOnly && !readOnly ? .onlyForReading : .granted
    }

    /// Where `path` lies in the grant that decides on it; nil where it is the granted path itself,
    /// where no grant covers it, or where the grant holds what no container may bind.
    package func below(_ path: String) -> GrantedPath? {
        guard let path = AbsolutePath(path) else { return nil }
        let covering = grants { path.isWithin($0) }
        let deepest = covering.map(\.path).max { $0.depth < $1.depth }
        guard let root = deepest, root != path, isRoot(root.text) else { return nil }
        let rest = path.components.dropFirst(root.depth)
        return GrantedPath(
            root: root.text,
            components: rest.map { String(decoding: $0, as: UTF8.self) }
        )
    }

    /// Whether links on the way to `path` have to be looked for: the operator trusts nobody with
    /// them there.
    func needsLook(_ path: String) -> Bool {
        guard let root = below(path)?.root else { return false }
        return !mounts.contains { Text.equal($0.path, root) && $0.trustsLinks }
    }

    /// Whether `path` is a granted one, written plainly, that a container may bind.
    func isRoot(_ path: String) -> Bool {
        guard let known = AbsolutePath(path), Text.equal(known.text, path),
            grants(where: { $0 == known }).isEmpty == false
        else { return false }
        return judge(bind: path, readOnly: true) == .granted
    }

    /// Whether a bind of `path` reaches a file system that others use; so does one that is not
    /// understood.
    func isShared(bind path: String) -> Bool {
        AbsolutePath(path).map(isShared) ?? true
    }

    private func isShared(_ path: AbsolutePath) -> Bool {
        grants { path.touches($0) }.contains { $0.grant.isShared }
    }

    /// Whether any bind of the service reaches a shared file system, or one of a service whose
    /// mounts it takes over, in any number of steps.
    ///
    /// A path that is not plain counts for nothing here: no stack that has one is admitted.
    func usesShared(_ service: Service, in stack: Stack) -> Bool {
        var seen: Set<String> = []
        var pending = [service]
        while let service = pending.popLast() {
            let reaches = service.volumes.contains { mount in
                guard case .bind(let path) = mount.source else { return false }
                return AbsolutePath(path).map(isShared) ?? false
            }
            if reaches { return true }
            for name in service.volumesFrom.map(\.service) where seen.insert(name).inserted {
                // More than anybody writes counts as the worst. What isn't there gives nothing, and
                // is refused by another rule.
                guard seen.count < 100 else { return true }
                if let other = stack.services[name] { pending.append(other) }
            }
        }
        return false
    }

    /// Whether who sees the processes of the service `name` comes to a shared file system by them.
    ///
    /// A process opens the files of another through `/proc/PID/root` (proc(5)), in any number of
    /// steps here.
    func seesShared(through name: String?, in stack: Stack) -> Bool {
        var seen: Set<String> = []
        var next = name
        while let name = next, let other = stack.services[name], seen.insert(name).inserted {
            if usesShared(other, in: stack) { return true }
            next = other.joins[.pid]
        }
        return false
    }

    /// Whether mounts spread no further than the engine's default lets them.
    static func isHarmless(propagation: String) -> Bool {
        ["", "rprivate"].contains { Text.equal($0, propagation) }
    }

    private func grants(
        where isWanted: (AbsolutePath) -> Bool
    ) -> [(path: AbsolutePath, grant: MountGrant)] {
        mounts.compactMap { grant in
            guard let path = AbsolutePath(grant.path), isWanted(path) else { return nil }
            return (path, grant)
        }
    }
}

extension AbsolutePath {
    /// Whether whoever has it has an engine, and with it the node.
    fileprivate var isOfEngine: Bool {
        AbsolutePath.engine.contains(where: touches)
            || components.contains { part in
                AbsolutePath.sockets.contains { part.elementsEqual($0) }
            }
    }

    /// Whether it reaches interfaces of the kernel or accounts of the node.
    fileprivate var isOfNode: Bool { AbsolutePath.node.contains(where: touches) }

    /// Directories of engines and container runtimes, where Linux distributions put them.
    private static let engine = [
        "/run/docker", "/run/docker.sock", "/run/containerd", "/run/podman", "/run/crio",
        "/run/buildkit", "/run/user", "/run/cri-dockerd.sock", "/run/dockershim.sock",
        "/var/run", "/var/lib/docker", "/var/lib/containerd", "/var/lib/containers",
        "/var/lib/kubelet", "/etc/docker", "/etc/containerd",
    ].compactMap(AbsolutePath.init)

    /// A socket is a socket wherever it is moved to.
    private static let sockets = [
        "docker.sock", "docker-cli.sock", "docker.raw.sock", "containerd.sock",
        "containerd.sock.ttrpc", "podman.sock", "crio.sock", "cri-dockerd.sock",
        "dockershim.sock", "buildkitd.sock",
    ].map { Array($0.utf8) }

    private static let node = [
        "/proc", "/sys", "/dev", "/boot", "/root", "/etc/shadow", "/etc/gshadow",
        "/etc/sudoers", "/etc/sudoers.d", "/etc/ssh", "/etc/cron.d", "/etc/pam.d",
        "/etc/systemd", "/lib/systemd", "/usr/lib/systemd", "/var/spool/cron",
    ].compactMap(AbsolutePath.init)
}
