internal import FoundationEssentials
internal import Model

/// What a registry is shown; no text of it has the password.
package struct RegistryCredentials: Sendable, CustomStringConvertible, CustomReflectable {
    private let username: String
    private let password: String

    package init(username: String, password: String) {
        self.username = username
        self.password = password
    }

    package var description: String { "credentials of \(username)" }

    /// Nothing to be dumped either.
    package var customMirror: Mirror { Mirror(self, children: ["username": username]) }

    /// What the header says where nobody is to be shown anything: an empty object.
    static let none = "e30="

    /// The value of the header `X-Registry-Auth` for one registry.
    ///
    /// Source: the Engine API reference, "Authentication": JSON in the URL's variant of base64.
    func header(for registry: String) -> String {
        let address = registry == "docker.io" ? "https://index.docker.io/v1/" : registry
        let text = JSON.strings([
            "username": username, "password": password, "serveraddress": address,
        ]).text
        return Data(text.utf8).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_")
    }
}
