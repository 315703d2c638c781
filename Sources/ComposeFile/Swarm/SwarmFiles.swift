internal import Model
internal import YAMLTree

/// What `docker stack` refuses of a file before it reads what the file means.
///
/// Source: docker/cli 28, `cli/compose/loader` and its schemas: attributes that need one engine
/// are forbidden, those of the newer specification unknown.
struct SwarmFiles {
    private let loading: Loading

    init(_ loading: Loading) { self.loading = loading }

    func check(_ paths: [String]) {
        var first: Int?
        for path in paths {
            for document in loading.documents(path) {
                let file = Value(document, at: FieldPath(), in: loading)
                let version = check(file)
                if let version, let first, version != first {
                    refuse(file, "version mismatched between two files: 3.\(first), 3.\(version)")
                }
                first = first ?? version
            }
        }
    }

    /// The version of the format, where it is known.
    private func check(_ file: Value) -> Int? {
        for service in file["services"]?.members ?? [] {
            for attribute in service.members {
                guard let instead = SwarmFiles.forbidden[attribute.name] else { continue }
                refuse(
                    attribute,
                    "Compose file contains unsupported options: \(attribute.name): \(instead)"
                )
            }
        }
        for secret in file["secrets"]?.members ?? [] {
            guard let driver = secret["driver"], secret["file"] != nil else { continue }
            refuse(driver, "\(secret.path): driver and file conflict; write driver alone")
        }
        for part in ["volumes", "configs", "secrets"] {
            for member in file[part]?.members ?? [] {
                guard let name = member["external"]?["name"], let own = member["name"],
                    !name.node.isEmpty, !own.node.isEmpty
                else { continue }
                refuse(own, "\(name.path) and \(own.path) conflict; only use the latter")
            }
        }
        guard let version = version(file) else { return nil }
        check(file, SwarmShape.file, version)
        return version
    }

    /// The minor version of the format; nil for one that isn't known, once that is said.
    private func version(_ file: Value) -> Int? {
        let newest = 13
        guard let value = file["version"], let text = value.node.string, !text.isEmpty,
            text != "3"
        else { return newest }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        if parts.count == 2, parts[0] == "3", let minor = Int(parts[1]),
            (0...newest).contains(minor), String(minor) == parts[1]
        {
            return minor
        }
        refuse(value, "unsupported Compose file version: \(text)")
        return nil
    }

    private func check(_ value: Value, _ shape: SwarmShape, _ version: Int) {
        guard shape.allows(value.node) else {
            return refuse(value, "\(SwarmFiles.subject(value)) must be \(shape.wanted)")
        }
        if let elements = value.node.elements {
            if shape.isSet, Set(elements.map(\.json)).count < elements.count {
                refuse(value, "\(SwarmFiles.subject(value)) has an element twice")
            }
            guard let element = shape.element else { return }
            value.listed.forEach { check($0, element, version) }
        }
        for member in value.members {
            if let known = shape.member(member.name, in: version) {
                check(member, known, version)
            } else if !shape.isOpen, !takesExtension(member, version) {
                refuse(
                    member,
                    "\(SwarmFiles.subject(value)) Additional property \(member.name) "
                        + "is not allowed"
                )
            }
        }
    }

    /// `x-…` at the top and in what is named there, in versions that have it.
    private func takesExtension(_ member: Value, _ version: Int) -> Bool {
        guard member.name.hasPrefix("x-") else { return false }
        switch member.path.components.count {
        case 1: return version >= 4
        case 3: return version >= 7
        default: return false
        }
    }

    private static func subject(_ value: Value) -> String {
        value.path.last == nil ? "(root)" : value.path.description
    }

    private func refuse(_ value: Value, _ message: String) {
        loading.report(
            "not-for-swarm",
            message,
            at: value.keyLocation,
            field: value.path,
            fix: "remove it, or deploy to one engine"
        )
    }

    private static let forbidden = [
        "extends": "services of one file can't extend others",
        "volume_driver": "declare the volume at the top with its driver",
        "volumes_from": "declare the volume at the top and name it in each service",
        "cpu_quota": "write deploy.resources", "cpu_shares": "write deploy.resources",
        "cpuset": "write deploy.resources", "mem_limit": "write deploy.resources",
        "memswap_limit": "write deploy.resources",
    ]
}

extension SwarmShape {
    /// Whether a value has one of the types; a text with variables may become another type.
    fileprivate func allows(_ node: Node) -> Bool {
        switch node.content {
        case .sequence: types.contains("a")
        case .mapping: types.contains("o")
        case .scalar(let text, _):
            switch node.scalar {
            case .null: types.contains("z")
            case .bool: types.contains("b")
            case .int: types.contains("i") || types.contains("n")
            case .double: types.contains("n")
            // Source: docker/cli 28, `interpolateTypeCastMapping`.
            case .string: types.contains("s") || text.contains("$") && !isUncast
            case nil: true
            }
        }
    }
}
