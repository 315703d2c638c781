internal import Model
internal import YAMLTree

/// A mount of a settled model, as `docker stack` checks it.
///
/// Source: docker/cli 28, `cli/compose/convert/volume.go`.
struct SwarmMount {
    private let value: Value
    /// The options that are written, by the type that they are of.
    let sections: Set<String>

    init(_ value: Value) {
        self.value = value
        var sections: Set<String> = []
        for name in ["bind", "volume", "tmpfs", "cluster"] {
            guard let section = value[name] else { continue }
            // All parts of a short form stand where its text does.
            let isShort = section.node.location == value["target"]?.node.location
            let option = ["bind": "propagation", "volume": "nocopy"][name] ?? ""
            if !isShort || section.node[option] != nil { sections.insert(name) }
        }
        self.sections = sections
    }

    func check() {
        let type = value.node["type"]?.string ?? ""
        let own = type == "npipe" ? "bind" : type
        for other in sections.subtracting([own]).sorted() {
            value.fail("conflicting-values", "is of type \(type), which has no options \(other)")
        }
        let isNamed = value.node["source"]?.string?.isEmpty == false
        if type == "tmpfs", isNamed {
            value.fail("invalid-volume", "is of a tmpfs, which has no source", fix: "remove source")
        }
        if ["bind", "npipe", "cluster"].contains(type), !isNamed {
            value.fail("invalid-volume", "must have a source")
        }
    }
}
