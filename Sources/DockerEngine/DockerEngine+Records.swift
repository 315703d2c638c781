package import Admission
internal import FoundationEssentials
package import Model
internal import Transport

extension DockerEngine {
    /// What controllers of this name keep for themselves in the Swarm; those whose names begin with
    /// `prefix`, where one is given.
    package func records(
        of controller: String,
        named prefix: String? = nil,
        within deadline: Duration
    ) async throws -> [SwarmRecord] {
        var filters = ["label": ["\(Labels.record)=\(controller)"]]
        if let prefix { filters["name"] = [prefix] }
        let entries = try await swarmList([RecordEntry].self, "configs", filters, within: deadline)
        return entries.map(\.record)
    }

    /// Performs a call that writes a record.
    package func send(record checked: CheckedRequest, within deadline: Duration) async throws {
        var call = EngineCall(checked.request, deadlines)
        call.deadline = deadline
        let response = try await send(call)
        guard !(200...204).contains(response.status) else { return }
        throw failure(response, call)
    }
}

extension EngineError {
    /// Whether a write came too late: somebody was faster, or has the name.
    ///
    /// Source of the words: swarmkit's `controlapi` and `store`, seen with 20.10 and 26.1.
    package var isTooLate: Bool {
        code == .conflict || message.contains("update out of sequence")
            || message.contains("already exists")
    }
}

private struct RecordEntry: Decodable {
    let id: String
    let version: Index
    let spec: Spec

    // The API's own names.
    enum CodingKeys: String, CodingKey { case id = "ID", version = "Version", spec = "Spec" }

    struct Index: Decodable {
        let index: Int64

        enum CodingKeys: String, CodingKey { case index = "Index" }
    }

    struct Spec: Decodable {
        let name: String
        let labels: [String: String]?
        let data: Data?

        enum CodingKeys: String, CodingKey { case name = "Name", labels = "Labels", data = "Data" }
    }

    var record: SwarmRecord {
        SwarmRecord(
            id: id,
            version: version.index,
            name: spec.name,
            labels: spec.labels ?? [:],
            data: Array(spec.data ?? Data())
        )
    }
}
