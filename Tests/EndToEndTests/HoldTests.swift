import Testing

/// Versions that fail for a reason of their own or of the node's: what was good serves again, and
/// the command that the status names ends it.
@Suite(.onTestbed, .timeLimit(.minutes(15)))
struct HoldTests {
    /// A way to fail, as a project of its own.
    private struct Failure: Sendable {
        var name: String
        /// Ports of the good version and of the one that fails.
        var ports: (good: Int, bad: Int)
        /// Lines of the service that fails.
        var lines: [String] = []
        /// What is said of it.
        var words: String
    }

    /// What comes up only once somebody has put a file into its volume.
    private static let failures = [
        Failure(
            name: "sick",
            ports: (31101, 31101),
            lines: [
                "healthcheck: {test: [CMD, test, -e, /data/ok], interval: 1s, retries: 2, "
                    + "start_period: 0s}"
            ],
            words: "its health check failed"
        ),
        Failure(
            name: "loops",
            ports: (31102, 31102),
            lines: ["restart: always", unlessReady("sleep 0.1; exit 3")],
            words: "it keeps dying"
        ),
        Failure(
            name: "exits",
            ports: (31103, 31103),
            lines: [unlessReady("exit 7")],
            words: "it exited with status 7"
        ),
        Failure(name: "port", ports: (31104, 31105), words: "port 31105 is in use"),
    ]

    private static func unlessReady(_ command: String) -> String {
        "command: [sh, -c, 'test -e /data/ok && exec web; \(command)']"
    }

    private static func compose(
        _ image: String,
        port: Int,
        _ lines: [String] = [],
        grace: String = "2s"
    ) -> String {
        let more = ["ports: ['\(port):8080']", "volumes: ['data:/data']"] + lines
        return """
            services:
              web:
                image: \(image)
                stop_grace_period: \(grace)
            \(more.map(Compose.line).joined(separator: "\n"))
            volumes: {data: {}}
            """
    }

    private static let grants = "{ports: [30000-32767]}"

    /// One project of a stage, with what serves there.
    private struct Company {
        let stage: Stage
        let team: Team
        let name: String

        /// The container that stands in the stack's only slot.
        func container() async throws -> Container {
            try #require(try await stage.engine.container("\(name)-web-1"), "\(stage.gyre.tail)")
        }

        /// What the port of the node answers.
        func expect(_ version: String, at port: Int) async throws {
            let url = "http://\(stage.testbed.host):\(port)/"
            try await eventually("\(name) answers \(version)") {
                let answer = try await Program.run(["curl", "-sSm", "2", url])
                return answer.isSuccess && answer.out == "\(version)\n"
            }
        }

        func ready(at commit: String) async throws {
            try await stage.gyre.ready(at: commit, name)
        }
    }

    /// Projects of a stage, each with a repository of its own.
    private func companies(
        _ stage: Stage,
        _ names: [String],
        grants: String = HoldTests.grants,
        registries: String = "[]"
    ) async throws -> [Company] {
        var found: [Company] = []
        for name in names {
            let team = try await Team(named: name, in: stage.folder)
            found.append(Company(stage: stage, team: team, name: "\(stage.name)-\(name)"))
        }
        try stage.configure(
            found.map {
                stage.project($0.name, $0.team, grants: grants, registries: registries)
            }.joined(separator: "\n")
        )
        return found
    }

    /// Runs the command that a remedy names, as a person would.
    private func end(_ problem: Status.Problem, _ company: Company) async throws -> String {
        let words = problem.remedy.split { " ,;".contains($0) }.map(String.init)
        let start = words.indices.first { index in
            words[index] == "gyre" && ["sync", "release"].contains(words[(index + 1)...].first)
        }
        let command = Array(words[(try #require(start, "\(problem)") + 1)...].prefix(2))
        try #require(command.last == "\(company.name)/\(company.name)", "\(problem)")
        let output = try await company.stage.gyre.run(command[0], command[1])
        #expect(output.isSuccess, "\(command): \(output)")
        return command[0]
    }

    @Test func `whatever fails to come up, the good version serves until gyre release`()
        async throws
    {
        try await Stage.run("fails") { stage in
            let failures = HoldTests.failures
            let companies = try await companies(stage, failures.map(\.name) + ["sound"])
            let sound = companies[failures.count]
            let pairs = Array(zip(failures, companies))
            try await sound.team.push(HoldTests.compose("web:1.0", port: 31106))
            var good: [String] = []
            for (failure, company) in pairs {
                good.append(
                    try await company.team.push(
                        HoldTests.compose("web:1.0", port: failure.ports.good)
                    )
                )
            }
            try await stage.gyre.start()
            for (company, commit) in zip(companies, good) { try await company.ready(at: commit) }
            try await sound.ready(at: try await sound.team.head())
            var before: [String] = []
            for (_, company) in pairs { before.append(try await company.container().id) }

            try await stage.testbed.command("occupy", "31105")
            var bad: [String] = []
            for (failure, company) in pairs {
                bad.append(
                    try await company.team.push(
                        HoldTests.compose("web:2.0", port: failure.ports.bad, failure.lines)
                    )
                )
            }
            let next = try await sound.team.push(HoldTests.compose("web:2.0", port: 31106))
            try await sound.ready(at: next)
            try await sound.expect("2.0", at: 31106)
            var problems: [Status.Problem] = []
            for (index, (failure, company)) in pairs.enumerated() {
                problems.append(
                    try await held(failure, company, good[index], bad[index], before[index])
                )
            }
            try await stage.remains(before + [try await sound.container().id])

            try await stage.testbed.command("release", "31105")
            for (index, (failure, company)) in pairs.enumerated() {
                let container = try await company.container().name
                try await stage.engine.docker("exec", "-u", "0", container, "touch", "/data/ok")
                #expect(try await end(problems[index], company) == "release")
                try await company.ready(at: bad[index])
                try await company.expect("2.0", at: failure.ports.bad)
            }
        }
    }

    /// Sees that the good version serves again, and gives what the status says of the other.
    private func held(
        _ failure: Failure,
        _ company: Company,
        _ good: String,
        _ bad: String,
        _ container: String
    ) async throws -> Status.Problem {
        let problem = try await company.stage.gyre.problem("held", company.name)
        #expect(problem.message.contains(failure.words), "\(problem)")
        try await company.stage.gyre.until("\(company.name) runs the good version") { status in
            let stack = try status.stack(company.name)
            let web = try await company.container()
            return stack.target == good && stack.head?.id == bad && stack.good == good
                && stack.state == "stalled" && web.id == container && web.isRunning
                && stack.service("web")?.running == 1
        }
        try await company.expect("1.0", at: failure.ports.good)
        return problem
    }

    @Test func `an image that vanishes and a full disk leave the good version serving`()
        async throws
    {
        try await Testbed.own(["--engine-disk", "256M"]) { testbed in
            try await Stage.run("node", on: testbed) { stage in
                // Not by the mirror: the engine tells only how the way past it failed.
                let registry = try await PrivateRegistry(on: testbed)
                let companies = try await companies(
                    stage,
                    ["gone", "room", "space"],
                    grants: "{ports: [30000-32767], registries: [docker.io/library, "
                        + "'\(registry.host)/\(stage.name)']}",
                    registries: registry.entry()
                )
                for (company, port) in zip(companies, [31111, 31112, 31113]) {
                    try await company.team.push(HoldTests.compose("web:1.0", port: port))
                }
                try await stage.gyre.start()
                for company in companies {
                    try await company.ready(at: try await company.team.head())
                }
                try await vanishes(companies[0], registry, port: 31111, beside: companies[1])
                try await noRoom(companies[1], companies[2], registry)
            }
        }
    }

    /// The plan is made and the pull under way when the registry loses the image.
    private func vanishes(
        _ company: Company,
        _ registry: PrivateRegistry,
        port: Int,
        beside other: Company
    ) async throws {
        let stage = company.stage
        let before = try await company.container().id
        let image = try await registry.publish("web:2.0", as: "\(stage.name)/gone:2.0")
        try await company.ready(
            at: try await company.team.push(HoldTests.compose(image, port: port))
        )
        let found = try await company.container().image
        try await company.ready(at: try await company.team.revert())
        try await stage.engine.docker("image", "rm", "-f", found)
        let serving = try await company.container().id
        #expect(serving != before)

        try await stage.testbed.command("freeze", "registry")
        let next = try await company.team.revert()
        try await stage.gyre.until("the pull is under way") {
            try $0.stack(company.name).run?.step?.contains("pull image") ?? false
        }
        let meanwhile = ["environment: {A: b}"]
        try await other.ready(
            at: try await other.team.push(
                HoldTests.compose("web:1.0", port: 31112, meanwhile)
            )
        )
        try await registry.lose("\(stage.name)/gone")
        try await stage.testbed.command("thaw", "registry")
        let problem = try await stage.gyre.problem("held", company.name)
        #expect(problem.message.contains("\(registry.host) has no"), "\(problem)")
        #expect(try await company.container().id == serving)
        try await company.expect("1.0", at: port)

        try await registry.publish("web:2.0", as: "\(stage.name)/gone:2.0")
        #expect(try await end(problem, company) == "release")
        try await company.ready(at: next)
        try await company.expect("2.0", at: port)
    }

    /// Neither an image nor a container finds room on the node's disk.
    private func noRoom(
        _ pulling: Company,
        _ creating: Company,
        _ registry: PrivateRegistry
    ) async throws {
        let stage = pulling.stage
        let before = [try await pulling.container().id, try await creating.container().id]
        let image = try await registry.publish("httpd:2.4", as: "\(stage.name)/httpd:1")
        try await stage.testbed.command("fill-disk", "1000000")
        let pulled = try await pulling.team.push(
            HoldTests.compose(image, port: 31112).replacing(":8080", with: ":80")
        )
        let pull = try await stage.gyre.problem("held", pulling.name)
        #expect(pull.message.contains("no room"), "\(pull)")

        try await stage.testbed.command("fill-disk")
        let created = try await creating.team.push(
            HoldTests.compose("web:1.0", port: 31113, ["environment: {VERSION: '3'}"])
        )
        let create = try await stage.gyre.problem("held", creating.name)
        #expect(create.message.contains("no space left"), "\(create)")
        for problem in [pull, create] { #expect(problem.remedy.contains("make room")) }
        #expect(
            try await [pulling.container().id, creating.container().id] == before,
            "\(stage.gyre.tail)"
        )
        try await pulling.expect("1.0", at: 31112)
        try await creating.expect("1.0", at: 31113)

        try await stage.testbed.command("free-disk")
        #expect(try await end(pull, pulling) == "release")
        #expect(try await end(create, creating) == "release")
        try await pulling.ready(at: pulled)
        try await creating.ready(at: created)
        try await creating.expect("3", at: 31113)
    }

    @Test func `a disk that fills before the start has the good version back with room again`()
        async throws
    {
        try await Testbed.own(["--engine-disk", "256M"]) { testbed in
            try await Stage.run("late", on: testbed) { stage in
                let company = try await companies(stage, ["late"])[0]
                let good = try await company.team.push(stubborn("1"))
                try await stage.gyre.start()
                try await company.ready(at: good)
                let before = try await company.container()

                // The new container is there when the disk fills, and the old one on its way out.
                let next = try await company.team.push(stubborn("2"))
                try await stopping(company)
                #expect(try await stage.containers().count == 2)
                try await testbed.command("fill-disk")
                try await stage.engine.docker("kill", before.id)
                let problem = try await stage.gyre.problem("held", company.name)
                #expect(problem.message.contains("no space left"), "\(problem)")
                #expect(problem.remedy.contains("make room"), "\(problem)")

                try await testbed.command("free-disk")
                try await company.expect("1", at: 31114)
                try await stage.gyre.until("the good version is back") { status in
                    let stack = try status.stack(company.name)
                    return stack.target == good && stack.state == "stalled"
                        && stack.problems.map(\.kind) == ["held"]
                        && stack.service("web")?.running == 1
                }
                #expect(try await company.container().id == before.id)

                #expect(try await end(problem, company) == "release")
                try await stopping(company)
                try await stage.engine.docker("kill", before.id)
                try await company.ready(at: next)
                try await company.expect("2", at: 31114)
            }
        }
    }

    /// A version that ends only when it is killed.
    private func stubborn(_ version: String) -> String {
        let command = "command: [sh, -c, 'trap \"\" TERM; web; exit 0']"
        return HoldTests.compose(
            "web:1.0",
            port: 31114,
            ["environment: {VERSION: '\(version)'}", command],
            grace: "10m"
        )
    }

    /// Waits until the container that serves is asked to go.
    private func stopping(_ company: Company) async throws {
        try await company.stage.gyre.until("the old one is being stopped") {
            try $0.stack(company.name).run?.step?.hasPrefix("stop ") ?? false
        }
    }
}
