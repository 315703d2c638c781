/// The git servers of a testbed, and how they are entered.
struct GitServers: Sendable {
    let testbed: Testbed
    private let settings: [String: String]

    /// Starts those that don't run yet: `https`, `ssh`, `hostile`.
    init(_ names: String..., on testbed: Testbed) async throws {
        self.testbed = testbed
        var settings: [String: String] = [:]
        for name in names { settings.merge(try await testbed.start(name)) { $1 } }
        self.settings = settings
    }

    /// A setting by its name without `GYRE_TEST_`.
    subscript(_ name: String) -> String { settings["GYRE_TEST_\(name)"] ?? "no-\(name)" }

    /// Where they keep their repositories.
    var folder: String { "\(testbed.directory)/git" }

    /// A team whose repository, in the folder of the stage, they serve as `NAME.git` for each of
    /// `names`.
    func team(_ stage: Stage, _ names: [String]) async throws -> Team {
        let team = try await Team(named: "team", in: stage.folder)
        try await Program.check(["mv", team.url, "\(folder)/\(stage.name).git"])
        try await Program.check(["ln", "-s", "\(folder)/\(stage.name).git", team.url])
        for name in names {
            try await Program.check(["ln", "-s", "\(stage.name).git", "\(folder)/\(name).git"])
        }
        return team
    }

    /// What git is told to push over https with a password.
    var passwordOptions: [String] {
        let answer = "echo username=\(self["HTTPS_USER"]); echo \"password=$(cat \(password))\""
        return ["http.sslCAInfo=\(self["CA"])", "credential.helper=!f() { \(answer); }; f"]
    }

    private var password: String { self["HTTPS_PASSWORD_FILE"] }

    /// What git is told to push over ssh with a key.
    func keyOptions(_ key: String) -> [String] {
        let options =
            "-F none -o IdentitiesOnly=yes -o UserKnownHostsFile=\(self["SSH_KNOWN_HOSTS"])"
        return ["core.sshCommand=ssh -i \(key) \(options)"]
    }
}
