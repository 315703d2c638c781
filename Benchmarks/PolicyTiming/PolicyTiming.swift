import Admission
import ComposeFile
import Foundation
import Model
import OperatorFile

/// Times policy alone, on a file that was read before: what each look at a commit costs a
/// controller that runs.
///
/// Prints a list of seconds, one for each round.
@main
struct PolicyTiming {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst().map { $0 }
        guard arguments.count == 4, let rounds = Int(arguments[3]) else {
            print("usage: PolicyTiming GYRE.YAML PROJECT COMPOSE.YAML ROUNDS")
            exit(2)
        }
        let settings = try Settings(parsing: bytes(arguments[0]), directory: "/")
        guard let project = settings.projects[arguments[1]] else {
            print("\(arguments[0]) has no project \(arguments[1])")
            exit(2)
        }
        let reading = try read(arguments[2], as: arguments[1])
        let policy = Policy(project.policy)
        let clock = ContinuousClock()
        // The first rounds warm caches and aren't told.
        let times = try (0..<rounds + 20).map { _ in
            let start = clock.now
            _ = try policy.admit(reading)
            return clock.now - start
        }
        print(times.dropFirst(20).map { $0 / .seconds(1) })
    }

    private static func read(_ file: String, as project: String) throws -> StackReading {
        let commit = Commit(
            id: String(repeating: "0", count: 40),
            author: "",
            seconds: 0,
            message: ""
        )
        let snapshot = try Snapshot(commit: commit, entries: ["compose.yaml": .file(bytes(file))])
        let id = try StackID(project: project, stack: project)
        let request = LoadRequest(snapshot, at: "", id: id)
        return try StackReading(answering: request, key: ContentKey())
    }

    private static func bytes(_ file: String) throws -> [UInt8] {
        try Array(Data(contentsOf: URL(filePath: file)))
    }
}
