internal import Model

/// What a service says about others: networks, links, dependencies.
extension Value {
    /// `networks`: a list of keys, or a mapping of keys to null or how to join.
    var attachments: [String: Service.Attachment] {
        var result: [String: Service.Attachment] = [:]
        if isList {
            for network in uniqueStrings ?? [] {
                network.value.record(at: path / network.text)
                result[network.text] = Service.Attachment()
            }
            return result
        }
        guard isMapping else {
            failType("a list or a mapping")
            return [:]
        }
        for entry in entries ?? [] {
            var attachment = Service.Attachment()
            entry.record()
            if !entry.isNull { Schema.attachment.read(entry, into: &attachment) }
            result[entry.name] = attachment
        }
        return result
    }

    /// `links`, each `service` or `service:alias`.
    var links: [Service.Link] {
        (uniqueStrings ?? []).enumerated().map { index, link in
            link.value.record(at: path[index])
            let parts = link.text.split(separator: ":", maxSplits: 1).map(String.init)
            let service = parts.first ?? ""
            return Service.Link(service: service, alias: parts.count > 1 ? parts[1] : service)
        }
    }

    /// `depends_on`: a list of services, or a mapping of each to what must be true of it.
    var dependencies: [String: Service.Dependency] {
        var result: [String: Service.Dependency] = [:]
        if isList {
            for service in uniqueStrings ?? [] {
                service.value.record(at: path / service.text)
                result[service.text] = Service.Dependency()
            }
            return result
        }
        guard isMapping else {
            failType("a list or a mapping")
            return [:]
        }
        for entry in entries ?? [] {
            var draft = DependencyDraft()
            entry.record()
            Schema.dependency.read(entry, into: &draft)
            if entry.isMapping, !draft.hasCondition {
                entry.fail(
                    "missing-attribute",
                    "lacks condition",
                    fix: "write condition: service_started"
                )
            }
            result[entry.name] = draft.dependency
        }
        return result
    }

    fileprivate var condition: Service.Dependency.Condition? {
        guard let string else { return nil }
        if let condition = Service.Dependency.Condition(rawValue: string) { return condition }
        fail(
            "invalid-value",
            "must be a condition",
            not: string,
            fix: "write service_started, service_healthy or service_completed_successfully"
        )
        return nil
    }
}

private struct DependencyDraft {
    var dependency = Service.Dependency()
    var hasCondition = false
}

extension Schema where Target == DependencyDraft {
    fileprivate static let dependency = Schema(
        "a dependency",
        handled: [
            Attribute("condition") {
                $1.hasCondition = true
                $1.dependency.condition = $0.condition ?? .started
            },
            Attribute("restart") { $1.dependency.restart = $0.bool ?? false },
            Attribute("required") { $1.dependency.required = $0.bool ?? true },
        ]
    )
}

extension Schema where Target == Service.Attachment {
    fileprivate static let attachment = Schema(
        "a network of a service",
        handled: [Attribute("aliases") { $1.aliases = $0.recordedStrings }],
        refused: [
            "ipv4_address": noAddress, "ipv6_address": noAddress, "link_local_ips": noAddress,
            "mac_address": noAddress, "driver_opts": "remove it", "priority": "remove it",
            "gw_priority": "remove it", "interface_name": "remove it",
        ]
    )

    private static let noAddress = "remove it; reach services by their names"
}
