internal import Model

extension StackID {
    /// Whether a network or volume called `name` can only be this stack's.
    ///
    /// No name of a project or stack holds a `_`, so what starts with the compose project name
    /// and `_` belongs to no other project: `astro_x` is never `astro-x`'s.
    func owns(objectName name: String) -> Bool {
        Text.isName(name) && Text.isBelow(name, composeProjectName + "_")
    }

    /// Whether a container called `name` is one that Gyre would make for this stack.
    func owns(containerName name: String) -> Bool {
        Text.isName(name) && Text.isBelow(name, composeProjectName + "-")
    }
}

/// Label keys that files may not use.
enum ReservedLabel {
    /// Ours, and those by which Compose, `docker stack` and Swarm know their own.
    static let prefixes = [
        Labels.prefix, Labels.Compose.prefix, "com.docker.stack.", "com.docker.swarm.",
    ]

    /// Whatever the case, since some readers fold it; `io.gyre` alone is reserved as well.
    static func isReserved(_ key: String) -> Bool {
        prefixes.contains { Text.hasPrefix(key + ".", $0) }
    }
}
