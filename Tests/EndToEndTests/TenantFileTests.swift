import Testing

/// What a repository says of its stacks in `.gyre.yaml`, on a real engine.
@Suite(.onEngine, .timeLimit(.minutes(15)))
struct TenantFileTests {
    private static let gyre = """
        stacks:
          web:
            folder: apps/web
            environments:
              prod: {files: [compose.prod.yaml], env_files: [prod.env]}
              dev: {}
        """

    private func files(_ version: String, gyre: String = TenantFileTests.gyre) -> [String: String] {
        [
            ".gyre.yaml": gyre, "apps/web/compose.yaml": Compose.web(version),
            "apps/web/compose.prod.yaml":
                "services: {web: {environment: {MODE: '${MODE:-none}'}}}\n",
            "apps/web/.env": "MODE=plain\n", "apps/web/prod.env": "MODE=prod\n",
            "attic/compose.yaml": Compose.web("1.0"),
        ]
    }

    private func configure(_ stage: Stage, _ team: Team, _ environments: String) throws {
        try stage.configure(
            "  \(stage.name): {repositories: [{url: \(team.url), environments: \(environments)}]}"
        )
    }

    @Test func `an overlay runs in its environment, and a broken file removes nothing`()
        async throws
    {
        try await Stage.run("tenantfile") { stage in
            let team = try await Team(named: "team", in: stage.folder)
            try configure(stage, team, "[prod]")
            let name = "\(stage.name)/web"
            let first = try await team.push(files("1.0"), "First")
            try await stage.gyre.start()
            try await stage.gyre.ready(at: first, "web")
            let status = try await stage.gyre.status()
            #expect(status.stacks.map(\.stack.stack) == ["web"], "the attic is none")
            let before = try await stage.containers()
            #expect(before.map { $0.variable("MODE") } == ["prod"])

            // Nobody can read what there is: another version and no folder change nothing.
            var broken = files("2.0", gyre: "stacks:\n  web: {foldr: apps/web}\n")
            broken["apps/web/compose.prod.yaml"] = nil
            try await team.push(broken, "Broken")
            let problem = try await stage.gyre.problem("invalid", "web")
            let finding = try #require(problem.diagnostics.first)
            #expect(finding.location?.file == ".gyre.yaml" && finding.location?.line == 2)
            #expect(finding.message.contains("did you mean \"folder\"?"), "\(finding)")
            let text = try await stage.gyre.run("status", name)
            #expect(text.out.contains(".gyre.yaml:2:9"), "\(text)")

            // Repair goes on, with the overlay of the version that was good.
            _ = try await stage.engine.docker("rm", "-f", before[0].name)
            try await eventually("it is made anew") {
                let now = try await stage.containers()
                return now.count == 1 && now[0].isRunning && now[0].id != before[0].id
                    && now[0].variable("MODE") == "prod" && now[0].variable("VERSION") == "1.0"
            }

            let mended = try await team.push(files("2.0"), "Mended")
            try await stage.gyre.ready(at: mended, "web")
            #expect(try await stage.containers().map { $0.variable("VERSION") } == ["2.0"])

            // No more than the operator allows.
            try configure(stage, team, "[dev]")
            await stage.gyre.reload()
            try await eventually("the other environment is up") {
                let now = try await stage.containers()
                return now.count == 1 && now[0].isRunning && now[0].variable("MODE") == nil
            }
            let asking = TenantFileTests.gyre + "\n    environment: prod\n"
            try await team.push(files("2.0", gyre: asking), "Ask for more")
            let more = try await stage.gyre.problem("invalid", "web")
            #expect(more.diagnostics.map(\.code) == ["environment-not-allowed"])
            #expect(try await stage.containers().allSatisfy { $0.isRunning })
        }
    }
}
