internal import Model
internal import YAMLTree

/// What one project is granted against what the others are.
extension SenseCheck {
    /// Names must not be granted that another project's objects have.
    mutating func checkGrants(of project: Node, _ name: String, at path: FieldPath) {
        for (index, node) in (project["grants"]?["names"]?.elements ?? []).enumerated() {
            guard let prefix = node.text,
                !["\(name)_", "\(name)-"].contains(where: prefix.hasPrefix)
            else { continue }
            for (other, theirs) in settings.projects.sorted(by: { $0.key < $1.key })
            where other != name {
                let called = [other] + theirs.adoptions.values.sorted()
                let taken = called.flatMap { ["\($0)_", "\($0)-"] } + theirs.policy.grants.names
                guard taken.contains(where: { $0.hasPrefix(prefix) || prefix.hasPrefix($0) })
                else { continue }
                refuse(
                    node,
                    (path / "grants" / "names")[index],
                    "foreign-names",
                    "objects of the project \"\(other)\" may begin like \"\(prefix)\""
                )
            }
        }
        checkHosts(of: project, name, at: path)
        checkRoutes(of: project, name, at: path)
        checkSubnets(of: project, name, at: path)
        checkShared(of: project, name, at: path)
        checkNeighbours(name, at: path)
    }

    /// Names of containers of two such projects can begin alike; then the longer name has them.
    private mutating func checkNeighbours(_ name: String, at path: FieldPath) {
        for other in settings.projects[name]?.policy.neighbours.sorted() ?? []
        where other.hasPrefix("\(name)-") {
            findings.append(
                Diagnostic(
                    .warning,
                    code: "similar-names",
                    "the name of the project \"\(other)\" begins like \"\(name)\": services of "
                        + "the latter may not be called \(other.dropFirst(name.count + 1))-…",
                    field: path
                )
            )
        }
    }

    /// A host name is one project's, with all below it.
    private mutating func checkHosts(of project: Node, _ name: String, at path: FieldPath) {
        for (index, node) in (project["grants"]?["hosts"]?.elements ?? []).enumerated() {
            guard let host = node.text else { continue }
            for (other, theirs) in settings.projects.sorted(by: { $0.key < $1.key })
            where other < name {
                let touches = theirs.policy.grants.hosts.contains { their in
                    their == host || their.hasSuffix(".\(host)") || host.hasSuffix(".\(their)")
                }
                guard touches else { continue }
                refuse(
                    node,
                    (path / "grants" / "hosts")[index],
                    "shared-host",
                    "\(host) is granted to the project \"\(other)\" too, or a name above or "
                        + "below it"
                )
            }
        }
    }

    /// Names of the ingress that begin so are one project's: whoever came first would have them.
    private mutating func checkRoutes(of project: Node, _ name: String, at path: FieldPath) {
        guard let node = project["grants"]?["routes"], let mine = node.text else { return }
        for (other, theirs) in settings.projects.sorted(by: { $0.key < $1.key }) where other < name
        {
            guard let their = theirs.policy.grants.routes?.lowercased(),
                their.hasPrefix(mine.lowercased()) || mine.lowercased().hasPrefix(their)
            else { continue }
            refuse(
                node,
                path / "grants" / "routes",
                "shared-routes",
                "names of the project \"\(other)\" in the ingress may begin like \"\(mine)\""
            )
        }
    }

    /// Each address is one network's in the cluster, so that one project can keep another from all
    /// that it was granted.
    ///
    /// As with ports, that may be meant.
    private mutating func checkSubnets(of project: Node, _ name: String, at path: FieldPath) {
        for (index, node) in (project["grants"]?["subnets"]?.elements ?? []).enumerated() {
            guard let text = node.text, let mine = Subnet(text) else { continue }
            let others = settings.projects.sorted { $0.key < $1.key }.filter { other, theirs in
                other < name
                    && theirs.policy.grants.subnets.compactMap(Subnet.init).contains(
                        where: mine.overlaps
                    )
            }
            guard let first = others.first else { continue }
            warn(
                node,
                (path / "grants" / "subnets")[index],
                "shared-subnet",
                "\(text) is granted to the project \"\(first.key)\" too, in whole or in part: "
                    + "who has a network there first keeps it"
            )
        }
    }

    /// What is shared has to be offered by the project whose it is.
    private mutating func checkShared(of project: Node, _ name: String, at path: FieldPath) {
        for (index, node) in (project["grants"]?["shared"]?.elements ?? []).enumerated() {
            guard let object = node.text, !settings.offers(object, to: name) else { continue }
            refuse(
                node,
                (path / "grants" / "shared")[index],
                "not-offered",
                "no project offers \"\(object)\" to \"\(name)\""
            )
        }
    }
}

extension Settings {
    /// Whether a project other than `taker` offers its own object called `name` to it.
    fileprivate func offers(_ name: String, to taker: String) -> Bool {
        projects.contains { owner, project in
            owner != taker && project.offers[name]?.contains(taker) == true
                && (name.hasPrefix("\(owner)_")
                    || project.policy.grants.names.contains { name.hasPrefix($0) })
        }
    }
}
