import Foundation
import Store
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

    @Test("Where no lock can be made, that is said")
    func nowhere() {
        #expect { try StateLock(ofDirectory: "/nowhere/at/all") } throws: {
            ($0 as? StoreError)?.code == .failed
        }
    }
}
