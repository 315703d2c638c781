internal import Model
internal import YAMLTree

extension EngineAccess {
    /// What can be read of `node`, with the default for whatever can't.
    init(reading node: Reading, directory: String, state: String) {
        self.init()
        func path(_ reading: Reading) -> String? {
            reading.text.map { Format.path($0, in: directory) }
        }
        authorities = path(node["ca"])
        certificate = .init(reading: node["client_certificate"], path)
        key = path(node["key_file"])
        knownHosts = path(node["known_hosts"]) ?? "\(state)/known_hosts"
    }

    /// The files that let whoever reads them in.
    var secretFiles: [String] { [certificate?.key, key].compactMap(\.self) }
}

/// What the engine's keys say together.
extension SenseCheck {
    /// Looks at whether an engine of another machine can be reached, and by nobody else.
    ///
    /// `node` has the keys, and stands at `path`.
    mutating func checkEngine(
        _ node: Node,
        _ path: FieldPath,
        _ engine: EngineAddress,
        _ access: EngineAccess
    ) {
        let keys: [String]
        switch engine {
        case .unix: keys = []
        case .tcp:
            keys = ["ca", "client_certificate"]
            if access.certificate == nil {
                let message =
                    "an engine over tcp needs \"client_certificate\" under \"engine_access\": one "
                    + "that asks for none gives its node to everybody"
                refuse(node["engine"] ?? node, path / "engine", "incomplete", message)
            }
        case .ssh:
            keys = ["key_file", "known_hosts"]
            if access.key == nil {
                let message = "an engine over ssh needs \"key_file\" under \"engine_access\""
                refuse(node["engine"] ?? node, path / "engine", "incomplete", message)
            }
        }
        for entry in node["engine_access"]?.entries ?? [] where !keys.contains(entry.key) {
            let message = "\"\(entry.key)\" is nothing for \(engine)"
            let path = path / "engine_access" / entry.key
            refuse(entry.value, path, "contradiction", message)
        }
    }
}
