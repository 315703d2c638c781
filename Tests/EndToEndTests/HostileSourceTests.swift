import Testing

/// Servers that never answer, never end, lie or lead astray, beside two that are well.
@Suite(.onTestbed, .timeLimit(.minutes(15)))
struct HostileSourceTests {
    /// What a server does, and what is to be said of it.
    private static let behaviours: [(name: String, code: String, words: String)] = [
        ("silent", "timeout", "defaults.timeouts.progress"),
        ("silent-pack", "timeout", "defaults.timeouts.progress"),
        ("drip", "timeout", "git.limits.time"),
        ("drip-pack", "timeout", "git.limits.time"),
        ("cut", "host-unreachable", "closed before the answer was complete"),
        ("cut-pack", "host-unreachable", "closed before the answer was complete"),
        ("cut-headers", "host-unreachable", "closed before the answer was complete"),
        ("garbage", "protocol-error", ""),
        ("garbage-pack", "corrupt-remote", ""),
        ("endless-refs", "too-large", "git.limits.refs"),
        ("endless-pack", "too-large", "git.limits.pack"),
        ("endless-progress", "too-large", "git.limits.pack"),
        ("endless-headers", "too-large", "headers"),
        ("huge-object", "t", "git.limits"),
        // Unpacking takes its time, so the deadline may come first; the memory is looked at below.
        ("delta-bomb", "t", ""),
        ("gzip-bomb", "protocol-error", ""),
        ("redirect-host", "redirect-refused", "git.hosts"),
        ("redirect-http", "redirect-refused", "no https"),
        ("redirect-file", "redirect-refused", "no https"),
        ("redirect-ssh", "redirect-refused", "no https"),
        ("redirect-loop", "redirect-refused", "redirects"),
        ("redirect-pack", "redirect-refused", "middle of the conversation"),
        ("login-page", "protocol-error", "none of a git server"),
        ("status-500", "unavailable", "500"),
        ("status-429", "unavailable", "429"),
    ]

    /// The projects of a stage: one for each behaviour, and two that are well.
    private struct Company {
        let stage: Stage
        let servers: GitServers

        static let sound = ["near", "far"]
        static var names: [String] { HostileSourceTests.behaviours.map(\.name) }

        func project(_ name: String) -> String { "\(stage.name)-\(name)" }

        func url(_ name: String) -> String {
            switch name {
            case "near": "\(servers.folder)/\(project(name)).git"
            // The same machine by another address, so that it is another host to Gyre.
            case "far":
                servers["HTTPS"].replacing(stage.testbed.host, with: servers["HOSTILE_OTHER"])
                    + "/\(project(name)).git"
            default: "\(servers["HOSTILE"])/as-told/\(project(name)).git"
            }
        }

        var configuration: String {
            (Company.sound + Company.names + ["flaky"]).map { name in
                "  \(project(name)): {repositories: [{url: \"\(url(name))\"}]}"
            }
            .joined(separator: "\n")
        }

        /// Lets the server of a project behave as told from now on.
        func tell(_ name: String, _ behaviour: String) throws {
            try Files.write(behaviour, to: "\(servers.folder)/\(project(name)).git.behaviour")
        }

        func ready(_ names: [String], at commit: String) async throws {
            for name in names {
                try await stage.gyre.ready(at: commit, project(name))
            }
        }

        func containers() async throws -> [String: String] {
            try await stage.containers().filter(\.isRunning).reduce(into: [:]) {
                $0[$1.name] = $1.id
            }
        }
    }

    /// Follows everybody, and ends a conversation that is silent, or goes on, for so long.
    private func follow(_ company: Company, silent: String, whole: String) throws {
        try company.stage.configure(
            company.configuration,
            timeouts: "{engine: 10s, connect: 1m, progress: \(silent)}",
            git: """
                {ca: \(company.servers["CA"]), connections: 12, \
                limits: {time: \(whole), pack: 4m, refs: 1000}}
                """
        )
    }

    @Test func `servers that misbehave are told of, cost little and hold up no other`() async throws
    {
        try await Stage.run("hostile") { stage in
            let servers = try await GitServers("https", "hostile", on: stage.testbed)
            let company = Company(stage: stage, servers: servers)
            let everybody = Company.sound + Company.names + ["flaky"]
            let team = try await servers.team(stage, everybody.map(company.project))
            // What hangs does so for longer than this test waits for anything.
            try follow(company, silent: "1h", whole: "1h")
            let first = try await team.push(Compose.web("1.0"), "First")
            try await stage.gyre.start()
            try await company.ready(everybody, at: first)
            let before = try await company.containers()
            #expect(before.count == everybody.count)

            for name in Company.names + ["flaky"] { try company.tell(name, name) }
            let second = try await team.push(Compose.web("2.0"))
            try await company.ready(Company.sound, at: second)
            // Two failures and a success, again and again, is enough to follow.
            try await company.ready(["flaky"], at: second)
            try await repaired(company)
            // A controller that knows them by its mirrors alone does so too.
            try await stage.gyre.stop()
            try await stage.gyre.start()
            try await repaired(company)
            let third = try await team.push(Compose.web("1.0"))
            try await company.ready(Company.sound, at: third)
            // Nobody's hanging conversation keeps it from ending.
            #expect(try await stage.gyre.stop() == 0)

            try follow(company, silent: "2s", whole: "4s")
            try await stage.gyre.start()
            for behaviour in HostileSourceTests.behaviours {
                try await told(behaviour, company, good: first)
            }
            try await company.ready(Company.sound, at: third)
            let after = try await company.containers()
            for name in Company.names where name != "drip" {
                let container = "\(company.project(name))-web-1"
                #expect(after[container] == before[container], "\(name)")
            }
            try await bounded(stage)
        }
    }

    private func told(
        _ behaviour: (name: String, code: String, words: String),
        _ company: Company,
        good: String
    ) async throws {
        let gyre = company.stage.gyre
        let name = company.project(behaviour.name)
        try await gyre.until("\(behaviour.name) is told") { status in
            let stack = try status.stack(name)
            let message = stack.problem("repository")?.message ?? ""
            return message.contains("[\(behaviour.code)") && message.contains(behaviour.words)
                && stack.state == "unknown" && stack.target == good
                && status.repositories.contains { $0.problem == message }
        }
    }

    /// What is damaged is mended although its repository hangs.
    private func repaired(_ company: Company) async throws {
        for name in ["silent", "drip"] {
            let container = "\(company.project(name))-web-1"
            try await company.stage.engine.docker("kill", container)
            try await company.stage.gyre.until("\(name) is repaired") { _ in
                try await company.stage.engine.container(container)?.isRunning ?? false
            }
        }
    }

    /// Memory and disk stay small, whatever was sent.
    private func bounded(_ stage: Stage) async throws {
        let memory = try await stage.gyre.peakMemory()
        #expect(memory < 400 << 20, "\(memory) bytes")
        let out = try await Program.check(["du", "-sk", "\(stage.gyre.state)/mirrors"])
        let kibibytes = try #require(Int(out.prefix { $0.isNumber }))
        #expect(kibibytes < 64 << 10, "\(kibibytes) KiB of mirrors")
    }
}
