internal import Model
internal import YAMLTree

/// The kinds of lists whose elements have a short and a long form, and of what stands at the top.
extension Kind {
    static let ports = Kind(
        list: ListRule(
            Kind(scalar: ScalarRule(types: [.number, .string]), mapping: .record(.port)),
            isSet: true,
            identity: .port
        ),
        long: { $0.longPorts }
    )

    static let publishedPort = Kind(
        scalar: ScalarRule(types: [.string, .integer]),
        settled: { $0.settledPort }
    )

    static let exposedPorts = Kind(
        list: ListRule(publishedPort, isSet: true, identity: .whole)
    )

    static let mounts = Kind(
        list: ListRule(
            Kind(
                scalar: text.scalar,
                mapping: .record(.mount),
                path: .mount,
                long: { $0.longMount }
            ),
            isSet: true,
            identity: .target
        )
    )

    static let devices = records(.device, identity: .target) { $0.longDevice }

    /// `configs` and `secrets` of a service; a file without a target has its source's name below
    /// `folder`, and those of a build have no identity.
    static func files(_ folder: String?) -> Kind {
        records(.mountedFile, identity: folder.map { Identity.file(below: $0) }) {
            $0.asMember("source")
        }
    }

    /// The mode of a file: a number as YAML reads it, or octal digits as text.
    static let fileMode = Kind(
        scalar: ScalarRule(types: [.number, .string]),
        settled: { value in
            guard let mode = value.fileMode else { return value.node }
            var node = value.node(.text("0" + String(mode, radix: 8)))
            // No more what the variables had, as it may be settled twice.
            node.marks.remove(.expanded)
            return node
        }
    )

    /// `env_file` of a service.
    static let environmentFiles = Kind(
        scalar: text.scalar,
        list: ListRule(
            Kind(
                scalar: text.scalar,
                mapping: .record(.environmentFile),
                long: { value in
                    let long = value.isMapping ? value.node : value.asMember("path")
                    return long.defaulting("required", to: .boolean(true))
                }
            ),
            identity: .path
        ),
        merging: .sequence,
        long: { $0.isList ? $0.node : $0.list([$0.node]) }
    )

    static let inclusions = Kind(
        scalar: ScalarRule(types: .null),
        list: ListRule(
            Kind(
                scalar: textOrNull.scalar,
                mapping: .record(.inclusion),
                long: { $0.isMapping ? $0.node : $0.asMember("path") }
            )
        )
    )

    /// Files that an include names; null names none.
    static let includedFiles = Kind(
        scalar: textOrNull.scalar,
        list: texts().list,
        long: { value in
            guard !value.isNull else { return value.list([Node]()) }
            return value.isList ? value.node : value.list([value.node])
        }
    )

    /// Services, networks and so on by name.
    static func table(_ kind: Kind) -> Kind { Kind(mapping: .named(kind, .plain)) }

    /// What a name alone declares.
    static func declaration(_ record: Record, path: PathRule? = nil) -> Kind {
        Kind(scalar: ScalarRule(types: .null), mapping: .record(record), path: path)
    }

    /// `external`, also as the mapping of old files that holds a name.
    static let external = Kind(
        scalar: ScalarRule(types: [.boolean, .string], cast: .boolean),
        mapping: .record(Record("external", [Attribute("name", .text)]))
    )

    static let pools = Kind(
        list: ListRule(record(.pool)),
        merging: .pools
    )
}

extension Value {
    /// A port as text; a number with a fraction is none, be it zero.
    fileprivate var settledPort: Node? {
        if case .double = node.scalar {
            failType("a string or a whole number")
            return unresolved
        }
        return text.map { node(.text($0)) }
    }
}
