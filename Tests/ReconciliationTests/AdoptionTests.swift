import Admission
import ComposeFile
import Model
import OperatorFile
import Planning
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// A compose project that runs already becomes a stack.
@Suite("Adoption", .timeLimit(.minutes(10)))
struct AdoptionTests {
    private static let compose = """
        services:
          web: {image: "web:1.0", volumes: ["data:/data"], deploy: {replicas: 2}}
          db: {image: "db:1.0"}
        volumes: {data: {}}
        """

    /// Brings `compose` up as the compose project `old`, as if Gyre had never been there.
    private func team(_ compose: String = compose) async throws -> SimulatedTeam {
        let team = try SimulatedTeam(compose, images: ["web:1.0", "db:1.0", "db:2.0", "job:1.0"])
        let before = Controller(
            try settings("{}"),
            team.parts(journal: FakeJournal())
        )
        await before.survey()
        try await team.settle(before)
        try foreign(team, compose)
        return team
    }

    private func foreign(_ team: SimulatedTeam, _ compose: String) throws {
        let commit = Commit(id: "", author: "", seconds: 0, message: "")
        let files: [String: Snapshot.Entry] = ["compose.yaml": .file(Array(compose.utf8))]
        let reading = try StackReading(
            answering: LoadRequest(
                Snapshot(commit: commit, entries: files),
                at: "",
                id: team.shop,
                adoptedName: "old"
            )
        )
        let hashes = try #require(reading.hashes)
        team.engine.change { node in
            func old(_ name: String) -> String {
                name.hasPrefix("shop") ? "old" + name.dropFirst(4) : name
            }
            func bare(_ labels: [String: String]) -> [String: String] {
                var labels = labels.filter { !$0.key.hasPrefix(Labels.prefix) }
                labels[Labels.Compose.project] = "old"
                return labels
            }
            for (id, container) in node.containers {
                var seen = container.seen
                let service = seen.labels[Labels.service] ?? ""
                seen.name = old(seen.name)
                seen.labels = bare(seen.labels)
                seen.labels[Labels.Compose.configHash] = hashes.services[service]
                seen.networks = Dictionary(
                    uniqueKeysWithValues: seen.networks.map { (old($0.key), $0.value) }
                )
                seen.volumes = seen.volumes.map(old)
                seen.mounts = seen.mounts.map {
                    ObservedMount(source: old($0.source), readOnly: $0.readOnly)
                }
                node.containers[id]?.seen = seen
            }
            for (id, network) in node.networks {
                node.networks[id]?.name = old(network.name)
                node.networks[id]?.labels = bare(network.labels)
            }
            for (name, volume) in node.volumes {
                node.volumes[name] = nil
                node.volumes[old(name)] = ObservedVolume(
                    name: old(name),
                    labels: bare(volume.labels)
                )
            }
            node.filled = Set(node.filled.map(old))
        }
        team.engine.state.withLock { $0.sent = [] }
    }

    private func settings(_ adopt: String = "{shop: {compose: old}}") throws -> Settings {
        try SimulatedTeam.settings(
            "controller: test\nprojects: {shop: {repositories: [{url: /srv/shop}], "
                + "grants: {names: [legacy-]}, adopt: \(adopt)}}"
        )
    }

    private func controller(
        _ team: SimulatedTeam,
        adopt: String = "{shop: {compose: old}}"
    )
        async throws -> Controller
    {
        let controller = Controller(try settings(adopt), team.parts())
        await controller.survey()
        return controller
    }

    private func sent(_ team: SimulatedTeam) -> [EngineRequest.Action] {
        team.engine.state.withLock { $0.sent }
    }

    @Test("what is as its file says is taken over without a call, and kept")
    func unchanged() async throws {
        let team = try await team()
        let before = team.engine.node.containers.keys.sorted()
        let controller = try await controller(team)
        let preview = try await controller.plan(team.shop)
        #expect(preview.adoption.count == 5, "\(preview.adoption)")
        #expect(preview.adoption.contains("takes over container old-web-1, unchanged"))
        #expect(preview.adoption.contains("takes over volume old_data, with its data"))
        #expect(preview.confirmation == nil && preview.problems.isEmpty, "\(preview.problems)")
        #expect(team.journal.state().owned.isEmpty, "a plan takes nothing")

        let status = try await team.settle(controller)
        #expect(status.state == .ready, "\(status.problems)")
        #expect(sent(team).isEmpty && team.engine.node.containers.keys.sorted() == before)
        #expect(team.journal.state().adoptedNames == [team.shop: "old"])
        let told = team.audit.entries.filter { $0.kind == .adopted }
        #expect(told.count == 1 && told.first?.facts["from"] == "old")

        // Another controller, and without the line in gyre.yaml: nothing changes any more.
        let next = Controller(try SimulatedTeam.settings(), team.parts())
        await next.survey()
        #expect(try await team.settle(next).state == .ready)
        #expect(try await next.plan(team.shop).plan?.isEmpty == true)
        #expect(sent(team).isEmpty)
    }

    @Test("with a journal that is lost nothing is made beside what was taken over")
    func lost() async throws {
        let team = try await team()
        try await team.settle(try await controller(team))
        func status(_ settings: Settings) async throws -> (String?, StackStatus) {
            let parts = team.parts(journal: FakeJournal())
            let controller = Controller(settings, parts, lost: "the journal is broken")
            await controller.survey()
            return (await controller.status().frozen, try await team.settle(controller))
        }
        let (frozen, _) = try await status(try SimulatedTeam.settings())
        #expect(frozen?.contains("under adopt in gyre.yaml") == true, "\(frozen ?? "")")
        let (sound, after) = try await status(try settings())
        #expect(sound == nil && after.state == .ready, "\(after.problems)")
        #expect(sent(team).isEmpty)
    }

    @Test("a changed service is made anew alone, under the names that it had")
    func changed() async throws {
        let team = try await team()
        let controller = try await controller(team)
        try await team.settle(controller)
        let before = team.engine.node.containers.mapValues(\.seen.name)
        team.repository.push(Self.compose.replacing("db:1.0", with: "db:2.0"))
        await controller.survey()
        #expect(try await team.settle(controller).state == .ready)
        let after = team.engine.node.containers.mapValues(\.seen.name)
        #expect(Set(after.values) == ["old-web-1", "old-web-2", "old-db-1"])
        let kept = after.filter { before[$0.key] != nil }.values.sorted()
        #expect(kept == ["old-web-1", "old-web-2"])
        #expect(team.engine.node.volumes.keys.sorted() == ["old_data"])
        let made = team.engine.node.containers.values.map(\.seen).first { $0.name == "old-db-1" }
        #expect(made?.labels[Labels.Compose.project] == "old")
    }

    @Test("what would be made anew waits for a person, and nothing is taken before")
    func otherFiles() async throws {
        let team = try await team()
        team.repository.push(Self.compose.replacing("db:1.0", with: "db:2.0"))
        let controller = try await controller(team)
        let preview = try await controller.plan(team.shop)
        let needed = try #require(preview.confirmation)
        #expect(needed.why.contains("old-db-1") && !needed.why.contains("old-web-1"))
        #expect(preview.adoption.contains { $0.contains("old-db-1, which isn't what the file") })
        let status = try await team.settle(controller)
        #expect(status.problems.map(\.kind) == [.unconfirmed], "\(status.problems)")
        let owned = team.journal.state().owned.values.map(\.name)
        #expect(sent(team).isEmpty && owned.isEmpty, "\(owned) \(status.problems)")

        _ = try await controller.confirm(team.shop, change: needed.change, by: "ada")
        #expect(try await team.settle(controller).state == .ready)
        let names = team.engine.node.containers.values.map(\.seen.name)
        #expect(Set(names) == ["old-web-1", "old-web-2", "old-db-1"])
    }

    @Test("what the file doesn't have is told, left alone, and never removed")
    func orphans() async throws {
        let team = try await team()
        let ids = team.engine.node.containers
        team.repository.push(
            """
            services: {web: {image: "web:1.0", volumes: ["data:/data"]}}
            volumes: {data: {}}
            """
        )
        let controller = try await controller(team)
        let preview = try await controller.plan(team.shop)
        let left = preview.adoption.filter { $0.contains("alone") }
        #expect(left.contains { $0.contains("old-db-1 alone: the file has no service db") })
        #expect(left.contains { $0.contains("old-web-2 alone: web has 1 replica") }, "\(left)")
        try await team.settle(controller)
        #expect(team.engine.node.containers.keys.sorted() == ids.keys.sorted())
    }

    @Test("one that stands still is started, and a missing one is made")
    func half() async throws {
        let team = try await team()
        team.engine.change { node in
            node.befall(.stopped, "old-db-1")
            node.befall(.removed, "old-web-2")
        }
        let db = team.engine.node.containers.values.map(\.seen).first { $0.name == "old-db-1" }
        let controller = try await controller(team)
        #expect(try await team.settle(controller).state == .ready)
        let after = team.engine.node.containers.values.map(\.seen)
        #expect(Set(after.map(\.name)) == ["old-web-1", "old-web-2", "old-db-1"])
        #expect(after.first { $0.name == "old-db-1" }?.id == db?.id)
        #expect(after.allSatisfy { $0.state == .running })
    }

    @Test("a task that ended badly is run once more, and then it counts", arguments: [0, 1])
    func task(code: Int) async throws {
        let job = "  job: {image: \"job:1.0\", restart: \"no\"}\nvolumes:"
        let team = try await team(Self.compose.replacing("volumes: {", with: job + " {"))
        team.engine.change { node in
            node.befall(.stopped, "old-job-1")
            guard let id = node.id(named: "old-job-1") else { return }
            node.containers[id]?.behaviour = .exits(code)
        }
        let before = team.engine.node.id(named: "old-job-1")
        let controller = try await controller(team)
        let status = try await team.settle(controller)
        #expect(code == 0 ? status.state == .ready : status.problems.map(\.kind) == [.held])
        #expect(
            sent(team) == [.startContainer] && before == team.engine.node.id(named: "old-job-1")
        )
    }

    @Test("what is not there, or another's, changes nothing")
    func refused() async throws {
        let team = try await team()
        let missing = try await controller(team, adopt: "{shop: {compose: older}}")
        var problem = try #require(try await missing.plan(team.shop).problems.first)
        #expect(problem.kind == .foreign && problem.message.contains("of which nothing is"))
        try await team.settle(missing)
        #expect(sent(team).isEmpty && team.journal.state().owned.isEmpty)

        let db = team.engine.node.containers.values.first { $0.seen.name == "old-db-1" }
        let owned = OwnedObject(
            kind: .container,
            id: try #require(db?.seen.id),
            name: "old-db-1",
            stack: try StackID(project: "shop", stack: "db"),
            claim: nil,
            labels: [Labels.Compose.project: "old"]
        )
        try await team.journal.append([.owned(owned)], at: Instant(milliseconds: 0))
        let others = try await controller(team)
        problem = try #require(try await others.plan(team.shop).problems.first)
        #expect(problem.message.contains("another stack's or another"), "\(problem)")
        try await team.settle(others)
        #expect(sent(team).isEmpty && team.journal.state().adoptedNames.isEmpty)
    }

    @Test(
        "what could be any folder of the node is not taken over",
        arguments: [("data", "old_data"), ("legacy-data", "legacy-data")]
    )
    func strange(name: String, volume: String) async throws {
        let named = Self.compose.replacing("{data: {}}", with: "{data: {name: \(name)}}")
        let team = try await team(name == "data" ? Self.compose : named)
        team.engine.state.withLock {
            $0.drivers[volume] = ("local", ["type": "none", "o": "bind", "device": "/etc"])
        }
        let controller = try await controller(team)
        let problem = try #require(try await controller.plan(team.shop).problems.first)
        #expect(problem.kind == .foreign)
        #expect(problem.message.contains("\(volume), but it has options"), "\(problem)")
        try await team.settle(controller)
        #expect(sent(team).isEmpty && team.journal.state().owned.isEmpty)
    }

    @Test("a name is given once: neither another, nor to what runs already")
    func once() async throws {
        let team = try await team()
        try await team.settle(try await controller(team))
        let other = try await controller(team, adopt: "{shop: {compose: newer}}")
        let problem = try #require(try await other.plan(team.shop).problems.first)
        #expect(problem.message.contains("was taken over from old"), "\(problem)")

        let fresh = try SimulatedTeam(Self.compose, images: ["web:1.0", "db:1.0"])
        let before = try await fresh.controller()
        try await fresh.settle(before)
        let after = try await controller(fresh)
        let second = try #require(try await after.plan(fresh.shop).problems.first)
        #expect(second.message.contains("runs already"), "\(second)")
    }

    @Test("its names stay its own beside projects that come later, without the line too")
    func names() async throws {
        let team = try await team()
        try await team.settle(try await controller(team))
        let settings = try SimulatedTeam.settings(
            "controller: test\nprojects: {shop: {repositories: [{url: /srv/shop}]}, "
                + "old: {repositories: [{url: /srv/old}]}, old-x: {repositories: [{url: /srv/x}]}}"
        )
        let controller = Controller(settings, team.parts())
        await controller.survey()
        let newcomer = try StackID(parsing: "old")
        _ = try await controller.pulling {
            try await controller.settle(newcomer, listener: { _ in })
        }
        func denials(_ status: StackStatus?) -> Set<String> {
            let denied = status?.problems.filter { $0.kind == .denied } ?? []
            return Set(denied.flatMap(\.diagnostics).filter { $0.severity == .error }.map(\.code))
        }
        let status = await controller.status().stacks.first { $0.stack == newcomer }
        #expect(denials(status) == ["name-claimed"], "\(status?.problems ?? [])")
        #expect(sent(team).isEmpty)
        #expect(try await team.settle(controller).state == .ready)

        // Nor has it what begins like the longer name of another.
        let longer = "image: \"db:1.0\", container_name: old-x-db"
        team.repository.push(Self.compose.replacing("image: \"db:1.0\"", with: longer))
        await controller.survey()
        #expect(denials(try await team.settle(controller)) == ["name-claimed"])
        #expect(sent(team).isEmpty)
    }

    @Test("a stack that is gone is removed with all that was taken over, but for its data")
    func removed() async throws {
        let team = try await team()
        let controller = try await controller(team)
        try await team.settle(controller)
        team.repository.push("")
        await controller.survey()
        try await team.settle(controller)
        let change = try #require(try await team.status(controller).problems.first?.change)
        _ = try await controller.confirm(team.shop, change: change, by: "ada")
        _ = try? await team.settle(controller)
        #expect(team.engine.node.containers.isEmpty && team.engine.node.networks.isEmpty)
        #expect(team.engine.node.volumes.keys.sorted() == ["old_data"])
        #expect(try await controller.volumes(of: nil).map(\.name) == ["old_data"])
    }
}
