internal import OperatorFile
internal import FoundationEssentials
internal import Glibc
internal import Model

/// The operator's `gyre.yaml` on the disk.
struct ConfigurationFile: Sendable {
    /// As the user gave it.
    let path: String
    let settings: Settings
    private let bytes: [UInt8]

    /// Where it is looked for when nobody says.
    static let usualPlaces = ["gyre.yaml", "/etc/gyre/gyre.yaml"]

    /// Larger files are no configuration.
    private static let limit = 4 << 20

    /// Reads the file at `path`, or the first of the usual places that there is.
    init(_ named: String?) throws {
        let path = try named ?? ConfigurationFile.usual()
        let bytes = try ConfigurationFile.bytes(path)
        do {
            settings = try Settings(
                parsing: bytes,
                file: path,
                directory: ConfigurationFile.directory(of: path)
            )
        } catch {
            throw Failure(.usage, error, in: ConfigurationFile.sources(path, bytes))
        }
        self.path = path
        self.bytes = bytes
        for (name, project) in settings.projects.sorted(by: { $0.key < $1.key }) {
            try project.policy.checkRules(of: name, in: self)
        }
    }

    /// What `sha256sum` says of it.
    var digest: String { SHA256Hex.of(bytes) }

    /// The file itself, for diagnostics that point into it.
    var sources: SourceFiles { ConfigurationFile.sources(path, bytes) }

    /// What a controller that goes by `running` can't take up of the file.
    func refuse(for running: Settings) throws {
        let findings = settings.refusals(by: running, in: bytes, file: path)
        guard findings.isEmpty else { throw Failure(.usage, Rejection(findings), in: sources) }
    }

    /// The socket that the file names, whatever else is wrong with it; nil when there is no file.
    static func socket(_ named: String?) -> String? {
        guard let path = try? named ?? usual(),
            let bytes = try? FileBytes.read(path, limit: limit, followingLink: true)
        else { return nil }
        return Settings.socket(in: bytes, directory: directory(of: path))
    }

    /// Whether there is such a file, readable or not.
    static func exists(_ named: String?) -> Bool {
        (named.map { [$0] } ?? usualPlaces).contains { path in
            do {
                return try FileBytes.kind(of: path, followingLink: true) != nil
            } catch {
                return true
            }
        }
    }

    private static func sources(_ path: String, _ bytes: [UInt8]) -> SourceFiles {
        SourceFiles { $0 == path ? bytes : nil }
    }

    private static func usual() throws -> String {
        let found = try usualPlaces.first { try FileBytes.kind(of: $0, followingLink: true) != nil }
        guard let found else {
            throw Failure(
                .usage,
                "there is no gyre.yaml here, nor \(usualPlaces[1])",
                remedy: "write one (Docs/Configuration.md begins with the smallest), or name it "
                    + "with --config FILE"
            )
        }
        return found
    }

    private static func bytes(_ path: String) throws -> [UInt8] {
        do {
            return try FileBytes.read(path, limit: limit, followingLink: true)
        } catch {
            let code = (error as? FileBytes.ReadError)?.code
            let remedy =
                switch code {
                case EACCES, EPERM:
                    "run gyre as a user who may read it, or name the controller's socket with "
                        + "--socket PATH"
                case ENOENT, ENOTDIR:
                    "name another with --config FILE, or write it (Docs/Configuration.md begins "
                        + "with the smallest)"
                default: "name another file with --config FILE"
                }
            throw Failure(.usage, "\(error)", remedy: remedy)
        }
    }

    private static func directory(of path: String) -> String {
        let current = FileManager.default.currentDirectoryPath
        let whole = path.hasPrefix("/") ? path : "\(current)/\(path)"
        return whole.split(separator: "/").dropLast().reduce(into: "") { $0 += "/\($1)" }
    }
}
