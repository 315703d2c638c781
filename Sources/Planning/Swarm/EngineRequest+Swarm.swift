internal import Admission
internal import Model
internal import FoundationEssentials

extension EngineRequest {
    /// The one call that performs a change of a Swarm; nil while something that a service names
    /// was never made.
    ///
    /// Source of the paths: the Engine API reference, version 1.41.
    init?(_ change: SwarmChange, _ context: StepContext) {
        let collection = "/\(change.kind.rawValue)s"
        switch change.verb {
        case .remove(let id):
            let action: Action =
                switch change.kind {
                case .secret: .removeSecret
                case .config: .removeConfig
                default: .removeService
                }
            self.init(action, "DELETE", "\(collection)/\(id)", target: id)
        case .create where change.kind != .service:
            var body = change.body.objectValue ?? [:]
            body["Labels"] = body["Labels"]?.claimed(context.claim)
            body["Data"] = context.data.map { .string(Data($0).base64EncodedString()) }
            let action: Action = change.kind == .secret ? .createSecret : .createConfig
            self.init(action, "POST", "\(collection)/create", body: .object(body))
        case .create:
            guard let body = change.completeBody(in: context) else { return nil }
            self.init(.createService, "POST", "/services/create", body: body)
        case .update(let id, let version):
            guard let body = change.completeBody(in: context) else { return nil }
            self.init(
                .updateService,
                "POST",
                "/services/\(id)/update",
                query: [.init("version", String(version))],
                body: body,
                target: id
            )
        }
    }
}

extension SwarmChange {
    /// With image, ids, claim, and last the hash over all of it.
    fileprivate func completeBody(in context: StepContext) -> JSON? {
        var body = self.body.objectValue ?? [:]
        var task = body["TaskTemplate"]?.objectValue ?? [:]
        var container = task["ContainerSpec"]?.objectValue ?? [:]
        guard let image = context.pin?.pinned else { return nil }
        container["Image"] = .string(image)
        var labels = container["Labels"]?.objectValue ?? [:]
        // By the image that the digest names: what it brings changes with the digest alone.
        for key in context.pin?.config.composeLabels ?? [] where labels[key] == nil {
            labels[key] = ""
        }
        container["Labels"] = .object(labels)
        let lists = [
            ("Configs", "ConfigID", container["Configs"]),
            ("Secrets", "SecretID", container["Secrets"]),
            ("Networks", "Target", task["Networks"]),
        ]
        for (key, id, list) in lists {
            guard let list = list?.arrayValue else { continue }
            var known: [JSON] = []
            for element in list {
                guard let element = element.resolving(id, context.swarmIDs) else { return nil }
                known.append(element)
            }
            if key == "Networks" {
                task[key] = .array(known)
            } else {
                container[key] = .array(known)
            }
        }
        task["ContainerSpec"] = .object(container)
        body["TaskTemplate"] = .object(task)
        if id == nil { body["Labels"] = body["Labels"]?.claimed(context.claim) }
        var own = body["Labels"]?.objectValue ?? [:]
        own[Labels.sent] = .string(SwarmSent.hash(of: .object(body)))
        body["Labels"] = .object(own)
        return .object(body)
    }
}

extension JSON {
    fileprivate func claimed(_ claim: String?) -> JSON {
        var labels = objectValue ?? [:]
        labels[Labels.claim] = claim.map(JSON.string)
        return .object(labels)
    }

    /// An object whose member `key` is an id, and no token for one.
    fileprivate func resolving(_ key: String, _ ids: [String: String]) -> JSON? {
        guard var members = objectValue, let text = members[key]?.stringValue else { return nil }
        if text.utf8.first == 0x7B {
            guard let id = ids[text] else { return nil }
            members[key] = .string(id)
        }
        return .object(members)
    }
}
