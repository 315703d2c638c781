import Foundation
import GitSource
import Model
import Testing

/// Against OpenSSH's own server.
@Suite(.enabled(if: GitServers.hasSSHD), .serialized) struct SSHTests {
    private let fixture: Fixture
    private let servers: GitServers
    private let app: WorkTree
    private let hostKeys: [String]

    init() throws {
        fixture = try Fixture()
        servers = try GitServers(fixture)
        app = try fixture.repository("it's app")
        try app.write("services: {}\n", to: "compose.yaml")
        try app.commit("one")
        hostKeys = [
            try servers.makeKey("host-ed25519", "ed25519"), try servers.makeKey("host-rsa", "rsa"),
        ]
    }

    private func url(_ port: Int) throws -> RepositoryURL {
        try RepositoryURL(parsing: "ssh://\(NSUserName())@127.0.0.1:\(port)\(app.path)")
    }

    private func source(_ known: String) -> GitMirrors {
        var rules = GitRules()
        rules.knownHosts = known
        return fixture.mirrors(rules)
    }

    private func key(_ path: String) -> RepositoryAccess {
        RepositoryAccess(credentials: .key(path))
    }

    @Test(arguments: ["ed25519", "rsa", "ecdsa"])
    func fetchesWithAKeyOfEachKind(_ type: String) async throws {
        let user = try servers.makeKey("user", type)
        let port = try servers.startSSH(hostKeys: hostKeys, keys: [user])
        let url = try url(port)
        let source = source(try servers.known(hostKeys, port: port))
        let head = try await source.head(of: .branch("main"), at: url, by: key(user))
        #expect(head.subject == "one")
        let second = try app.commit("two")
        #expect(try await source.head(of: .branch("main"), at: url, by: key(user)).id == second)
    }

    @Test func knowsAServerByItsRSAKeyAlone() async throws {
        let user = try servers.makeKey("user", "ed25519")
        let port = try servers.startSSH(hostKeys: [hostKeys[1]], keys: [user])
        let source = source(try servers.known([hostKeys[1]], port: port))
        let head = try await source.head(of: .branch("main"), at: try url(port), by: key(user))
        #expect(head.subject == "one")
    }

    @Test func anUnknownHostSaysHowToAcceptIt() async throws {
        let user = try servers.makeKey("user", "ed25519")
        let port = try servers.startSSH(hostKeys: [hostKeys[0]], keys: [user])
        let known = servers.root + "/known"
        let url = try url(port)
        let error = await failure {
            try await source(known).head(of: .branch("main"), at: url, by: key(user))
        }
        #expect(error?.code == .hostKeyUnknown)
        let fingerprint = try run(["ssh-keygen", "-lf", hostKeys[0] + ".pub"])
            .split(separator: " ")[1]
        #expect(error?.message.contains(fingerprint) == true, "\(error as Any)")
        // The command in the message is one that works.
        let command = try #require(error?.message.split(separator: "accept it: ").last)
        try run(["sh", "-c", String(command)])
        let head = try await source(known).head(of: .branch("main"), at: url, by: key(user))
        #expect(head.subject == "one")
    }

    @Test func aChangedHostKeyIsRefused() async throws {
        let user = try servers.makeKey("user", "ed25519")
        let other = try servers.makeKey("other-host", "ed25519")
        let port = try servers.startSSH(hostKeys: [hostKeys[0]], keys: [user])
        let known = try servers.known([other], port: port)
        let url = try url(port)
        let error = await failure {
            try await source(known).head(of: .branch("main"), at: url, by: key(user))
        }
        #expect(error?.code == .hostKeyChanged, "\(error as Any)")
        let command = try #require(error?.message.split(separator: "fingerprint: ").last)
        try run(["sh", "-c", String(command)])
        let head = try await source(known).head(of: .branch("main"), at: url, by: key(user))
        #expect(head.subject == "one")
    }

    @Test func tellsWhoseFaultItIs() async throws {
        let user = try servers.makeKey("user", "ed25519")
        let stranger = try servers.makeKey("stranger", "ed25519")
        let port = try servers.startSSH(hostKeys: hostKeys, keys: [user])
        let source = source(try servers.known(hostKeys, port: port))
        let url = try url(port)
        await expectError(.unauthorized) {
            try await source.head(of: .branch("main"), at: url, by: key(stranger))
        }
        await expectError(.unauthorized) { try await source.head(of: "main", at: url) }
        await expectError(.notFound) {
            let missing = try RepositoryURL(parsing: url.text + "-not-there")
            return try await source.head(of: .branch("main"), at: missing, by: key(user))
        }
        await expectError(.credentialsUnreadable) {
            let access = RepositoryAccess(credentials: .token(.variable("x")))
            return try await source.head(of: .branch("main"), at: url, by: access)
        }
        chmod(user, 0o644)
        await expectError(.credentialsUnreadable) {
            try await source.head(of: .branch("main"), at: url, by: key(user))
        }
        let nobody = try RepositoryURL(parsing: "ssh://127.0.0.1:\(GitServers.freePort())/app")
        await expectError(.hostUnreachable) { try await source.head(of: "main", at: nobody) }
    }

    @Test func pushesACommitThatRestores() async throws {
        try app.git("config", "receive.denyCurrentBranch", "ignore")
        let old = try app.git("rev-parse", "HEAD")
        try app.write("services: {web: {image: new}}\n", to: "compose.yaml")
        try app.commit("after")
        let user = try servers.makeKey("user", "ed25519")
        let port = try servers.startSSH(hostKeys: hostKeys, keys: [user])
        let url = try url(port)
        let source = source(try servers.known(hostKeys, port: port))
        _ = try await source.head(of: .branch("main"), at: url, by: key(user))
        let restoration = Restoration(
            "",
            from: try await source.commit(old, at: url, by: key(user)),
            onto: "main",
            message: "Roll back",
            author: .init(name: "Gyre", email: "gyre@example.org", seconds: 1_800_000_000)
        )
        let pushed = try await source.restore(restoration, at: url, by: key(user))
        #expect(try app.git("rev-parse", "main") == pushed.commit?.id)
        #expect(try app.git("show", "main:compose.yaml") == "services: {}")
    }

    /// Somebody pushes while our push is under way: once, and again and again.
    @Test(arguments: [1, 9]) func isOvertakenBySomebodyElse(_ times: Int) async throws {
        try app.git("config", "receive.denyCurrentBranch", "ignore")
        let old = try app.git("rev-parse", "HEAD")
        try app.write("services: {web: {image: new}}\n", to: "compose.yaml")
        try app.commit("after")
        let hook = app.path + "/.git/hooks/pre-receive"
        let script = """
            #!/bin/sh
            echo again >>count
            [ "$(wc -l <count)" -le \(times) ] || exit 0
            unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES
            export GIT_AUTHOR_NAME=Bea GIT_AUTHOR_EMAIL=bea@example.org
            export GIT_COMMITTER_NAME=Bea GIT_COMMITTER_EMAIL=bea@example.org
            new=$(git commit-tree -p main -m "overtaking" "main^{tree}") || exit 1
            git update-ref refs/heads/main "$new"
            """
        try Data(script.utf8).write(to: URL(filePath: hook))
        chmod(hook, 0o755)
        let user = try servers.makeKey("user", "ed25519")
        let port = try servers.startSSH(hostKeys: hostKeys, keys: [user])
        let url = try url(port)
        let source = source(try servers.known(hostKeys, port: port))
        _ = try await source.head(of: .branch("main"), at: url, by: key(user))
        let restoration = Restoration(
            "compose.yaml",
            from: try await source.commit(old, at: url, by: key(user)),
            onto: "main",
            message: "Roll back",
            author: .init(name: "Gyre", email: "gyre@example.org", seconds: 1_800_000_000)
        )
        if times == 1 {
            let pushed = try await source.restore(restoration, at: url, by: key(user))
            #expect(try app.git("rev-parse", "main") == pushed.commit?.id)
            #expect(try app.git("log", "-1", "--format=%s", "main~1") == "overtaking")
        } else {
            await expectError(.branchMoved) {
                try await source.restore(restoration, at: url, by: key(user))
            }
            #expect(try app.git("log", "-1", "--format=%s", "main") == "overtaking")
        }
    }

    @Test func aServerMayRefuseAPush() async throws {
        let old = try app.git("rev-parse", "HEAD")
        try app.write("services: {web: {image: new}}\n", to: "compose.yaml")
        try app.commit("after")
        let user = try servers.makeKey("user", "ed25519")
        let port = try servers.startSSH(hostKeys: hostKeys, keys: [user])
        let url = try url(port)
        let source = source(try servers.known(hostKeys, port: port))
        _ = try await source.head(of: .branch("main"), at: url, by: key(user))
        let restoration = Restoration(
            "compose.yaml",
            from: try await source.commit(old, at: url, by: key(user)),
            onto: "main",
            message: "Roll back",
            author: .init(name: "Gyre", email: "gyre@example.org", seconds: 1_800_000_000)
        )
        // The branch is checked out there.
        await expectError(.pushRejected) {
            try await source.restore(restoration, at: url, by: key(user))
        }
    }

    /// As the deploy keys of most servers are: the account's program lets them read.
    @Test func aKeyThatMayOnlyReadIsToldSo() async throws {
        let old = try app.git("rev-parse", "HEAD")
        try app.write("services: {web: {image: new}}\n", to: "compose.yaml")
        try app.commit("after")
        let user = try servers.makeKey("user", "ed25519")
        let program = try servers.write(
            """
            #!/bin/sh
            case $SSH_ORIGINAL_COMMAND in
                git-upload-pack*) eval "$SSH_ORIGINAL_COMMAND" ;;
                *) echo "ERROR: this key may only read" >&2; exit 1 ;;
            esac
            """,
            to: "read-only",
            mode: 0o755
        )
        let line = try String(contentsOfFile: user + ".pub", encoding: .utf8)
        _ = try servers.write("command=\"\(program)\" \(line)", to: "user.pub")
        let port = try servers.startSSH(hostKeys: hostKeys, keys: [user])
        let url = try url(port)
        let source = source(try servers.known(hostKeys, port: port))
        _ = try await source.head(of: .branch("main"), at: url, by: key(user))
        let restoration = Restoration(
            "compose.yaml",
            from: try await source.commit(old, at: url, by: key(user)),
            onto: "main",
            message: "Roll back",
            author: .init(name: "Gyre", email: "gyre@example.org", seconds: 1_800_000_000)
        )
        let error = await failure {
            try await source.restore(restoration, at: url, by: key(user))
        }
        #expect(error?.code == .pushForbidden, "\(String(describing: error))")
        #expect(error?.message.contains("ERROR: this key may only read") == true)
    }

    /// With the public half beside it or without, in OpenSSH's format and in the older one.
    @Test(arguments: [["-t", "ed25519"], ["-t", "rsa", "-m", "PEM"]], [true, false])
    func aLockedKeyIsToldSo(_ type: [String], _ hasPublicHalf: Bool) async throws {
        let user = servers.root + "/locked"
        try run(["ssh-keygen", "-q", "-N", "secret", "-f", user] + type)
        let port = try servers.startSSH(hostKeys: hostKeys, keys: [user])
        if !hasPublicHalf { try FileManager.default.removeItem(atPath: user + ".pub") }
        let source = source(try servers.known(hostKeys, port: port))
        let url = try url(port)
        let error = await failure {
            try await source.head(of: .branch("main"), at: url, by: key(user))
        }
        #expect(error?.code == .credentialsUnreadable, "\(String(describing: error))")
        #expect(error?.message.contains("ssh-keygen -p -N '' -f \(user)") == true)
    }

    @Test func whatIsNoKeyIsToldSo() async throws {
        let user = try servers.makeKey("user", "ed25519")
        let port = try servers.startSSH(hostKeys: hostKeys, keys: [user])
        let source = source(try servers.known(hostKeys, port: port))
        let url = try url(port)
        let text = try servers.write("no key\n", to: "text", mode: 0o600)
        for (file, words) in [(text, "no private key"), (servers.root + "/none", "there is no")] {
            let error = await failure {
                try await source.head(of: .branch("main"), at: url, by: key(file))
            }
            #expect(error?.code == .credentialsUnreadable, "\(String(describing: error))")
            #expect(error?.message.contains(words) == true, "\(String(describing: error))")
        }
    }

    private func failure(_ body: () async throws -> some Sendable) async -> GitError? {
        do {
            _ = try await body()
            return nil
        } catch {
            return error as? GitError
        }
    }
}
