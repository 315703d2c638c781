internal import CGit2
internal import Model

/// The one start of the library, and how its status codes become errors.
enum LibGit2 {
    /// Starts the library once in a process; every later use waits for the first.
    ///
    /// No configuration of the machine or of a user is read: it may rewrite URLs
    /// (`insteadOf`), and a controller must not depend on whose account it runs in.
    ///
    /// Owner validation protects programs that run what a repository's configuration names
    /// (hooks, file monitors, filters). We only read refs and objects, into a bare mirror of
    /// our own, and libgit2's local transport runs nothing; so a repository that belongs to
    /// another user, the usual case for `file://`, is safe to open. What its owner can do is
    /// point it at other object files that we may read, as with any local clone.
    private static let started: Int32 = {
        var allocator = Allocations.allocator
        guard gyre_git_set_allocator(&allocator) == 0 else { return -1 }
        let status = git_libgit2_init()
        guard status > 0 else { return status }
        let levels = [
            GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL,
            GIT_CONFIG_LEVEL_PROGRAMDATA,
        ]
        let results =
            levels.map { gyre_git_set_search_path($0.rawValue, "/nonexistent") } + [
                gyre_git_set_template_path("/nonexistent"),
                gyre_git_set_owner_validation(0),
                gyre_git_set_fsync(1),
            ]
        return results.first { $0 < 0 } ?? status
    }()

    /// Makes sure that the library is started.
    static func start() throws(GitError) {
        guard started > 0 else { throw GitError(.failed, operation: "start libgit2", status: -1) }
    }
}

/// Throws what libgit2 says when `status` is an error.
///
/// The library keeps its last error per thread, so call and check stay on one line.
func check(_ operation: @autoclosure () -> String, _ status: Int32) throws(GitError) {
    guard status < 0 else { return }
    throw GitError(nil, operation: operation(), status: status)
}

extension GitError {
    /// The last error of this thread, as `code` or as what status and class tell.
    init(_ code: Code?, operation: String, status: Int32) {
        let last = git_error_last()
        let message = last.map { String(cString: $0.pointee.message) } ?? "error \(status)"
        let kind = last.map { git_error_t(UInt32(bitPattern: $0.pointee.klass)) }
        guard kind != GIT_ERROR_NOMEMORY else {
            self.init(
                .tooLarge,
                operation: operation,
                message: "it holds an object that unpacks to more than "
                    + "\(ByteCount(Int64(Allocations.largest)))"
            )
            return
        }
        self.init(
            code ?? Code(status: status, kind: kind, message: message),
            operation: operation,
            message: message
        )
    }
}

extension GitError.Code {
    fileprivate init(status: Int32, kind: git_error_t?, message: String) {
        if message.contains("No space left on device") || message.contains("quota exceeded") {
            self = .outOfDisk
        } else if message.contains("Permission denied") {
            self = .unreadable
        } else if status == GIT_ELOCKED.rawValue || message.hasPrefix("failed to lock file") {
            self = .locked
        } else if status == GIT_EMISMATCH.rawValue {
            self = .corruptMirror
        } else {
            switch kind {
            case GIT_ERROR_ODB, GIT_ERROR_ZLIB, GIT_ERROR_INDEXER, GIT_ERROR_REFERENCE,
                GIT_ERROR_REPOSITORY, GIT_ERROR_CONFIG:
                self = .corruptMirror
            case GIT_ERROR_TREE, GIT_ERROR_OBJECT: self = .invalidTree
            default: self = .failed
            }
        }
    }
}
