internal import CGit2
internal import FoundationEssentials
internal import Model

extension Remote {
    /// Says plainly what is wrong with a path before libgit2 says something else.
    static func checkReadable(_ url: RepositoryURL) throws(GitError) {
        var isDirectory = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory) else {
            throw GitError(
                .pathMissing,
                operation: "open \(url)",
                message: "there is no such path"
            )
        }
        guard isDirectory else {
            throw GitError(
                .notARepository,
                operation: "open \(url)",
                message: "the path is no directory"
            )
        }
        guard FileManager.default.isReadableFile(atPath: url.path) else {
            throw GitError(
                .unreadable,
                operation: "open \(url)",
                message: "reading it is not permitted"
            )
        }
        try checkKind(url)
    }

    private static func checkKind(_ url: RepositoryURL) throws(GitError) {
        var repository: OpaquePointer?
        let flags = GIT_REPOSITORY_OPEN_NO_SEARCH.rawValue
        let status = git_repository_open_ext(&repository, url.path, flags, nil)
        guard status >= 0 else {
            let isMissing = status == GIT_ENOTFOUND.rawValue
            throw GitError(
                isMissing ? .notARepository : .unsupported,
                operation: "open \(url)",
                status: status
            )
        }
        defer { git_repository_free(repository) }
        guard git_repository_is_shallow(repository) == 0 else {
            throw GitError(
                .unsupported,
                operation: "open \(url)",
                message: "a shallow clone can't be fetched from; give it its whole history"
            )
        }
    }

    /// Refuses to push past hooks that could say no: libgit2 runs none in a repository on disk.
    ///
    /// Source: githooks(5).
    static func checkHooks(_ url: RepositoryURL) throws(GitError) {
        guard url.isLocal else { return }
        let hook = ["pre-receive", "update", "proc-receive", "reference-transaction"].first {
            FileManager.default.isExecutableFile(atPath: "\(url.path)/hooks/\($0)")
        }
        guard let hook else { return }
        throw GitError(
            .unsupported,
            operation: "push to \(url)",
            message: "it has a hook \(hook), which is not run for a push by path; give its https "
                + "or ssh URL in gyre.yaml, or push the change yourself"
        )
    }

    /// `path` as a URL, so that libgit2 can't take one with a colon for a host.
    static func fileURL(_ path: String) -> String {
        let plain = Set("/-._~".utf8)
        return path.utf8.reduce(into: "file://") { text, byte in
            let isWord =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte)
            if isWord || plain.contains(byte) {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                text += byte < 16 ? "%0\(digits)" : "%\(digits)"
            }
        }
    }
}
