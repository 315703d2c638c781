import Admission
import Foundation
import TestSupport

/// An attribute that a tenant's file may not have, with one of its values.
struct HostileAttribute: Sendable {
    /// Which row of the table of attributes it belongs to.
    let row: String
    /// What the finding may be about.
    let topics: Set<Rule.Topic>
    /// Of a service; `#` stands for the value.
    let lines: [String]
    /// What stands beside the services.
    let top: String?
    let value: String
}

/// The table of attributes in the threat model, row by row, as `Tests/Fixtures/policy` has it.
struct HostileTable: Sendable {
    /// One row: attributes, and what shows it besides.
    struct Row: Sendable {
        var name: String
        var notes: [String] = []
        var attributes: [HostileAttribute] = []

        /// What follows a word in the notes.
        func noted(_ word: String) -> [String] {
            notes.filter { $0.hasPrefix(word + " ") }
                .flatMap { $0.dropFirst(word.count).split(separator: " ").map(String.init) }
        }
    }

    private(set) var rows: [Row] = []

    var attributes: [HostileAttribute] { rows.flatMap(\.attributes) }

    init() throws {
        let file = PolicyCase.fixtures.appending(path: "attributes.txt")
        var pattern: (topics: Set<Rule.Topic>, lines: [String], top: String?)?
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            if line.hasPrefix("#") { continue }
            if line.hasPrefix("== ") {
                rows.append(Row(name: String(line.dropFirst(3))))
            } else if line.hasPrefix("- ") {
                rows[rows.count - 1].notes.append(String(line.dropFirst(2)))
            } else if line.hasPrefix(" ") {
                guard let pattern else { throw Unreadable(line: String(line)) }
                for value in line.split(separator: "  ", omittingEmptySubsequences: true) {
                    let value = String(value.drop { $0 == " " })
                    if !value.isEmpty { add(pattern, value) }
                }
            } else {
                let parts = line.components(separatedBy: " | ")
                let topics = try parts[0].split(separator: ",").map { name in
                    guard let topic = Rule.Topic(rawValue: String(name)) else {
                        throw Unreadable(line: String(line))
                    }
                    return topic
                }
                let lines = parts[1].components(separatedBy: "; ")
                let read = (Set(topics), lines, parts.count > 2 ? parts[2] : nil)
                pattern = read
                if !line.contains("#") { add(read, "") }
            }
        }
    }

    /// Into how many parts the draws are cut, which run beside each other.
    static let shards = 8
    private static let drawsOfEach = 5

    /// Files of each attribute of one part, several of each, always the same ones.
    func draws(of shard: Int) -> [(attribute: HostileAttribute, files: HostileFiles)] {
        var draws: [(attribute: HostileAttribute, files: HostileFiles)] = []
        let attributes = attributes
        for index in attributes.indices where index % HostileTable.shards == shard {
            for draw in 0..<HostileTable.drawsOfEach {
                var random = SplitMix64(seed: index * HostileTable.drawsOfEach + draw)
                draws.append((attributes[index], HostileFiles(attributes[index], &random)))
            }
        }
        return draws
    }

    private mutating func add(
        _ pattern: (topics: Set<Rule.Topic>, lines: [String], top: String?),
        _ value: String
    ) {
        let row = rows[rows.count - 1]
        rows[rows.count - 1].attributes.append(
            HostileAttribute(
                row: row.name,
                topics: pattern.topics,
                lines: pattern.lines,
                top: pattern.top,
                value: value
            )
        )
    }

    private struct Unreadable: Error {
        let line: String
    }
}
