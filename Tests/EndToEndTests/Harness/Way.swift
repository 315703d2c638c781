/// How one project of a test reaches its repository.
struct Way: Sendable {
    var name: String
    /// The server, up to where the repository's name begins.
    var server: String
    /// Further keys of the repository in gyre.yaml.
    var keys: String?
}

extension GitServers {
    /// Keys of a repository that is entered with a password.
    func password(_ file: String? = nil) -> String {
        let file = file ?? self["HTTPS_PASSWORD_FILE"]
        return "credentials: {username: \(self["HTTPS_USER"]), password_file: \(file)}"
    }

    /// Keys of a repository that wants to see a certificate.
    var certificate: String {
        "client_certificate: {certificate_file: \(self["CLIENT_CERT"]), "
            + "key_file: \(self["CLIENT_KEY"])}"
    }

    /// Keys of a repository that is entered with an ssh key.
    func key(_ path: String) -> String { "credentials: {key_file: \(path)}" }
}

extension Stage {
    /// Of a way, and of its repository.
    func project(_ way: Way) -> String { "\(name)-\(way.name)" }

    /// A project of gyre.yaml for each way.
    func projects(_ ways: [Way]) -> String {
        ways.map { way in
            let keys = way.keys.map { ", \($0)" } ?? ""
            let url = "\(way.server)\(project(way)).git"
            return "  \(project(way)): {repositories: [{url: \"\(url)\"\(keys)}]}"
        }
        .joined(separator: "\n")
    }

    /// Waits until the stacks of all ways run a commit.
    func ready(_ ways: [Way], at commit: String) async throws {
        for way in ways { try await gyre.ready(at: commit, project(way)) }
    }
}
