extension AuditEntry {
    /// A controller begins to work, by the operator's file of that digest.
    package static func started(
        _ controller: String,
        version: String,
        command: String,
        by person: Person,
        engine: String,
        configuration: String
    ) -> AuditEntry {
        AuditEntry(
            .started,
            nil,
            [
                "controller": .string(controller), "version": .string(version),
                "command": .string(command), "by": person.json, "engine": .clipped(engine),
                "configuration": .string(configuration),
            ]
        )
    }

    /// The operator's file was taken up, or why it wasn't.
    package static func configured(digest: String?, refused: String? = nil) -> AuditEntry {
        AuditEntry(
            .configured,
            nil,
            [
                "configuration": digest.map(JSON.string),
                "refused": refused.map(JSON.clipped),
            ]
        )
    }

    /// The policy of a project is `now`; `before` is what the log knew of it, and `published` the
    /// digest of what its team gets to see.
    package static func policy(
        of project: String,
        _ now: AuditState.KnownPolicy,
        before: AuditState.KnownPolicy?,
        published: String?
    ) -> AuditEntry {
        let changed = before.map { before in
            Set(before.parts.keys).union(now.parts.keys).sorted()
                .filter { before.parts[$0] != now.parts[$0] }
        }
        var facts: [String: JSON?] = [
            "project": .clipped(project), "policy": .string(now.digest),
            "before": before.map { .string($0.digest) },
            "published": published.map(JSON.string),
            "parts": .object(now.parts.mapValues(JSON.string)),
        ]
        facts.merge(JSON.clipped("changed", (changed ?? []).map(JSON.clipped))) { _, new in new }
        return AuditEntry(.policy, nil, facts)
    }

    /// A person demanded something, such as `confirm`.
    package static func acted(
        _ demand: String,
        _ stack: StackID?,
        by person: Person,
        _ details: [String: JSON?] = [:]
    ) -> AuditEntry {
        var facts = details
        facts["demand"] = .string(demand)
        facts["by"] = person.json
        return AuditEntry(.acted, stack, facts)
    }

    /// What became of one step of a run; `object` is what it made or changed, by the engine's id.
    package static func applied(
        _ step: Step,
        _ result: StepResult,
        of stack: StackID,
        run: String,
        object: String?,
        milliseconds: Int64?
    ) -> AuditEntry {
        let (word, message): (String, String?) =
            switch result {
            case .done: ("done", nil)
            // Not what the container wrote last, which may be anything.
            case .failed(let failure): ("failed", failure.message)
            case .skipped(let cause): ("skipped", "step \(cause) was not done")
            case .cancelled: ("cancelled", nil)
            }
        return AuditEntry(
            .applied,
            stack,
            [
                "run": .string(run), "number": .int(Int64(step.id)),
                "step": .clipped("\(step.operation)"), "reason": .clipped("\(step.reason)"),
                "result": .string(word), "message": message.map(JSON.clipped),
                "object": object.map(JSON.string), "milliseconds": milliseconds.map(JSON.int),
            ]
        )
    }

    /// An image is about to be removed from a node.
    package static func collected(
        _ image: NodeImage,
        unusedSince: Instant,
        on node: String
    ) -> AuditEntry {
        let names = image.names.sorted().map(JSON.clipped)
        var facts: [String: JSON?] = [
            "image": .string(image.id), "node": .string(node),
            "unused_since": .int(unusedSince.milliseconds),
        ]
        facts.merge(JSON.clipped("names", names)) { _, new in new }
        return AuditEntry(.collected, nil, facts)
    }

    /// The journal was made anew, and what the log knows of the one before is no more.
    package static func newJournal(because reason: String) -> AuditEntry {
        AuditEntry(.journal, nil, ["reason": .clipped(reason)])
    }

    /// The log begins, or goes on in a new file.
    package static func began(because reason: String) -> AuditEntry {
        AuditEntry(.began, nil, ["reason": .clipped(reason)])
    }

    /// A controller ends.
    package static let stopped = AuditEntry(.stopped)

    /// Outcomes were lost because they could not be written for too long.
    package static func missed(_ count: Int) -> AuditEntry {
        AuditEntry(.missed, nil, ["entries": .int(Int64(count))])
    }

    /// A version failed, and is held.
    package static func held(_ stack: StackID, _ version: Version, because: String) -> AuditEntry {
        AuditEntry(
            .held,
            stack,
            [
                "commit": .string(version.commit), "version": .string(version.digest),
                "reason": .clipped(because),
            ]
        )
    }

    /// Objects that a run had made before it was cut off, or that are taken over from what
    /// somebody else made under the name `other`.
    package static func adopted(
        _ objects: [OwnedObject],
        of stack: StackID,
        from other: String? = nil
    ) -> AuditEntry {
        let found = objects.map { object -> JSON in
            [
                "kind": .string(object.kind.rawValue), "id": .string(object.id),
                "name": .clipped(object.name),
            ]
        }
        var facts = JSON.clipped("objects", found)
        facts["from"] = other.map(JSON.clipped)
        return AuditEntry(.adopted, stack, facts)
    }
}

extension Person {
    /// For an entry.
    package var json: JSON {
        .members(["name": .clipped(name), "uid": uid.map { .int(Int64($0)) }])
    }
}
