import Foundation
import Glibc
import Model
import Testing
import Transport

@testable import Workers

/// What a worker can't do, seen from within and from outside.
@Suite(.timeLimit(.minutes(10))) struct ConfinementTests {
    /// In a process of its own, which confines itself and then tries.
    @Test func nothingIsLeftButComputing() async {
        await #expect(processExitsWith: .exitCode(0)) {
            do {
                try Confinement.enter(LoadingLimits(memory: .mebibytes(64)))
            } catch {
                _exit(100)
            }
            _exit(Attempt.firstThatIsLetPass())
        }
    }

    @Test func aWorkerWaitsWithNothingInItsHands() async throws {
        let loader = WorkerLoader(program: try BuiltProgram.path)
        let limits = LoadingLimits(memory: .mebibytes(100), seconds: 7)
        let worker = try loader.start("load", within: limits)
        let process = Seen(number: worker.number)
        try await eventually { process.status["Seccomp"] == "2" }
        #expect(process.status["NoNewPrivs"] == "1")
        #expect(process.limit("Max cpu time") == ["7", "8"])
        for name in ["Max file size", "Max open files", "Max processes", "Max core file size"] {
            #expect(process.limit(name) == ["0", "0"], "\(name)")
        }
        for name in ["Max address space", "Max data size"] {
            let bytes = try #require(process.limit(name)?.first.flatMap { Int($0) }, "\(name)")
            #expect(bytes > 100 << 20 && bytes < 8 << 30)
        }
        // Whoever isn't root can't look into a process that gave up its privileges.
        if geteuid() == 0 {
            #expect(
                process.status["Uid"]?.split(separator: "\t") == Array(repeating: "65534", count: 4)
            )
            #expect(
                process.status["Gid"]?.split(separator: "\t") == Array(repeating: "65534", count: 4)
            )
            #expect(process.status["Groups"] == "")
            #expect(process.status["CapEff"] == "0000000000000000")
            #expect(try process.bytes("environ").isEmpty)
            #expect(try process.link("cwd") == "/")
            let open = try FileManager.default.contentsOfDirectory(atPath: process.path("fd"))
            #expect(open.sorted() == ["0", "1", "2"])
            for file in open { #expect(try process.link("fd/\(file)").hasPrefix("socket:")) }
        }
        worker.kill()
        #expect(worker.ending != nil, "it is reaped")
    }

    /// A process as the kernel shows it.
    private struct Seen {
        let number: Int32

        func path(_ name: String) -> String { "/proc/\(number)/\(name)" }

        func bytes(_ name: String) throws -> [UInt8] {
            try Array(Data(contentsOf: URL(filePath: path(name))))
        }

        func link(_ name: String) throws -> String {
            try FileManager.default.destinationOfSymbolicLink(atPath: path(name))
        }

        private func lines(_ name: String) -> [Substring] {
            String(decoding: (try? bytes(name)) ?? [], as: UTF8.self).split(separator: "\n")
        }

        var status: [String: String] {
            let pairs = lines("status").compactMap { line -> (String, String)? in
                let parts = line.split(separator: ":", maxSplits: 1)
                guard parts.count == 2 else { return nil }
                return (String(parts[0]), parts[1].trimmingCharacters(in: .whitespaces))
            }
            return Dictionary(pairs) { first, _ in first }
        }

        /// Soft and hard.
        func limit(_ name: String) -> [String]? {
            lines("limits").first { $0.hasPrefix(name) }.map { line in
                line.dropFirst(name.count).split(separator: " ").prefix(2).map(String.init)
            }
        }
    }
}

/// Things that a confined process tries; each has the number that it ends with when it may.
private enum Attempt {
    static func firstThatIsLetPass() -> Int32 {
        let attempts: [() -> Bool] = [
            { isRefused(open("/etc/hostname", O_RDONLY)) },
            { isRefused(open("/dev/null", O_WRONLY)) },
            { isRefused(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)) },
            { isRefused(socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)) },
            { isRefused(kill(getppid(), 0)) },
            { isRefused(unlink("/nowhere")) },
            { isRefused(mkdir("/nowhere", 0o700)) },
            { isRefused(chdir("/")) },
            { isRefused(setuid(0)) },
            { isRefused(dup(0)) },
            {
                var pipes: [Int32] = [0, 0]
                return isRefused(pipe(&pipes))
            },
            {
                var process: pid_t = 0
                return posix_spawn(&process, "/bin/true", nil, nil, [nil], [nil]) != 0
            },
            { isRefused(execve("/bin/true", [nil], [nil])) },
            {
                var thread = pthread_t()
                return pthread_create(&thread, nil, { _ in nil }, nil) != 0
            },
            // More memory than there is.
            { malloc(1 << 30) == nil },
        ]
        let first = attempts.firstIndex { !$0() }
        return first.map { Int32($0 + 1) } ?? 0
    }

    /// By the filter, which says so before anything else can.
    private static func isRefused(_ result: Int32) -> Bool { result == -1 && errno == EPERM }
}
