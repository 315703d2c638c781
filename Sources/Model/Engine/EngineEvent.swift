/// Something happened to an object of ours; it says where to look, never what is so.
package struct EngineEvent: Hashable, Codable, Sendable {
    /// `container`, `network` or `volume`.
    package var kind: String
    /// The engine's word, such as `die`, `destroy`, `update`, `disconnect` or
    /// `health_status: healthy`.
    package var action: String
    /// The container it is about: for a network's event the one that was connected or cut off.
    package var containerID: String?
    package var labels: [String: String]

    package init(
        kind: String,
        action: String,
        containerID: String?,
        labels: [String: String] = [:]
    ) {
        self.kind = kind
        self.action = action
        self.containerID = containerID
        self.labels = labels
    }
}
