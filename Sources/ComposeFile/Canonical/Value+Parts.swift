internal import Model
internal import YAMLTree

/// The long forms of ports, mounts and devices.
extension Value {
    /// Every element as ports in the long form.
    var longPorts: Node {
        guard let elements else { return node }
        // Source: compose-go leaves the whole list when one of its texts is no port.
        if loading.keepsShortForms, elements.allSatisfy(\.isText), !elements.allSatisfy(\.isPort) {
            return node
        }
        return list(elements.flatMap { $0.isMapping ? [$0.node] : $0.portsOfText })
    }

    /// Whether it is of a type that a port may have.
    private var isText: Bool {
        switch node.scalar {
        case .string, .int: true
        default: isMapping
        }
    }

    /// Whether it is a port in either form.
    private var isPort: Bool {
        guard let text = node.text else { return isMapping }
        return (try? PortSpecification(text)) != nil
    }

    private var portsOfText: [Node] {
        guard !isUnresolved else { return [node] }
        var text = node.string
        if case .int(let number) = node.scalar { text = String(number) }
        guard let text else {
            failType("a port such as \"8080:80\"")
            return [unresolved]
        }
        do {
            let specification = try PortSpecification(text)
            guard !loading.isForSwarm || !text.contains("+") else {
                fail("invalid-port", "must have no sign", not: text)
                return [unresolved]
            }
            guard specification.ports.first?.target != 0 else {
                failMissing("target")
                return [unresolved]
            }
            let ports = specification.ports.flatMap { loading.isForSwarm ? $0.each : [$0] }
            guard loading.spend(ports.count * 5, at: location) else { return [unresolved] }
            return ports.map { port in
                mapping(
                    [
                        ("mode", .text("ingress")), ("host_ip", port.hostIP.map(Leaf.text)),
                        ("target", .integer(Int(port.target))),
                        ("published", port.published.map(Leaf.text)),
                        ("protocol", .text(port.transport)),
                    ].compactMap { name, leaf in leaf.map { (name, $0) } }
                )
            }
        } catch {
            failPort(error)
            return [unresolved]
        }
    }

    func failPort(_ failure: PortSpecification.Failure) {
        fail(
            "invalid-port",
            failure.message,
            not: failure.part,
            fix: "write such as \"127.0.0.1:8080:80/tcp\""
        )
    }

    /// A mount of one text, its target cleaned.
    var longMount: Node {
        guard let text = node.string, !isUnresolved else { return node }
        let mount: VolumeSpecification
        do {
            mount = try VolumeSpecification(text)
        } catch {
            fail("invalid-volume", error.message, not: error.part, fix: error.fix)
            return unresolved
        }
        for option in mount.withoutEffect {
            let name = isExpanded ? "an option" : "the option \(option)"
            warn("no-effect", "has \(name) that changes nothing", fix: "remove it")
        }
        let type = mount.isBind ? "bind" : "volume"
        var bind = [("selinux", mount.label), ("propagation", mount.propagation)]
            .compactMap { name, text in text.map { (name, Leaf.text($0)) } }
        if mount.isBind { bind.append(("create_host_path", .boolean(true))) }
        let volume = mount.isNoCopy ? [("nocopy", Leaf.boolean(true))] : []
        var entries = [("type", node(.text(type)))]
        if let source = mount.source { entries.append(("source", node(.text(source)))) }
        entries.append(("target", node(.text(mountTarget(mount.target)))))
        if mount.isReadOnly { entries.append(("read_only", node(.boolean(true)))) }
        if mount.isBind || !bind.isEmpty { entries.append(("bind", mapping(bind))) }
        let isShort = text.utf8.count <= 2
        if !mount.isBind && !isShort || !volume.isEmpty {
            entries.append(("volume", mapping(volume)))
        }
        var result = mapping(entries)
        if !mount.withoutEffect.isEmpty { result.marks.insert(.excessive) }
        return result
    }

    /// Source: docker/cli 28, which sends a Swarm targets as they are written.
    private func mountTarget(_ text: String) -> String {
        loading.isForSwarm ? text : CleanPath.cleaned(text)
    }

    /// A mount with its target cleaned.
    var withCleanTarget: Node {
        guard let target = self["target"], let text = target.node.string else { return node }
        let clean = text.isEmpty && !loading.isForSwarm ? "." : mountTarget(text)
        return clean == text ? node : node.setting("target", to: target.node(.text(clean)))
    }

    /// A list of `default` and `id=path` as a mapping of each id to its path or to null.
    var longAgents: Node {
        var seen: Set<String> = []
        var entries: [Node.Entry] = []
        for element in listed {
            let text = element.node.text ?? ""
            let equals = text.firstIndex(of: "=")
            guard equals != nil || text == "default" else {
                if loading.keepsShortForms { return node }
                element.fail("invalid-value", "must be default or id=path", not: text)
                return unresolved
            }
            let path = equals.map { Leaf.text(String(text[$0...].dropFirst())) }
            let key = String(text[..<(equals ?? text.endIndex)])
            guard seen.insert(key).inserted else { continue }
            entries.append(
                Node.Entry(key: key, location: element.location, value: element.node(path ?? .null))
            )
        }
        return Node(.mapping(entries), location: node.location, marks: node.marks)
    }

    /// A device of one text, `source[:target[:permissions]]`.
    var longDevice: Node {
        guard let text = node.string, !isUnresolved else { return node }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 3, !text.isEmpty else {
            if loading.keepsShortForms { return node }
            fail(
                "invalid-device",
                "must have at most two colons",
                not: text,
                fix: "write source, target and permissions in the long form"
            )
            return unresolved
        }
        func part(_ index: Int, or standard: String) -> Node {
            if index < parts.count, !parts[index].isEmpty || index > 1 {
                return node(.text(parts[index]))
            }
            var filled = node(.text(standard))
            filled.marks.insert(.filled)
            return filled
        }
        return mapping([
            ("source", node(.text(parts[0]))), ("target", part(1, or: parts[0])),
            ("permissions", part(2, or: "rwm")),
        ])
    }
}
