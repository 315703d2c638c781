/// The keys of `gyre.yaml` that say how repositories are reached.
extension Shape {
    static let git = Shape.mapping([
        Key(
            "schemes",
            .list(.value(.choice(["file", "http", "https", "ssh"]))),
            standard: "[file, https, ssh]",
            "Kinds of URL that a repository may have."
        ),
        Key(
            "hosts",
            .list(.value(.host)),
            standard: "[]",
            "Hosts that a server may redirect to, besides itself."
        ),
        Key(
            "refused_addresses",
            .list(.value(.subnet)),
            standard: "[\"169.254.0.0/16\", \"fe80::/10\", \"fd00:ec2::/32\"]",
            "Where no server may be that speaks https, whatever its name or a redirect leads to."
        ),
        Key(
            "ca",
            .value(.path),
            otherwise: "the system's",
            "File of the authorities that https trusts, in PEM."
        ),
        Key("proxy", .value(.proxy), otherwise: "none", "Proxy for http and https."),
        Key(
            "no_proxy",
            .list(.value(.host)),
            standard: "[]",
            "Hosts that are spoken with directly although there is a proxy."
        ),
        Key(
            "known_hosts",
            .value(.path),
            otherwise: "known_hosts in the state directory",
            "File of the ssh host keys that are accepted."
        ),
        Key(
            "connections",
            .value(.count(1...12)),
            standard: "4",
            "Conversations with one host at a time."
        ),
        Key(
            "author",
            .value(.author),
            standard: "Gyre <gyre@localhost>",
            "In whose name `gyre rollback` writes commits."
        ),
        Key(
            "signing_key",
            .value(.path),
            otherwise: "none",
            "File of the private ssh key, without a passphrase, that signs these commits."
        ),
        Key(
            "limits",
            .mapping([
                Key("pack", .value(.size), standard: "1g", "Bytes that one fetch may bring."),
                Key(
                    "objects",
                    .value(.count(1...100_000_000)),
                    standard: "2000000",
                    "Objects that one fetch may bring."
                ),
                Key(
                    "file",
                    .value(.size),
                    standard: "1m",
                    "Largest file of a repository that is read."
                ),
                Key(
                    "refs",
                    .value(.count(1...10_000_000)),
                    standard: "100000",
                    "Branches and tags that a repository may have."
                ),
                Key("time", .value(.duration), standard: "10m", "How long one fetch may take."),
            ]),
            "What ends a fetch."
        ),
    ])

    /// The keys of one repository besides its place.
    static let reference = [
        Key("branch", .value(.branch), standard: "main", "The branch that is followed."),
        Key("tag", .value(.branch), otherwise: "none", "The tag that is followed, for a branch."),
        Key(
            "semver",
            .value(.versions),
            otherwise: "none",
            "Range of versions whose highest tag is followed, for a branch: `^1.2`, `>=1.2 <2`."
        ),
        Key(
            "folder",
            .value(.folder),
            standard: ".",
            "The stack's folder, or the one whose folders with a compose file are stacks."
        ),
        Key(
            "folders",
            .value(.folders),
            otherwise: "none",
            "Pattern of the folders that are stacks where they hold a compose file, for a folder."
        ),
    ]

    static let access = [
        Key(
            "credentials",
            .mapping([
                Key("username", .value(.user), otherwise: "none", "Account of the password."),
                Key("password_file", .value(.path), otherwise: "none", "File of the password."),
                Key(
                    "password_variable",
                    .value(.variable),
                    otherwise: "none",
                    "Variable of the controller's environment that holds the password."
                ),
                Key("token_file", .value(.path), otherwise: "none", "File of a bearer token."),
                Key(
                    "token_variable",
                    .value(.variable),
                    otherwise: "none",
                    "Variable of the controller's environment that holds a bearer token."
                ),
                Key("key_file", .value(.path), otherwise: "none", "File of a private ssh key."),
            ]),
            "What the repository's server is shown; one kind of it."
        ),
        Key(
            "ca",
            .value(.path),
            otherwise: "as in `git`",
            "File of the authorities that this repository's server is checked against, in PEM."
        ),
        Key(
            "client_certificate",
            .clientCertificate,
            "Certificate that https servers are shown."
        ),
        Key(
            "signers",
            .mapping([
                Key(
                    "ssh",
                    .value(.path),
                    otherwise: "none",
                    "File of the ssh keys that count, as ssh-keygen(1) has its allowed signers."
                ),
                Key(
                    "openpgp",
                    .value(.path),
                    otherwise: "none",
                    "Keyring of the OpenPGP keys that count, as `gpg --export` writes it."
                ),
            ]),
            "Whose signature a commit, or the tag that leads to it, needs before it is deployed."
        ),
    ]
}
