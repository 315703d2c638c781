/// Whether users of containers have the numbers on their node that they show inside.
///
/// Where they don't, a number that is granted says nothing of whose files of a shared file system
/// a container reaches.
package enum NodeUsers: String, Codable, Sendable {
    case asShown = "as-shown"
    /// The engine runs with `userns-remap`.
    case remapped
    /// The engine runs without root, as the user that has it.
    case rootless

    /// By the names of an engine's security options.
    ///
    /// Source: `fillSecurityOptions` of moby, `daemon/info.go`.
    package init(securityOptions names: [String]) {
        self =
            names.contains("rootless") ? .rootless : names.contains("userns") ? .remapped : .asShown
    }

    /// Why they have others, as a clause; nil where they have those that they show.
    package var remapping: String? {
        switch self {
        case .asShown: nil
        case .remapped: "the engine remaps users (userns-remap)"
        case .rootless: "the engine runs without root (rootless)"
        }
    }
}
