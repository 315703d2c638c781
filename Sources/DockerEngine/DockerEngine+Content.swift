package import Model

extension DockerEngine {
    /// The image that carriers are made of; nil while the node has none, or has another under its
    /// name: one with anything in it.
    package func emptyImage() async throws -> ImagePin? {
        let operation = "inspect image \(EmptyImage.reference)"
        let path = "/images/\(PercentEncoding.path(EmptyImage.reference))/json"
        do {
            let bytes = try await read(EngineCall("GET", path, operation))
            let image = try decode(EmptyInspection.self, from: bytes, operation)
            guard image.isEmpty else { return nil }
            return ImagePin(reference: EmptyImage.reference, imageID: image.Id, digest: nil)
        } catch let error as EngineError where error.code == .notFound || error.code == .noSuchImage
        {
            return nil
        }
    }

    /// Where the node keeps the file of a content; nil where the engine mounts a file of a volume
    /// by itself, which it does since API 1.45.
    package func place(of volume: ContentVolume) async throws -> String? {
        guard try await apiVersion() < APIVersion(1, 45) else { return nil }
        let operation = "inspect volume \(volume.name)"
        let bytes = try await read(EngineCall("GET", "/volumes/\(volume.name)", operation))
        let found = try decode(VolumeInspection.self, from: bytes, operation)
        let path = "\(found.Mountpoint)/\(ContentArchive.fileName)"
        guard found.Name == volume.name, ContentVolume(bound: path) == volume else {
            throw error(.protocolError, operation, "the volume is not where volumes are")
        }
        return path
    }
}

/// What of an image shows that nothing is in it; names are the API's own.
private struct EmptyInspection: Decodable {
    let Id: String
    let RootFS: Layers
    let Config: ImageInspection.Configuration?

    struct Layers: Decodable {
        let Layers: [String]?
    }

    var isEmpty: Bool {
        RootFS.Layers == [EmptyImage.layer] && (Config?.Volumes ?? [:]).isEmpty
            && (Config?.Labels ?? [:]).isEmpty
    }
}

/// The answer to `GET /volumes/{name}`; names are the API's own.
private struct VolumeInspection: Decodable {
    let Name: String
    let Mountpoint: String
}
