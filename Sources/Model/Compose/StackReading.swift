/// What the files of a folder come to: the stack as far as it could be read, and why no further.
///
/// A stack with errors is there for policy alone, which denies it with all that it finds besides.
package struct StackReading: Hashable, Codable, Sendable {
    package let stack: Stack
    /// What keeps the stack from being run; empty when nothing does.
    package let errors: [Diagnostic]
    /// Services that profiles leave out; nil where there are none.
    package var dormant: Dormant?
    /// Networks, volumes, configs and secrets that no service uses; nil where there are none.
    ///
    /// Nothing of them is ever made.
    package var unused: Stack?
    /// What `compose config` prints; nil where nobody asked for it.
    package var config: JSON?
    /// By which Compose knows what it made; nil where nobody asked for it.
    package var hashes: Hashes?
    /// What `docker stack` reads in the same files, to compare it; nil where nobody asked for it,
    /// or where it would not read them.
    package var dockerStack: Stack?

    package init(_ stack: Stack, errors: [Diagnostic] = []) {
        self.stack = stack
        self.errors = errors
    }

    /// Compose's `config-hash` by key.
    ///
    /// Those of services that use files of their folder are left out: they depend on where it is.
    package struct Hashes: Hashable, Codable, Sendable {
        package let services: [String: String]
        package let networks: [String: String]

        package init(services: [String: String], networks: [String: String]) {
            self.services = services
            self.networks = networks
        }
    }

    /// What never runs, and policy judges all the same: a profile is one line of a file.
    package struct Dormant: Hashable, Codable, Sendable {
        /// The stack as it would be with every profile on.
        package var stack: Stack
        package let errors: [Diagnostic]
        /// Names of the services that are left out.
        package let services: Set<String>

        package init(_ stack: Stack, errors: [Diagnostic], services: Set<String>) {
            self.stack = stack
            self.errors = errors
            self.services = services
        }
    }
}
