import Testing

/// A journal that is lost or broken: what runs keeps running, and nothing is changed until a
/// person has agreed to what the labels say.
@Suite(.onEngine, .timeLimit(.minutes(15)))
struct JournalTests {
    enum Loss: String, CaseIterable, Sendable { case deleted, corrupted }

    private static let compose = """
        services:
          web:
            image: web:1.0
            scale: 2
            stop_grace_period: 2s
            volumes: ["data:/data"]
        volumes:
          data: {}
        """

    private func lose(_ loss: Loss, _ stage: Stage) async throws {
        let journal = "\(stage.gyre.state)/journal.sqlite"
        #expect(Files.exists(journal))
        switch loss {
        case .deleted:
            for name in Files.names(in: stage.gyre.state) where name.hasPrefix("journal") {
                try await Program.check(["rm", "-f", "\(stage.gyre.state)/\(name)"])
            }
        case .corrupted: try Files.corrupt(journal)
        }
    }

    /// Without a controller and without `--confirm` nothing of the state directory is touched.
    private func looksOnly(_ stage: Stage, _ names: [String]) async throws {
        let files = { Files.names(in: stage.gyre.state).filter { $0.hasPrefix("journal.sqlite.") } }
        let before = files()
        let shown = try await stage.gyre.run("recover")
        #expect(shown.isSuccess && names.allSatisfy { shown.out.contains($0) }, "\(shown)")
        #expect(files() == before, "a look sets nothing aside")
    }

    @Test(arguments: Loss.allCases)
    func `a lost journal freezes change, and recover thaws it`(_ loss: Loss) async throws {
        try await Stage.run(loss.rawValue) { stage in
            let team = try await stage.team()
            _ = try await stage.deploy(JournalTests.compose, to: team)
            let before = try await stage.containers()
            let volume = try await stage.engine.volumes(labelled: stage.label).map(\.claim)
            try await stage.gyre.stop()
            try await lose(loss, stage)
            try await looksOnly(stage, before.map(\.name))

            try await stage.gyre.start()
            let problem = try await stage.gyre.problem("frozen")
            #expect(problem.remedy.contains("gyre recover"), "\(problem)")
            #expect(try await stage.gyre.status().frozen != nil)
            if loss == .corrupted {
                let aside = Files.names(in: stage.gyre.state).filter { $0.hasPrefix("journal") }
                #expect(aside.count > 1, "the broken one is kept: \(aside)")
            }

            // What dies is started again, what is pushed waits.
            try await stage.engine.docker("kill", before[0].name)
            try await stage.gyre.until("it is started again") { _ in
                try await stage.engine.container(before[0].name)?.isRunning ?? false
            }
            let pushed = try await team.push(
                JournalTests.compose.replacing("web:1.0", with: "web:2.0")
            )
            try await stage.gyre.until("the push is seen") { $0.repositories[0].head?.id == pushed }
            try await stage.remains(before.map(\.id))

            let shown = try await stage.gyre.run("recover")
            #expect(
                shown.isSuccess && before.allSatisfy { shown.out.contains($0.name) },
                "\(shown)"
            )
            #expect(shown.out.contains("\(stage.name)_data"))
            #expect(try await stage.gyre.status().frozen != nil, "to look is not to agree")
            let back = try await team.revert()
            try await stage.gyre.until("the revert is seen") { $0.repositories[0].head?.id == back }

            let confirmed = try await stage.gyre.run("recover", "--confirm")
            #expect(confirmed.isSuccess, "\(confirmed)")
            try await stage.gyre.ready(at: back)
            let after = try await stage.containers()
            #expect(after.map(\.id) == before.map(\.id), "nothing was re-created")
            #expect(try await stage.gyre.status().frozen == nil)

            // What was recovered can be created anew.
            try await stage.engine.docker("rm", "-f", before[1].name)
            try await stage.gyre.until("it is created anew") { status in
                let created = try await stage.engine.container(before[1].name)
                return try created?.isRunning ?? false && status.stack().state == "ready"
            }

            let next = try await team.push(
                JournalTests.compose.replacing("web:1.0", with: "web:2.0")
            )
            try await stage.gyre.ready(at: next)
            let rolled = try await stage.containers()
            #expect(rolled.count == 2 && rolled.allSatisfy { $0.variable("VERSION") == "2.0" })
            let kept = try await stage.engine.volumes(labelled: stage.label).map(\.claim)
            #expect(kept == volume)
            let sound = try await stage.gyre.run("recover")
            #expect(sound.isSuccess && sound.out.contains("nothing is wrong"), "\(sound)")
        }
    }

    @Test func `a journal that is deleted under a running controller freezes change`() async throws
    {
        try await Stage.run("taken") { stage in
            let team = try await stage.team()
            _ = try await stage.deploy(JournalTests.compose, to: team)
            let before = try await stage.containers()
            try await lose(.deleted, stage)

            let problem = try await stage.gyre.problem("frozen")
            #expect(problem.message.contains("removed while it was in use"), "\(problem)")
            let pushed = try await team.push(
                JournalTests.compose.replacing("web:1.0", with: "web:2.0")
            )
            try await stage.gyre.until("the push is seen") { $0.repositories[0].head?.id == pushed }
            try await stage.remains(before.map(\.id))

            let shown = try await stage.gyre.run("recover")
            #expect(shown.isSuccess && shown.out.contains(before[0].name), "\(shown)")
            #expect(try await stage.gyre.run("recover", "--confirm").isSuccess)
            #expect(Files.exists("\(stage.gyre.state)/journal.sqlite"))
            try await stage.gyre.ready(at: pushed)

            // What was recovered can be created anew, now and after a restart.
            let web = try await stage.container("web-1")
            try await stage.engine.docker("rm", "-f", web.name)
            try await stage.gyre.ready(at: pushed)
            try await stage.gyre.stop()
            try await stage.gyre.start()
            try await stage.gyre.ready(at: pushed)
            #expect(try await stage.gyre.status().frozen == nil)
        }
    }

    @Test func `a journal that is deleted before anything ran is simply a new one`() async throws {
        try await Stage.run("fresh") { stage in
            let team = try await stage.team()
            try await stage.gyre.start()
            try await stage.gyre.stop()
            try await lose(.deleted, stage)
            let commit = try await team.push(Compose.web("1.0"))
            try await stage.gyre.start()
            try await stage.gyre.ready(at: commit)
        }
    }

    @Test func `lost mirrors and a broken history cost no container`() async throws {
        try await Stage.run("mirrors") { stage in
            let team = try await stage.team()
            let commit = try await stage.deploy(Compose.web("1.0"), to: team)
            let before = try await stage.container("web-1")
            try await stage.gyre.stop()
            try await Program.check(["rm", "-rf", "\(stage.gyre.state)/mirrors"])
            try Files.corrupt("\(stage.gyre.state)/history.sqlite")
            try await stage.gyre.start()
            try await stage.gyre.ready(at: commit)
            try await stage.remains([before.id], for: .seconds(1))
            let next = try await team.push(Compose.web("2.0"))
            try await stage.gyre.ready(at: next)
            #expect(try await stage.gyre.json("history").contains(next))
        }
    }
}
