internal import FoundationEssentials
package import Model
internal import Transport

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

extension DockerEngine {
    /// What there is at `path` of a container, whether it runs or not; nil where there is nothing.
    ///
    /// A link at its end is not followed; links before it are, within the container.
    ///
    /// Source: the Engine API reference, `ContainerArchiveInfo`; modes are Go's `fs.FileMode`.
    package func kind(of path: String, in container: String) async throws -> PathKind? {
        let operation = "look at \(path) in container \(container)"
        var call = EngineCall("HEAD", "/containers/\(container)/archive", operation)
        call.query = [.init("path", path)]
        let response = try await send(call)
        if response.status == 404 { return try await missing(path, in: container, operation) }
        guard response.status == 200 else { throw failure(response, call) }
        guard let header = response.head["X-Docker-Container-Path-Stat"],
            let text = Data(base64Encoded: header)
        else { throw error(.protocolError, operation, "the answer doesn't say what is there") }
        return try decode(PathStat.self, from: Array(text), operation).kind
    }

    /// What is at `path` of a container, whether it runs or not, as a tar archive.
    ///
    /// It comes as fast as it is read, a mebibyte ahead at most; letting go of it ends the call.
    /// An engine that can't go on may end it early: see ``ArchiveEnd``.
    package func archive(of path: String, in container: String) async throws -> Pieces {
        let operation = "read \(path) of container \(container)"
        var call = EngineCall("GET", "/containers/\(container)/archive", operation)
        call.query = [.init("path", path)]
        call.stall = deadlines.pullStall
        let pieces = try await stream(call).makeAsyncIterator()
        return Pieces { try await pieces.next() }
    }

    /// The answer has no body that would tell a container that is gone from a path that isn't
    /// there.
    private func missing(
        _ path: String,
        in container: String,
        _ operation: String
    ) async throws -> PathKind? {
        guard try await inspect(container) != nil else {
            throw error(.notFound, operation, "there is no such container")
        }
        return nil
    }
}

/// What the header of an answer about a path says; names are the API's own.
private struct PathStat: Decodable {
    let mode: UInt32

    var kind: PathKind {
        if mode & 1 << 31 != 0 { return .folder }
        return mode & 1 << 27 != 0 ? .link : .other
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
