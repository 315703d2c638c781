internal import Model

extension ContainerBody {
    /// What it mounts: `Binds` where they say all, which older engines know best, else `Mounts`.
    var mounting: [String: JSON] {
        var binds: [String] = []
        var mounts: [JSON] = []
        var targets: Set<String> = []
        for mount in service.volumes where !mount.isContent {
            targets.insert(mount.target)
            if let bind = bind(mount) { binds.append(bind) } else { mounts.append(body(mount)) }
        }
        if service.usesEngineSocket {
            binds.append("/var/run/docker.sock:/var/run/docker.sock:rw")
        }
        for file in files where targets.insert(file.target).inserted {
            mounts.append(
                [
                    "Type": "bind", "Source": .string(file.source), "ReadOnly": true,
                    "Target": .string(file.target),
                ]
            )
        }
        let members: [String: JSON?] = [
            "Binds": .unlessEmpty(binds),
            "Mounts": .unlessEmpty(mounts),
            "Tmpfs": .unlessEmpty(service.tmpfs),
            "VolumesFrom": .unlessEmpty(service.volumesFrom.map(source)),
        ]
        return members.compactMapValues { $0 }
    }

    /// Docker Compose names the container and drops the rest, `:ro` too.
    private func source(_ from: Service.VolumesFrom) -> String {
        let prefix = "container:"
        return from.service.hasPrefix(prefix)
            ? String(from.service.dropFirst(prefix.count)) : reference(from.service)
    }

    /// `source:target:options`; nil for what only `Mounts` can say.
    private func bind(_ mount: Mount) -> String? {
        let options = mount.options
        let access = mount.readOnly ? "ro" : "rw"
        switch mount.source {
        case .bind(let path):
            let isPlain =
                options.createsHostPath && options.propagation == nil && options.recursion == nil
            let label = options.relabelling.map { ",\($0)" } ?? ""
            return isPlain ? "\(path):\(mount.target):\(access)\(label)" : nil
        case .volume(let key):
            let isPlain = !options.noCopy && options.subpath == nil && options.labels.isEmpty
            return isPlain ? "\(name(ofVolume: key)):\(mount.target):\(access)" : nil
        case .anonymous, .content, .external, .memory, .image, .other: return nil
        }
    }

    private func name(ofVolume key: String) -> String { stack.volumes[key]?.name ?? key }

    /// An element of `Mounts`.
    private func body(_ mount: Mount) -> JSON {
        let kind: (type: String, source: String?) =
            switch mount.source {
            case .bind(let path): ("bind", path)
            case .volume(let key): ("volume", name(ofVolume: key))
            case .anonymous, .content, .external: ("volume", nil)
            case .memory: ("tmpfs", nil)
            case .image(let reference): ("image", reference)
            case .other(let type, let source): (type, source)
            }
        return .members([
            "Type": .string(kind.type),
            "Source": .unlessEmpty(kind.source),
            "Target": .string(mount.target),
            "ReadOnly": mount.readOnly ? true : nil,
            "Consistency": .unlessEmpty(mount.options.consistency),
            "BindOptions": bindOptions(mount),
            "VolumeOptions": volumeOptions(mount),
            "TmpfsOptions": memoryOptions(mount),
            "ImageOptions": imageOptions(mount),
        ])
    }

    private func bindOptions(_ mount: Mount) -> JSON? {
        guard case .bind = mount.source else { return nil }
        let options = mount.options
        let body = JSON.members([
            "Propagation": .unlessEmpty(options.propagation),
            "CreateMountpoint": options.createsHostPath ? true : nil,
            "NonRecursive": options.recursion == "disabled" ? true : nil,
            "ReadOnlyNonRecursive": options.recursion == "writable" ? true : nil,
            "ReadOnlyForceRecursive": options.recursion == "readonly" ? true : nil,
        ])
        return body == [:] ? nil : body
    }

    private func volumeOptions(_ mount: Mount) -> JSON? {
        switch mount.source {
        case .volume, .anonymous: break
        default: return nil
        }
        let body = JSON.members([
            "NoCopy": mount.options.noCopy ? true : nil,
            "Subpath": .unlessEmpty(mount.options.subpath),
            "Labels": .unlessEmpty(mount.options.labels),
        ])
        return body == [:] ? nil : body
    }

    private func memoryOptions(_ mount: Mount) -> JSON? {
        guard case .memory(let size, let mode) = mount.source else { return nil }
        let body = JSON.members([
            "SizeBytes": .unlessZero(size?.bytes), "Mode": .unlessZero(mode),
        ])
        return body == [:] ? nil : body
    }

    private func imageOptions(_ mount: Mount) -> JSON? {
        guard case .image = mount.source else { return nil }
        return JSON.unlessEmpty(mount.options.subpath).map { ["Subpath": $0] }
    }

    /// The secrets and configs that are files, each under its target.
    private var files: [(source: String, target: String)] {
        let secrets = service.secrets.compactMap { file in
            place(file, stack.secrets[file.source], below: "/run/secrets/")
        }
        let configs = service.configs.compactMap { file in
            place(file, stack.configs[file.source], below: "/")
        }
        return secrets + configs
    }

    private func place(
        _ file: Service.MountedFile,
        _ stored: Stack.StoredFile?,
        below folder: String
    ) -> (source: String, target: String)? {
        guard case .file(let path) = stored?.origin else { return nil }
        let target = file.target.flatMap { $0.isEmpty ? nil : $0 } ?? file.source
        return (path, target.hasPrefix("/") ? target : folder + target)
    }
}

extension Mount {
    /// Files of the commit, which are mounted when it is known where they were shipped.
    fileprivate var isContent: Bool {
        if case .content = source { true } else { false }
    }
}
