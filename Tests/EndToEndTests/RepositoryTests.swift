import Testing

/// What can become of a repository, and of a stack in it.
@Suite(.onEngine, .timeLimit(.minutes(15)))
struct RepositoryTests {
    @Test func `a branch that is deleted removes nothing`() async throws {
        try await Stage.run("branch") { stage in
            let team = try await stage.team()
            let commit = try await stage.deploy(Compose.web("1.0"), to: team)
            let before = try await stage.container("web-1")
            try await team.deleteBranch()
            try await stage.gyre.until("it says that nothing is known any more") {
                try $0.repositories[0].problem != nil && $0.stack().state == "unknown"
            }
            try await stage.engine.docker("rm", "-f", before.name)
            try await stage.gyre.until("repair goes on") { _ in
                try await stage.engine.container(before.name)?.isRunning ?? false
            }
            try await team.pushAgain()
            try await stage.gyre.ready(at: commit)
        }
    }

    @Test func `a repository that is moved away removes nothing`() async throws {
        try await Stage.run("moved") { stage in
            let team = try await stage.team()
            let commit = try await stage.deploy(Compose.web("1.0"), to: team)
            let before = try await stage.container("web-1")
            try await Program.check(["mv", team.url, "\(team.url).away"])
            try await stage.gyre.until("it says so") { $0.repositories[0].problem != nil }
            // Not even after a restart, when nothing is remembered but what is on the disk.
            try await stage.gyre.stop()
            try await stage.gyre.start()
            try await stage.gyre.until("it says so again") { $0.repositories[0].problem != nil }
            try await stage.engine.docker("kill", before.name)
            try await stage.gyre.until("repair goes on") { _ in
                try await stage.container("web-1").isRunning
            }
            try await stage.remains([before.id])
            try await Program.check(["mv", "\(team.url).away", team.url])
            try await stage.gyre.ready(at: commit)
            #expect(try await stage.container("web-1").id == before.id)
        }
    }

    @Test func `a repository without a commit is told as what it is`() async throws {
        try await Stage.run("new") { stage in
            let team = try await stage.team()
            try await stage.gyre.start()
            let words = "the repository has no commit yet; push the branch \"main\""
            try await stage.gyre.until("it says so") {
                $0.repositories[0].problem?.contains(words) ?? false
            }
            let status = try await stage.gyre.run("status")
            #expect(status.isSuccess && status.out.contains(words), "\(status)")
            #expect(status.out.hasPrefix("no stacks yet:"), "\(status)")
            #expect(try await stage.gyre.run("status", "--exit-code").status == 4)
            let commit = try await team.push(Compose.web("1.0"), "First")
            try await stage.gyre.ready(at: commit)
            #expect(try await stage.gyre.run("status", "--exit-code").status == 0)
        }
    }

    @Test func `folders of a pattern follow the highest version of a range`() async throws {
        try await Stage.run("range") { stage in
            let team = try await Team(named: "team", in: stage.folder)
            let entry = "{url: \(team.url), semver: ^1, folders: 'teams/*/deploy'}"
            try stage.configure("  \(stage.name): {repositories: [\(entry)]}")
            func push(_ version: String, _ names: [String]) async throws -> String {
                let files = names.map { ("teams/\($0)/deploy/compose.yaml", Compose.web(version)) }
                return try await team.push(Dictionary(uniqueKeysWithValues: files))
            }
            let first = try await push("1.0", ["a", "b"])
            try await team.point("refs/tags/v1.0.0", at: first)
            try await stage.gyre.start()
            for name in ["a", "b"] { try await stage.gyre.ready(at: first, name) }
            // Neither the branch nor another major version is followed.
            let second = try await push("2.0", ["a", "b", "c"])
            try await team.point("refs/tags/v2.0.0", at: second)
            try await stage.gyre.run("sync", "--wait")
            #expect(try await stage.gyre.status().stack("a").isReady(at: first))
            try await team.point("refs/tags/v1.1.0", at: second)
            for name in ["a", "b", "c"] { try await stage.gyre.ready(at: second, name) }
            // A tag that is deleted leads nowhere back.
            try await team.remove("refs/tags/v1.1.0")
            try await stage.gyre.run("sync", "--wait")
            let status = try await stage.gyre.status()
            for name in ["a", "b", "c"] { #expect(try status.stack(name).isReady(at: second)) }
        }
    }

    @Test func `a forced push is followed`() async throws {
        try await Stage.run("forced") { stage in
            let team = try await stage.team()
            _ = try await stage.deploy(Compose.web("1.0"), to: team)
            let commit = try await team.forcePush(Compose.web("2.0"))
            try await stage.gyre.ready(at: commit)
            #expect(try await stage.container("web-1").variable("VERSION") == "2.0")
        }
    }

    private static let withData = """
        services:
          web:
            image: web:1.0
            stop_grace_period: 2s
            volumes: ["data:/data"]
        volumes:
          data: {}
        """

    /// Two stacks in one repository, of which the second is to go.
    private func twoStacks(
        _ name: String,
        _ body: (Stage, Team) async throws -> Void
    ) async throws {
        try await Stage.run(name) { stage in
            let team = try await stage.team()
            let commit = try await team.push([
                "keep/compose.yaml": Compose.web("1.0"),
                "go/compose.yaml": RepositoryTests.withData,
            ])
            try await stage.gyre.start()
            try await stage.gyre.ready(at: commit, "keep")
            try await stage.gyre.ready(at: commit, "go")
            try await body(stage, team)
        }
    }

    private func gone(_ stage: Stage) async throws {
        try await stage.gyre.until("the stack is gone") { status in
            let found = try await stage.containers()
            return found.map(\.name) == ["\(stage.name)_keep-web-1"]
                && !status.stacks.contains { $0.stack.stack == "go" }
        }
        let volumes = try await stage.engine.volumes(labelled: stage.label).map(\.name)
        #expect(volumes == ["\(stage.name)_go_data"], "data stays")
        let networks = try await stage.engine.networks(labelled: stage.label).map(\.name)
        #expect(networks == ["\(stage.name)_keep_default"])
    }

    @Test func `a stack taken out of git waits for gyre confirm`() async throws {
        try await twoStacks("confirm") { stage, team in
            try await team.push(["keep/compose.yaml": Compose.web("1.0")], "Remove go")
            let problem = try await stage.gyre.problem("unconfirmed", "go")
            #expect(problem.remedy.contains("Gyre-Remove: go"), "\(problem)")
            try await stage.engine.docker("kill", "\(stage.name)_go-web-1")
            try await stage.gyre.until("repair goes on") { _ in
                try await stage.engine.container("\(stage.name)_go-web-1")?.isRunning ?? false
            }
            let words = problem.remedy.prefix { $0 != "," }.split(separator: " ").map(String.init)
            #expect(words.prefix(2) == ["gyre", "confirm"])
            let wrong = try await stage.gyre.run("confirm", words[2], "000000000000")
            #expect(!wrong.isSuccess)
            let confirm = try await stage.gyre.run("confirm", words[2], words[3])
            #expect(confirm.isSuccess, "\(confirm)")
            try await gone(stage)
        }
    }

    /// Unknown is never empty: a folder that can't be looked into was not deleted.
    @Test(arguments: Team.Replacement.allCases)
    func `a folder that leads nowhere leaves its stack alone`(
        _ replacement: Team.Replacement
    ) async throws {
        try await twoStacks("astray") { stage, team in
            let good = try await team.head()
            let before = try await stage.containers().map(\.id)
            let bad = try await team.push(replacement, inPlaceOf: "go")
            let problem = try await stage.gyre.problem("invalid", "go")
            let finding = try #require(problem.diagnostics.first)
            #expect(["in-submodule", "unreadable-folder"].contains(finding.code), "\(problem)")
            #expect(finding.location?.file == "go" && !problem.remedy.isEmpty)
            try await stage.gyre.ready(at: bad, "keep")
            let stack = try await stage.gyre.status().stack("go")
            #expect(stack.head?.id == bad && stack.target == good && !stack.has("unconfirmed"))
            try await stage.engine.docker("kill", "\(stage.name)_go-web-1")
            try await stage.gyre.until("repair goes on") { _ in
                try await stage.engine.container("\(stage.name)_go-web-1")?.isRunning ?? false
            }
            // Not after a restart either, nor where somebody agrees to whatever there is.
            try await stage.gyre.stop()
            let output = try await stage.gyre.run("apply", "--yes")
            #expect(!output.isSuccess, "\(output)")
            try await stage.remains(before)
            try await stage.gyre.start()
            _ = try await stage.gyre.problem("invalid", "go")
            try await team.push(["keep/compose.yaml": Compose.web("1.0")], "Remove go")
            _ = try await stage.gyre.problem("unconfirmed", "go")
        }
    }

    @Test func `a commit that names the stack takes it away`() async throws {
        try await twoStacks("trailer") { stage, team in
            try await team.push(
                ["keep/compose.yaml": Compose.web("1.0")],
                "Remove go\n\nNobody uses it.\n\nGyre-Remove: go"
            )
            try await gone(stage)
        }
    }

    @Test func `an emptied repository removes nothing unasked`() async throws {
        try await Stage.run("emptied") { stage in
            let team = try await stage.team()
            _ = try await stage.deploy(Compose.web("1.0"), to: team)
            let before = try await stage.container("web-1")
            try await team.push(["README.md": "Nothing here.\n"], "Empty it")
            _ = try await stage.gyre.problem("unconfirmed")
            try await stage.remains([before.id])
            let back = try await team.revert()
            try await stage.gyre.ready(at: back)
            #expect(try await stage.container("web-1").id == before.id)
        }
    }

    @Test func `taking away most of a stack waits for a person`() async throws {
        try await Stage.run("most") { stage in
            let team = try await stage.team()
            func scale(_ replicas: Int) -> String {
                Compose.web("1.0", Compose.line("scale: \(replicas)"))
            }
            let good = try await stage.deploy(scale(6), to: team)
            let before = try await stage.containers().map(\.id)
            let few = try await team.push(scale(1))
            let problem = try await stage.gyre.problem("unconfirmed")
            #expect(problem.message.contains("5 of 6"), "\(problem)")
            try await stage.remains(before)
            // What the last good commit says is kept up meanwhile, by number too.
            try await stage.engine.docker("rm", "-f", "\(stage.name)-web-6")
            try await stage.gyre.until("the sixth is made anew") { status in
                let sixth = try await stage.engine.container("\(stage.name)-web-6")
                return try status.stack().target == good && sixth?.isRunning ?? false
            }
            let named = try await team.push(
                ["compose.yaml": scale(1)],
                "One is enough\n\nGyre-Remove: \(stage.name)/web"
            )
            try await stage.gyre.ready(at: named)
            #expect(try await stage.containers().count == 1 && few != named)
        }
    }
}
