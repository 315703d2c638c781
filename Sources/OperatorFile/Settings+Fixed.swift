package import Model
internal import YAMLTree

/// What a controller keeps as it was when it started.
extension Settings {
    /// A key that only another start takes up another value of.
    private struct Fixed: Sendable {
        var key: String
        /// The value for people; nil where it is more than a word.
        var word: @Sendable (Settings) -> String?
        var isSame: @Sendable (Settings, Settings) -> Bool

        init<Value: Equatable & SendableMetatype>(
            _ key: String,
            _ value: @escaping @Sendable (Settings) -> Value,
            word: @escaping @Sendable (Value) -> String?
        ) {
            self.key = key
            self.word = { word(value($0)) }
            isSame = { value($0) == value($1) }
        }
    }

    /// Who the controller is, where it is found, and how it reaches repositories.
    private static let fixed = [
        Fixed("controller", \.controller) { $0 }, Fixed("state", \.stateDirectory) { $0 },
        Fixed("engine", \.engine) { $0.description },
        Fixed("engine_access", \.engineAccess) { _ in nil },
        Fixed("nodes", \.nodes) { _ in nil }, Fixed("swarm", \.swarm) { _ in nil },
        Fixed("socket", \.socket) { $0 }, Fixed("ingress", \.ingress) { _ in nil },
        Fixed("git", \.git) { _ in nil },
    ]

    /// Names of the keys whose values a controller that goes by `running` can't take up.
    package func fixedKeys(changedSince running: Settings) -> [String] {
        Settings.fixed.filter { !$0.isSame(self, running) }.map(\.key)
    }

    /// The same as errors at their places in the file that these settings were read from.
    package func refusals(
        by running: Settings,
        in bytes: [UInt8],
        file: String
    ) -> [Diagnostic] {
        let document = try? parseYAML(bytes, file: file).first
        let changed = fixedKeys(changedSince: running)
        return Settings.fixed.compactMap { fixed in
            let node = document?[fixed.key]
            // What nobody wrote lies in the state directory, and moves with it.
            let isConsequence =
                ["socket", "git", "engine_access"].contains(fixed.key) && node == nil
                && changed.contains("state")
            guard changed.contains(fixed.key), !isConsequence else { return nil }
            var message = "\"\(fixed.key)\" can't change while the controller runs"
            var fix = "stop the controller and start it with this file"
            if let old = fixed.word(running), let new = fixed.word(self) {
                let place = node == nil ? ", where nothing is written" : ""
                message += ": it is \(old) there, and \(new) here\(place)"
                fix = "write \(old) again, or \(fix)"
            }
            return Diagnostic(
                code: "needs-restart",
                message,
                at: node?.location ?? document?.location,
                field: FieldPath(fixed.key),
                fix: fix
            )
        }
    }

    /// The socket that a file names which may be wrong in every other way; nil when it can't be
    /// told.
    package static func socket(in bytes: [UInt8], directory: String) -> String? {
        let whole = try? parseYAML(bytes, file: "").first
        guard let document = whole ?? tellingLines(of: bytes) else { return nil }
        let file = Reading(document)
        if let socket = file["socket"].text { return Format.path(socket, in: directory) }
        return file["state"].text.map { "\(Format.path($0, in: directory))/gyre.sock" }
    }

    /// The lines that tell the socket, where the rest is no YAML.
    private static func tellingLines(of bytes: [UInt8]) -> Node? {
        let lines = bytes.split(separator: 0x0A).filter { line in
            ["state:", "socket:"].contains { line.starts(with: $0.utf8) }
        }
        return try? parseYAML(Array(lines.joined(separator: [0x0A])), file: "").first
    }
}
