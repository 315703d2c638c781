import Model
import OperatorFile
import Testing

@Suite struct GitSettingsTests {
    private func repository(_ lines: String, _ file: String = "") throws -> Settings.Repository {
        let text = "projects: {a: {repositories: [{\(lines)}]}}\n\(file)"
        let settings = try Settings(parsing: Array(text.utf8), directory: "/etc/gyre")
        return try #require(settings.projects["a"]?.repositories.first)
    }

    private func findings(_ lines: String, _ file: String = "") -> String {
        let text = "projects: {a: {repositories: [{\(lines)}]}}\n\(file)"
        do {
            let settings = try Settings(parsing: Array(text.utf8), directory: "/etc/gyre")
            return settings.warnings.map(\.description).joined(separator: "\n")
        } catch {
            return error.diagnostics.map(\.description).joined(separator: "\n")
        }
    }

    @Test func readsHowServersAreReached() throws {
        let text = """
            state: /srv/gyre
            git:
              schemes: [https, http]
              hosts: [cdn.example.org]
              ca: ca.pem
              proxy: socks5h://proxy:1080
              no_proxy: ["[::1]"]
              connections: 2
              author: Gyre of the shop <gyre@example.org>
              limits: {pack: 10m, objects: 5, file: 1k, refs: 7, time: 1m}
            projects: {}
            """
        let git = try Settings(parsing: Array(text.utf8), directory: "/etc/gyre").git
        #expect(git.schemes == [.https, .http])
        #expect(git.hosts == ["cdn.example.org"])
        #expect(git.authorities == "/etc/gyre/ca.pem")
        #expect(git.proxy == "socks5h://proxy:1080")
        #expect(git.directHosts == ["[::1]"])
        #expect(git.knownHosts == "/srv/gyre/known_hosts")
        #expect(git.connections == 2)
        #expect(git.author == "Gyre of the shop <gyre@example.org>")
        #expect(git.limits.pack == .mebibytes(10) && git.limits.time == .seconds(60))
        #expect(git.limits.objects == 5 && git.limits.refs == 7)
        #expect(git.limits.file.bytes == 1024)
    }

    @Test func readsWhatIsFollowed() throws {
        #expect(try repository("url: /a").reference == .branch("main"))
        #expect(try repository("url: /a, tag: v1.0").reference == .tag("v1.0"))
        let range = try #require(VersionRange(">=1.2 <2"))
        #expect(try repository("url: /a, semver: '>=1.2 <2'").reference == .versions(range))
        let pattern = try #require(FolderPattern("teams/*"))
        #expect(try repository("url: /a, folders: ./teams/*/").folders == pattern)
    }

    @Test(arguments: [
        ("{key_file: k}", "ssh://h/a", RepositoryAccess.Credentials.key("/etc/gyre/k")),
        ("{token_variable: T}", "https://h/a", .token(.variable("T"))),
        ("{token_file: /t}", "https://h/a", .token(.file("/t"))),
        (
            "{username: ada, password_file: p}", "https://h/a",
            .password(user: "ada", .file("/etc/gyre/p"))
        ),
        (
            "{username: ada, password_variable: P_1}", "https://h/a",
            .password(user: "ada", .variable("P_1"))
        ),
    ])
    func readsCredentials(
        _ text: String,
        _ url: String,
        _ credentials: RepositoryAccess.Credentials
    ) throws {
        let access = try repository("url: '\(url)', credentials: \(text)").access
        #expect(access.credentials == credentials)
    }

    @Test func readsCertificates() throws {
        let access = try repository(
            "url: 'https://h/a', ca: ca, client_certificate: {certificate_file: c, key_file: /k}"
        ).access
        #expect(access.authorities == "/etc/gyre/ca")
        #expect(access.certificate == .init(file: "/etc/gyre/c", key: "/k"))
    }

    @Test(arguments: [
        ("url: /a, branch: b, tag: t", "give one of \"branch\" and \"tag\" [contradiction]"),
        ("url: /a, folder: b, folders: c/*", "give one of \"folder\" and \"folders\""),
        ("url: /a, folders: c/*, stack: s", "remove \"stack\" [contradiction]"),
        ("url: /a, semver: newest", "is no range of versions"),
        ("url: /a, folders: ../x", "is no pattern inside the repository"),
        ("url: 'http://h/a'", "http is not among \"git.schemes\""),
        ("url: 'git://h/a'", "give an https or ssh URL"),
        ("url: 'https://ada@h/a'", "name a file in \"credentials\""),
        ("url: /a, ca: x", "only https has certificates"),
        ("url: 'https://h/a', credentials: {}", "needs one of \"password_file\""),
        ("url: 'https://h/a', credentials: {password: x}", "has no key \"password\""),
        ("url: 'https://h/a', credentials: {token_file: x, key_file: y}", "needs one of"),
        ("url: 'https://h/a', credentials: {password_file: x}", "needs a \"username\""),
        (
            "url: 'https://h/a', credentials: {username: a, token_file: x}",
            "a \"username\" is for a password"
        ),
        ("url: 'https://h/a', credentials: {key_file: x}", "\"key_file\" is for ssh"),
        ("url: 'ssh://h/a', credentials: {token_file: x}", "\"token_file\" is for https"),
        ("url: 'https://h/a', credentials: {token_variable: A-B}", "is no name of a variable"),
        ("url: 'https://h/a', client_certificate: {key_file: x}", "certificate_file"),
    ])
    func saysWhatIsWrong(_ lines: String, _ message: String) {
        let text = findings(lines)
        #expect(text.contains(message), "\(text)")
    }

    @Test(arguments: [
        ("{proxy: 'http://ada:hunter2@p:1'}", "holds a user or password"),
        ("{proxy: 'ftp://p'}", "is no URL that starts with"), ("{hosts: [A]}", "is no lowercase"),
        ("{author: Gyre}", "is no name and address"), ("{author: Gyre <a b>}", "is no name and"),
        ("{author: <a@b>}", "is no name and"), ("{author: \"a\\n <b>\"}", "is no name and"),
        ("{connections: 13}", "is no whole number from 1 to 12"),
        ("{schemes: [git]}", "is not file or http"), ("{hosts: ['a/b']}", "is no lowercase"),
    ])
    func saysWhatIsWrongForAll(_ git: String, _ message: String) {
        let text = findings("url: /a", "git: \(git)")
        #expect(text.contains(message), "\(text)")
        #expect(!text.contains("hunter2"))
    }

    @Test func warnsOfPasswordsInTheClear() {
        let text = findings(
            "url: 'http://h/a', credentials: {token_file: x}",
            "git: {schemes: [http]}"
        )
        #expect(text.contains("warning: credentials over http"), "\(text)")
    }
}
