/// The container through which the contents of a stack are shipped and its binds looked at:
/// everything of its request but the image and the claim.
package struct CarrierSpec: Hashable, Codable, Sendable {
    package var stack: StackID
    package var name: String
    /// What it mounts, each at its own name.
    package var volumes: [ContentVolume]
    package var labels: [String: String]
    /// What is looked at through it before containers mount it.
    package var looks: [Look] = []

    package init(
        stack: StackID,
        name: String,
        volumes: [ContentVolume],
        labels: [String: String],
        looks: [Look] = []
    ) {
        self.stack = stack
        self.name = name
        self.volumes = volumes
        self.labels = labels
        self.looks = looks
    }

    /// The granted paths that it binds, to look below them.
    ///
    /// By their bytes, as the kernel tells them apart: two spellings of `é` are one text.
    package var roots: [String] {
        let paths = Set(looks.flatMap(\.paths).map { Array($0.root.utf8) })
        return paths.sorted { $0.lexicographicallyPrecedes($1) }.map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// Where it has one of its ``roots``; nil for another.
    ///
    /// A place for each, so that no link in one is met on the way to another.
    package func place(ofRoot root: String) -> String? {
        roots.firstIndex { $0.utf8.elementsEqual(root.utf8) }.map { "/\($0 + 1)" }
    }

    /// The container once it is there; no service is called so.
    package var container: ContainerRef {
        ContainerRef(slot: Slot(service: name, number: 1), id: nil, name: name)
    }
}

/// A content on its way into its volume.
package struct Shipment: Hashable, Codable, Sendable {
    package var content: Content
    package var volume: ContentVolume
    /// Through which it goes.
    package var carrier: ContainerRef

    package init(content: Content, volume: ContentVolume, carrier: ContainerRef) {
        self.content = content
        self.volume = volume
        self.carrier = carrier
    }
}

/// A content in the place where a container sees it.
package struct ContentMount: Hashable, Codable, Sendable {
    package var content: Content
    package var volume: ContentVolume
    package var target: String

    package init(content: Content, volume: ContentVolume, target: String) {
        self.content = content
        self.volume = volume
        self.target = target
    }
}
