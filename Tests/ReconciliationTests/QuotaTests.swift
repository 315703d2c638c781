import Model
import OperatorFile
import Planning
import Reconciliation
import TestSupport
import Testing

/// What the stacks of a project may take together, on a simulated node.
@Suite struct QuotaTests {
    private func compose(_ memory: String, replicas: Int = 1, image: String = "web") -> String {
        """
        services:
          web:
            image: \(image)
            pull_policy: missing
            mem_limit: \(memory)
            deploy: {replicas: \(replicas)}
        """
    }

    @Test("what is asked for beyond the quota waits until another stack gives it back")
    func full() async throws {
        let house = try House()
        house.push(["a": compose("3g"), "b": compose("2g")])
        let controller = try await house.controller("memory: 4g")
        #expect(try await house.settle("shop/a", controller).state == .ready)
        let refused = try await house.settle("shop/b", controller)
        let problem = try #require(refused.problems.first)
        #expect(problem.kind == .quota && refused.state == .stalled)
        #expect(problem.diagnostics.first?.location?.file == "b/compose.yaml")
        #expect(problem.diagnostics.first?.message.contains("shop/a 3 GiB") == true)
        #expect(house.running == ["shop_a-web-1"])
        #expect(house.team.journal.state().reservations.count == 1)

        // A plan says the same.
        let preview = try await controller.plan(try StackID(parsing: "shop/b"))
        #expect(preview.problems.map(\.kind) == [.quota])

        house.push(["a": compose("1g"), "b": compose("2g")])
        let later = try await house.controller("memory: 4g")
        #expect(try await house.settle("shop/a", later).state == .ready)
        #expect(try await house.settle("shop/b", later).state == .ready)
        let usage = try #require(await later.usage().first)
        #expect(usage.amounts.first { $0.kind == .memory }?.used == 3 << 30)
        #expect(usage.stacks.map(\.used.memory) == [1 << 30, 2 << 30])
    }

    @Test("networks are counted, and who gives one back makes room")
    func networks() async throws {
        func compose(_ networks: String...) -> String {
            let list = networks.joined(separator: ", ")
            let made = networks.map { "\($0): {}" }.joined(separator: ", ")
            return """
                services:
                  web: {image: web, pull_policy: missing, networks: [\(list)]}
                networks: {\(made)}
                """
        }
        let house = try House()
        house.push(["a": compose("x", "y"), "b": compose("x", "y")])
        let controller = try await house.controller("networks: 3")
        #expect(try await house.settle("shop/a", controller).state == .ready)
        let refused = try await house.settle("shop/b", controller)
        let problem = try #require(refused.problems.first)
        #expect(problem.kind == .quota)
        #expect(problem.diagnostics.first?.message.contains("shop/a 2") == true)
        #expect(house.running == ["shop_a-web-1"])
        #expect(try await house.settle("shop/a", controller).state == .ready, "again is no growth")

        house.push(["a": compose("x"), "b": compose("x", "y")])
        let later = try await house.controller("networks: 3")
        #expect(try await house.settle("shop/a", later).state == .ready)
        #expect(try await house.settle("shop/b", later).state == .ready)
        let usage = try #require(await later.usage().first)
        #expect(usage.amounts.first { $0.kind == .networks }?.used == 3)
    }

    @Test("a quota that was lowered stops nothing, and denies growth")
    func lowered() async throws {
        let house = try House()
        house.push(["a": compose("2g", replicas: 2)])
        #expect(try await house.settle("shop/a", house.controller("memory: 4g")).state == .ready)

        let controller = try await house.controller("memory: 1g, containers: 1")
        #expect(try await house.settle("shop/a", controller).state == .ready)
        // What somebody removes by hand comes back.
        house.team.engine.change { node in
            node.containers = node.containers.filter { $0.value.seen.name != "shop_a-web-2" }
        }
        #expect(try await house.settle("shop/a", controller).state == .ready)
        #expect(house.running.count == 2)

        house.push(["a": compose("2g", replicas: 3)])
        let grown = try await house.controller("memory: 1g, containers: 1")
        let status = try await house.settle("shop/a", grown)
        #expect(status.problems.first?.kind == .quota)
        #expect(house.running.count == 2)

        house.push(["a": compose("1g", replicas: 2)])
        let shrunk = try await house.controller("memory: 1g, containers: 1")
        #expect(try await house.settle("shop/a", shrunk).state == .ready)
        #expect(house.running.count == 2)
    }

    @Test("a version that fails gives back what only it needed")
    func failed() async throws {
        let house = try House()
        house.push(["a": compose("1g"), "b": compose("2g")])
        let first = try await house.controller("memory: 4g")
        #expect(try await house.settle("shop/a", first).state == .ready)

        house.team.engine.add("broken", isLocal: true)
        let bad = SimulatedNode.pin("broken").imageID
        house.team.engine.change { $0.behaviours[bad] = .exits(1) }
        house.push(["a": compose("3g", image: "broken"), "b": compose("2g")])
        let controller = try await house.controller("memory: 4g")
        let status = try await house.settle("shop/a", controller)
        #expect(status.problems.first?.kind == .held)
        let a = try StackID(parsing: "shop/a")
        let kept = try #require(house.team.journal.state().reservations[a])
        #expect(kept.usage.memory == 1 << 30)
        #expect(try await house.settle("shop/b", controller).state == .ready)
    }

    @Test("a first version that is held keeps what is there, no more")
    func heldAtFirst() async throws {
        let house = try House()
        house.team.engine.add("broken", isLocal: true)
        let bad = SimulatedNode.pin("broken").imageID
        house.team.engine.change { $0.behaviours[bad] = .exits(1) }
        house.push(["a": compose("3g", image: "broken")])
        let controller = try await house.controller("memory: 4g")
        #expect(try await house.settle("shop/a", controller).problems.first?.kind == .held)
        house.team.engine.change { $0.containers = [:] }
        try await house.settle("shop/a", controller)
        let a = try StackID(parsing: "shop/a")
        let kept = house.team.journal.state().reservations[a]
        #expect(kept == Reservation(networks: ["shop_a_default"]))
    }

    @Test("a journal without reservations counts what runs")
    func rebuilt() async throws {
        let house = try House()
        house.push(["a": compose("3g"), "b": compose("2g")])
        #expect(try await house.settle("shop/a", house.controller("memory: 4g")).state == .ready)
        let old = FakeJournal()
        let entries = house.team.journal.state().owned.values.map(JournalEntry.owned)
        try await old.append(entries, at: house.team.engine.node.time)
        let controller = Controller(
            try house.settings("memory: 4g"),
            house.team.parts(journal: old)
        )
        await controller.survey()
        #expect(try await house.settle("shop/b", controller).problems.first?.kind == .quota)
        #expect(try await house.settle("shop/a", controller).state == .ready)
        #expect(old.state().reservations.values.map(\.usage.memory) == [3 << 30])
    }

    @Test("an audited quota, or one with an exception, refuses nothing")
    func audited() async throws {
        let house = try House()
        house.push(["a": compose("3g"), "b": compose("2g")])
        let text = """
            controller: test
            projects:
              shop:
                repositories: [{url: /srv/shop, folders: "*"}]
                quotas: {memory: 4g}
                audit: [project-quota]
            """
        let controller = Controller(try SimulatedTeam.settings(text), house.team.parts())
        await controller.survey()
        #expect(try await house.settle("shop/a", controller).state == .ready)
        #expect(try await house.settle("shop/b", controller).state == .ready)
    }

    /// Fifty stacks at a time ask for what there is for twenty; then what is given back is taken.
    @Test("fifty at a time never come to more than the quota, and leave nothing unused")
    func race() async throws {
        let house = try House()
        let names = (1...50).map { "s\($0)" }
        func all(_ memory: String) -> [String: String] {
            Dictionary(uniqueKeysWithValues: names.map { ($0, compose(memory)) })
        }
        func settleAll() async throws {
            let controller = try await house.controller("memory: 20g")
            try await controller.pulling {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for name in names {
                        let id = try StackID(project: "shop", stack: name)
                        group.addTask { _ = try await controller.settle(id, listener: { _ in }) }
                    }
                    try await group.waitForAll()
                }
            }
        }
        house.push(all("1g"))
        try await settleAll()
        #expect(house.running.count == 20)
        #expect(Total.reserved(house.team.journal) == 20 << 30)

        // Whoever runs gives half of it back, and somebody else takes that.
        house.push(all("512m"))
        for _ in 0..<2 { try await settleAll() }
        #expect(house.running.count == 40)
        #expect(Total.reserved(house.team.journal) == 20 << 30)
    }
}

/// What all reservations of a journal come to.
private enum Total {
    static func reserved(_ journal: FakeJournal) -> Int64 {
        journal.state().reservations.values.reduce(0) { $0 + $1.usage.memory }
    }
}

extension House {
    /// A controller of one project with these quotas.
    fileprivate func controller(_ quotas: String) async throws -> Controller {
        try await controller(configured: House.text(quotas))
    }

    fileprivate func settings(_ quotas: String) throws -> Settings {
        try SimulatedTeam.settings(House.text(quotas))
    }

    private static func text(_ quotas: String) -> String {
        """
        controller: test
        projects:
          shop:
            repositories: [{url: /srv/shop, folders: "*"}]
            quotas: {\(quotas)}
        """
    }

    fileprivate var running: Set<String> {
        Set(team.engine.node.containers.values.filter(\.isRunning).map(\.seen.name))
    }
}
