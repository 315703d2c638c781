/// What is asked of the loader: the global options of `docker compose` and those of `config`.
package struct ComposeRequest: Sendable {
    /// The folder that the question is asked in, as a path of the tree.
    package var directory: String
    /// `-f`; empty looks for Compose's own names.
    package var files: [String] = []
    /// `--project-directory`.
    package var projectDirectory: String?
    /// `-p`.
    package var projectName: String?
    /// What interpolation sees before any file: of a person the process environment, of the
    /// controller nothing.
    package var environment: [String: String] = [:]
    /// `--env-file`; empty reads `.env`.
    package var environmentFiles: [String] = []
    /// `--profile`; empty takes `COMPOSE_PROFILES`.
    package var profiles: [String] = []
    /// The services asked for, with what they depend on; empty asks for all.
    package var services: [String] = []
    /// Whether enclosing folders are searched for a compose file, as the command does.
    package var searchesParents = false
    /// The opposite of `--no-interpolate`.
    package var interpolates = true
    /// Whether what is asked for is chosen and checked though variables are not replaced, because
    /// a list or a hash is asked for and not the files as written.
    package var choosesAnyway = false
    /// The opposite of `--no-normalize`.
    package var normalizes = true
    /// The opposite of `--no-path-resolution`.
    package var resolvesPaths = true
    /// The opposite of `--no-env-resolution`.
    package var readsEnvironmentFiles = true
    /// The opposite of `--no-consistency`.
    package var checksConsistency = true
    /// Whether no two containers may have one name; who asks for a list or a hash is not told.
    package var checksContainerNames = true
    /// The opposite of `--variables`, which lists those of files that nobody has checked.
    package var checksShape = true
    /// Whether it is walked from service to service, so that none may be missing.
    package var followsDependencies = false
    /// `--all-resources`: what no service uses stays.
    package var keepsUnused = false
    /// What `docker stack` reads otherwise: no `.env`, and commands split into words alone.
    package var isForSwarm = false

    /// Whether values become what their attributes are, and services are chosen from.
    var makesProject: Bool { interpolates || choosesAnyway }

    /// The project of one folder.
    package init(directory: String) { self.directory = directory }
}
