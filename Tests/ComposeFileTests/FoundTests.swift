import Foundation
import LoaderProperties
import Testing

/// Inputs that the fuzzer found once, and what it asks of each.
@Suite struct FoundTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Fixtures/Found").standardizedFileURL

    @Test func inputsThatWereFound() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).sorted()
        #expect(!names.isEmpty)
        for name in names {
            let bytes = try Data(contentsOf: Self.folder.appending(path: name))
            let problem = LoaderProperties.violation(of: LoaderInput(Array(bytes)))
            #expect(problem == nil, "\(name)")
        }
    }
}
