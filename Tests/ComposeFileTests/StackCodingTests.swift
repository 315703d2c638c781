import ComposeFile
import Foundation
import Model
import Testing

/// What files mean crosses to another process as JSON, and is the same there.
@Suite struct StackCodingTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../..").standardizedFileURL

    /// Of each folder with a compose file: as it is read to be run, refused or not, and as Docker
    /// Compose would bring it up.
    @Test func everySampleComesBackTheSame() throws {
        var count = 0
        for folder in try Self.folders(below: ["SampleRepos", "Tests/Fixtures"]) {
            for stack in try Self.stacks(in: folder) {
                count += 1
                #expect(try Self.sent(stack) == stack, "\(folder.path)")
            }
        }
        #expect(count > 120)
    }

    /// JSON has one kind of number, so a whole one has to be one whatever YAML calls it.
    @Test(arguments: ["1.0", "1e15", "9e18", "1e19", "-1e15", "-0.0", "0.1", "9223372036854775808"])
    func aNumberOfAnExtensionComesBackTheSame(number: String) throws {
        let text = "services: {}\nx-a: [\(number), ~, yes, 2001-01-01, \"\(number)\"]\n"
        let stack = try Sample(text).load()
        #expect(!stack.extensions.isEmpty)
        #expect(try Self.sent(stack) == stack)
    }

    private static func sent(_ stack: Stack) throws -> Stack {
        try JSONDecoder().decode(Stack.self, from: JSONEncoder().encode(stack))
    }

    private static func folders(below names: [String]) throws -> [URL] {
        let isCompose: Set = [
            "compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml",
        ]
        return try names.flatMap { name in
            let folder = root.appending(path: name)
            let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
            let found = paths.filter { isCompose.contains(URL(filePath: $0).lastPathComponent) }
            return Set(found.map { folder.appending(path: $0).deletingLastPathComponent() })
                .sorted { $0.path < $1.path }
        }
    }

    private static func stacks(in folder: URL) throws -> [Stack] {
        var entries: [String: Snapshot.Entry] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
            guard let data = try? Data(contentsOf: folder.appending(path: path)) else { continue }
            entries[path] = .file(Array(data))
        }
        let commit = Commit(id: "0", author: "", seconds: 0, message: "")
        let snapshot = Snapshot(commit: commit, entries: entries)
        let id = try StackID(project: "app", stack: "app")
        let read = try? StackReading(of: snapshot, at: "", id: id).stack
        let project = try? ComposeProject(ComposeRequest(directory: folder.path), in: DiskTree())
        let composed = project.flatMap { try? Stack(composing: $0, in: DiskTree(), id: id) }
        return [read, composed].compactMap { $0 }
    }
}
