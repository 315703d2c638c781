internal import CGit2
internal import Model

/// How bytes of git's smart protocol travel; belongs to the thread that libgit2 runs on.
protocol Wire: AnyObject {
    /// Begins the next request, which replaces the one before.
    func begin(_ request: GitRequest) throws(GitError)
    /// Adds to the request.
    func write(_ bytes: UnsafeRawBufferPointer) throws(GitError)
    /// Fills the start of `buffer` from the answer; zero at its end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(GitError) -> Int
    /// Hangs up.
    func end()
}

/// What is asked of a server.
struct GitRequest: Hashable {
    let service: Service
    /// Whether it is the list of refs that every conversation begins with.
    let isListing: Bool

    enum Service: String {
        case fetch = "git-upload-pack"
        case push = "git-receive-pack"
    }

    init?(_ service: git_smart_service_t) {
        switch service {
        case GIT_SERVICE_UPLOADPACK_LS: (self.service, isListing) = (.fetch, true)
        case GIT_SERVICE_UPLOADPACK: (self.service, isListing) = (.fetch, false)
        case GIT_SERVICE_RECEIVEPACK_LS: (self.service, isListing) = (.push, true)
        case GIT_SERVICE_RECEIVEPACK: (self.service, isListing) = (.push, false)
        default: return nil
        }
    }
}
