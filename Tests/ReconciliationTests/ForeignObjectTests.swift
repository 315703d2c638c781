import Model
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// What is not ours, or may not be: it is told, and left alone.
@Suite("Foreign objects", .timeLimit(.minutes(10)))
struct ForeignObjectTests {
    private static let compose = """
        services:
          web:
            image: web:1.0
            volumes: ["data:/data"]
        volumes: {data: {}}
        """

    private func team() throws -> SimulatedTeam {
        try SimulatedTeam(Self.compose, images: ["web:1.0"])
    }

    private static func network(_ name: String, _ labels: [String: String]) -> ObservedNetwork {
        ObservedNetwork(id: SHA256Hex.of(name), name: name, labels: labels)
    }

    @Test("a name that is taken is a problem of the plan, and nothing is begun")
    func taken() async throws {
        let team = try team()
        team.engine.change { node in
            let network = Self.network("shop_default", [:])
            node.networks[network.id] = network
            node.volumes["shop_data"] = ObservedVolume(name: "shop_data")
        }
        let before = team.engine.node
        let controller = try await team.controller()
        let preview = try await controller.plan(team.shop)
        let problem = try #require(preview.problems.first)
        #expect(preview.plan == nil && problem.kind == .foreign)
        #expect(problem.message.contains("volume shop_data, network shop_default are there"))
        #expect(problem.remedy.contains("docker network rm shop_default"))
        #expect(problem.remedy.contains("gyre sync shop/shop"))
        let status = try await team.settle(controller)
        #expect(status.state == .stalled && status.problems.map(\.kind) == [.foreign])
        #expect(team.engine.state.withLock { $0.sent.isEmpty })
        #expect(team.engine.node.networks == before.networks)

        team.engine.change { node in
            node.networks = [:]
            node.volumes = [:]
        }
        #expect(try await team.settle(controller).state == .ready)
    }

    @Test(
        "what another stack has is freed by another name for one of the two",
        arguments: [
            ("shop", ["another stack is called shop too", "the key shop under projects:"]),
            ("other", ["of the compose project other", "name:"]),
        ]
    )
    func clash(_ project: String, words: [String]) async throws {
        let team = try team()
        team.engine.change { node in
            let network = Self.network("shop_default", [Labels.Compose.project: project])
            node.networks[network.id] = network
        }
        let preview = try await team.controller().plan(team.shop)
        let remedy = try #require(preview.problems.first).remedy
        #expect(words.allSatisfy(remedy.contains), "\(remedy)")
        #expect(!remedy.contains("docker ") && remedy.contains("gyre sync shop/shop"), "\(remedy)")
    }

    @Test("what another project has begins otherwise, or is another's business")
    func neighbours() async throws {
        let team = try team()
        team.engine.change { node in
            let network = Self.network("shop_default2", [:])
            node.networks[network.id] = network
            node.volumes["shop-two_data"] = ObservedVolume(name: "shop-two_data")
        }
        #expect(try await team.settle(try await team.controller()).state == .ready)
    }

    /// A fake that somebody made of our labels.
    private static func forge(
        _ node: inout SimulatedNode,
        _ change: (inout [String: String]) -> Void
    ) {
        guard let id = node.id(named: "shop-web-1"), var labels = node.containers[id]?.seen.labels
        else { return }
        change(&labels)
        let fake = SHA256Hex.of("fake")
        node.containers[fake] = node.containers[id]
        node.containers[fake]?.seen.id = fake
        node.containers[fake]?.seen.name = "shop-web-2"
        node.containers[fake]?.seen.labels = labels
    }

    @Test(
        "a recovery leaves counterfeits to whoever names them",
        arguments: [
            (Labels.claim, nil, "it has no token of Gyre's"),
            (Labels.spec, nil, "it has no spec hash"),
            (Labels.slot, "3", "its labels imply the name shop-web-3"),
            (Labels.Compose.project, "other", "its labels contradict each other"),
            (Labels.slot, "2", "another object has the same token"),
            (Labels.project, nil, "its labels name no stack"),
        ] as [(String, String?, String)]
    )
    func counterfeit(label: String, value: String?, why: String) async throws {
        let team = try team()
        #expect(try await team.settle(try await team.controller()).state == .ready)
        team.engine.change { Self.forge(&$0) { $0[label] = value } }
        let controller = try await team.controller(journal: FakeJournal())
        let found = try await controller.findings()
        let fake = try #require(found.doubts.first { $0.name == "shop-web-2" })
        #expect(fake.why == why)
        #expect(!found.objects.contains { $0.id == fake.id })
        #expect(found.objects.contains { $0.name == "shop_data" })
        #expect(found.pins.count <= found.objects.count)
        await #expect(throws: NotPossible.self) {
            try await controller.recover(by: "op", taking: ["shop-web-9"])
        }
        guard fake.stack != nil else {
            await #expect(throws: NotPossible.self) {
                try await controller.recover(by: "op", taking: ["shop-web-2"])
            }
            return
        }
        let taken = try await controller.recover(by: "op", taking: ["shop-web-2"])
        #expect(taken.objects.contains { $0.id == fake.id })
    }

    @Test("what is left of a project that was taken out is orphaned, and listed in a recovery")
    func orphaned() async throws {
        let team = try team()
        #expect(try await team.settle(try await team.controller()).state == .ready)
        func controller(_ journal: any JournalKeeping) async throws -> Controller {
            let settings = try SimulatedTeam.settings("controller: test\nprojects: {}")
            let controller = Controller(settings, team.parts(journal: journal))
            await controller.survey()
            return controller
        }
        let bereft = try await controller(team.journal)
        let status = await bereft.status()
        #expect(status.stacks.isEmpty)
        let orphan = try #require(status.orphans.first)
        #expect(orphan.stack == team.shop)
        #expect(orphan.objects.map(\.name) == ["shop-web-1", "shop_default", "shop_data"])

        let lost = try await controller(FakeJournal())
        #expect(await lost.status().orphans.isEmpty)
        let findings = try await lost.recover(by: "op")
        #expect(findings.objects.count == 3 && findings.unknownProjects == ["shop"])
        await lost.survey()
        #expect(
            await lost.status().orphans
                == [orphan].map { orphan in
                    var orphan = orphan
                    for index in orphan.objects.indices { orphan.objects[index].claim = nil }
                    return orphan
                }
        )

        // Somebody takes it away by hand.
        team.engine.change { node in
            node.containers = [:]
            node.networks = [:]
            node.volumes = [:]
        }
        await bereft.survey()
        #expect(await bereft.status().orphans.isEmpty)
        #expect(team.journal.state().owned.values.allSatisfy { $0.kind == .volume })
    }
}
