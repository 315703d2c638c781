package import Model
internal import YAMLTree

extension Stack {
    /// The typed stack of `project` as Docker Compose would bring it up, whatever Gyre can run.
    ///
    /// Nothing of it is refused but a file of a security option that can't be read. `id` stands
    /// for a stack that no project owns.
    package init(
        composing project: ComposeProject,
        in tree: some FileTree,
        id: StackID
    ) throws(Rejection) {
        let loading = Loading(tree: tree)
        let model = Value(project.model, at: FieldPath(), in: loading)
        let reader = StackReader(loading, id, nil)
        self = reader.stack(model, files: project.files)
        let reading = Loading(tree: tree)
        for (name, service) in services {
            services[name]?.privileges.securityOptions =
                service.privileges.securityOptions.map { option in
                    SeccompProfile(option, beside: project.directory, reading)?.option ?? option
                }
        }
        guard !reading.findings.hasErrors else { throw Rejection(reading.findings.list) }
    }
}

/// A `seccomp=file` of `security_opt`, whose file Compose puts into the option.
///
/// Source: Docker Compose's `parseSecurityOpts`, and Go's `json.Compact`.
private struct SeccompProfile {
    let option: String

    /// nil for any other option.
    init?(_ option: String, beside directory: String, _ loading: Loading) {
        let prefix = "seccomp="
        guard option.hasPrefix(prefix) else { return nil }
        let name = String(option.dropFirst(prefix.count))
        guard name != "unconfined", name != "builtin" else { return nil }
        let path = CleanPath.joined(directory, name)
        do {
            let bytes = SeccompProfile.compact(try loading.tree.read(path))
            self.option = prefix + String(decoding: bytes, as: UTF8.self)
        } catch {
            loading.unreadable(path, error, nil)
            return nil
        }
    }

    /// JSON without the white space between its parts.
    private static func compact(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var isText = false
        var isEscaped = false
        for byte in bytes {
            if isText {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isText = false
                }
            } else if [0x20, 0x09, 0x0A, 0x0D].contains(byte) {
                continue
            } else if byte == UInt8(ascii: "\"") {
                isText = true
            }
            result.append(byte)
        }
        return result
    }
}
