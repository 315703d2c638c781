import Model
import Reconciliation
import Testing

@testable import gyre

/// What people are shown in columns.
@Suite struct TableTests {
    private let samples: Samples

    init() throws { samples = try Samples() }

    /// A service's name is a team's; whoever looks at all stacks sees the others' lines as well.
    @Test(arguments: [
        String(repeating: "x", count: 10_000), "a" + String(repeating: "\u{301}", count: 10_000),
    ])
    func aLongNameIsCut(name: String) throws {
        var status = samples.ready
        status.services.append(
            ServiceStatus(name: name, wanted: 1, running: 1, unhealthy: 0, completed: 0)
        )
        let answer = StatusAnswer(status: samples.status(status), isDetailed: true)
        let lines = answer.text(.plain).split(separator: "\n")
        #expect(lines.allSatisfy { $0.unicodeScalars.count < 150 })
        let line = try #require(lines.first { $0.contains("…") })
        #expect(line.contains(String(name.unicodeScalars.prefix(99)) + "…"))
        #expect(line.hasSuffix("  1/1      0          0"))
        #expect(try Output.json(answer).unicodeScalars.count > 10_000)
    }

    @Test func whatFitsStays() {
        let widest = String(repeating: "x", count: Table.width)
        var table = Table("NAME", "WHY")
        table.add(widest, String(repeating: "y", count: 1000))
        table.add("z", "w")
        let lines = table.lines(.plain)
        #expect(lines[1].hasPrefix(widest + "  y"))
        #expect(lines[1].count == Table.width + 2 + Table.lastWidth && lines[1].hasSuffix("y…"))
        #expect(lines[2] == "z" + String(repeating: " ", count: Table.width + 1) + "w")
    }
}
