import ComposeFile
import Model
import Testing

/// How much the files hold that are to come to a Swarm's nodes.
@Suite struct SwarmFileSizeTests {
    private static let compose = """
        services:
          web:
            image: web:1
            configs: [site]
            secrets: [key]
            volumes: ["./bound:/bound:ro"]
          other: {image: other:1, configs: [site]}
        configs:
          site: {file: ./site}
          unused: {file: ./unused}
        secrets:
          key: {file: ./key}
        """

    private func reading(
        _ sizes: [String: Int],
        _ compose: String = compose,
        isForSwarm: Bool = true
    ) throws -> StackReading {
        var entries: [String: Snapshot.Entry] = ["compose.yaml": .file(Array(compose.utf8))]
        for name in ["site", "key", "bound", "unused"] {
            entries[name] = .file([UInt8](repeating: 65, count: sizes[name] ?? 1))
        }
        return try StackReading(
            of: Snapshot(
                commit: Commit(id: "c", author: "", seconds: 0, message: ""),
                entries: entries,
                executables: []
            ),
            at: "",
            id: try StackID(project: "a", stack: "a"),
            isForSwarm: isForSwarm
        )
    }

    @Test(arguments: [
        ("site", 0, 9), ("site", 1, 0), ("site", 1_023_999, 0), ("site", 1_024_000, 9),
        ("key", 0, 12), ("key", 1, 0), ("key", 511_999, 0), ("key", 512_000, 12),
        ("bound", 0, 6), ("bound", 1_023_999, 0), ("bound", 1_024_000, 6),
        // Nobody sends it.
        ("unused", 0, 0), ("unused", 1_024_000, 0),
    ])
    func whatASwarmDoesNotHoldIsAnErrorAtItsPlace(name: String, size: Int, line: Int) throws {
        let errors = try reading([name: size]).errors
        #expect(
            errors.map { "\($0.code) \($0.location?.line ?? 0)" }
                == (line == 0 ? [] : ["not-for-swarm \(line)"]),
            "\(errors)"
        )
        #expect(errors.allSatisfy { $0.fix != nil })
        #expect(try reading([name: size], isForSwarm: false).errors.isEmpty)
    }

    /// Whatever it comes from.
    @Test func anEmptyTextIsNone() throws {
        let compose = Self.compose.replacing("{file: ./site}", with: "{content: ''}")
        let errors = try reading([:], compose).errors
        #expect(errors.map { "\($0.code) \($0.location?.line ?? 0)" } == ["not-for-swarm 9"])
    }
}
