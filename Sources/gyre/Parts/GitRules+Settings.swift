internal import FoundationEssentials
internal import GitSource
internal import Model
internal import OperatorFile

extension GitRules {
    /// What the operator's file says, and how its secrets are read.
    init(_ settings: Settings) {
        self.init()
        let git = settings.git
        schemes = git.schemes
        redirectHosts = git.hosts
        authorities = git.authorities ?? authorities
        proxy = git.proxy
        directHosts = git.directHosts
        knownHosts = git.knownHosts
        connectTimeout = settings.defaults.timeouts.connect.duration
        progressTimeout = settings.defaults.timeouts.progress.duration
        connectionsPerHost = git.connections
        limits.pack = git.limits.pack
        limits.objects = git.limits.objects
        limits.file = git.limits.file
        limits.refs = git.limits.refs
        limits.time = git.limits.time.duration
        secret = { reference in try Secrets.read(reference) }
    }
}

/// Credentials where the operator said that they are, read each time they are needed.
enum Secrets {
    /// A key of any kind fits; a larger file is no secret but a mistake.
    private static let limit = 64 << 10

    /// The text behind `reference`; what is thrown names the place and never what it holds.
    static func read(_ reference: SecretReference) throws -> String {
        switch reference {
        case .variable(let name):
            guard let text = ProcessInfo.processInfo.environment[name] else {
                throw unreadable(reference, "the environment has no such variable")
            }
            return text
        case .file(let path):
            let bytes = try FileBytes.read(path, limit: limit, followingLink: true)
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw unreadable(reference, "it holds no text")
            }
            return text
        }
    }

    private static func unreadable(_ reference: SecretReference, _ message: String) -> GitError {
        GitError(.credentialsUnreadable, operation: "read \(reference)", message: message)
    }
}
