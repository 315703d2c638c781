internal import Model

/// `volumes` and `tmpfs` of a service.
extension Value {
    /// What one element of `volumes` asks for.
    private enum Element {
        case mount(Mount)
        /// A file system in memory, with its mount options.
        case memory(target: String, options: String)

        var target: String {
            switch self {
            case .mount(let mount): mount.target
            case .memory(let target, _): target
            }
        }
    }

    /// Reads `volumes`; of two with one target, the later stands in the place of the earlier.
    func readVolumes(into service: inout Service) {
        var kept: [(element: Element, value: Value)] = []
        var places: [String: Int] = [:]
        for value in elements ?? [] {
            guard let element = value.isMapping ? value.longVolume : value.shortVolume else {
                continue
            }
            if let place = places[element.target] {
                kept[place] = (element, value)
            } else {
                places[element.target] = kept.count
                kept.append((element, value))
            }
        }
        for (element, value) in kept {
            switch element {
            case .mount(let mount):
                value.recordMembers(at: path[service.volumes.count])
                service.volumes.append(mount)
            case .memory(let target, let options):
                value.recordMembers(at: path.sibling("tmpfs") / target)
                service.tmpfs[target] = options
            }
        }
    }

    /// Reads `tmpfs`, each `path` or `path:options`.
    func readTemporaryFileSystems(into service: inout Service) {
        for text in stringOrStrings ?? [] {
            let parts = text.text.split(separator: ":", maxSplits: 1).map(String.init)
            guard let target = text.value.checkedTarget(parts.first ?? "") else { continue }
            if service.tmpfs[target] == nil { text.value.record(at: path / target) }
            service.tmpfs[target] = parts.count > 1 ? parts[1] : ""
        }
    }

    private func recordMembers(at path: FieldPath) {
        record(at: path)
        for member in members { member.record(at: path / member.name) }
    }

    private var shortVolume: Element? {
        guard let string else { return nil }
        do {
            let volume = try VolumeSpecification(string)
            for option in volume.withoutEffect {
                warn(
                    "no-effect",
                    "has the option \(option), which changes nothing on Linux",
                    fix: "remove it"
                )
            }
            guard let target = checkedTarget(volume.target),
                let source = mountSource(volume.source)
            else { return nil }
            return .mount(Mount(source: source, target: target, readOnly: volume.isReadOnly))
        } catch {
            fail(
                error.isUnsupported ? "not-supported" : "invalid-volume",
                error.message,
                not: error.part,
                fix: error.fix
            )
            return nil
        }
    }

    private var longVolume: Element? {
        var draft = VolumeDraft()
        Schema.volume.read(self, into: &draft)
        guard let type = draft.type else {
            if !draft.hasType {
                fail("missing-attribute", "lacks type", fix: "write type: volume")
            }
            return nil
        }
        guard let target = draft.target.flatMap(checkedTarget) else {
            if draft.target == nil { fail("missing-attribute", "lacks target") }
            return nil
        }
        switch type {
        case "tmpfs":
            if draft.source != nil {
                fail("invalid-volume", "is a tmpfs and can have no source", fix: "remove source")
            }
            let options = [draft.readOnly ? "ro" : nil, draft.size, draft.mode].compactMap { $0 }
            return .memory(target: target, options: options.joined(separator: ","))
        case "bind":
            guard let text = draft.source, !text.isEmpty else {
                fail("missing-attribute", "lacks source, the path to bind")
                return nil
            }
            return bindSource(text).map {
                .mount(Mount(source: $0, target: target, readOnly: draft.readOnly))
            }
        default:
            let source = draft.source.map { Mount.Source.volume(key: $0) } ?? .anonymous
            return .mount(Mount(source: source, target: target, readOnly: draft.readOnly))
        }
    }

    /// What the short form's source means: a path is bound, anything else names a volume.
    private func mountSource(_ text: String?) -> Mount.Source? {
        guard let text else { return .anonymous }
        guard let first = text.first, "./~\\".contains(first) else { return .volume(key: text) }
        return bindSource(text)
    }

    private func bindSource(_ text: String) -> Mount.Source? {
        if text.hasPrefix("~") {
            fail(
                "bind-of-home",
                "binds a path below a home, and services have none on a node",
                fix: "name the whole path, or a volume"
            )
            return nil
        }
        guard text.hasPrefix("/") else {
            fail(
                "bind-of-repository-file",
                "binds a file of the repository, which a node doesn't have",
                fix: "build it into the image, or bind a granted path of the node"
            )
            return nil
        }
        guard !text.split(separator: "/").contains("..") else {
            fail(
                "bind-parent-component",
                "binds a path with \"..\" in it, which could lead anywhere",
                fix: isExpanded ? nil : "write \(CleanPath.resolved(text)) if that is what is meant"
            )
            return nil
        }
        return .bind(path: CleanPath.withoutDots(text))
    }

    /// A path in the container, cleaned; the engine takes absolute ones alone.
    private func checkedTarget(_ text: String) -> String? {
        guard text.hasPrefix("/") else {
            fail(
                "invalid-volume",
                "must have an absolute path as its target",
                not: text
            )
            return nil
        }
        return CleanPath.resolved(text)
    }
}

private struct VolumeDraft {
    var type: String?
    var hasType = false
    var source: String?
    var target: String?
    var readOnly = false
    /// Mount options of a tmpfs.
    var size: String?
    var mode: String?
}

extension Schema where Target == VolumeDraft {
    fileprivate static let volume = Schema(
        "a volume of a service",
        handled: [
            Attribute("type") {
                $1.hasType = true
                $1.type = $0.volumeType
            },
            Attribute("source") { $1.source = $0.string },
            Attribute("target") { $1.target = $0.nonEmptyString },
            Attribute("read_only") { $1.readOnly = $0.bool ?? false },
            Attribute("bind") { Schema.bind.read($0, into: &$1) },
            Attribute("volume") { Schema.volumeOptions.read($0, into: &$1) },
            Attribute("tmpfs") { Schema.memory.read($0, into: &$1) },
        ],
        refused: ["consistency": "remove it; it changes nothing on Linux", "image": "remove it"]
    )

    private static let bind = Schema(
        "bind",
        handled: [
            Attribute("create_host_path") { value, _ in
                if value.bool == false {
                    value.fail("not-supported", "is not handled yet", fix: "remove it")
                }
            }
        ],
        refused: ["propagation": "remove it", "recursive": "remove it", "selinux": "remove it"]
    )

    private static let volumeOptions = Schema(
        "volume",
        handled: [],
        refused: ["nocopy": "remove it", "subpath": "remove it", "labels": "remove it"]
    )

    private static let memory = Schema(
        "tmpfs",
        handled: [
            Attribute("size") { $1.size = $0.size.map { "size=\($0.bytes)" } },
            Attribute("mode") { $1.mode = $0.count.map { "mode=\(String($0, radix: 8))" } },
        ]
    )
}

extension Value {
    fileprivate var volumeType: String? {
        guard let string else { return nil }
        switch string {
        case "volume", "bind", "tmpfs": return string
        case "cluster", "npipe", "image":
            fail("not-supported", "must be volume, bind or tmpfs; others are not handled yet")
        default:
            fail(
                "invalid-value",
                "must be volume, bind or tmpfs",
                not: string
            )
        }
        return nil
    }
}

extension FieldPath {
    /// The path of another member of the same mapping.
    fileprivate func sibling(_ name: String) -> FieldPath {
        (parent ?? FieldPath()) / name
    }
}
