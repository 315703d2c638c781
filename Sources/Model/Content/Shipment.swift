/// The container through which the contents of a stack are shipped: everything of its request but
/// the image and the claim.
package struct CarrierSpec: Hashable, Codable, Sendable {
    package var stack: StackID
    package var name: String
    /// What it mounts, each at its own name.
    package var volumes: [ContentVolume]
    package var labels: [String: String]

    package init(
        stack: StackID,
        name: String,
        volumes: [ContentVolume],
        labels: [String: String]
    ) {
        self.stack = stack
        self.name = name
        self.volumes = volumes
        self.labels = labels
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
