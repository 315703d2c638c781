/// What a service mounts, and where.
package struct Mount: Hashable, Codable, Sendable {
    /// What is mounted.
    package enum Source: Hashable, Codable, Sendable {
        /// A path of the node, without `.` and doubled slashes.
        ///
        /// Policy refuses one that is not absolute or has a `..`.
        case bind(path: String)
        /// A declared volume of the stack, by key.
        case volume(key: String)
        /// A volume without a name that lives as long as its container.
        case anonymous
        /// A file or folder of the commit; always mounted for reading alone.
        case content(Content)
        /// A config or secret of the Swarm; always mounted for reading alone.
        case external(ExternalFile)
        /// A file system in memory; nil leaves size and mode to the engine.
        case memory(size: ByteCount?, mode: Int64?)
        /// The files of an image.
        case image(reference: String)
        /// A kind that Linux engines alone have no use for, as written.
        case other(type: String, source: String)
    }

    package var source: Source
    /// Absolute path in the container.
    package var target: String
    package var readOnly: Bool
    package var options: Options

    package init(
        source: Source,
        target: String,
        readOnly: Bool = false,
        options: Options = Options()
    ) {
        self.source = source
        self.target = target
        self.readOnly = readOnly
        self.options = options
    }

    /// How it is mounted, where a file says more than reading or writing.
    package struct Options: Hashable, Codable, Sendable {
        package var consistency: String?
        /// Of a bind: how mounts spread between node and container.
        package var propagation: String?
        /// Of a bind: the engine makes the directory where there is none.
        package var createsHostPath = true
        /// Of a bind: what becomes of mounts below it.
        package var recursion: String?
        /// Of a bind: `z` or `Z`, a label of SELinux.
        package var relabelling: String?
        /// Of a volume: what the image has there is not copied into it.
        package var noCopy = false
        /// Of a volume or an image: what of it is mounted.
        package var subpath: String?
        /// The section of its kind is written, be it empty; only a Swarm is told so.
        package var isStated = false
        /// Of a volume that the engine makes for this mount.
        package var labels: [String: String] = [:]

        package init() {}
    }
}
