import Foundation
import Glibc
import Model
import Testing

@testable import Workers

/// The program as it was built beside these tests, and stand-ins for it.
enum BuiltProgram {
    static var path: String {
        get throws {
            let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            let path = URL(filePath: own).deletingLastPathComponent().appending(path: "gyre").path
            try #require(access(path, X_OK) == 0, "\(path) is not built")
            return path
        }
    }

    /// A program that goes wrong in the way that its third argument, the seconds, says.
    ///
    /// It is a file of the repository, since one that was just written may still be busy.
    static let standIn = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "StandIn.sh").path
}

extension LoadRequest {
    /// A request to load these files, as the stack that bears its project's name.
    init(_ files: [String: String], of project: String = "shop") throws {
        let entries = files.mapValues { Snapshot.Entry.file(Array($0.utf8)) }
        try self.init(entries: entries, of: project)
    }

    init(
        entries: [String: Snapshot.Entry],
        executables: Set<String> = [],
        of project: String = "shop"
    ) throws {
        let commit = Commit(id: "", author: "", seconds: 0, message: "")
        self.init(
            Snapshot(commit: commit, entries: entries, executables: executables),
            at: "",
            id: try StackID(parsing: project)
        )
    }

    /// Files that take long and much to load, each within the loader's own bounds.
    static func heavy(files count: Int) throws -> LoadRequest {
        let items = Array(repeating: "x", count: 200_000).joined(separator: ", ")
        let names = (0..<count).map { "f\($0).yaml" }
        var files = Dictionary(uniqueKeysWithValues: names.map { ($0, "x-\($0): [\(items)]\n") })
        files["compose.yaml"] =
            "include: [\(names.joined(separator: ", "))]\nservices: {web: {image: httpd}}\n"
        return try LoadRequest(files)
    }
}

extension LoadingLimits {
    init(memory: ByteCount = .mebibytes(512), seconds: Int64 = 600) {
        self.init()
        self.memory = memory
        time = .seconds(seconds)
    }
}

/// Looks again and again until something is so; minutes end it only where it hangs.
func eventually(_ isSo: () throws -> Bool) async throws {
    for _ in 0..<60_000 {
        if try isSo() { return }
        try await Task.sleep(for: .milliseconds(5))
    }
    Issue.record("it never came true")
}
