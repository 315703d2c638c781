internal import Glibc
internal import Model
internal import Transport

/// Signs what Gyre commits, with a key of the operator's, as git does with `gpg.format=ssh`.
struct CommitSigning: Sendable {
    private static let keygen = "/usr/bin/ssh-keygen"

    /// Absolute path of a private ssh key without a passphrase.
    let key: String
    /// Whose signatures the repository wants; nil for nobody's.
    let signers: Signers?
    /// Where a signature lies while it is looked at.
    let folder: String
    let stop: StopFlag

    /// The signature of a commit's bytes, without the last line's end.
    ///
    /// Source: `sign_buffer_ssh` of git's gpg-interface.c; ssh-keygen(1) signs what comes in where
    /// no file is named.
    func signature(of commit: [UInt8]) throws(GitError) -> String {
        let operation = "sign a commit with \(key)"
        guard access(key, R_OK) == 0 else {
            throw refusal(operation, "it can't be read: \(String(cString: strerror(errno)))")
        }
        guard !SecretFile.isExposed(at: key) else {
            throw refusal(operation, "others may read it; chmod 600 \(key)")
        }
        let run = try ProgramRun(
            CommitSigning.keygen,
            ["-q", "-Y", "sign", "-n", "git", "-f", key],
            input: commit,
            operation,
            stop
        )
        let text = run.lines.joined(separator: "\n")
        guard run.status == 0, text.hasPrefix("-----BEGIN SSH SIGNATURE-----") else {
            throw refusal(operation, "ssh-keygen can't use it: is it a key without a passphrase?")
        }
        return text
    }

    /// Refuses a commit of ours that would be refused when it is fetched again.
    func check(_ commit: Commit, _ signed: SignedText?) throws(GitError) {
        guard let signers else { return }
        do throws(GitError) {
            let check = SignatureCheck(of: signers, folder: folder)
            _ = try check.signer(of: commit, [signed].compactMap(\.self), stop)
        } catch let error where error.code == .signatureRefused {
            throw try unlisted(in: signers.ssh)
        }
    }

    /// Says which line is missing where.
    private func unlisted(in list: String?) throws(GitError) -> GitError {
        let operation = "sign a commit with \(key)"
        let run = try ProgramRun(
            CommitSigning.keygen,
            ["-y", "-P", "", "-f", key],
            input: [],
            operation,
            stop
        )
        let words = (run.lines.first ?? "").split(separator: " ").prefix(2)
        guard run.status == 0, words.count == 2 else {
            return refusal(operation, "its public part can't be had")
        }
        let place = list ?? "a file that \"ssh\" under \"signers\" names"
        return refusal(
            operation,
            "nobody counts its signatures here; add this line to \(place): gyre "
                + "namespaces=\"git\" \(words.joined(separator: " "))"
        )
    }

    private func refusal(_ operation: String, _ message: String) -> GitError {
        GitError(.cannotSign, operation: operation, message: message)
    }
}
