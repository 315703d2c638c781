import ComposeFile
import Foundation
import Glibc
import Model
import OperatorFile
import Testing
import Transport

@testable import Workers

/// Real workers, and programs that stand in for one that went wrong.
@Suite(.timeLimit(.minutes(15))) struct WorkerLoaderTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../..").standardizedFileURL

    private func loader() throws -> WorkerLoader { patient(try BuiltProgram.path) }

    /// A loader that waits for longer than any machine needs.
    private func patient(_ program: String, longestAnswer: Int = 64 << 20) -> WorkerLoader {
        WorkerLoader(program, longestAnswer: longestAnswer, patience: 3600)
    }

    /// What a worker says is what the loader says here, secrets' digests by our key among it.
    @Test func aWorkerSaysWhatIsSaidHere() async throws {
        let loader = try loader()
        let key = ContentKey(Array("key".utf8))
        let limits = LoadingLimits(seconds: 600)
        let requests = try Self.samples()
        #expect(requests.count > 30)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (name, request) in requests {
                group.addTask {
                    let here = Result {
                        try StackReading(answering: request, key: key)
                    }
                    let there: Result<StackReading, any Error>
                    do {
                        let reading = try await loader.load(request, key: key, within: limits)
                        there = .success(reading)
                    } catch {
                        there = .failure(error)
                    }
                    let (one, other) = (try? here.get(), try? there.get())
                    #expect(one == other, "\(name)")
                    #expect(there.rejection == here.rejection, "\(name)")
                }
            }
            try await group.waitForAll()
        }
    }

    /// A `.gyre.yaml` is read in a worker too, with the same words.
    @Test func aWorkerReadsATenantsFile() async throws {
        let loader = try loader()
        let limits = LoadingLimits(seconds: 600)
        for text in ["stacks: {web: {depends_on: [db]}, db: {}}", "stacks: [", "", "stax: {}"] {
            let here = Result { try TenantFile(parsing: Array(text.utf8), file: "a/.gyre.yaml") }
            let bytes = Array(text.utf8)
            do {
                let there = try await loader.tenantFile(
                    bytes,
                    at: "a/.gyre.yaml",
                    of: "shop",
                    within: limits
                )
                #expect(try here.get() == there)
            } catch let rejection as Rejection {
                #expect(throws: rejection) { try here.get() }
            }
        }
    }

    /// The sample repositories, a third of the policy's cases, and files with contents.
    private static func samples() throws -> [(String, LoadRequest)] {
        var samples: [(String, LoadRequest)] = []
        for (parent, step) in [("SampleRepos", 1), ("Tests/Fixtures/policy/cases", 3)] {
            let folders = try composeFolders(below: root.appending(path: parent))
            for index in stride(from: 0, to: folders.count, by: step) {
                let request = try LoadRequest(entries: files(below: folders[index]))
                samples.append((folders[index].path, request))
            }
        }
        let contents = """
            services:
              web:
                image: httpd
                volumes: ["./site:/site:ro", "./run.sh:/run.sh:ro"]
                configs: [text, {source: file, uid: "33"}]
                secrets: [token]
            configs: {text: {content: "hello"}, file: {file: ./site/a}}
            secrets: {token: {file: token.txt}}
            """
        let entries: [String: Snapshot.Entry] = [
            "compose.yaml": .file(Array(contents.utf8)), "site/a": .file([1, 2]),
            "site/b": .link("a"), "run.sh": .file([3]), "token.txt": .file([4]),
        ]
        let request = try LoadRequest(entries: entries, executables: ["run.sh"])
        let adopted = LoadRequest(request.snapshot, at: "", id: request.id, adoptedName: "old")
        let stack = """
            services: {web: {image: "web:1", configs: [site]}}
            configs: {site: {file: site/a}}
            """
        let deployed = LoadRequest(
            try LoadRequest(
                entries: ["compose.yaml": .file(Array(stack.utf8)), "site/a": .file([1, 2])]
            ).snapshot,
            at: "",
            id: request.id,
            isForSwarm: true,
            adoptedName: "old"
        )
        #expect(try StackReading(answering: deployed).dockerStack != nil)
        return samples + [("contents", request), ("adopted", adopted), ("deployed", deployed)]
    }

    private static func composeFolders(below folder: URL) throws -> [URL] {
        let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
        return paths.filter { $0.hasSuffix("compose.yaml") || $0.hasSuffix("docker-compose.yml") }
            .map { folder.appending(path: $0).deletingLastPathComponent() }
    }

    private static func files(below folder: URL) throws -> [String: Snapshot.Entry] {
        var entries: [String: Snapshot.Entry] = [:]
        let paths = (try? FileManager.default.subpathsOfDirectory(atPath: folder.path)) ?? []
        for path in paths {
            guard let data = try? Data(contentsOf: folder.appending(path: path)) else { continue }
            entries[path] = .file(Array(data))
        }
        return entries
    }

    @Test func memoryIsBounded() async throws {
        let limits = LoadingLimits(memory: .mebibytes(16))
        let failure = try await givenUp(loader(), try .heavy(files: 1), within: limits)
        #expect(failure.reason == "it took more than 16 MiB of memory")
        #expect(failure.fix.contains("defaults.loading.memory"))
    }

    @Test func processorTimeIsBounded() async throws {
        let limits = LoadingLimits(memory: .gibibytes(16), seconds: 1)
        let failure = try await givenUp(loader(), try .heavy(files: 12), within: limits)
        #expect(failure.reason == "it took more than 1 s of a processor")
        #expect(failure.fix.contains("defaults.loading.time"))
    }

    private func givenUp(
        _ loader: WorkerLoader,
        _ request: LoadRequest,
        within limits: LoadingLimits = LoadingLimits()
    ) async throws -> GivenUp {
        let error = await #expect(throws: GivenUp.self) {
            _ = try await loader.load(request, key: ContentKey(), within: limits)
        }
        return try #require(error)
    }

    /// What a worker does that stands in for ours, by the number that tells it what to do, and
    /// what it is blamed on.
    @Test(arguments: [
        (101, "its answer is longer than 1 MiB"),
        (102, "its answer can't be used: no answer of a loader"),
        (103, "its answer can't be used: neither yes nor no"),
        (104, "it crashed with signal 11"),
        (105, "it took more than 512 MiB of memory"),
        (106, "it took more than 512 MiB of memory"),
    ])
    func theFilesAreToBlame(act: Int64, reason: String) async throws {
        let loader = patient(BuiltProgram.standIn, longestAnswer: 1 << 20)
        let limits = LoadingLimits(seconds: act)
        let failure = try await givenUp(loader, try LoadRequest([:]), within: limits)
        #expect(failure.reason == reason)
        #expect(failure.finding.code == GivenUp.code && failure.finding.severity == .error)
    }

    @Test(arguments: [
        (201, "was killed by somebody"), (202, "was killed by somebody"),
        (203, "ended with status 3"), (204, "can't be confined: no filter"),
    ])
    func theMachineIsToBlame(act: Int64, words: String) async throws {
        let loader = patient(BuiltProgram.standIn)
        let failure = try await trouble(loader, within: LoadingLimits(seconds: act))
        #expect(failure.description.contains(words))
    }

    @Test func aProgramThatIsNotThereIsTheMachines() async throws {
        let failure = try await trouble(patient("/nowhere/gyre"))
        #expect(failure.description.contains("can't start /nowhere/gyre"))
    }

    @Test func aWorkerKilledOnTheWayIsTheMachines() async throws {
        let worker = try loader().start("load", within: LoadingLimits())
        #expect(kill(worker.number, SIGKILL) == 0)
        worker.finish(within: .seconds(600))
        #expect(worker.ending == .killed(signal: SIGKILL))
        #expect(throws: WorkerTrouble.self) { try WorkerTrouble.judge(worker, LoadingLimits()) }
    }

    /// A trap of the loader is the files' fault: they are held, and not tried again for ever.
    @Test(arguments: [SIGILL, SIGTRAP, SIGABRT, SIGSEGV])
    func aTrapInAWorkerIsTheFiles(signal: Int32) async throws {
        let loader = try loader()
        let worker = try loader.start("load", within: LoadingLimits())
        // A handler that only looks at the stack returns to where a trap would strike again.
        for _ in 0..<10 {
            #expect(kill(worker.number, signal) == 0)
            try await Task.sleep(for: .milliseconds(50))
        }
        worker.finish(within: .seconds(600))
        #expect(worker.ending == .killed(signal: signal))
        let error = #expect(throws: GivenUp.self) {
            try WorkerTrouble.judge(worker, LoadingLimits())
        }
        #expect(error?.reason == "it crashed with signal \(signal)")
        // Who loads beside it, and after it, gets an answer.
        let request = try LoadRequest(["compose.yaml": "services: {web: {image: httpd}}"])
        let reading = try await loader.load(request, key: ContentKey(), within: LoadingLimits())
        #expect(reading.stack.services.keys.sorted() == ["web"])
    }

    private func trouble(
        _ loader: WorkerLoader,
        within limits: LoadingLimits = LoadingLimits()
    ) async throws -> WorkerTrouble {
        let error = await #expect(throws: WorkerTrouble.self) {
            _ = try await loader.load(try LoadRequest([:]), key: ContentKey(), within: limits)
        }
        return try #require(error)
    }

    @Test func whoNoLongerWaitsIsNotKeptWaiting() async throws {
        let loader = patient(BuiltProgram.standIn)
        let limits = LoadingLimits(seconds: 301)
        let task = Task {
            _ = try await loader.load(try LoadRequest([:]), key: ContentKey(), within: limits)
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    /// One team's commits, and its files that say which there are, take all the places it has.
    @Test func nobodyWaitsForAnothersCommits() async throws {
        let loader = WorkerLoader(BuiltProgram.standIn, 2, patience: 3600)
        let endless = LoadingLimits(seconds: 301)
        let brief = LoadingLimits(seconds: 102)
        let (one, other) = (try LoadRequest([:]), try LoadRequest([:], of: "other"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<50 {
                group.addTask {
                    if index % 2 == 0 {
                        _ = try await loader.load(one, key: ContentKey(), within: endless)
                    } else {
                        _ = try await loader.tenantFile([], at: "f", of: "shop", within: endless)
                    }
                }
            }
            // Some of them have their places by now, and if not, this proves less.
            try await Task.sleep(for: .milliseconds(200))
            for _ in 0..<3 {
                await #expect(throws: GivenUp.self) {
                    try await loader.load(other, key: ContentKey(), within: brief)
                }
                await #expect(throws: GivenUp.self) {
                    try await loader.tenantFile([], at: "f", of: "third", within: brief)
                }
            }
            group.cancelAll()
            while let result = await group.nextResult() {
                #expect(throws: CancellationError.self) { try result.get() }
            }
        }
    }

    /// A person who calls it by hand is told that it is nothing for them.
    @Test(arguments: [["worker"], ["worker", "x", "1"], ["worker", "1", "0"]])
    func aWorkerIsNothingForPeople(arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: try BuiltProgram.path)
        process.arguments = arguments
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        let text = String(
            decoding: errors.fileHandleForReading.readDataToEndOfFile(),
            as: UTF8.self
        )
        process.waitUntilExit()
        #expect(process.terminationStatus == 65)
        #expect(text.contains("gyre worker is for gyre itself"))
    }
}

extension Result {
    fileprivate var rejection: Rejection? {
        if case .failure(let error) = self { error as? Rejection } else { nil }
    }
}
