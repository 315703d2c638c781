internal import DockerEngine
internal import Model
internal import Reconciliation

extension ImageTrouble {
    /// What an engine's failure to have an image means, and what ends it; nil when the engine
    /// itself is the trouble.
    init?(_ error: EngineError, _ reference: String, _ access: RegistryAccess?) {
        guard let image = ImageReference(reference) else { return nil }
        let host = image.registry
        let words = error.message
        let (what, remedy): (String, String?) =
            switch error.code {
            case .unauthorized: ImageTrouble.refused(by: host, access, words)
            case .noSuchImage, .notFound:
                (
                    "\(host) has no \(reference), or doesn't show it (\(words))",
                    "push it, or mend the image's name"
                )
            case .wrongPlatform:
                ("\(reference) can't run here: \(words)", "push it for that platform")
            case .registry, .server: ("\(host) does not answer as it should (\(words))", nil)
            case .timeout: ("\(host) brings nothing of \(reference) (\(words))", nil)
            case .rateLimited:
                (
                    "\(host) asks to come back later (\(words))",
                    access?.credentials == nil
                        ? "credentials in \"registries\" of gyre.yaml may raise its limit" : nil
                )
            case .untrustedRegistry: ImageTrouble.untrusted(host, words)
            case .outOfDisk: ("the node has no room for \(reference) (\(words))", Self.roomRemedy)
            default: ("", "")
            }
        guard !what.isEmpty else { return nil }
        self.init(error.kind, what, remedy: remedy, want: error.want)
    }

    /// What to do on a full node.
    static let roomRemedy =
        "make room on the node, as with docker image prune (gyre removes no images)"

    private static func refused(
        by host: String,
        _ access: RegistryAccess?,
        _ words: String
    ) -> (String, String?) {
        guard let access, let credentials = access.credentials else {
            return (
                "\(host) asks for credentials, and the project has none (\(words))",
                "give the project's \"registries\" in gyre.yaml an entry for \(host)"
            )
        }
        return (
            "\(host) refuses \(credentials.username) of \(access.place) (\(words))",
            "mend the user or the password there (\(credentials.password)); a new password is read "
                + "at the next try"
        )
    }

    /// What the engine says of certificates are the words of Go's library.
    private static func untrusted(_ host: String, _ words: String) -> (String, String?) {
        let what = "the engine does not trust \(host) (\(words))"
        if words.contains("HTTP response") {
            return (
                "\(host) has no TLS (\(words))",
                "give it a certificate, or list it in \"insecure-registries\" of the node's "
                    + "/etc/docker/daemon.json"
            )
        }
        guard words.contains("unknown authority") else {
            return (what, "give the registry a certificate that is valid for this name and time")
        }
        return (
            what,
            "put the certificate of its authority on the node as "
                + "/etc/docker/certs.d/\(host)/ca.crt; the engine needs no restart"
        )
    }
}
