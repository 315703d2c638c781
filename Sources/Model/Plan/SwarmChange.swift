/// One write to a Swarm: of a service, a config or a secret.
package struct SwarmChange: Hashable, Codable, Sendable {
    /// What is done.
    package enum Verb: Hashable, Codable, Sendable {
        case create
        /// What is there with this id, as long as it is at this version.
        case update(id: String, version: Int64)
        case remove(id: String)
    }

    package var verb: Verb
    package var kind: OwnedObject.Kind
    package var name: String
    /// All of the request's body but the claim, ids that are not known yet, and what a config or
    /// secret holds.
    package var body: JSON
    /// What a config or secret holds.
    package var content: Content?

    package init(
        _ verb: Verb,
        _ kind: OwnedObject.Kind,
        _ name: String,
        body: JSON = [:],
        content: Content? = nil
    ) {
        self.verb = verb
        self.kind = kind
        self.name = name
        self.body = body
        self.content = content
    }

    /// What it changes or removes; nil where it makes something.
    package var id: String? {
        switch verb {
        case .create: nil
        case .update(let id, _), .remove(let id): id
        }
    }

    /// The key of the service that is written; nil where it is something else, or is removed.
    package var service: String? {
        kind == .service ? body["Labels"]?[Labels.service]?.stringValue : nil
    }
}

extension SwarmChange: CustomStringConvertible {
    /// `create service app_web`.
    package var description: String {
        let word =
            switch verb {
            case .create: "create"
            case .update: "update"
            case .remove: "remove"
            }
        return "\(word) \(kind.rawValue) \(name)"
    }
}

/// A service of a Swarm as a plan waits for it.
package struct ServiceRef: Hashable, Codable, Sendable {
    package var name: String
    /// nil: this plan creates it.
    package var id: String?
    /// By which its tasks are told from those before, as in ``Labels/spec``.
    package var spec: String
    /// The same of tasks that an earlier Gyre made.
    package var formerSpec: String
    /// Its image; nil: this plan pulls it.
    package var image: String?
    /// Whether its tasks may end.
    package var isTask: Bool
    /// Whether they have to: another service waits for that.
    package var mustEnd: Bool
    /// Whether the Swarm calls its tasks running only when they are healthy.
    package var isChecked: Bool
    /// Tasks that had failed or were given up before, and say nothing.
    package var known: Set<String>
    /// Whether these don't count as done either, as all are made once more.
    package var isAnew: Bool
    /// Whether some of its tasks may fail: how many is the Swarm's to count.
    package var bearsFailures: Bool
    /// How far apart the Swarm replaces tasks.
    package var delay: Nanoseconds
    /// How long its tasks have to be running before they count.
    package var monitor: Nanoseconds

    package init(
        name: String,
        id: String?,
        spec: String,
        formerSpec: String? = nil,
        image: String?,
        isTask: Bool,
        mustEnd: Bool = false,
        isChecked: Bool,
        known: Set<String>,
        isAnew: Bool = false,
        bearsFailures: Bool = false,
        delay: Nanoseconds = Nanoseconds(0),
        monitor: Nanoseconds = Nanoseconds(0)
    ) {
        self.name = name
        self.id = id
        self.spec = spec
        self.formerSpec = formerSpec ?? spec
        self.image = image
        self.isTask = isTask
        self.mustEnd = mustEnd
        self.isChecked = isChecked
        self.known = known
        self.isAnew = isAnew
        self.bearsFailures = bearsFailures
        self.delay = delay
        self.monitor = monitor
    }
}
