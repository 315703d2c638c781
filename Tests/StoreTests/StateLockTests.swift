import Foundation
import Store
import Synchronization
import Testing

@Suite(.serialized) struct StateLockTests {
    let directory: Directory

    init() throws { directory = try Directory() }

    @Test("One holder at a time, named to the second; free again when it lets go")
    func one() throws {
        var first: StateLock? = try StateLock(ofDirectory: directory.path)
        #expect(first?.path == directory.path + "/lock")
        let holder = ProcessInfo.processInfo.processIdentifier
        #expect { try StateLock(ofDirectory: directory.path) } throws: { error in
            (error as? StoreError)?.code == .locked
                && "\(error)".contains("process \(holder) has it")
        }
        first = nil
        _ = try StateLock(ofDirectory: directory.path)
    }

    @Test("A process that was killed has let go", .timeLimit(.minutes(10)))
    func killed() async throws {
        let path = directory.path + "/engine.lock"
        let child = Process()
        child.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
        child.arguments = ["-n", "--no-fork", path, "sh", "-c", "echo; exec sleep 60"]
        let output = Pipe()
        child.standardOutput = output
        try child.run()
        _ = output.fileHandleForReading.readData(ofLength: 1)
        #expect { try StateLock(at: path) } throws: { ($0 as? StoreError)?.code == .locked }
        kill(child.processIdentifier, SIGKILL)
        child.waitUntilExit()
        _ = try StateLock(at: path)
    }

    @Test("A passing lock leaves no file behind, and takes over one that was left")
    func passing() throws {
        let path = directory.path + "/engine.lock"
        try "17\n".write(toFile: path, atomically: false, encoding: .utf8)
        var lock: StateLock? = try StateLock(at: path, isPassing: true)
        #expect { try StateLock(at: path) } throws: { ($0 as? StoreError)?.code == .locked }
        #expect(StateLock.holder(at: path)?.contains("process") == true)
        #expect(try String(contentsOfFile: path, encoding: .utf8) != "17\n")
        lock = nil
        #expect(StateLock.holder(at: path) == nil)
        #expect(lock == nil && !FileManager.default.fileExists(atPath: path))
    }

    @Test("However many come and go at once, one holds it at a time", .timeLimit(.minutes(10)))
    func crowd() async throws {
        let path = directory.path + "/engine.lock"
        let crowd = Crowd()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<100 {
                        guard let lock = try? StateLock(at: path, isPassing: true) else { continue }
                        crowd.enter()
                        crowd.leave()
                        withExtendedLifetime(lock) {}
                    }
                }
            }
            group.addTask { [directory] in
                for _ in 0..<300 { StateLock.sweep(directory.path) { $0 == "engine.lock" } }
            }
        }
        #expect(crowd.most == 1 && crowd.turns > 8)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("A sweep takes what was left behind, and nobody's lock")
    func sweep() throws {
        for name in ["left.lock", "held.lock", "other.txt"] {
            try "17\n".write(
                toFile: "\(directory.path)/\(name)",
                atomically: false,
                encoding: .utf8
            )
        }
        let held = try StateLock(at: directory.path + "/held.lock", isPassing: true)
        StateLock.sweep(directory.path) { $0.hasSuffix(".lock") }
        let left = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
        #expect(left == ["held.lock", "other.txt"])
        #expect { try StateLock(at: held.path) } throws: { ($0 as? StoreError)?.code == .locked }
        StateLock.sweep("/nowhere/at/all") { _ in true }
    }

    @Test("Where no lock can be made, that is said")
    func nowhere() {
        #expect { try StateLock(ofDirectory: "/nowhere/at/all") } throws: {
            ($0 as? StoreError)?.code == .failed
        }
    }
}

/// How many were in one place at once.
private final class Crowd: Sendable {
    private let counts = Mutex((now: 0, most: 0, turns: 0))

    var most: Int { counts.withLock { $0.most } }
    var turns: Int { counts.withLock { $0.turns } }

    func enter() {
        counts.withLock { counts in
            counts.now += 1
            counts.turns += 1
            counts.most = max(counts.most, counts.now)
        }
    }

    func leave() { counts.withLock { $0.now -= 1 } }
}
