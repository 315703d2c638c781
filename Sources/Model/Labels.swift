/// The labels that Gyre writes on engine objects.
///
/// They find candidates and rebuild a lost journal; they prove nothing alone.
package enum Labels {
    /// Reserved for Gyre: no file of a tenant may set a label below it.
    package static let prefix = "io.gyre."

    /// Controller name from `gyre.yaml`.
    package static let controller = "io.gyre.controller"
    package static let project = "io.gyre.project"
    package static let stack = "io.gyre.stack"
    package static let service = "io.gyre.service"
    /// Number of the slot a container fills, from 1.
    package static let slot = "io.gyre.slot"
    /// Version and hash of the service's spec, `1:<64 hexadecimal digits>`.
    package static let spec = "io.gyre.spec"
    /// Key of a network or volume in its compose file.
    package static let key = "io.gyre.key"
    /// `service` when the container is kept running, `task` when it may end.
    package static let run = "io.gyre.run"
    /// What policy filled in when the container was created, such as `memory=536870912`; says
    /// whether a difference is somebody's doing or a changed default.
    package static let filled = "io.gyre.filled"
    /// A random token that the journal knew before the object was created.
    package static let claim = "io.gyre.claim"

    /// `volume` on one that holds a content, `carrier` on the container that it is shipped through,
    /// `export` on the one that a volume is read through.
    package static let content = "io.gyre.content"

    /// The containers in whose namespaces this one lives, see ``Joined``; it says when one of them
    /// was replaced.
    package static let joins = "io.gyre.joins"

    /// Digests of a container's secrets, made with a key of the controller's, and which key.
    package static let secrets = "io.gyre.secrets"

    /// Hash of what a Swarm was sent of a service, so that a hand's change shows; see `SwarmSent`.
    package static let sent = "io.gyre.sent"

    /// Name of the controllers that keep a config of a Swarm for themselves; see ``SwarmRecord``.
    package static let record = "io.gyre.record"

    /// What such a config says besides.
    package enum Record {
        /// Over all parts of a state.
        package static let digest = "io.gyre.record.digest"
        package static let parts = "io.gyre.record.parts"
        /// Of a lease; see ``lease``.
        package static let holder = "io.gyre.lease.holder"
        package static let host = "io.gyre.lease.host"
        package static let term = "io.gyre.lease.term"
        package static let beat = "io.gyre.lease.beat"
        package static let kept = "io.gyre.lease.kept"
    }

    /// Those that a lease may have.
    package static let lease = [
        Record.holder, Record.host, Record.term, Record.beat, Record.kept,
    ]

    /// Those of `docker stack`, so that it sees our stacks.
    package enum Swarm {
        package static let namespace = "com.docker.stack.namespace"
        package static let image = "com.docker.stack.image"
    }

    /// Compose's own, so that its tools see our stacks.
    package enum Compose {
        package static let prefix = "com.docker.compose."
        package static let project = "com.docker.compose.project"
        package static let service = "com.docker.compose.service"
        package static let number = "com.docker.compose.container-number"
        package static let oneOff = "com.docker.compose.oneoff"
        package static let network = "com.docker.compose.network"
        package static let volume = "com.docker.compose.volume"
        /// What Compose's tools list containers by; with us, the hash of the service's spec.
        package static let configHash = "com.docker.compose.config-hash"
        package static let workingDirectory = "com.docker.compose.project.working_dir"
        package static let configFiles = "com.docker.compose.project.config_files"
        /// What Docker Compose alone writes, for `gyre render`.
        package static let environmentFile = "com.docker.compose.project.environment_file"
        package static let version = "com.docker.compose.version"
        package static let image = "com.docker.compose.image"
        package static let dependsOn = "com.docker.compose.depends_on"
        package static let imageVolumes = "com.docker.compose.image-volume-digest"
    }
}
