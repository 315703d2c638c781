/// Which files of a stack's folder are read, in place of Compose's own names.
package struct ChosenFiles: Hashable, Codable, Sendable {
    /// Compose files, each read over those before, as paths from the folder; empty for Compose's
    /// own names.
    package var files: [String]
    /// Files of variables, each winning over those before; empty for `.env`.
    package var environmentFiles: [String]

    package init(files: [String] = [], environmentFiles: [String] = []) {
        self.files = files
        self.environmentFiles = environmentFiles
    }

    package var isEmpty: Bool { files.isEmpty && environmentFiles.isEmpty }

    /// The same files have the same key, and others another.
    package var key: String {
        isEmpty
            ? ""
            : (files + ["over"] + environmentFiles).map { "\($0.utf8.count):\($0)" }.joined()
    }
}
