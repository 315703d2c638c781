/// A config of a Swarm that controllers of one name keep for themselves.
///
/// See `Docs/Decisions/0023-several-controllers.md`.
package struct SwarmRecord: Hashable, Sendable {
    package var id: String
    /// What a write over it has to name.
    package var version: Int64
    package var name: String
    package var labels: [String: String]
    package var data: [UInt8]

    package init(
        id: String,
        version: Int64,
        name: String,
        labels: [String: String],
        data: [UInt8]
    ) {
        self.id = id
        self.version = version
        self.name = name
        self.labels = labels
        self.data = data
    }

    /// The most that one holds: less than what engine 20.10 takes, 500 KiB.
    package static let maximumBytes = 500_000
}

/// What a record is, by its name.
package enum RecordName: Hashable, Sendable {
    /// Who leads.
    case lease
    /// The key of contents.
    case key
    /// One append to the journal.
    case journal(Int)
    /// A part of the journal's state after an append.
    case state(after: Int, part: Int)

    /// The name in full, for the controllers of this name.
    package func text(of controller: String) -> String {
        switch self {
        case .lease: "\(controller).lease"
        case .key: "\(controller).key"
        case .journal(let number): "\(controller).journal.\(number)"
        case .state(let number, let part): "\(controller).state.\(number).\(part)"
        }
    }

    /// Reads a name in full; nil of one that is written otherwise.
    package init?(_ text: String, of controller: String) {
        guard text.hasPrefix("\(controller).") else { return nil }
        let parts = text.dropFirst(controller.count + 1).split(
            separator: ".",
            omittingEmptySubsequences: false
        )
        let numbers = parts.dropFirst().compactMap { Int($0) }
        switch (parts.first, parts.count, numbers.count) {
        case ("lease", 1, _): self = .lease
        case ("key", 1, _): self = .key
        case ("journal", 2, 1): self = .journal(numbers[0])
        case ("state", 3, 2): self = .state(after: numbers[0], part: numbers[1])
        default: return nil
        }
        guard self.text(of: controller) == text, numbers.allSatisfy({ $0 >= 0 }) else { return nil }
    }
}

extension EngineRequest {
    /// Makes a record.
    package init(
        creating name: String,
        _ labels: [String: String],
        base64 data: String
    ) {
        self.init(
            .createRecord,
            "POST",
            "/configs/create",
            body: EngineRequest.body(name, labels, data)
        )
    }

    /// Changes the labels of a record, which has to be at this version.
    package init(
        updating record: SwarmRecord,
        _ labels: [String: String],
        base64 data: String
    ) {
        self.init(
            .updateRecord,
            "POST",
            "/configs/\(record.id)/update",
            query: [.init("version", String(record.version))],
            body: EngineRequest.body(record.name, labels, data),
            target: record.id
        )
    }

    /// Removes a record.
    package init(removing record: SwarmRecord) {
        self.init(.removeRecord, "DELETE", "/configs/\(record.id)", target: record.id)
    }

    private static func body(_ name: String, _ labels: [String: String], _ data: String) -> JSON {
        .object(["Name": .string(name), "Labels": .strings(labels), "Data": .string(data)])
    }
}
