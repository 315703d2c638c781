import Glibc
import Testing

/// Many hosts that say nothing, each with repositories of its own, beside one that is well.
@Suite(.onTestbed, .timeLimit(.minutes(15)))
struct SlowHostTests {
    /// Hosts whose repositories held a stack while they were well, and more that never were.
    private static let fallen = 5
    private static let bare = 31

    @Test func `silent hosts are told of, and the stacks of another deploy meanwhile`() async throws
    {
        try await Stage.run("slow") { stage in
            let servers = try await GitServers("https", on: stage.testbed)
            let silent = try SilentServer()
            let faults = (1...Self.fallen).map { number in
                SourceFault(
                    wrong: Way(name: "fallen\(number)", server: "https://\(silent.host(number))/"),
                    code: "timeout",
                    words: "no connection with TLS",
                    isSameOrigin: false
                )
            }
            let bare = (1...Self.bare).map { number in
                Way(name: "bare\(number)", server: "https://\(silent.host(100 + number))/")
            }
            let sound = Way(name: "sound", server: "\(servers["HTTPS"])/")
            let right = [sound] + faults.map { $0.rightWay(servers) }
            let wrong = [sound] + faults.map(\.wrong) + bare
            let team = try await servers.team(stage, right.map(stage.project))
            func configure(_ ways: [Way], connect: String) throws {
                try stage.configure(
                    stage.projects(ways),
                    timeouts: "{engine: 10s, connect: \(connect)}",
                    git: "{ca: \(servers["CA"])}"
                )
            }
            try configure(right, connect: "2s")
            let first = try await team.push(Compose.web("1.0"), "First")
            try await stage.gyre.start()
            try await stage.ready(right, at: first)
            let before = Set(try await stage.containers().map(\.id))

            try configure(wrong, connect: "2s")
            await stage.gyre.reload()
            for fault in faults { try await stage.told(fault) }
            let second = try await team.push(Compose.web("2.0"))
            try await stage.ready([sound], at: second)
            let after = Set(try await stage.containers().filter(\.isRunning).map(\.id))
            #expect(after.count == right.count && before.subtracting(after).count == 1)

            // Now each hangs for longer than this test may take, all of them at once.
            try await stage.gyre.stop()
            try configure(wrong, connect: "1h")
            try await stage.gyre.start()
            try await eventually("all of them hang", tail: { stage.gyre.tail }) {
                silent.callers() == Self.fallen + Self.bare
            }
            let third = try await team.push(Compose.web("1.0"))
            try await stage.ready([sound], at: third)
            try await asSeen(stage, sound, at: third, beside: faults)
            #expect(silent.callers() == Self.fallen + Self.bare, "they hang as before")
            let last = Set(try await stage.containers().filter(\.isRunning).map(\.id))
            #expect(last.subtracting(after).count == 1 && last.count == right.count)
            #expect(try await stage.gyre.stop() == 0)
        }
    }

    @Test func `a status beside an apply that hangs answers and says who has the repository`()
        async throws
    {
        try await Stage.run("beside") { stage in
            let silent = try SilentServer()
            let way = Way(name: "mute", server: "https://\(silent.host(1))/")
            try stage.configure(stage.projects([way]), timeouts: "{engine: 10s, connect: 1h}")
            let apply = try Program.start(
                [Environment.gyre, "apply", "--config", stage.gyre.configuration],
                log: stage.gyre.log
            )
            defer {
                kill(apply, SIGKILL)
                waitpid(apply, nil, 0)
            }
            try await eventually("it hangs", tail: { stage.gyre.tail }) { silent.callers() == 1 }
            let output = try await stage.gyre.run("status")
            #expect(output.status == 5, "\(output)")
            #expect(output.out.contains("process \(apply) is doing that"), "\(output)")
            #expect(silent.callers() == 1, "it goes on, and the status asked nobody")
        }
    }

    /// What `gyre status --json` shows a person of all this.
    private func asSeen(
        _ stage: Stage,
        _ sound: Way,
        at commit: String,
        beside faults: [SourceFault]
    ) async throws {
        let status = try await stage.gyre.status()
        #expect(try status.stack(stage.project(sound)).isReady(at: commit))
        for fault in faults {
            let name = stage.project(fault.wrong)
            let stack = status.stacks.first { $0.stack.stack == name }
            #expect(stack?.state != "ready", "\(name) can't be known to be where its branch is")
        }
    }
}
