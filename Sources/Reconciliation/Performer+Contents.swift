internal import Admission
internal import Model
internal import Planning

/// What containers mount of their commit, on its way to the node.
extension Performer {
    /// The carrier, and before it the image that it is made of, once for a node.
    func create(_ carrier: CarrierSpec, _ step: Step) async throws {
        guard claims[step.id] != nil else {
            throw StepFailure(.transient, "nothing is created that can't be written down before")
        }
        let image = try await emptyImage()
        let id = try await create(.container, step, name: carrier.name, pin: image)
        learned.created(id, for: carrier.container.slot)
    }

    private func emptyImage() async throws -> ImagePin {
        if let image = try await reconciler.engine.emptyImage() { return image }
        _ = try await reconciler.engine.send(try reconciler.check(.emptyImage, [:], desired))
        guard let image = try await reconciler.engine.emptyImage() else {
            throw StepFailure(.transient, "the engine imported the empty image, but has another")
        }
        return image
    }

    /// Reads the content again from the commit, and sends it.
    func ship(_ shipment: Shipment, _ step: Step) async throws {
        let name = shipment.content.name
        guard let desired, let target else {
            throw StepFailure(.permanent, "no commit says what \(name) is")
        }
        let archive = try await desired.admitted.stack.archive(of: shipment.content) {
            try await snapshot(of: target)
        }
        try await call(step, on: shipment.carrier, archive: archive.bytes)
    }

    /// The files of what is brought about, which may be of another place than the stack's now.
    func snapshot(of target: Target) async throws -> Snapshot {
        try await reconciler.source.snapshot(of: target.commit, at: target.origin)
    }

    /// Where the node keeps the files that a container mounts, where its engine has to be told.
    func places(of container: ContainerSpec) async throws -> [ContentVolume: String] {
        var places: [ContentVolume: String] = [:]
        for mount in container.contents where mount.content.kind == .file {
            places[mount.volume] = try await reconciler.engine.place(of: mount.volume)
        }
        return places
    }
}
