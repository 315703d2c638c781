internal import Model

extension Rule {
    static let bindForm = Rule(
        "bind-form",
        .bindPath,
        because: "only a plain path can be compared with what is granted",
        fix: "write the absolute path without .. and without a colon or control character in it",
        .binds(.malformed, unplain)
    )

    /// What is wrong with a path, without the path: a variable may hold a part of it.
    private static func unplain(_ path: String) -> String {
        if path.hasPrefix("~") { return "this binds a home, and services have none on a node" }
        if path.split(separator: "/").contains("..") {
            return "the path of this bind climbs with \"..\", which could lead anywhere"
        }
        return "the path of this bind is not plain"
    }

    static let bindEngine = Rule(
        "bind-engine",
        .bindPath,
        because: "whoever has an engine's socket or files owns the node",
        fix: "remove it; no grant covers it",
        .binds(.engine) { "\($0) holds or is a part of a container engine" }
    )

    static let bindNode = Rule(
        "bind-node",
        .bindPath,
        because: "kernel interfaces and accounts of the node are its operator's",
        fix: "remove it; no grant covers it",
        .binds(.node) { "\($0) holds or is a part of the node's own system" }
    )

    static let bindGranted = Rule(
        "bind-granted",
        .bindPath,
        because: "a project sees only the directories of the node that are granted to it",
        fix: "use a granted directory or a named volume",
        .binds(.notGranted, fix: { $0.grantedDirectories }) { "\($0) is not granted" }
    )

    static let bindReadOnly = Rule(
        "bind-read-only",
        .bindPath,
        because: "the grant is for reading",
        fix: "add :ro to the mount",
        .binds(.onlyForReading, fix: { $0.writableDirectories }) { "\($0) may not be written" }
    )

    static let bindBelow = Rule(
        "bind-below",
        .bindPath,
        because: "a link on the way would lead anywhere on a node of the Swarm, where Gyre can't "
            + "look for one",
        fix: "bind the granted directory itself, or ask the operator to grant this one or to "
            + "trust the links there",
        .service { review in
            guard review.stack.isForSwarm else { return [] }
            return review.mounts { mount in
                guard case .bind(let path) = mount.source, review.grants.needsLook(path) else {
                    return nil
                }
                return "\(path) lies below a granted directory"
            }
        }
    )

    static let bindOption = Rule(
        "bind-option",
        .bindOption,
        because: "a mount must not spread to the node, nor change what others see of a directory",
        fix: "remove it",
        .service { review in
            review.service.volumes.enumerated().flatMap { index, mount -> [Finding] in
                guard case .bind = mount.source else { return [] }
                let place = (review.path / "volumes")[index]
                let bind = place / "bind"
                let options = mount.options
                let asked = [
                    ("propagation", options.propagation?.isEmpty == false),
                    ("recursive", options.recursion?.isEmpty == false),
                    ("selinux", options.relabelling?.isEmpty == false),
                    ("nocopy", options.noCopy),
                    ("consistency", review.stack.places.wrote(bind / "consistency")),
                    ("options", review.stack.places.wrote(bind / "options")),
                ]
                return asked.filter(\.1).map { name, _ in
                    Finding(
                        name == "options"
                            ? "a bind may be :ro or :rw and nothing else"
                            : "\(name) may not be set for a bind",
                        at: bind / name,
                        or: place
                    )
                }
            }
        }
    )

    static let mountTarget = Rule(
        "mount-target",
        .mountTarget,
        because: "a mount there replaces what confines the container, or all of it",
        fix: "mount to an absolute path other than /, /proc, /sys and /dev (/dev/shm is fine)",
        .service { review in
            let mounts = review.mounts { mount in
                isReserved(mount.target) ? "nothing may be mounted there" : nil
            }
            let subpaths = review.mounts(fix: "write a path in the volume, without ..") { mount in
                guard let subpath = mount.options.subpath, !subpath.isEmpty else { return nil }
                return Text.isSubpath(subpath) ? nil : "this subpath leaves the volume"
            }
            let tmpfs = review.service.tmpfs.keys.filter(isReserved).map { target in
                Finding(
                    "no tmpfs may be mounted there",
                    at: review.path / "tmpfs" / target,
                    or: review.path / "tmpfs"
                )
            }
            return mounts + subpaths + tmpfs
        }
    )

    static let workingDirectory = Rule(
        "working-directory",
        .mountTarget,
        because: "a process that starts there can leave its container (CVE-2024-21626)",
        fix: "use an absolute path without .., outside /proc, /sys and /dev",
        .service { review in
            guard let directory = review.service.workingDirectory, directory != "/",
                isReserved(directory)
            else { return [] }
            return [
                Finding(
                    "\(review.name) may not start in this directory",
                    at: review.path / "working_dir"
                )
            ]
        }
    )

    private static func isReserved(_ path: String) -> Bool {
        AbsolutePath(path)?.isReservedInContainer ?? true
    }
}

extension Rule.Judge {
    /// Objects to every bind of which the grants say `verdict`.
    fileprivate static func binds(
        _ verdict: BindVerdict,
        fix: @escaping @Sendable (Grants) -> String? = { _ in nil },
        _ message: @escaping @Sendable (String) -> String
    ) -> Rule.Judge {
        .service { review in
            review.binds.enumerated().compactMap { index, found in
                guard found == verdict, case .bind(let path) = review.service.volumes[index].source
                else { return nil }
                return Finding(
                    message(path),
                    at: (review.path / "volumes")[index],
                    fix: fix(review.grants)
                )
            }
        }
    }
}

extension Grants {
    /// Where it may be written instead.
    fileprivate var writableDirectories: String {
        let names = mounts.filter { !$0.readOnly }.map(\.path).sorted()
        return names.isEmpty
            ? "add :ro to the mount"
            : "add :ro to the mount, or bind a path in one of: \(names.joined(separator: ", "))"
    }

    /// What can be bound instead.
    fileprivate var grantedDirectories: String {
        guard !mounts.isEmpty else { return "use a named volume; no directories are granted" }
        let names = mounts.map { $0.path + ($0.readOnly ? " (:ro)" : "") }.sorted()
        return "use a named volume, or a path in one of: \(names.joined(separator: ", "))"
    }
}

extension ServiceReview {
    /// A finding for each mount of which `objection` says something.
    fileprivate func mounts(
        fix: String? = nil,
        _ objection: (Mount) -> String?
    ) -> [Finding] {
        service.volumes.enumerated().compactMap { index, mount in
            objection(mount).map { Finding($0, at: (path / "volumes")[index], fix: fix) }
        }
    }
}
