/// How much the configs and secrets of a Swarm hold, as which files come to its nodes.
///
/// Source: swarmkit's `validateConfigSpec` and `validateSecretPayload`. With early releases of
/// 20.10 a config holds no more than a secret; such a Swarm says so itself.
enum SwarmFileSize {
    private static let configs = 1..<(1000 * 1024)
    private static let secrets = 1..<(500 * 1024)

    /// Whether a Swarm takes no `count` bytes, once that is said.
    static func refuses(_ count: Int, at place: Value, isSecret: Bool) -> Bool {
        let sizes = isSecret ? secrets : configs
        guard !sizes.contains(count) else { return false }
        let kind = isSecret ? "secret" : "config"
        place.fail(
            "not-for-swarm",
            count == 0
                ? "is empty, and a \(kind) of a Swarm has to hold something"
                : "has \(count) bytes, and a \(kind) of a Swarm holds no more than "
                    + "\(sizes.upperBound - 1)",
            fix: count == 0
                ? "write something into it, such as the end of a line, or leave it out"
                : "divide it, or copy it into the image"
        )
        return true
    }
}
