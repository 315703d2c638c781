/// One call to the engine, before anybody has judged it.
///
/// The engine client doesn't take it: only Admission turns it into what the client takes.
package struct EngineRequest: Hashable, Codable, Sendable {
    /// What the call does; policy and ownership are judged by it.
    package enum Action: String, Codable, Sendable, CaseIterable {
        case pullImage, removeImage
        case createNetwork, removeNetwork, connectNetwork, disconnectNetwork
        case createVolume, removeVolume
        case createContainer, startContainer, stopContainer, killContainer, unpauseContainer
        case restartContainer, renameContainer, updateContainer, removeContainer
        case importEmptyImage, createCarrier, shipContent, removeContent, createExport
        case createService, updateService, removeService
        case createConfig, removeConfig, createSecret, removeSecret
        case createRecord, updateRecord, removeRecord
    }

    package var action: Action
    /// `POST` or `DELETE`.
    package var method: String
    /// Path below the API version, percent-encoded, such as `/containers/create`.
    package var path: String
    /// In order; values are encoded by the client.
    package var query: [QueryItem]
    /// JSON or an archive as it goes over the wire; nil when the call has no body.
    package var body: [UInt8]?
    /// The engine id (a volume's name) of what is changed or removed; nil when the call creates.
    package var target: String?

    package init(
        _ action: Action,
        _ method: String,
        _ path: String,
        query: [QueryItem] = [],
        body: JSON? = nil,
        target: String? = nil
    ) {
        self.action = action
        self.method = method
        self.path = path
        self.query = query
        self.body = body.map { Array($0.text.utf8) }
        self.target = target
    }

    /// One `name=value` of a query.
    package struct QueryItem: Hashable, Codable, Sendable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }
}
