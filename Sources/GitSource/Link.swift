internal import FoundationEssentials
internal import Model
internal import Transport

/// All that one conversation with a repository's server needs to know.
struct Link: Sendable {
    let url: RepositoryURL
    let access: RepositoryAccess
    let rules: GitRules
    let patience: Patience

    init(_ url: RepositoryURL, _ access: RepositoryAccess, _ rules: GitRules, _ stop: StopFlag) {
        self.url = url
        self.access = access
        self.rules = rules
        patience = Patience(
            connect: rules.connectTimeout,
            progress: rules.progressTimeout,
            total: rules.limits.time,
            stop: stop
        )
    }

    /// The secret behind `reference`, without the line's end that editors leave.
    func secret(_ reference: SecretReference) throws(GitError) -> String {
        let operation = "read the credentials of \(url)"
        var text: String
        do {
            text = try rules.secret(reference)
        } catch {
            let message = (error as? GitError)?.message ?? "\(error)"
            throw GitError(
                .credentialsUnreadable,
                operation: operation,
                message: "\(reference): \(message)"
            )
        }
        while text.last?.isNewline == true { text.removeLast() }
        guard !text.isEmpty, text.unicodeScalars.allSatisfy({ $0.value >= 0x20 }) else {
            throw GitError(
                .credentialsUnreadable,
                operation: operation,
                message: "\(reference) is empty or holds more than one line"
            )
        }
        return text
    }

    /// Refuses a private key of ours that others may read, as a file of a password is.
    func checkKey(_ path: String) throws(GitError) {
        guard SecretFile.isExposed(at: path) else { return }
        throw GitError(
            .credentialsUnreadable,
            operation: "read the credentials of \(url)",
            message: "can't read \(path): others may read it; chmod 600 \(path)"
        )
    }

    /// The header that proves who we are; nil where nothing is asked for.
    func authorization() throws(GitError) -> HTTPRequest.Header? {
        switch access.credentials {
        case nil: return nil
        case .key:
            throw GitError(
                .credentialsUnreadable,
                operation: "read the credentials of \(url)",
                message: "a key is for ssh; give a password or a token"
            )
        case .password(let user, let reference):
            let pair = try Data("\(user):\(secret(reference))".utf8).base64EncodedString()
            return HTTPRequest.Header("Authorization", "Basic \(pair)")
        case .token(let reference):
            return try HTTPRequest.Header("Authorization", "Bearer \(secret(reference))")
        }
    }

    /// Refuses a kind of URL that the operator doesn't allow.
    func checkScheme() throws(GitError) {
        guard !rules.schemes.contains(url.scheme) else { return }
        throw GitError(
            .schemeForbidden,
            operation: "open \(url)",
            message: "\(url.scheme.rawValue) is not among git.schemes in gyre.yaml"
        )
    }
}
