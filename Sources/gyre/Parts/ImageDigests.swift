internal import ComposeFile
internal import DockerEngine
internal import Model

/// What registries mean by the images of a compose file, asked through the engine that
/// `DOCKER_HOST` names, as Docker Compose asks it.
enum ImageDigests {
    /// The images of `project` by their digests, by service.
    ///
    /// An image that has a digest already needs no engine.
    static func of(_ project: ComposeProject, host: String?) async throws -> [String: String] {
        var engine: DockerEngine?
        var digests: [String: String] = [:]
        for (service, image) in project.images.sorted(by: { $0.key < $1.key }) {
            guard let reference = ImageReference(image) else {
                throw Failure(.failed, "\(image) is no reference to an image")
            }
            if let digest = reference.digest {
                digests[service] = "\(reference.name)@\(digest)"
                continue
            }
            let asked = try engine ?? self.engine(host)
            engine = asked
            let exact = try await asked.digest(of: image, nil)
            digests[service] = ImageReference(exact)?.description ?? exact
        }
        return digests
    }

    private static func engine(_ host: String?) throws -> DockerEngine {
        let text = host ?? "unix:///var/run/docker.sock"
        guard let address = EngineAddress(text), case .unix = address else {
            throw Failure(.usage, "DOCKER_HOST names no socket of this machine: \(text)")
        }
        return try DockerEngine(address)
    }
}
