package import Model

/// The gate of what controllers keep for themselves in a Swarm: nothing but records of their name.
///
/// No stack is asked for these, and none can name them: its objects have no dot in their names.
package struct RecordGate: Sendable {
    private let controller: String

    package init(controller: String) { self.controller = controller }

    /// Lets `request` pass as it is, or says why not.
    ///
    /// `record` is what was found where something that is there is written over or removed.
    package func check(
        _ request: EngineRequest,
        on record: SwarmRecord? = nil
    ) throws(GateRefusal) -> CheckedRequest {
        do {
            try judge(request, record)
        } catch {
            throw GateRefusal(error, to: request)
        }
        return CheckedRequest(request)
    }

    private func judge(_ request: EngineRequest, _ record: SwarmRecord?) throws(Objection) {
        let call = try Call(request)
        let body = try BodyField(of: request)
        switch request.action {
        case .createRecord:
            try call.matches("POST", "configs", "create")
            _ = try call.queries()
            _ = try judge(BodyField.required(body))
        case .updateRecord:
            let name = try own(try call.matches("POST", "configs", "*", "update"), call, record)
            guard name == .lease, try judge(BodyField.required(body)) == .lease else {
                throw Objection(.ownership, "path", "only a lease is written over")
            }
            guard let version = try call.queries("version")["version"],
                Text.number(version, atMost: .max) != nil
            else { throw Objection(.call, "query.version", "an update names what it looked at") }
        case .removeRecord:
            let name = try own(try call.matches("DELETE", "configs", "*"), call, record)
            _ = try call.queries()
            guard body == nil else { throw Objection(.body, "body", "this call has no body") }
            guard name != .lease, name != .key else {
                throw Objection(.ownership, "path", "lease and key are never removed")
            }
        default:
            throw Objection(.call, "action", "this writes no record")
        }
    }

    /// What a body makes.
    private func judge(_ body: BodyField) throws(Objection) -> RecordName {
        let members = try body.members(["Name", "Labels", "Data"])
        let field = try members.required("Name", .name)
        guard let name = RecordName(try field.string(), of: controller) else {
            throw field.objection(.name, "this is no name of this controller's records")
        }
        let labels = try members.required("Labels", .label)
        let allowed = [Labels.record, Labels.Record.digest, Labels.Record.parts] + Labels.lease
        for (key, value) in try labels.entries() {
            guard allowed.contains(where: { Text.equal($0, key) }) else {
                throw value.objection(.label, "a record has no such label")
            }
            guard try Text.isPrintable(value.string()) else {
                throw value.objection(.label, "this has characters that can't be seen")
            }
        }
        let whose = try labels.members(Set(allowed)).required(Labels.record, .label)
        guard Text.equal(try whose.string(), controller) else {
            throw whose.objection(.label, "this is not this controller's name")
        }
        let data = try members.required("Data", .content)
        guard let bytes = Base64.decode(try data.string()),
            (1...SwarmRecord.maximumBytes).contains(bytes.count)
        else { throw data.objection(.content, "a record has some bytes, and not too many") }
        return name
    }

    private func own(
        _ id: String,
        _ call: Call,
        _ record: SwarmRecord?
    ) throws(Objection) -> RecordName {
        guard let target = call.target, Text.equal(target, id), let record,
            Text.equal(record.id, id), Gate.isSwarmID(id)
        else { throw Objection(.ownership, "path", "this is not what was found") }
        guard record.labels[Labels.record].map({ Text.equal($0, controller) }) == true,
            let name = RecordName(record.name, of: controller)
        else { throw Objection(.ownership, "path", "this is no record of this controller's") }
        return name
    }
}
