import Model
import Planning
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// What `docker stack` brought up on a Swarm becomes a stack.
@Suite("Adoption of a docker stack", .timeLimit(.minutes(10)))
struct DockerStackTests {
    private static let compose = """
        services:
          web: {image: "web:1.0", volumes: ["data:/data"], deploy: {replicas: 2}}
          db: {image: "db:1.0", volumes: ["data:/data"]}
        volumes: {data: {}}
        """

    private static func pinned(_ image: String, _ letter: String) -> String {
        "\(image)@sha256:\(String(repeating: letter, count: 64))"
    }

    private let swarm = SwarmEngine()

    /// A team whose file runs as the docker stack `old`.
    private func team(_ compose: String = compose) throws -> SimulatedTeam {
        swarm.deploy("old", "web", image: Self.pinned("web:1.0", "a"), replicas: 2)
        swarm.deploy("old", "db", image: Self.pinned("db:1.0", "b"))
        return try SimulatedTeam(compose)
    }

    private func controller(
        _ team: SimulatedTeam,
        adopt: String? = "{shop: {stack: old}}"
    ) async throws -> Controller {
        let line = adopt.map { ", adopt: \($0)" } ?? ""
        return try await team.controller(
            on: swarm,
            project: "repositories: [{url: /srv/shop}]\(line)"
        )
    }

    private var sent: [String] { swarm.sent }

    @Test("what is as its file says is taken over without a write, and kept")
    func unchanged() async throws {
        let team = try team()
        let before = swarm.services
        let controller = try await controller(team)
        let preview = try await controller.plan(team.shop)
        #expect(
            preview.adoption == [
                "takes over service old_db, unchanged", "takes over service old_web, unchanged",
                "takes over network old_default",
                "keeps volume old_data where it is, with its data",
            ],
            "\(preview.problems)"
        )
        #expect(preview.confirmation == nil && preview.problems.isEmpty, "\(preview.problems)")
        #expect(team.journal.state().owned.isEmpty, "a plan takes nothing")

        let status = try await team.settle(controller)
        #expect(status.state == .ready, "\(status.problems)")
        #expect(sent.isEmpty && swarm.services == before)
        #expect(team.journal.state().adoptedNames == [team.shop: "old"])
        #expect(status.services.map(\.running).reduce(0, +) == 3, "\(status.services)")

        // Another controller, and without the line in gyre.yaml: nothing is written any more.
        let next = try await self.controller(team, adopt: nil)
        #expect(try await team.settle(next).state == .ready)
        #expect(try await next.plan(team.shop).plan?.isEmpty == true)
        #expect(sent.isEmpty && swarm.services == before)
    }

    @Test("a service whose file changes later is updated in place, alone, and is Gyre's own then")
    func changed() async throws {
        let team = try team()
        let controller = try await controller(team)
        try await team.settle(controller)
        let before = swarm.services
        team.repository.push(Self.compose.replacing("db:1.0", with: "db:2.0"))
        await controller.survey()
        let status = try await team.settle(controller)
        #expect(status.state == .ready, "\(status.problems)")
        #expect(sent == ["updateService old_db"])
        let after = swarm.services
        #expect(after.map(\.id) == before.map(\.id) && after[1] == before[1])
        #expect(after[0].labels[Labels.controller] == "test")
        #expect(after[0].labels[Labels.Swarm.namespace] == "old")
        let mounts = after[0].spec["TaskTemplate"]?["ContainerSpec"]?["Mounts"]?.arrayValue
        #expect(mounts?.first?["Source"] == "old_data")
        #expect(try await controller.plan(team.shop).plan?.isEmpty == true)

        // What a hand changes is put right, whoever wrote the service last.
        swarm.change("old_web", ["TaskTemplate", "ContainerSpec", "Env"], ["HAND=1"])
        swarm.change("old_db", ["TaskTemplate", "ContainerSpec", "Env"], ["HAND=1"])
        #expect(try await team.settle(controller).state == .ready)
        let images = swarm.services.map(\.image)
        #expect(images[1] == Self.pinned("web:1.0", "a"), "with the image that it had")
        #expect(
            swarm.services.allSatisfy {
                $0.spec["TaskTemplate"]?["ContainerSpec"]?["Env"] == nil
            }
        )
        #expect(try await controller.plan(team.shop).plan?.isEmpty == true)
    }

    @Test("what would be updated waits for a person, and nothing is taken before")
    func otherFiles() async throws {
        let team = try team(Self.compose.replacing("db:1.0", with: "db:2.0"))
        let before = swarm.services
        let controller = try await controller(team)
        let preview = try await controller.plan(team.shop)
        let needed = try #require(preview.confirmation, "\(preview.problems)")
        #expect(needed.why == "it takes over old and updates 1 of its 2 services: old_db")
        let told = preview.adoption.first { $0.contains("old_db") } ?? ""
        #expect(told.contains("isn't what the file says: TaskTemplate.ContainerSpec.Image"))
        let status = try await team.settle(controller)
        #expect(status.problems.map(\.kind) == [.unconfirmed], "\(status.problems)")
        #expect(sent.isEmpty && team.journal.state().owned.isEmpty)

        _ = try await controller.confirm(team.shop, change: needed.change, by: "ada")
        #expect(try await team.settle(controller).state == .ready)
        #expect(sent == ["updateService old_db"])
        #expect(swarm.services.map(\.id) == before.map(\.id) && swarm.services[1] == before[1])
        #expect(try await controller.plan(team.shop).plan?.isEmpty == true, "the rest stays")
    }

    @Test("a service of another mode waits for a person, and is made anew then")
    func otherMode() async throws {
        let team = try team(
            Self.compose.replacing(
                "volumes: [\"data:/data\"]}\n",
                with: "volumes: [\"data:/data\"], deploy: {mode: replicated-job}}\n"
            )
        )
        let before = swarm.services
        let controller = try await controller(team)
        let preview = try await controller.plan(team.shop)
        let needed = try #require(preview.confirmation, "\(preview.problems)")
        let why = "it takes over old and updates or makes anew 1 of its 2 services: old_db"
        #expect(needed.why == why)
        let told = preview.adoption.first { $0.contains("old_db") } ?? ""
        #expect(told.contains("Mode.Replicated"), "\(told)")
        var status = try await team.settle(controller)
        #expect(status.problems.map(\.kind) == [.unconfirmed], "\(status.problems)")
        _ = try await controller.confirm(team.shop, change: needed.change, by: "ada")
        status = try await team.settle(controller)
        #expect(status.state == .ready, "\(status.problems)")
        #expect(sent == ["removeService \(before[0].id)", "createService old_db"])
        #expect(swarm.services[0].mode == "replicated-job" && swarm.services[1] == before[1])
    }

    @Test("what failed of it is run once more when a person has agreed to that")
    func failed() async throws {
        let policy = "deploy: {restart_policy: {condition: none}}"
        let team = try team(
            Self.compose.replacing("/data\"]}\nvolumes", with: "/data\"], \(policy)}\nvolumes")
        )
        swarm.change("old_db", ["TaskTemplate", "RestartPolicy"], ["Condition": "none"])
        swarm.end("old_db", with: 3)
        let before = swarm.services
        let controller = try await controller(team)
        let preview = try await controller.plan(team.shop)
        #expect(preview.adoption.contains("takes over service old_db, unchanged"), "\(preview)")
        let needed = try #require(preview.confirmation, "\(preview.problems)")
        #expect(needed.why == "it takes over old and updates 1 of its 2 services: old_db")
        #expect(try await team.settle(controller).problems.map(\.kind) == [.unconfirmed])
        #expect(sent.isEmpty)
        _ = try await controller.confirm(team.shop, change: needed.change, by: "ada")
        let status = try await team.settle(controller)
        #expect(status.state == .ready, "\(status.problems)")
        #expect(sent == ["updateService old_db"] && swarm.services[1] == before[1])
        swarm.end("old_db", with: 3)
        #expect(try await team.settle(controller).problems.map(\.kind) == [.ended])
        #expect(sent == ["updateService old_db"], "once")
    }

    @Test("what the file doesn't have is told, left alone, and never removed")
    func orphans() async throws {
        let team = try team(
            """
            services: {web: {image: "web:1.0", volumes: ["data:/data"], deploy: {replicas: 2}}}
            volumes: {data: {}}
            """
        )
        let before = swarm.services
        let controller = try await controller(team)
        let preview = try await controller.plan(team.shop)
        #expect(
            preview.adoption.contains("leaves service old_db alone: the file has no service db")
        )
        try await team.settle(controller)
        #expect(swarm.services == before && sent.isEmpty)
    }

    @Test("a service that was scaled, has no digest or ships files is not taken for the same")
    func notTheSame() async throws {
        let team = try team()
        let compose = Self.compose.replacing("/data\"]}", with: "/data\"], configs: [site]}")
        team.repository.push([
            "compose.yaml": .file(Array((compose + "\nconfigs: {site: {file: ./site}}").utf8)),
            "site": .file([0x31]),
        ])
        swarm.change("old_web", ["Mode", "Replicated", "Replicas"], 3)
        let notes = try await controller(team).plan(team.shop).adoption
        #expect(
            notes.contains {
                $0 == "takes over service old_web, which isn't what the file says: "
                    + "Mode.Replicated.Replicas"
            },
            "\(notes)"
        )
        #expect(notes.contains { $0.contains("old_db, which uses configs") }, "\(notes)")

        swarm.change("old_web", ["Mode", "Replicated", "Replicas"], 2)
        swarm.stopUpdate(of: "old_web")
        let stopped = try await controller(team).plan(team.shop).adoption
        #expect(stopped.contains { $0.contains("old_web, whose last update came") }, "\(stopped)")

        swarm.deploy("old", "web", image: "web:1.0", replicas: 2)
        let more = try await controller(team).plan(team.shop).adoption
        #expect(more.contains { $0.contains("old_web, whose image has no digest") }, "\(more)")
    }

    @Test("what is not there, or another's, changes nothing")
    func refused() async throws {
        let team = try team()
        let missing = try await controller(team, adopt: "{shop: {stack: older}}")
        var problem = try #require(try await missing.plan(team.shop).problems.first)
        #expect(problem.message.contains("of which nothing is on the Swarm"), "\(problem)")
        try await team.settle(missing)

        swarm.change("old_db", ["Labels", Labels.controller], "another")
        let others = try await controller(team)
        problem = try #require(try await others.plan(team.shop).problems.first)
        #expect(problem.message.contains("another stack's or another"), "\(problem)")
        try await team.settle(others)
        #expect(sent.isEmpty && team.journal.state().adoptedNames.isEmpty)
    }

    @Test("a volume that may be any folder of its node is not taken over")
    func strange() async throws {
        let team = try team()
        swarm.put(
            NamedObject(
                kind: .volume,
                id: "old_data",
                name: "old_data",
                driver: "local",
                options: ["type": "none", "o": "bind", "device": "/etc"]
            )
        )
        let controller = try await controller(team)
        let problem = try #require(try await controller.plan(team.shop).problems.first)
        #expect(problem.message.contains("volume old_data, but it has options"), "\(problem)")
        try await team.settle(controller)
        #expect(sent.isEmpty && team.journal.state().adoptedNames.isEmpty)
    }

    /// What one of its services says of the volume that it mounts, be it in the file or not.
    @Test(
        "nor is one that a service had its nodes make, without an exception",
        arguments: [
            (["Options": ["type": "none", "o": "bind", "device": "/etc"]], "it has options"),
            (["Name": "nfs"], "its driver is nfs"),
        ] as [(driver: JSON, words: String)],
        ["db", "cron"]
    )
    func strangeElsewhere(_ made: (driver: JSON, words: String), service: String) async throws {
        let team = try team()
        if service == "cron" {
            swarm.deploy("old", "cron", image: Self.pinned("cron:1.0", "c"))
        }
        swarm.change(
            "old_\(service)",
            ["TaskTemplate", "ContainerSpec", "Mounts"],
            [
                [
                    "Type": "volume", "Source": "old_data", "Target": "/data",
                    "VolumeOptions": ["DriverConfig": made.driver],
                ]
            ]
        )
        let controller = try await controller(team)
        let problem = try #require(try await controller.plan(team.shop).problems.first)
        #expect(problem.kind == .foreign)
        let words = "service old_\(service) mounts the volume old_data, but \(made.words)"
        #expect(problem.message.contains(words), "\(problem)")
        try await team.settle(controller)
        #expect(sent.isEmpty && team.journal.state().adoptedNames.isEmpty)

        let excepted =
            "{shop: {stack: old}}, exceptions: [{rule: volume-driver, stack: shop, owner: ann, "
            + "reason: as it was, expires: 2028-01-01}]"
        let granted = try await self.controller(team, adopt: excepted)
        #expect(try await !granted.plan(team.shop).adoption.isEmpty)
    }

    @Test("a volume of the engines' own driver, without options, is like any other")
    func plainDriver() async throws {
        let team = try team()
        swarm.change(
            "old_db",
            ["TaskTemplate", "ContainerSpec", "Mounts"],
            [
                [
                    "Type": "volume", "Source": "old_data", "Target": "/data",
                    "VolumeOptions": ["DriverConfig": ["Name": "local"]],
                ]
            ]
        )
        #expect(try await !controller(team).plan(team.shop).adoption.isEmpty)
    }

    /// Whose audit log tells of it is away, and nothing that runs bears a label.
    @Test("where machines share a journal that is lost, nothing is made beside it")
    func lostByOthers() async throws {
        let team = try team()
        try await team.settle(try await self.controller(team))
        let before = swarm.services
        let (journal, lost) = try await SharedJournal.open(
            over: FakeJournal(),
            lost: nil,
            isKept: true,
            in: FakeRecords(),
            led: FakeLead(2),
            at: Instant(milliseconds: 0)
        )
        func controller(_ line: String) async throws -> Controller {
            try await team.controller(
                on: swarm,
                project: "repositories: [{url: /srv/shop}]\(line)",
                journal: journal,
                audit: FakeAudit(),
                lost: lost
            )
        }
        let frozen = try await controller("")
        let reason = await frozen.status().frozen ?? ""
        #expect(reason.contains("no journal any more, and only the audit logs"), "\(reason)")
        let status = try await team.settle(frozen)
        #expect(status.problems.map(\.kind) == [.frozen], "\(status)")
        #expect(sent.isEmpty && swarm.services == before)

        let second = try await controller(", adopt: {shop: {stack: old}}")
        _ = try await second.recover(by: "ada")
        #expect(try await team.settle(second).state == .ready)
        #expect(sent.isEmpty && swarm.services == before)
        #expect(journal.state().adoptedNames == [team.shop: "old"])
    }

    @Test(
        "an image that no manager has is pulled and judged before its service is written",
        arguments: [true, false]
    )
    func unseenImage(isDenied: Bool) async throws {
        let team = try team()
        let image = Self.pinned("db:1.0", "b")
        let left = "com.docker.compose.project"
        swarm.state.withLock { state in
            state.absent = [image]
            state.configs[image] = ImageConfig(
                labels: isDenied ? ["io.gyre.other": "x"] : [left: "bio"]
            )
        }
        let controller = try await controller(team)
        #expect(try await team.settle(controller).state == .ready)
        #expect(sent.isEmpty)
        let scaled = "\"db:1.0\", deploy: {replicas: 2}"
        team.repository.push(Self.compose.replacing("\"db:1.0\"", with: scaled))
        await controller.survey()
        let status = try await team.settle(controller)
        if isDenied {
            let words = "the image brings a label"
            #expect(status.problems.contains { $0.message.contains(words) }, "\(status)")
            #expect(!sent.contains("updateService old_db"), "\(sent)")
            return
        }
        #expect(status.state == .ready, "\(status.problems)")
        #expect(sent == ["pullImage", "updateService old_db"])
        let spec = swarm.services.first?.spec["TaskTemplate"]?["ContainerSpec"]
        #expect(spec?["Image"]?.stringValue == image && spec?["Labels"]?[left] == "")
        #expect(try await controller.plan(team.shop).plan?.isEmpty == true)
    }
}
