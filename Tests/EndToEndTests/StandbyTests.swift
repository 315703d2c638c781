import Glibc
import Testing

/// Two controllers of one state directory: one leads, the other stands by.
@Suite(.onEngine, .timeLimit(.minutes(15)))
struct StandbyTests {
    /// The leader is killed in the middle of a rollout, and gyre.yaml is broken by then.
    @Test func `a killed leader's work is taken up where it was`() async throws {
        try await Stage.run("leader") { stage in
            let team = try await stage.team(stability: "4s")
            _ = try await stage.deploy(Compose.web("1.0"), to: team)
            let second = try Gyre(in: stage.folder, log: "second.log")
            try await second.serve(with: "--standby")
            try await ended(second) {
                try await second.logs("stands by", after: 0)
                let right = Files.text(of: stage.gyre.configuration)
                try Files.write(right + "\nno: such key\n", to: stage.gyre.configuration)
                let offset = Files.size(of: stage.gyre.log)
                let commit = try await team.push(Compose.web("2.0"), "To 2.0")
                try await stage.gyre.logs("step begins", and: "is stable", after: offset)
                await stage.gyre.end()
                try await second.logs("gyre serves", after: 0)
                try await second.logs("gyre.yaml is refused; the old one stays", after: 0)
                try Files.write(right, to: stage.gyre.configuration)
                try await second.ready(at: commit)
                let service = "label=com.docker.compose.service=web"
                let created = try await stage.engine.docker(
                    "events",
                    "--since",
                    "1h",
                    "--until",
                    "0s",
                    "--format",
                    "{{.ID}}",
                    "--filter",
                    "event=create",
                    "--filter",
                    service,
                    "--filter",
                    "label=\(stage.label)"
                )
                #expect(created.split(separator: "\n").count == 2, "one of 1.0, one of 2.0")
                let audit = try await second.run("audit", "verify")
                #expect(audit.isSuccess, "\(audit)")
            }
        }
    }

    @Test func `a frozen leader keeps the lead, and a signal ends who stands by`() async throws {
        try await Stage.run("frozen") { stage in
            let team = try await stage.team()
            _ = try await stage.deploy(Compose.web("1.0"), to: team)
            let second = try Gyre(in: stage.folder, log: "second.log")
            try await second.serve(with: "--standby")
            try await ended(second) {
                try await second.logs("stands by", after: 0)
                await stage.gyre.send(SIGSTOP)
                try await EndToEndTests.remains("it stands by", for: .seconds(3)) {
                    !Files.text(of: second.log).contains("gyre serves")
                }
                await stage.gyre.send(SIGCONT)
                let commit = try await team.push(Compose.web("2.0"), "To 2.0")
                try await stage.gyre.ready(at: commit)
                #expect(try await second.stop() == 0)
                #expect(Files.text(of: second.log).contains("gyre stood by and has stopped"))
                try await stage.gyre.ready(at: commit)
            }
        }
    }

    @Test func `two controllers of one state directory don't start, whatever they are called`()
        async throws
    {
        try await Stage.run("twins") { stage in
            let team = try await stage.team()
            let commit = try await stage.deploy(Compose.web("1.0"), to: team)
            let elsewhere = "\(stage.folder)/second"
            try Files.makeFolder(elsewhere)
            let own = Files.text(of: stage.gyre.configuration)
            let other = own.replacing("controller: ", with: "controller: other")
                .replacing("socket: \(stage.folder)", with: "socket: \(elsewhere)")
            let second = try Gyre(in: elsewhere)
            for text in [own, other] {
                try Files.write(text, to: second.configuration)
                try await second.serve()
                try await ended(second) {
                    let status = try await second.ended()
                    #expect(status == 1)
                    let words = "keeps \(stage.gyre.state) already"
                    #expect(second.tail.contains(words), "\(second.tail)")
                }
            }
            try await stage.gyre.ready(at: commit)
        }
    }

    /// Runs `body`, and ends the second controller whatever comes.
    private func ended(_ second: Gyre, _ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch {
            await second.end()
            throw error
        }
        await second.end()
    }
}
