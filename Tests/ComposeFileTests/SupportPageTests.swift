import ComposeFile
import Foundation
import Testing

/// `Docs/Compose.md` says what the code does.
@Suite struct SupportPageTests {
    private static let page = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Docs/Compose.md").standardizedFileURL

    @Test func theTableIsMadeFromTheCode() throws {
        let page = try String(contentsOf: Self.page, encoding: .utf8)
        if ProcessInfo.processInfo.environment["UPDATE_SNAPSHOTS"] == "1",
            let start = page.range(of: "| attribute |")
        {
            let updated = page[..<start.lowerBound] + SupportTable.markdown + "\n"
            try String(updated).write(to: Self.page, atomically: true, encoding: .utf8)
        }
        #expect(page.hasSuffix(SupportTable.markdown + "\n"))
    }

    /// A path that no attribute has would be a promise that nothing keeps.
    @Test func everyRowIsAnAttribute() {
        #expect(Set(SupportTable.rows.map(\.path)).count == SupportTable.rows.count)
        #expect(SupportTable.rows.count > 150)
        #expect(SupportTable.rows.contains { $0.path == "services.*.image" && $0.isRun })
        #expect(SupportTable.rows.contains { $0.path == "services.*.build" && !$0.isRun })
    }
}
