package import Model

extension EngineRequest {
    /// Imports the image that carriers are made of.
    ///
    /// Source: the Engine API reference, `ImageCreate` with `fromSrc`.
    package static var emptyImage: EngineRequest {
        var request = EngineRequest(
            .importEmptyImage,
            "POST",
            "/images/create",
            query: [
                .init("fromSrc", "-"), .init("repo", EmptyImage.repository),
                .init("tag", EmptyImage.tag),
            ]
        )
        request.body = EmptyImage.archive
        return request
    }

    /// The command is never run; without any, an engine refuses to create the container.
    init(_ carrier: CarrierSpec, _ context: StepContext) {
        var labels = carrier.labels
        labels[Labels.claim] = context.claim
        self.init(
            .createCarrier,
            "POST",
            "/containers/create",
            query: [.init("name", carrier.name)],
            body: .members([
                "Image": context.pin.map { .string($0.imageID) }, "Cmd": ["never"],
                "Labels": .strings(labels),
                "HostConfig": [
                    "NetworkMode": "none", "Mounts": .array(carrier.mounts),
                ],
            ])
        )
    }

    /// The container through which a volume is read; like a carrier, it is never started.
    package init(_ export: VolumeExport, image: ImagePin) {
        var labels = export.stack.contentLabels("export", controller: export.controller)
        labels[Labels.claim] = export.claim
        let mount: JSON = [
            "Type": "volume", "Source": .string(export.volume),
            "Target": .string(VolumeExport.target), "ReadOnly": true,
            "VolumeOptions": ["NoCopy": true],
        ]
        self.init(
            .createExport,
            "POST",
            "/containers/create",
            query: [.init("name", export.name)],
            body: [
                "Image": .string(image.imageID), "Cmd": ["never"], "Labels": .strings(labels),
                "HostConfig": ["NetworkMode": "none", "Mounts": [mount]],
            ]
        )
    }

    /// nil before the carrier is there or the bytes are known.
    init?(_ shipment: Shipment, _ context: StepContext) {
        guard let id = context.container, let archive = context.archive else { return nil }
        self.init(
            .shipContent,
            "PUT",
            "/containers/\(id)/archive",
            query: [.init("path", "/" + shipment.volume.name)],
            target: id
        )
        body = archive
    }
}

extension CarrierSpec {
    /// Contents to be filled, and granted paths to look at, for reading alone.
    fileprivate var mounts: [JSON] {
        let contents = volumes.map { volume in
            JSON.members([
                "Type": "volume", "Source": .string(volume.name),
                "Target": .string("/" + volume.name),
                "VolumeOptions": ["NoCopy": true],
            ])
        }
        let binds = roots.map { root in
            JSON.members([
                "Type": "bind", "Source": .string(root),
                "Target": place(ofRoot: root).map(JSON.string), "ReadOnly": true,
            ])
        }
        return contents + binds
    }
}

extension ContentMount {
    /// For reading alone, and without what the image has at the target.
    ///
    /// A file is mounted out of its volume by the engine, or bound at `place`, its path on the
    /// node, where the engine can't (before API 1.45).
    func mount(at place: String?) -> JSON {
        if content.kind == .file, let place {
            return [
                "Type": "bind", "Source": .string(place), "Target": .string(target),
                "ReadOnly": true,
            ]
        }
        let isFile = content.kind == .file
        return [
            "Type": "volume", "Source": .string(volume.name), "Target": .string(target),
            "ReadOnly": true,
            "VolumeOptions": .members([
                "NoCopy": true, "Subpath": isFile ? .string(ContentArchive.fileName) : nil,
            ]),
        ]
    }
}
