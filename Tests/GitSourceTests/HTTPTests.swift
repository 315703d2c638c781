import Foundation
import GitSource
import Model
import Testing

/// Against Apache and git's own HTTP backend.
@Suite(.enabled(if: GitServers.hasApache), .serialized) struct HTTPTests {
    private let fixture: Fixture
    private let servers: GitServers
    private let app: WorkTree

    init() throws {
        fixture = try Fixture()
        servers = try GitServers(fixture)
        app = try fixture.repository("projects/app")
        try app.write("services: {}\n", to: "compose.yaml")
        try app.commit("one")
        try app.git("config", "receive.denyCurrentBranch", "ignore")
    }

    private func rules(_ change: (inout GitRules) -> Void = { _ in }) -> GitRules {
        var rules = GitRules()
        rules.authorities = servers.root + "/ca.crt"
        rules.secret = { reference in
            guard case .variable(let name) = reference else { return "" }
            return name
        }
        change(&rules)
        return rules
    }

    private func mirrors(_ rules: GitRules) -> GitMirrors { fixture.mirrors(rules) }

    private func url(_ origin: String) throws -> RepositoryURL {
        try RepositoryURL(parsing: origin + "/git/app/.git")
    }

    private var folder: String { fixture.root + "/projects" }

    /// A certificate for an address alone, and no TLS below 1.3.
    @Test func fetchesFromAServerWithTLS13Only() async throws {
        var options = GitServers.HTTPOptions()
        options.tls = "-all +TLSv1.3"
        let url = try url(try servers.startHTTP(folder, options))
        let source = mirrors(rules())
        let first = try await source.head(of: "main", at: url)
        #expect(first.subject == "one")
        let snapshot = try await source.snapshot(of: first, at: url)
        #expect(try snapshot.read("compose.yaml") == Array("services: {}\n".utf8))
        let second = try app.commit("two")
        #expect(try await source.head(of: "main", at: url).id == second)
        #expect(try await source.lastFetched(branch: "main", at: url)?.id == second)
    }

    @Test func fetchesALongHistoryAndManyFiles() async throws {
        for index in 0..<60 {
            try app.write(String(repeating: "\(index) ", count: 400), to: "files/\(index)")
            try app.commit("commit \(index)")
        }
        let url = try url(try servers.startHTTP(folder))
        let source = mirrors(rules())
        let head = try await source.head(of: "main", at: url)
        #expect(try await source.snapshot(of: head, at: url).entries.count == 61)
        // A second round tells the server what we have.
        try app.git("checkout", "-q", "-b", "other", "HEAD~30")
        let other = try app.commit("other")
        #expect(try await source.head(of: "other", at: url).id == other)
    }

    @Test func anUnknownAuthorityIsNamed() async throws {
        let url = try url(try servers.startHTTP(folder))
        let source = mirrors(rules { $0.authorities = "/etc/ssl/certs/ca-certificates.crt" })
        let error = await failure { try await source.head(of: "main", at: url) }
        #expect(error?.code == .untrustedCertificate)
        #expect(error?.message.contains("\"ca\"") == true, "\(error as Any)")
        let access = RepositoryAccess(authorities: servers.root + "/ca.crt")
        #expect(try await source.head(of: .branch("main"), at: url, by: access).subject == "one")
    }

    @Test func asksForAPassword() async throws {
        var options = GitServers.HTTPOptions()
        options.asksForPassword = true
        let url = try url(try servers.startHTTP(folder, options))
        let source = mirrors(rules())
        func head(_ access: RepositoryAccess) async throws -> Commit {
            try await source.head(of: .branch("main"), at: url, by: access)
        }
        let right = RepositoryAccess(
            credentials: .password(user: "ada", .variable("s3cret"))
        )
        #expect(try await head(right).subject == "one")
        let open = await failure { try await head(RepositoryAccess()) }
        #expect(open?.code == .unauthorized)
        #expect(open?.message.contains("credentials") == true)
        let wrong = await failure {
            try await head(.init(credentials: .password(user: "ada", .variable("hunter2"))))
        }
        #expect(wrong?.code == .unauthorized)
        #expect(wrong?.description.contains("hunter2") == false)
        await expectError(.unauthorized) {
            try await head(.init(credentials: .token(.variable("s3cret"))))
        }
        await expectError(.credentialsUnreadable) {
            try await head(.init(credentials: .token(.file("/nonexistent"))))
        }
    }

    /// What one project fetched with a password is not shown to who has none.
    @Test func aMirrorIsForWhoMayReadIt() async throws {
        var options = GitServers.HTTPOptions()
        options.asksForPassword = true
        let url = try url(try servers.startHTTP(folder, options))
        let source = mirrors(rules())
        let access = RepositoryAccess(credentials: .password(user: "ada", .variable("s3cret")))
        let head = try await source.head(of: .branch("main"), at: url, by: access)
        #expect(try await source.lastFetched(branch: "main", at: url) == nil)
        await expectError(.commitMissing) { try await source.commit(head.id, at: url) }
        #expect(try await source.commit(head.id, at: url, by: access) == head)
    }

    @Test func showsACertificateOfOurs() async throws {
        var options = GitServers.HTTPOptions()
        options.asksForCertificate = true
        let url = try url(try servers.startHTTP(folder, options))
        let source = mirrors(rules())
        let certificate = RepositoryAccess.Certificate(
            file: servers.root + "/client.crt",
            key: servers.root + "/client.key"
        )
        let access = RepositoryAccess(certificate: certificate)
        #expect(try await source.head(of: .branch("main"), at: url, by: access).subject == "one")
        let error = await failure { try await source.head(of: "main", at: url) }
        #expect(error != nil)
    }

    @Test func tellsWhatIsMissing() async throws {
        let origin = try servers.startHTTP(folder)
        let source = mirrors(rules())
        await expectError(.notFound) {
            try await source.head(
                of: "main",
                at: try RepositoryURL(parsing: origin + "/git/other/.git")
            )
        }
        await expectError(.notFound) {
            try await source.head(of: "main", at: try RepositoryURL(parsing: origin + "/nothing"))
        }
        let url = try url(origin)
        await expectError(.branchMissing) { try await source.head(of: "dev", at: url) }
        let port = try GitServers.freePort()
        await expectError(.hostUnreachable) {
            try await source.head(
                of: "main",
                at: try RepositoryURL(parsing: "https://127.0.0.1:\(port)/app")
            )
        }
    }

    @Test func plainHTTPNeedsTheOperatorsWord() async throws {
        var options = GitServers.HTTPOptions()
        options.isEncrypted = false
        let url = try url(try servers.startHTTP(folder, options))
        await expectError(.schemeForbidden) {
            try await mirrors(rules()).head(of: "main", at: url)
        }
        let source = mirrors(rules { $0.schemes.insert(.http) })
        #expect(try await source.head(of: "main", at: url).subject == "one")
    }

    @Test func followsARedirectWithinTheHost() async throws {
        var options = GitServers.HTTPOptions()
        options.lines = "RedirectMatch 301 ^/old/(.*)$ /git/$1"
        let origin = try servers.startHTTP(folder, options)
        let url = try RepositoryURL(parsing: origin + "/old/app/.git")
        #expect(try await mirrors(rules()).head(of: "main", at: url).subject == "one")
    }

    @Test func refusesARedirectElsewhere() async throws {
        let target = try servers.startHTTP(folder)
        var options = GitServers.HTTPOptions()
        let name = target.replacingOccurrences(of: "127.0.0.1", with: "localhost")
        options.lines = "RedirectMatch 302 ^/git/(.*)$ \(name)/git/$1"
        let url = try url(try servers.startHTTP(folder, options))
        let error = await failure { try await mirrors(rules()).head(of: "main", at: url) }
        #expect(error?.code == .redirectRefused)
        #expect(error?.message.contains("localhost") == true)

        options.lines = "RedirectMatch 302 ^/git/(.*)$ http://127.0.0.1/git/$1"
        let downgraded = try self.url(try servers.startHTTP(folder, options))
        await expectError(.redirectRefused) {
            try await mirrors(rules { $0.schemes.insert(.http) }).head(of: "main", at: downgraded)
        }
        options.lines = "RedirectMatch 302 ^/git/(.*)$ /git/$1"
        let endless = try self.url(try servers.startHTTP(folder, options))
        await expectError(.redirectRefused) {
            try await mirrors(rules()).head(of: "main", at: endless)
        }
    }

    /// Wherever a name or a redirect leads: addresses are looked at when they are spoken with.
    @Test(
        arguments: [
            ("127.0.0.0/8", false), ("0.0.0.0/0", false), ("127.0.0.1/32", false),
            ("169.254.0.0/16", true), ("::/0", true), ("127.0.0.1", false),
        ]
    )
    func refusesAnAddress(range: String, isReached: Bool) async throws {
        let url = try url(try servers.startHTTP(folder))
        let rules = rules { $0.refusedAddresses = [range] }
        guard !isReached else {
            #expect(try await mirrors(rules).head(of: "main", at: url).subject == "one")
            return
        }
        let error = await failure { try await mirrors(rules).head(of: "main", at: url) }
        #expect(error?.code == .addressRefused && error?.isTransient == false, "\(error as Any)")
        #expect(error?.message.contains("refused_addresses") == true)
    }

    @Test func refusesAnAddressThatARedirectLeadsTo() async throws {
        var options = GitServers.HTTPOptions()
        options.lines = "RedirectMatch 302 ^/git/(.*)$ https://169.254.169.254/git/$1"
        let url = try url(try servers.startHTTP(folder, options))
        let rules = rules {
            $0.redirectHosts = ["169.254.169.254"]
            $0.refusedAddresses = ["169.254.0.0/16"]
        }
        let error = await failure { try await mirrors(rules).head(of: "main", at: url) }
        #expect(error?.code == .addressRefused)
        #expect(error?.message.contains("169.254.169.254") == true, "\(error as Any)")
    }

    /// Our password is for the origin it was given for.
    @Test func takesNoPasswordAcrossARedirect() async throws {
        var locked = GitServers.HTTPOptions()
        locked.asksForPassword = true
        let target = try servers.startHTTP(folder, locked)
        var options = GitServers.HTTPOptions()
        options.lines = "RedirectMatch 302 ^/git/(.*)$ \(target)/git/$1"
        let url = try url(try servers.startHTTP(folder, options))
        let access = RepositoryAccess(credentials: .password(user: "ada", .variable("s3cret")))
        await expectError(.unauthorized) {
            try await mirrors(rules()).head(of: .branch("main"), at: url, by: access)
        }
    }

    /// What the proxy answers before the server does is no answer of the server.
    @Test func fetchesThroughAProxy() async throws {
        let proxy = try HostileServer(Tunnel.serve)
        let url = try url(try servers.startHTTP(folder))
        let through = mirrors(rules { $0.proxy = "http://127.0.0.1:\(proxy.port)" })
        #expect(try await through.head(of: "main", at: url).subject == "one")
        withExtendedLifetime(proxy) {}
    }

    @Test(arguments: [
        (407, GitError.Code.unauthorized, "asks for credentials"),
        (403, .hostUnreachable, "git.no_proxy"),
    ])
    func aProxyMayRefuse(_ status: Int, _ code: GitError.Code, _ words: String) async throws {
        let proxy = try HostileServer { connection in
            HostileServer.drain(connection)
            let head = "HTTP/1.1 \(status) No\r\nContent-Length: 0\r\n\r\n"
            _ = HostileServer.send(head, to: connection)
        }
        let url = try url(try servers.startHTTP(folder))
        let through = mirrors(rules { $0.proxy = "http://127.0.0.1:\(proxy.port)" })
        let error = await failure { try await through.head(of: "main", at: url) }
        #expect(error?.code == code, "\(String(describing: error))")
        #expect(error?.message.contains(words) == true, "\(String(describing: error))")
        withExtendedLifetime(proxy) {}
    }

    @Test func limitsWhatAFetchBrings() async throws {
        try app.git("config", "core.compression", "0")
        try app.write(String(repeating: "0123456789", count: 200_000), to: "large")
        try app.commit("large")
        let url = try url(try servers.startHTTP(folder))
        await expectError(.tooLarge) {
            try await mirrors(rules { $0.limits.pack = .mebibytes(1) }).head(of: "main", at: url)
        }
        await expectError(.tooLarge) {
            try await mirrors(rules { $0.limits.objects = 3 }).head(of: "main", at: url)
        }
        await expectError(.tooLarge) {
            try await mirrors(rules { $0.limits.refs = 1 }).head(of: "main", at: url)
        }
        #expect(try await mirrors(rules()).head(of: "main", at: url).subject == "large")
    }

    @Test func pushesACommitThatRestores() async throws {
        try app.git("config", "http.receivepack", "true")
        let old = try app.commit("before")
        try app.write("services: {web: {image: new}}\n", to: "compose.yaml")
        try app.commit("after")
        let url = try url(try servers.startHTTP(folder))
        let source = mirrors(rules())
        _ = try await source.head(of: "main", at: url)
        let restoration = Restoration(
            "compose.yaml",
            from: try await source.commit(old, at: url),
            onto: "main",
            message: "Roll back",
            author: .init(name: "Gyre", email: "gyre@example.org", seconds: 1_800_000_000)
        )
        let pushed = try await source.restore(restoration, at: url)
        #expect(pushed.commit?.author == "Gyre <gyre@example.org>")
        #expect(try app.git("rev-parse", "main") == pushed.commit?.id)
        #expect(try app.git("show", "main:compose.yaml") == "services: {}")
    }

    /// Whoever may only read is told so, and what a hook says is passed on.
    @Test(arguments: ["receivepack", "hook"]) func aServerMayRefuseAPush(
        _ reason: String
    ) async throws {
        try app.git("config", "http.receivepack", reason == "hook" ? "true" : "false")
        let hook = app.path + "/.git/hooks/pre-receive"
        let script = "#!/bin/sh\necho 'main is \u{1B}[1mprotected:' >&2; echo go away >&2; exit 1\n"
        try Data(script.utf8).write(to: URL(filePath: hook))
        try run(["chmod", "+x", hook])
        let old = try app.commit("before")
        try app.write("services: {web: {image: new}}\n", to: "compose.yaml")
        let tip = try app.commit("after")
        let url = try url(try servers.startHTTP(folder))
        let source = mirrors(rules())
        _ = try await source.head(of: "main", at: url)
        let restoration = Restoration(
            "compose.yaml",
            from: try await source.commit(old, at: url),
            onto: "main",
            message: "Roll back",
            author: .init(name: "Gyre", email: "gyre@example.org", seconds: 1_800_000_000)
        )
        let error = await failure { try await source.restore(restoration, at: url) }
        #expect(error?.code == (reason == "hook" ? .pushRejected : .pushForbidden))
        let text = error?.description ?? ""
        if reason == "hook" {
            #expect(text.contains("main is [1mprotected:: go away"), "\(text)")
        } else {
            #expect(text.contains("credentials in gyre.yaml that may write"), "\(text)")
        }
        #expect(!text.contains("\u{1B}"))
        #expect(try app.git("rev-parse", "main") == tip)
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
