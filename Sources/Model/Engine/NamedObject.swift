/// Something that has a name on an engine, whoever made it.
package struct NamedObject: Hashable, Codable, Sendable {
    package var kind: OwnedObject.Kind
    /// The engine's id; a volume has none, so its name.
    package var id: String
    package var name: String
    package var labels: [String: String]
    /// Of a network, volume or secret; nil of others, and where the engine doesn't say.
    package var driver: String?
    /// The driver's, of a network or volume.
    package var options: [String: String]

    package init(
        kind: OwnedObject.Kind,
        id: String,
        name: String,
        labels: [String: String] = [:],
        driver: String? = nil,
        options: [String: String] = [:]
    ) {
        self.kind = kind
        self.id = id
        self.name = name
        self.labels = labels
        self.driver = driver
        self.options = options
    }
}
