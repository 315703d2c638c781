import Foundation
import GitSource
import Testing

/// The page for operators has every error.
@Suite struct SourcesPageTests {
    @Test func tellsOfEveryCode() throws {
        let page = try String(
            contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "Docs/Sources.md"),
            encoding: .utf8
        )
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }
        for code in GitError.Code.allCases {
            let row = rows.first { $0.contains("`\(code.word)`") }
            #expect(row != nil, "\(code.word)")
        }
    }
}
