internal import Model

/// One line of `GET /events`; names are the API's own.
struct EventMessage: Decodable {
    let kind: String
    let action: String
    let Actor: Subject

    enum CodingKeys: String, CodingKey {
        case kind = "Type"
        case action = "Action"
        case Actor
    }

    struct Subject: Decodable {
        let ID: String
        let Attributes: [String: String]?
    }
}

/// Tells which events are about our objects.
///
/// The engine puts the labels of a container into its events, but no labels of a network or volume
/// (20.10 and 28 alike), and its own label filter drops what has none. So everything is asked for,
/// and networks and volumes are told by what was last observed.
struct EventFilter {
    let controller: String
    let known: KnownObjects

    /// What changes what a listing shows.
    ///
    /// Health checks run as `exec_…` many times a minute and are
    /// left to the engine. With `health_status` among them the engine compares beginnings, which
    /// is how `health_status: healthy` gets through.
    static let actions = [
        "create", "start", "die", "oom", "pause", "unpause", "rename", "update", "destroy",
        "health_status", "connect", "disconnect", "remove", "prune",
    ]

    /// nil when it is not about us.
    func event(_ message: EventMessage) -> EngineEvent? {
        let attributes = message.Actor.Attributes ?? [:]
        switch message.kind {
        case "container":
            guard attributes[Labels.controller] == controller else { return nil }
            return EngineEvent(
                kind: message.kind,
                action: message.action,
                containerID: message.Actor.ID,
                labels: attributes.filter { $0.key.hasPrefix(Labels.prefix) }
            )
        case "network":
            let container = attributes["container"]
            let labels =
                container.flatMap(known.labels(of:)) ?? known.labels(of: message.Actor.ID)
            guard let labels else { return nil }
            return EngineEvent(
                kind: message.kind,
                action: message.action,
                containerID: container,
                labels: labels
            )
        case "service", "config", "secret":
            // A Swarm's events name no labels either; what is made by us is looked at anyway.
            guard let labels = known.labels(of: message.Actor.ID) else { return nil }
            return EngineEvent(
                kind: message.kind,
                action: message.action,
                containerID: nil,
                labels: labels
            )
        case "volume":
            guard known.hasVolume(message.Actor.ID) else { return nil }
            if message.action == "destroy" { known.forgetVolume(message.Actor.ID) }
            return EngineEvent(kind: message.kind, action: message.action, containerID: nil)
        default: return nil
        }
    }
}
