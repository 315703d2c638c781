internal import Model
internal import YAMLTree

extension ServiceReader {
    /// The mounts in their order; those of memory go to `tmpfs`.
    func mounts(_ service: inout Service, _ places: inout SourceMap) -> [Mount] {
        guard let contents else { return writtenMounts(&service) }
        var mounts: [Mount] = []
        for text in value["tmpfs"]?.listed ?? [] {
            let parts = (text.node.string ?? "").split(separator: ":", maxSplits: 1).map(
                String.init
            )
            guard let target = text.mountTarget(parts.first ?? "") else { continue }
            service.tmpfs[target] = parts.count > 1 ? parts[1] : ""
            places.record(text.location, at: value.path / "tmpfs" / target, as: text.path)
        }
        for mount in value["volumes"]?.listed ?? [] where mount.isMapping && !mount.isUnresolved {
            guard let target = mount["target"]?.mountTarget else { continue }
            let isReadOnly = mount.node["read_only"]?.scalar == .bool(true)
            if mount.node["type"]?.string == "tmpfs" {
                service.tmpfs[target] = mount.memoryOptions(isReadOnly: isReadOnly)
                places.record(mount.location, at: value.path / "tmpfs" / target, as: mount.path)
            } else if let source = mount.mountSource(contents, isReadOnly: isReadOnly) {
                let path = (value.path / "volumes")[mounts.count]
                places.record(mount.location, at: path, as: mount.path)
                mount.recordOptions(at: path, &places)
                var options = mount.checkedOptions(of: source)
                // It changes nothing on Linux.
                options.consistency = nil
                mounts.append(
                    Mount(
                        source: source,
                        target: target,
                        readOnly: isReadOnly,
                        options: options
                    )
                )
            }
        }
        for kind in ["configs", "secrets"] {
            for file in value[kind]?.listed ?? [] {
                guard let mount = contents.mounted(file, in: kind) else { continue }
                let path = (value.path / "volumes")[mounts.count]
                places.record(file.location, at: path, as: file.path)
                mounts.append(mount)
            }
        }
        return mounts
    }

    /// The mounts as Docker Compose takes them, whatever an engine says to them.
    private func writtenMounts(_ service: inout Service) -> [Mount] {
        for text in value["tmpfs"]?.strings ?? [] {
            let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
            service.tmpfs[parts.first ?? ""] = parts.count > 1 ? parts[1] : ""
        }
        return (value["volumes"]?.listed ?? []).filter(\.isMapping).map { mount in
            Mount(
                source: mount.writtenSource,
                target: mount["target"]?.node.string ?? "",
                readOnly: mount.node["read_only"]?.scalar == .bool(true),
                options: mount.mountOptions
            )
        }
    }
}

extension Value {
    /// What is mounted, as written.
    fileprivate var writtenSource: Mount.Source {
        let source = self["source"]?.node.string ?? ""
        switch node["type"]?.string ?? "" {
        case "bind": return .bind(path: source)
        case "volume": return source.isEmpty ? .anonymous : .volume(key: source)
        case "tmpfs":
            let options = self["tmpfs"]
            return .memory(
                size: options?["size"]?.size,
                mode: options?["mode"]?.integer.map(Int64.init)
            )
        case "image": return .image(reference: source)
        case let type: return .other(type: type, source: source)
        }
    }

    fileprivate var mountOptions: Mount.Options {
        var options = Mount.Options()
        options.consistency = self["consistency"]?.node.string
        options.propagation = self["bind"]?["propagation"]?.node.string
        options.createsHostPath = self["bind"]?["create_host_path"]?.node.scalar != .bool(false)
        options.recursion = self["bind"]?["recursive"]?.node.string
        options.relabelling = self["bind"]?["selinux"]?.node.string
        options.noCopy = self["volume"]?["nocopy"]?.node.scalar == .bool(true)
        options.subpath = (self["volume"]?["subpath"] ?? self["image"]?["subpath"])?.node.string
        options.labels = self["volume"]?["labels"]?.texts ?? [:]
        return options
    }

    /// Gives options their places, for who objects to one.
    fileprivate func recordOptions(at path: FieldPath, _ places: inout SourceMap) {
        let options = (self["bind"]?.members ?? []).filter { !$0.node.marks.contains(.filled) }
        for option in options {
            places.record(option.location, at: path / "bind" / option.name)
        }
        if let consistency = self["consistency"] {
            places.record(consistency.location, at: path / "bind" / "consistency")
        }
        if node.marks.contains(.excessive) {
            places.record(location, at: path / "bind" / "options")
        }
        for label in self["volume"]?["labels"]?.members ?? [] {
            places.record(label.location, at: path / "volume" / "labels" / label.name)
        }
    }

    /// Options, once it is said what of them is no word that an engine knows, or changes nothing
    /// because a file of the repository is mounted from a volume.
    fileprivate func checkedOptions(of source: Mount.Source) -> Mount.Options {
        let options = mountOptions
        let modes = ["private", "rprivate", "shared", "rshared", "slave", "rslave"]
        if let mode = options.propagation, !mode.isEmpty, !modes.contains(mode) {
            self["bind"]?["propagation"]?.fail(
                "invalid-volume",
                "must be \(modes.dropLast().joined(separator: ", ")) or \(modes[modes.count - 1])",
                not: mode
            )
        }
        guard case .content = source else { return options }
        for option in self["bind"]?.members ?? [] where option.name != "create_host_path" {
            option.warn(
                "no-effect",
                "changes nothing: a file of the repository is mounted from a volume of its own",
                fix: "remove it"
            )
        }
        return options
    }

    fileprivate var mountTarget: String? { node.string.flatMap(mountTarget) }

    /// A path in the container, cleaned; the engine takes absolute ones alone.
    fileprivate func mountTarget(_ text: String) -> String? {
        guard !text.hasPrefix("/") else { return CleanPath.resolved(text) }
        let start = Array(text.utf8.prefix(2))
        let isDrive = start.count == 2 && start[1] == UInt8(ascii: ":")
        fail(
            "invalid-volume",
            isDrive
                ? "uses one letter for a name, which Compose takes for a drive of Windows"
                : "must have an absolute path as its target",
            not: isDrive ? nil : text,
            fix: isDrive ? "give the volume a longer name" : nil
        )
        return nil
    }

    /// What is mounted; nil for what a node doesn't have, once that is said.
    fileprivate func mountSource(_ contents: ContentReader, isReadOnly: Bool) -> Mount.Source? {
        let source = self["source"]
        switch node["type"]?.string {
        case "bind":
            guard let source, source.isOfRepository else {
                return source?.node.string.map { .bind(path: CleanPath.withoutDots($0)) }
            }
            return contents.bound(source, isReadOnly: isReadOnly).map { .content($0) }
        case "volume":
            guard let name = source?.node.string, !name.isEmpty else { return .anonymous }
            return .volume(key: name)
        default:
            let type = node["type"]?.string ?? ""
            // What isn't an image is of the node: its pipes, and its plugins for volumes.
            (["npipe", "cluster"].contains(type) ? self : self["type"])?.fail(
                "not-supported",
                "is of no type that is handled: volume, bind or tmpfs",
                fix: type == "image" ? Rendered.fixes["services.*.volumes.*.image"] : nil
            )
            return nil
        }
    }

    /// Whether a bind's source is a path of the commit rather than one of a node.
    ///
    /// What climbs out of the repository is neither, and policy says so among all else.
    private var isOfRepository: Bool {
        guard let text = node.string, !text.hasPrefix("~"), text.split(separator: "/").first != ".."
        else { return false }
        return !text.hasPrefix("/") || node.marks.contains(.rooted)
    }

    /// The mount options of a file system in memory.
    fileprivate func memoryOptions(isReadOnly: Bool) -> String {
        let size = self["tmpfs"]?["size"]?.node.string.map { "size=\($0)" }
        let mode = self["tmpfs"]?["mode"]?.integer.map { "mode=\(String($0, radix: 8))" }
        if let source = self["source"] {
            source.fail("invalid-volume", "is of a tmpfs, which has none", fix: "remove source")
        }
        return [isReadOnly ? "ro" : nil, size, mode].compactMap { $0 }.joined(separator: ",")
    }
}
