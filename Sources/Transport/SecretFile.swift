package import Glibc

/// The rule for files that hold a password, a token or a private key.
package enum SecretFile {
    /// Whether a file is ours, and others may use it.
    ///
    /// How somebody else guards a file that they let us read is theirs to say.
    ///
    /// Source: OpenSSH's authfile.c, `sshkey_perm_ok`.
    package static func isExposed(_ status: stat) -> Bool {
        status.st_uid == geteuid() && status.st_mode & 0o077 != 0
    }

    /// The same of what stands at `path`; false where nothing does.
    package static func isExposed(at path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && isExposed(status)
    }
}
