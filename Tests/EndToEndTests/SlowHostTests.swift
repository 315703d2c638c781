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
            let breakdown = Breakdown(
                stage: stage,
                servers: servers,
                sound: [Way(name: "sound", server: "\(servers["HTTPS"])/")],
                faults: faults,
                bare: bare,
                git: "{ca: \(servers["CA"])}"
            )
            let team = try await breakdown.begin()
            try await breakdown.breakDown(team)
            _ = try await breakdown.hang(team) {
                silent.callers() == Self.fallen + Self.bare
            }
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
}
