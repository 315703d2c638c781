import Model
import OperatorFile
import Testing

/// What a running controller can't take up.
@Suite struct FixedSettingsTests {
    private let running: Settings

    init() throws { running = try FixedSettingsTests.settings("projects: {}") }

    private static func settings(_ text: String) throws -> Settings {
        try Settings(parsing: Array(text.utf8), file: "gyre.yaml", directory: "/etc/gyre")
    }

    private func refusals(_ text: String) throws -> [Diagnostic] {
        try FixedSettingsTests.settings(text)
            .refusals(by: running, in: Array(text.utf8), file: "gyre.yaml")
    }

    @Test func eachIsRefusedAtItsPlaceWithBothValues() throws {
        let found = try refusals(
            """
            projects: {}
            controller: east
            state: /srv/gyre
            engine: unix:///run/other.sock
            socket: /run/gyre.sock
            """
        )
        #expect(found.map(\.location?.line) == [2, 3, 4, 5])
        #expect(found.allSatisfy { $0.code == "needs-restart" && $0.severity == .error })
        let values = [
            ("gyre", "east"), ("/var/lib/gyre", "/srv/gyre"),
            ("unix:///var/run/docker.sock", "unix:///run/other.sock"),
            ("/var/lib/gyre/gyre.sock", "/run/gyre.sock"),
        ]
        for (finding, (old, new)) in zip(found, values) {
            #expect(finding.message.contains("it is \(old) there, and \(new) here"))
        }
    }

    @Test func anythingElseIsTakenUp() throws {
        #expect(try refusals("polling: 5s\nprojects: {}").isEmpty)
    }

    @Test func aSocketThatMovesWithTheStateIsNotToldTwice() throws {
        let found = try refusals("state: /srv/gyre\nprojects: {}")
        #expect(found.map(\.field?.description) == ["state"])
    }

    @Test func aSettingThatWasTakenOutIsTold() throws {
        let east = try FixedSettingsTests.settings("controller: east\nprojects: {}")
        let text = "projects: {}"
        let found = try FixedSettingsTests.settings(text)
            .refusals(by: east, in: Array(text.utf8), file: "gyre.yaml")
        #expect(found.map(\.location?.line) == [1])
        #expect(found[0].message.contains("east there, and gyre here, where nothing is written"))
    }

    @Test(arguments: [
        "socket: /\(String(repeating: "s", count: 107))",
        "state: /\(String(repeating: "s", count: 97))",
    ])
    func aSocketThatTheKernelWouldRefuse(line: String) throws {
        #expect(throws: Never.self) {
            try FixedSettingsTests.settings("\(line.dropLast())\nprojects: {}")
        }
        let refusal = #expect(throws: Rejection.self) {
            try FixedSettingsTests.settings("projects: {}\n\(line)")
        }
        #expect(refusal?.diagnostics.map(\.code) == ["path-too-long"])
        #expect(refusal?.diagnostics.first?.location?.line == 2)
    }

    /// The socket of a file that is refused.
    @Test(arguments: [
        ("socket: /run/g.sock\nprojects: {}", "/run/g.sock"),
        ("socket: run/g.sock\nprojetcs: {}", "/etc/gyre/run/g.sock"),
        ("state: state\nprojetcs: {}", "/etc/gyre/state/gyre.sock"),
        ("socket: '/run/g.sock'\nprojects: {]", "/run/g.sock"),
        ("state: /srv\n\tx\nsocket: /run/g.sock\n  - [", "/run/g.sock"),
        ("projects: {]", nil), ("socket: [\nstate: {", nil), ("", nil),
    ])
    func theSocketOfAWrongFile(text: String, socket: String?) {
        #expect(Settings.socket(in: Array(text.utf8), directory: "/etc/gyre") == socket)
    }
}
