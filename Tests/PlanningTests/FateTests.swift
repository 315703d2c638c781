import Foundation
import Model
import Planning
import TestSupport
import Testing

@Suite struct FateTests {
    /// What `Docs/Running.md` promises is what the code does, for every state.
    @Test func theDocumentPrintsTheTable() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Docs/Running.md")
        let document = try String(contentsOf: file, encoding: .utf8)
        let hasTable = document.contains(FateTable.text)
        #expect(hasTable, "Docs/Running.md has to hold this table:\n\(FateTable.text)")
    }

    /// A few rows in words, so that the table is not only what the code prints.
    @Test func whatRunsIsLeftAlone() {
        for column in FateTable.columns {
            #expect(column.fate(.running, nil) == .leave)
            #expect(column.fate(.restarting, 137) == .leave)
            #expect(column.fate(.removing, 0) == .leave)
            #expect(column.fate(.paused, nil) == .unpause)
            #expect(column.fate(.dead, 1) == .recreate)
            #expect(column.fate(.created, nil) == .start)
        }
    }

    @Test(arguments: [0, 1, 137])
    func whatShouldAlwaysRunIsStartedAgain(code: Int) {
        for restart in [nil, Service.RestartPolicy.always, .unlessStopped] {
            let column = FateTable.Column(name: "", restart: restart, isTask: false)
            #expect(column.fate(.exited, code) == .start)
        }
    }

    @Test func aTaskThatSucceededIsDone() {
        for restart in [nil, Service.RestartPolicy.no, .onFailure(retries: 2)] {
            let column = FateTable.Column(name: "", restart: restart, isTask: true)
            #expect(column.fate(.exited, 0) == .done)
        }
    }

    @Test func onlyOnFailureIsTriedAgain() {
        let no = FateTable.Column(name: "", restart: .no, isTask: true)
        let onFailure = FateTable.Column(name: "", restart: .onFailure(retries: 0), isTask: true)
        #expect(no.fate(.exited, 137) == .failed(exitCode: 137))
        #expect(onFailure.fate(.exited, 137) == .start)
    }

    @Test func whatPeopleStartIsNotStarted() {
        let fate = Fate(
            state: .created,
            exitCode: nil,
            restart: .always,
            isTask: false,
            startsOnCreate: false,
            restarts: 0
        )
        #expect(fate == .leave)
    }

    /// `on-failure:3` is Docker's until it has tried three times, and nobody's after that.
    @Test(
        arguments: [(0, .start), (2, .start), (3, .failed(exitCode: 1)), (nil, .leave)]
            as [(Int?, Fate)]
    )
    func dockerGivesUpOnce(restarts: Int?, expected: Fate) {
        let fate = Fate(
            state: .exited,
            exitCode: 1,
            restart: .onFailure(retries: 3),
            isTask: true,
            startsOnCreate: true,
            restarts: restarts
        )
        #expect(fate == expected)
    }
}

/// The published table, as Markdown.
enum FateTable {
    struct Column {
        let name: String
        let restart: Service.RestartPolicy?
        let isTask: Bool
        var restarts = 0

        func fate(_ state: ObservedContainer.State, _ code: Int?) -> Fate {
            Fate(
                state: state,
                exitCode: code,
                restart: restart,
                isTask: isTask,
                startsOnCreate: true,
                restarts: restarts
            )
        }
    }

    static let columns = [
        Column(name: "(none)", restart: nil, isTask: false),
        Column(name: "(none), a task", restart: nil, isTask: true),
        Column(name: "`no`", restart: .no, isTask: true),
        Column(name: "`on-failure`", restart: .onFailure(retries: 0), isTask: true),
        Column(
            name: "`on-failure:3`, after 3",
            restart: .onFailure(retries: 3),
            isTask: true,
            restarts: 3
        ),
        Column(name: "`always`", restart: .always, isTask: false),
        Column(name: "`unless-stopped`", restart: .unlessStopped, isTask: false),
    ]

    static let rows: [(ObservedContainer.State, Int?)] = [
        (.created, nil), (.running, nil), (.paused, nil), (.restarting, nil), (.removing, nil),
        (.dead, nil), (.exited, 0), (.exited, 1), (.exited, 137),
    ]

    static var text: String {
        let head = "| the engine says | " + columns.map(\.name).joined(separator: " | ") + " |"
        let line = "|" + String(repeating: " --- |", count: columns.count + 1)
        let body = rows.map { state, code in
            let name = state.rawValue + (code.map { " with \($0)" } ?? "")
            return "| \(name) | "
                + columns.map { word($0.fate(state, code)) }.joined(separator: " | ") + " |"
        }
        return ([head, line] + body).joined(separator: "\n")
    }

    private static func word(_ fate: Fate) -> String {
        switch fate {
        case .start: "start"
        case .unpause: "unpause"
        case .leave: "leave"
        case .done: "done"
        case .failed: "failed"
        case .recreate: "re-create"
        }
    }
}
