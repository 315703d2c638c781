import Testing

/// Projects whose servers are well at first and then break, beside some that stay sound.
struct Breakdown: Sendable {
    let stage: Stage
    let servers: GitServers
    /// Ways that stay as they are.
    var sound: [Way]
    var faults: [SourceFault]
    /// Ways that were never right.
    var bare: [Way] = []
    /// What gyre.yaml has below `git`.
    var git: String
    /// How long a server has to come to speak.
    var connect = "2s"

    /// Before anything is wrong.
    var right: [Way] { sound + faults.map { $0.rightWay(servers) } }
    var wrong: [Way] { sound + faults.map(\.wrong) + bare }

    /// Writes a gyre.yaml by which each project comes in by one of `ways`.
    func configure(_ ways: [Way], connect: String? = nil) throws {
        try stage.configure(
            stage.projects(ways),
            timeouts: "{engine: 10s, connect: \(connect ?? self.connect)}",
            git: git
        )
    }

    /// A team whose repository all projects follow, deployed by right ways.
    func begin() async throws -> Team {
        let team = try await servers.team(stage, right.map(stage.project))
        try configure(right)
        let first = try await team.push(Compose.web("1.0"), "First")
        try await stage.gyre.start()
        try await stage.ready(right, at: first)
        return team
    }

    /// Lets what is wrong be wrong: it is told, and the next version deploys where all is well, and
    /// there alone.
    ///
    /// - Returns: That version.
    @discardableResult
    func breakDown(_ team: Team) async throws -> String {
        let before = try await running()
        try configure(wrong)
        await stage.gyre.reload()
        for fault in faults { try await stage.told(fault) }
        let next = try await team.push(Compose.web("2.0"))
        try await deployed(next, after: before)
        return next
    }

    /// Lets what never comes to an end hang for longer than a test may take, which `isHanging`
    /// sees: the next version deploys meanwhile.
    ///
    /// - Returns: That version.
    func hang(_ team: Team, _ isHanging: () -> Bool) async throws -> String {
        let before = try await running()
        try await stage.gyre.stop()
        try configure(wrong, connect: "1h")
        try await stage.gyre.start()
        try await eventually("all that may hang does", tail: { stage.gyre.tail }, isHanging)
        let next = try await team.push(Compose.web("1.0"))
        try await deployed(next, after: before)
        let hangsStill = isHanging()
        #expect(hangsStill)
        return next
    }

    private func running() async throws -> Set<String> {
        Set(try await stage.containers().filter(\.isRunning).map(\.id))
    }

    /// Sees that the sound projects, and no others, have new containers.
    private func deployed(_ commit: String, after before: Set<String>) async throws {
        try await stage.ready(sound, at: commit)
        let after = try await running()
        #expect(after.count == right.count && before.subtracting(after).count == sound.count)
        let status = try await stage.gyre.status()
        for fault in faults {
            let name = stage.project(fault.wrong)
            let stack = status.stacks.first { $0.stack.stack == name }
            #expect(stack?.state != "ready", "\(name) can't be known to be where its branch is")
        }
    }
}
