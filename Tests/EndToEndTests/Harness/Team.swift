/// A team with a git repository, and a clone of it that it pushes from.
struct Team: Sendable {
    /// The repository that the controller follows.
    let url: String
    private let clone: String
    /// Where it pushes to, and the options of git that open it.
    private var remote = "origin"
    private var options: [String] = []

    /// Makes an empty repository `NAME.git` in `folder`.
    init(named name: String, in folder: String) async throws {
        url = "\(folder)/\(name).git"
        clone = "\(folder)/\(name)-clone"
        try await Team.git("init", "-q", "--bare", "--initial-branch=main", url)
        try await Team.git("clone", "-q", "file://\(url)", clone)
        try await git("checkout", "-q", "-B", "main")
    }

    /// Pushes a commit whose files and links, path to target, are exactly these; gives its id.
    @discardableResult
    func push(
        _ files: [String: String],
        _ message: String = "Change",
        links: [String: String] = [:]
    ) async throws -> String {
        try await commit(files, message, links)
        try await push()
        return try await head()
    }

    /// The same team, pushing to a server with some settings of git, such as `http.sslCAInfo=…`.
    func pushing(to server: String, _ settings: [String]) -> Team {
        var team = self
        team.options = settings.flatMap { ["-c", $0] }
        team.remote = server
        return team
    }

    /// Pushes a commit whose only file is a compose file.
    @discardableResult
    func push(_ compose: String, _ message: String = "Change") async throws -> String {
        try await push(["compose.yaml": compose], message)
    }

    /// Pushes a commit whose compose file is a link to `target`.
    @discardableResult
    func push(linkTo target: String) async throws -> String {
        try await git("rm", "-rqf", "--ignore-unmatch", ".")
        try await Program.check(["ln", "-s", target, "\(clone)/compose.yaml"])
        try await git("add", "--all", "--force")
        try await git("commit", "-q", "-m", "Link")
        try await push()
        return try await head()
    }

    /// What may stand where a folder was.
    enum Replacement: String, CaseIterable {
        case submodule, link, file
    }

    /// Pushes a commit that puts something else in the place of a folder.
    @discardableResult
    func push(_ replacement: Replacement, inPlaceOf folder: String) async throws -> String {
        try await git("rm", "-rqf", folder)
        switch replacement {
        case .submodule:
            // Of which no commit need be here: git keeps nothing of it but the id.
            let id = try await head()
            try await git("update-index", "--add", "--cacheinfo", "160000,\(id),\(folder)")
        case .link: try await Program.check(["ln", "-s", "nowhere", "\(clone)/\(folder)"])
        case .file: try Files.write("moved\n", to: "\(clone)/\(folder)")
        }
        if replacement != .submodule { try await git("add", "--all", "--force") }
        try await git("commit", "-q", "-m", "Put a \(replacement.rawValue) there")
        try await push()
        return try await head()
    }

    /// Pushes a commit with a compose file, signed with an ssh key.
    @discardableResult
    func push(_ compose: String, signedBy key: String) async throws -> String {
        try await commit(["compose.yaml": compose], "Change")
        let settings = ["-c", "gpg.format=ssh", "-c", "user.signingkey=\(key)"]
        let amend = ["-C", clone, "commit", "-q", "-S", "--amend", "--allow-empty", "--no-edit"]
        try await Team.git(settings + amend)
        try await push()
        return try await head()
    }

    /// Throws the branch's history away and puts one new commit in its place.
    @discardableResult
    func forcePush(_ compose: String) async throws -> String {
        try await git("checkout", "-q", "--orphan", "anew")
        try await commit(["compose.yaml": compose], "Begin anew")
        try await git("branch", "-q", "-M", "main")
        try await git("push", "-q", "--force", "origin", "main")
        return try await head()
    }

    @discardableResult
    func revert() async throws -> String {
        try await git("revert", "--no-edit", "HEAD")
        try await git("push", "-q", "origin", "main")
        return try await head()
    }

    /// Gives a commit a name in the repository, such as `refs/tags/stable`.
    func point(_ ref: String, at commit: String) async throws {
        try await Team.git("-C", url, "update-ref", ref, commit)
    }

    /// Takes a name out of the repository.
    func remove(_ ref: String) async throws {
        try await Team.git("-C", url, "update-ref", "-d", ref)
    }

    func deleteBranch() async throws {
        try await Team.git("-C", url, "update-ref", "-d", "refs/heads/main")
    }

    /// Pushes what the clone holds again.
    func pushAgain() async throws { try await git("push", "-q", "--force", "origin", "main") }

    func head() async throws -> String {
        try await String(git("rev-parse", "HEAD").prefix { !$0.isWhitespace })
    }

    private func push() async throws {
        try await Team.git(options + ["-C", clone, "push", "-q", remote, "main"])
    }

    private func commit(
        _ files: [String: String],
        _ message: String,
        _ links: [String: String] = [:]
    ) async throws {
        try await git("rm", "-rqf", "--ignore-unmatch", ".")
        for (path, text) in files {
            let folders = path.split(separator: "/").dropLast()
            var place = clone
            for folder in folders {
                place += "/\(folder)"
                try Files.makeFolder(place)
            }
            try Files.write(text, to: "\(clone)/\(path)")
        }
        for (path, target) in links {
            try await Program.check(["ln", "-s", target, "\(clone)/\(path)"])
        }
        try await git("add", "--all", "--force")
        try await git("commit", "-q", "--allow-empty", "-m", message)
    }

    @discardableResult
    private func git(_ arguments: String...) async throws -> String {
        try await Team.git(["-C", clone] + arguments)
    }

    @discardableResult
    private static func git(_ arguments: String...) async throws -> String {
        try await git(arguments)
    }

    /// No configuration of this machine or of its user gets in.
    @discardableResult
    private static func git(_ arguments: [String]) async throws -> String {
        try await Program.check(
            ["git", "-c", "safe.directory=*", "-c", "protocol.file.allow=always"] + arguments,
            environment: [
                "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
                "HOME": "/nonexistent", "LC_ALL": "C",
                "GIT_AUTHOR_NAME": "Team", "GIT_AUTHOR_EMAIL": "team@samples.test",
                "GIT_COMMITTER_NAME": "Team", "GIT_COMMITTER_EMAIL": "team@samples.test",
            ]
        )
    }
}
