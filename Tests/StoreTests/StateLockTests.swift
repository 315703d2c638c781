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

    @Test("A process that was killed has let go", .timeLimit(.minutes(1)))
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
        #expect(try String(contentsOfFile: path, encoding: .utf8) != "17\n")
        lock = nil
        #expect(lock == nil && !FileManager.default.fileExists(atPath: path))
    }

    @Test("However many come and go at once, one holds it at a time", .timeLimit(.minutes(1)))
    func crowd() async throws {
        let path = directory.path + "/engine.lock"
        let inside = Mutex((now: 0, most: 0, turns: 0))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<2000 {
                        guard let lock = try? StateLock(at: path, isPassing: true) else { continue }
                        inside.withLock {
                            $0 = ($0.now + 1, max($0.most, $0.now + 1), $0.turns + 1)
                        }
                        inside.withLock { $0.now -= 1 }
                        withExtendedLifetime(lock) {}
                    }
                }
            }
        }
        let (_, most, turns) = inside.withLock { $0 }
        #expect(most == 1 && turns > 8)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("Where no lock can be made, that is said")
    func nowhere() {
        #expect { try StateLock(ofDirectory: "/nowhere/at/all") } throws: {
            ($0 as? StoreError)?.code == .failed
        }
    }
}
