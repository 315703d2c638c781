import Testing

/// What a repository may bring, by the operator's limits, beside one that keeps to them.
@Suite(.onTestbed, .timeLimit(.minutes(15)))
struct LimitTests {
    private struct Guest {
        var name: String
        var team: Team
    }

    @Test func `too many objects and too large a file are told, and change nothing`() async throws {
        try await Stage.run("limits") { stage in
            let servers = try await GitServers("https", on: stage.testbed)
            var guests: [Guest] = []
            for name in ["sound", "objects", "file"] {
                let name = "\(stage.name)-\(name)"
                let team = try await Team(named: name, in: servers.folder)
                guests.append(Guest(name: name, team: team))
            }
            let projects = guests.map { guest in
                let url = "\(servers["HTTPS"])/\(guest.name).git"
                return "  \(guest.name): {repositories: [{url: \"\(url)\"}]}"
            }
            try stage.configure(
                projects.joined(separator: "\n"),
                git: "{ca: \(servers["CA"]), limits: {objects: 60, file: 64k}}"
            )
            for guest in guests { try await guest.team.push(files(lines: 1)) }
            try await stage.gyre.start()
            for guest in guests {
                try await stage.gyre.ready(at: try await guest.team.head(), guest.name)
            }
            let before = try await stage.containers().map(\.id)

            var crowd = files(lines: 2)
            for number in 1...100 { crowd["crowd/\(number)"] = "\(number)\n" }
            try await guests[1].team.push(crowd)
            try await guests[2].team.push(files(lines: 20_000))
            let objects = try await stage.gyre.problem("repository", guests[1].name)
            #expect(objects.message.contains("[too-large]"), "\(objects)")
            #expect(objects.message.contains("(git.limits.objects)"), "\(objects)")
            let file = try await stage.gyre.problem("invalid", guests[2].name)
            let finding = try #require(file.diagnostics.first, "\(file)")
            #expect(finding.message.contains("git.limits.file"), "\(finding)")

            let next = try await guests[0].team.push(files(lines: 3))
            try await stage.gyre.ready(at: next, guests[0].name)
            let after = try await stage.containers().filter(\.isRunning).map(\.id)
            #expect(Set(before).intersection(after).count == 2 && after.count == 3)
        }
    }

    /// A stack whose settings are in a file of so many lines.
    private func files(lines: Int) -> [String: String] {
        let settings = (1...lines).map { "KEY_\($0)=value" }.joined(separator: "\n")
        return [
            "compose.yaml": Compose.web("1.0", Compose.line("env_file: settings.env")),
            "settings.env": settings + "\n",
        ]
    }
}
