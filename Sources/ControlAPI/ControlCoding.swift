internal import FoundationEssentials

/// The one way in which values become JSON and come back.
package enum ControlCoding {
    /// Compact JSON with sorted keys.
    package static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }

    /// Reads a value back.
    package static func decode<T: Decodable>(_ type: T.Type, from bytes: [UInt8]) throws -> T {
        try JSONDecoder().decode(type, from: Data(bytes))
    }
}

/// The answer to a demand that has nothing to tell.
package struct Done: Hashable, Codable, Sendable {
    package var done = true

    package init() {}
}

/// What `confirm` demands.
struct ConfirmDemand: Codable, Sendable {
    var change: String
}

/// What the removal of a volume demands.
struct VolumeDemand: Codable, Sendable {
    var volume: String
    var change: String
}

/// What `recovery` demands; an empty body takes nothing that is in doubt.
struct RecoveryDemand: Codable, Sendable {
    /// Names of doubtful objects.
    var take: [String]
}

/// What `release` answers.
struct ReleaseAnswer: Codable, Sendable {
    var released: Int
}
