internal import Glibc
internal import Model
internal import Transport

/// Whose a signature is, as OpenSSH and GnuPG have it.
///
/// Both run as children with an argument list and nothing of our environment, and are told which
/// keys count: no agent, no key of the account and no web of trust plays a part.
struct SignatureCheck: Sendable {
    private static let keygen = "/usr/bin/ssh-keygen"
    private static let gpgv = "/usr/bin/gpgv"
    /// A key is one person's, or a few people's.
    private static let principalLimit = 16

    private let signers: Signers
    /// Where a signature lies while it is looked at.
    private let folder: String

    init(of signers: Signers, folder: String) {
        self.signers = signers
        self.folder = folder
    }

    /// The signer of the first of `signed` that is somebody's who counts.
    func signer(
        of commit: Commit,
        _ signed: [SignedText],
        _ stop: StopFlag
    ) throws(GitError) -> String {
        let operation = "check the signature of \(commit.short)"
        guard !signed.isEmpty else {
            throw GitError(.unsigned, operation: operation, message: "it has none")
        }
        var refusals: [String] = []
        for text in signed {
            do throws(GitError) {
                return try signer(of: text, operation, stop)
            } catch let error where error.code == .signatureRefused {
                refusals.append(error.message)
            }
        }
        throw GitError(
            .signatureRefused,
            operation: operation,
            message: refusals.joined(separator: "; ")
        )
    }

    private func signer(
        of signed: SignedText,
        _ operation: String,
        _ stop: StopFlag
    ) throws(GitError) -> String {
        let run = { (program: String, arguments: [String]) throws(GitError) -> ProgramRun in
            try ProgramRun(program, arguments, input: signed.text, operation, stop)
        }
        let file = try TemporaryFile(signed.signature, in: folder, operation)
        switch (signed.kind, signers.ssh, signers.openPGP) {
        case (.ssh, let list?, _):
            return try sshSigner(file.path, list, operation, run)
        case (.openPGP, _, let ring?):
            return try openPGPSigner(file.path, ring, operation, run)
        case (.ssh, nil, _), (.openPGP, _, nil):
            let kind = signed.kind == .ssh ? "ssh" : "openpgp"
            throw refusal(operation, "nobody's signature of the kind \(kind) counts here")
        case (.x509, _, _), (nil, _, _):
            throw refusal(operation, "it is of a kind that is not looked at; use ssh or openpgp")
        }
    }

    /// Source: ssh-keygen(1), which git asks the same two questions; and not whether the key
    /// counted when the commit says it was made, because anybody can say so.
    private func sshSigner(
        _ signature: String,
        _ list: String,
        _ operation: String,
        _ run: (String, [String]) throws(GitError) -> ProgramRun
    ) throws(GitError) -> String {
        let question = ["-Y", "find-principals", "-f", list, "-s", signature]
        let found = try run(SignatureCheck.keygen, question)
        let principals = found.lines.prefix(SignatureCheck.principalLimit)
        guard found.status == 0, !principals.isEmpty else {
            throw try trouble(list, operation)
                ?? refusal(operation, "its key is not among those of \(list)")
        }
        for principal in principals where !principal.hasPrefix("-") {
            let answer = try run(
                SignatureCheck.keygen,
                ["-Y", "verify", "-n", "git", "-f", list, "-I", principal, "-s", signature]
            )
            if answer.status == 0 { return principal }
        }
        throw refusal(operation, "it is not of this text, or of a key that counts no more")
    }

    /// Source: GnuPG's `doc/DETAILS`, on status lines; `gpgv` itself is content with keys that
    /// have expired.
    private func openPGPSigner(
        _ signature: String,
        _ ring: String,
        _ operation: String,
        _ run: (String, [String]) throws(GitError) -> ProgramRun
    ) throws(GitError) -> String {
        let answer = try run(
            SignatureCheck.gpgv,
            ["--status-fd", "1", "--keyring", ring, "--", signature, "-"]
        )
        let words = answer.lines.filter { $0.hasPrefix("[GNUPG:] ") }
            .map { $0.split(separator: " ").dropFirst().map(String.init) }
        let kinds = words.compactMap(\.first)
        let wrong = ["BADSIG", "ERRSIG", "EXPSIG", "EXPKEYSIG", "REVKEYSIG"]
        let valid = words.filter { $0.first == "VALIDSIG" && $0.count > 1 }
        guard answer.status == 0, kinds.contains("GOODSIG"), valid.count == 1,
            wrong.allSatisfy({ !kinds.contains($0) })
        else {
            if kinds.contains("NO_PUBKEY") {
                throw refusal(operation, "its key is not in \(ring)")
            }
            throw try trouble(ring, operation)
                ?? refusal(operation, "it is not of this text, or of a key that counts no more")
        }
        return "openpgp:\(valid[0][1])"
    }

    private func refusal(_ operation: String, _ message: String) -> GitError {
        GitError(.signatureRefused, operation: operation, message: message)
    }

    /// Says that the operator's file can't be read, which is no fault of the commit.
    private func trouble(_ path: String, _ operation: String) throws(GitError) -> GitError? {
        guard access(path, R_OK) != 0 else { return nil }
        let reason = String(cString: strerror(errno))
        return GitError(
            .credentialsUnreadable,
            operation: operation,
            message: "\(path), a file of \"signers\", can't be read: \(reason)"
        )
    }
}
