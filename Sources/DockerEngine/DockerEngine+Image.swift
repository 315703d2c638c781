package import Model

extension DockerEngine {
    /// What the node has for `reference`; nil when it is not there.
    ///
    /// Nothing is pulled. A reference is a name as in a compose file; an image id is none.
    package func image(_ reference: String) async throws -> ImagePin? {
        try await inspected(reference)?.pin
    }

    /// The same, but only if it is made for a node like this one.
    package func fittingImage(_ reference: String) async throws -> ImagePin? {
        guard let found = try await inspected(reference) else { return nil }
        return try await platform().runs(found.platform) ? found.pin : nil
    }

    /// All images that the node has; intermediate ones of builds left out.
    package func images() async throws -> [NodeImage] {
        let bytes = try await read(EngineCall("GET", "/images/json", "list images"))
        return try decode([ImageEntry].self, from: bytes, "list images").map(\.image)
    }

    /// Ids of the images that containers are made of, running or not, whoever's.
    package func usedImages() async throws -> Set<String> {
        var call = EngineCall("GET", "/containers/json", "list containers")
        call.query = [.init("all", "true")]
        let bytes = try await read(call)
        return Set(try decode([UserEntry].self, from: bytes, "list containers").map(\.ImageID))
    }

    private func inspected(
        _ reference: String
    ) async throws -> (pin: ImagePin, platform: Platform)? {
        let operation = "inspect image \(reference)"
        guard let wanted = ImageReference(reference) else {
            throw error(.badRequest, operation, "this is no reference to an image")
        }
        let name = PercentEncoding.path(wanted.engineName)
        do {
            let bytes = try await read(EngineCall("GET", "/images/\(name)/json", operation))
            let image = try decode(ImageInspection.self, from: bytes, operation)
            let pin = ImagePin(
                reference: reference,
                imageID: image.Id,
                digest: image.digest(for: wanted),
                config: image.config
            )
            return (pin, image.platform)
        } catch let error as EngineError where error.code == .notFound || error.code == .noSuchImage
        {
            return nil
        }
    }
}

extension ImageReference {
    /// The one image that is meant: the digest counts more than the tag.
    var engineName: String {
        if let digest { return "\(familiarName)@\(digest)" }
        return "\(familiarName):\(tag ?? "latest")"
    }
}

/// One entry of `GET /images/json`; names are the API's own.
private struct ImageEntry: Decodable {
    let Id: String
    let RepoTags: [String]?
    let RepoDigests: [String]?

    /// Engines write `<none>` for what an image has lost.
    var image: NodeImage {
        let names = ((RepoTags ?? []) + (RepoDigests ?? [])).filter { !$0.contains("<none>") }
        return NodeImage(id: Id, names: Set(names))
    }
}

/// One entry of `GET /containers/json`, as far as it says what the container is made of.
private struct UserEntry: Decodable {
    let ImageID: String
}

/// The answer to `GET /images/{name}/json`; names are the API's own.
struct ImageInspection: Decodable {
    let Id: String
    let RepoDigests: [String]?
    let Os: String?
    let Architecture: String?
    let Config: Configuration?

    struct Configuration: Decodable {
        let User: String?
        let Volumes: [String: Nothing]?
        let Labels: [String: String]?
        let Healthcheck: Check?
        let WorkingDir: String?
    }

    struct Check: Decodable {
        let Test: [String]?
        let Interval: Int64?
        let StartInterval: Int64?
    }

    struct Nothing: Decodable {}

    var platform: Platform { Platform(os: Os ?? "", architecture: Architecture ?? "") }

    /// The repository's own digest of the image; the written one where it is among several.
    func digest(for wanted: ImageReference) -> String? {
        let own = (RepoDigests ?? []).compactMap(ImageReference.init)
            .filter { $0.name == wanted.name }.compactMap(\.digest).sorted()
        let best = own.first { $0 == wanted.digest } ?? own.first
        return best.map { "\(wanted.familiarName)@\($0)" }
    }

    var config: ImageConfig {
        let test = Config?.Healthcheck?.Test ?? []
        return ImageConfig(
            user: Config?.User ?? "",
            volumes: (Config?.Volumes ?? [:]).keys.sorted(),
            labels: Config?.Labels ?? [:],
            hasHealthcheck: !test.isEmpty && test.first != "NONE",
            workingDirectory: Config?.WorkingDir.flatMap { $0.isEmpty ? nil : $0 },
            checkInterval: Config?.Healthcheck?.Interval.flatMap { $0 == 0 ? nil : $0 },
            startInterval: Config?.Healthcheck?.StartInterval.flatMap { $0 == 0 ? nil : $0 }
        )
    }
}
