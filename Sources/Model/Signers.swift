/// Whose signatures a repository's commits need before they are deployed; absolute paths of files
/// that the operator keeps.
package struct Signers: Hashable, Codable, Sendable {
    /// ssh keys, as ssh-keygen(1) describes under ALLOWED SIGNERS; nil for none.
    package var ssh: String?
    /// An OpenPGP keyring in the binary form that `gpg --export` writes; nil for none.
    package var openPGP: String?

    package init(ssh: String? = nil, openPGP: String? = nil) {
        self.ssh = ssh
        self.openPGP = openPGP
    }
}
