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
    /// A Swarm of which only one engine can be asked, and nobody has said what the others do.
    case untold

    /// By the names of an engine's security options.
    ///
    /// Source: `fillSecurityOptions` of moby, `daemon/info.go`.
    package init(securityOptions names: [String]) {
        self =
            names.contains("rootless") ? .rootless : names.contains("userns") ? .remapped : .asShown
    }

    /// The same of a Swarm, one of whose managers says this of itself.
    package func throughout(_ swarm: SwarmRules) -> NodeUsers {
        self == .asShown && !swarm.keepsUsers ? .untold : self
    }

    /// Why they have others, as a clause; nil where they have those that they show.
    package var remapping: String? {
        switch self {
        case .asShown: nil
        case .remapped: "the engine remaps users (userns-remap)"
        case .rootless: "the engine runs without root (rootless)"
        case .untold: "nobody has said that no engine of the Swarm remaps users (users_as_shown)"
        }
    }

    /// The same where an engine says so of itself, which is news to the operator.
    package var found: String? { self == .untold ? nil : remapping }
}
