import Foundation

/// The testbed's registry with a password and a certificate of its own authority.
struct PrivateRegistry: Sendable {
    let testbed: Testbed
    /// As image names have it.
    let host: String
    /// The same registry under an address that the engine does not trust.
    let stranger: String
    let user: String
    let passwordFile: String

    /// Starts it unless it runs.
    init(on testbed: Testbed) async throws {
        let settings = try await testbed.start("registry")
        let prefix = "GYRE_TEST_PRIVATE_REGISTRY"
        guard let host = settings[prefix], let user = settings["\(prefix)_USER"],
            let file = settings["\(prefix)_PASSWORD_FILE"], let url = settings["\(prefix)_URL"]
        else { throw Program.Failure(description: "no registry in \(settings.keys.sorted())") }
        self.testbed = testbed
        self.host = host
        self.user = user
        passwordFile = file
        stranger = String(url.dropFirst("https://".count))
    }

    var password: String { Files.text(of: passwordFile) }

    /// Puts one of the testbed's images there, as `NAME:TAG`; gives the name to pull it by.
    @discardableResult
    func publish(_ image: String, as name: String, _ options: String...) async throws -> String {
        try await testbed.command(["publish", image, name] + options)
        return "\(host)/\(name)"
    }

    /// Takes all of a repository away behind the registry's back, which may be frozen.
    func lose(_ name: String) async throws {
        let place = "\(testbed.directory)/private/data/docker/registry/v2/repositories/\(name)"
        try await Program.check(["rm", "-r", place])
    }

    func unpublish(_ name: String) async throws { try await testbed.command("unpublish", name) }

    /// What a project's `registries` say of it.
    func entry(passwordFile: String? = nil) -> String {
        "[{host: '\(host)', username: \(user), "
            + "password_file: '\(passwordFile ?? self.passwordFile)'}]"
    }

    /// Grants for all below `name`, and for the usual images.
    func grants(_ name: String) -> String {
        "{registries: [docker.io/library, '\(host)/\(name)', '\(stranger)/\(name)']}"
    }
}
