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
        refusedAddresses = git.refusedAddresses
        authorities = git.authorities ?? authorities
        proxy = git.proxy
        directHosts = git.directHosts
        knownHosts = git.knownHosts
        signingKey = git.signingKey
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
