import Model
import OperatorFile
import Planning
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// Subnets of a cluster that several projects ask for, on a simulated node.
@Suite struct SubnetTests {
    private func compose(
        _ networks: [String] = ["default"],
        subnet: String = "",
        memory: String = "64m"
    ) -> String {
        let ipam = subnet.isEmpty ? "{}" : "{ipam: {config: [{subnet: \(subnet)}]}}"
        return """
            services:
              web:
                image: web
                pull_policy: missing
                mem_limit: \(memory)
                networks: [\(networks.joined(separator: ", "))]
            networks: {\(networks.map { "\($0): \(ipam)" }.joined(separator: ", "))}
            """
    }

    private let pool = "pool: 10.9.8.0/24, size: 27"

    @Test("a subnet is chosen, kept by restarts and versions, and given back in the end")
    func chosen() async throws {
        let house = try House()
        house.push(["shop/a": compose(["front", "back"]), "bio/a": compose()])
        let controller = try await house.controller(pool)
        #expect(try await house.settle("shop/a", controller).state == .ready)
        #expect(try await house.settle("bio/a", controller).state == .ready)
        let first = house.subnets
        #expect(first.count == 3 && Set(first.values.joined()).count == 3)
        #expect(first.values.joined().allSatisfy { $0.hasPrefix("10.9.8.") && $0.hasSuffix("/27") })
        #expect(
            try house.reserved("shop/a").map(\.subnet)
                == ["back", "front"].flatMap {
                    first["shop_a_\($0)"] ?? []
                }
        )

        // Another controller, the same journal, another version; then a network is gone by hand.
        house.push(["shop/a": compose(["front", "back"], memory: "65m"), "bio/a": compose()])
        let second = try await house.controller(pool)
        #expect(try await house.settle("shop/a", second).state == .ready)
        #expect(house.subnets == first)
        house.team.engine.change { node in
            let ids = node.containers.keys.filter {
                node.containers[$0]?.seen.name.hasPrefix("shop") ?? false
            }
            for id in ids { node.containers[id] = nil }
            node.networks = node.networks.filter { !$0.value.name.hasPrefix("shop") }
        }
        #expect(try await house.settle("shop/a", second).state == .ready)
        #expect(house.subnets == first)

        // A network less, and then the whole stack.
        house.push(["shop/a": compose(["front"], memory: "65m"), "bio/a": compose()])
        let third = try await house.controller(pool)
        #expect(try await house.settle("shop/a", third).state == .ready)
        #expect(try house.reserved("shop/a").map(\.network) == ["shop_a_front"])
        house.push(["bio/a": compose()])
        await third.survey()
        let held = try await house.settle("shop/a", third)
        let change = try #require(held.problems.compactMap(\.change).first, "\(held)")
        let shop = try StackID(parsing: "shop/a")
        try await third.confirm(shop, change: change, by: "op")
        _ = try await third.settle(shop, listener: { _ in })
        #expect(try house.reserved("shop/a").isEmpty)
        #expect(house.subnets == first.filter { $0.key.hasPrefix("bio") })
    }

    /// Law 9: neither a pool that comes nor one that goes makes a network anew.
    @Test("what is there stays as it is when the operator changes the pool")
    func changed() async throws {
        let house = try House()
        house.push(["shop/a": compose()])
        let plain = try await house.controller("")
        #expect(try await house.settle("shop/a", plain).state == .ready)
        #expect(house.subnets == ["shop_a_default": []])
        house.team.engine.change { node in
            for id in node.networks.keys { node.networks[id]?.subnets = ["172.18.0.0/16"] }
        }
        let before = house.team.engine.node.networks
        house.team.engine.state.withLock { $0.sent = [] }
        for networks in [pool, "pool: 172.18.0.0/20, size: 24", ""] {
            let controller = try await house.controller(networks)
            #expect(try await house.settle("shop/a", controller).state == .ready, "\(networks)")
            #expect(try house.reserved("shop/a").isEmpty)
        }
        #expect(house.team.engine.node.networks == before)
        #expect(house.team.engine.state.withLock(\.sent).isEmpty)

        // A new network gets one, around what is there.
        house.push(["shop/a": compose(["default", "more"])])
        let around = try await house.controller("pool: 172.18.0.0/15, size: 16")
        #expect(try await house.settle("shop/a", around).state == .ready)
        #expect(house.subnets["shop_a_more"] == ["172.19.0.0/16"])
    }

    @Test("of two that overlap the second is told before anything starts, and not whose it is")
    func overlapping() async throws {
        let house = try House()
        house.push([
            "bio/a": compose(subnet: "10.1.0.0/16"), "shop/a": compose(subnet: "10.1.2.0/24"),
            "shop/b": compose(),
        ])
        let controller = try await house.controller(pool)
        #expect(try await house.settle("bio/a", controller).state == .ready)
        let refused = try await house.settle("shop/a", controller)
        let problem = try #require(refused.problems.first)
        #expect(problem.kind == .taken && refused.state == .stalled)
        let finding = try #require(problem.diagnostics.first)
        #expect(finding.message == "subnet 10.1.2.0/24 overlaps another project's")
        #expect(finding.location?.file == "shop/a/compose.yaml")
        #expect(!"\(problem)".contains("bio") && !"\(problem)".contains("10.1.0.0"))
        #expect(house.subnets.keys.sorted() == ["bio_a_default"])

        // What the pool has given is nobody's by a file, in the project's own words.
        #expect(try await house.settle("shop/b", controller).state == .ready)
        let given = try #require(house.subnets["shop_b_default"]?.first)
        house.push(["shop/a": compose(subnet: given), "shop/b": compose()])
        await controller.survey()
        let late = try await house.settle("shop/a", controller)
        let words = late.problems.first?.diagnostics.first?.message
        #expect(words?.contains("which stack shop/b has for its network shop_b_default") == true)
        #expect(house.subnets["shop_a_default"] == nil)
    }

    @Test("networks of others on the node are gone around, and told where a file is in their way")
    func strangers() async throws {
        let house = try House()
        let stranger = ObservedNetwork(
            id: SHA256Hex.of("stranger"),
            name: "lan",
            subnets: ["10.9.8.0/25"]
        )
        house.team.engine.change { $0.networks[stranger.id] = stranger }
        let four = ["a", "b", "c", "d"]
        house.push(["shop/a": compose(four), "shop/b": compose(subnet: "10.9.8.64/26")])
        let controller = try await house.controller(pool)
        #expect(try await house.settle("shop/a", controller).state == .ready)
        let mine = four.compactMap { house.subnets["shop_a_\($0)"]?.first }
        #expect(Set(mine) == Set([128, 160, 192, 224].map { "10.9.8.\($0)/27" }))
        let refused = try await house.settle("shop/b", controller).problems.first
        #expect(refused?.diagnostics.first?.message.contains("another network of the node") == true)
    }

    @Test("what was reserved before a crash is had after it, and by nobody else")
    func crashed() async throws {
        let house = try House()
        house.push(["shop/a": compose(), "bio/a": compose()])
        house.team.engine.state.withLock { $0.refusals[.createNetwork] = NoAnswer() }
        let one = "pool: 10.9.8.0/27, size: 27"
        let first = try await house.controller(one)
        try await house.settle("shop/a", first)
        #expect(house.subnets.isEmpty)
        #expect(try house.reserved("shop/a").map(\.subnet) == ["10.9.8.0/27"])

        house.team.engine.state.withLock { $0.refusals = [:] }
        let second = try await house.controller(one)
        let late = try await house.settle("bio/a", second)
        let finding = try #require(late.problems.first?.diagnostics.first)
        #expect(late.problems.first?.kind == .taken && finding.code == "subnet-pool")
        #expect(finding.message.contains("10.9.8.0/27") && !finding.message.contains("shop"))
        #expect(try await house.settle("shop/a", second).state == .ready)
        #expect(house.subnets == ["shop_a_default": ["10.9.8.0/27"]])
    }

    @Test("a lost journal is told by the networks that are there")
    func lost() async throws {
        let house = try House()
        house.push(["shop/a": compose(), "bio/a": compose()])
        let controller = try await house.controller(pool)
        for name in ["shop/a", "bio/a"] { try await house.settle(name, controller) }
        let first = house.subnets
        let before = Set(house.team.engine.node.networks.keys)
        let journal = FakeJournal()
        let lost = try await house.controller(pool, journal: journal)
        _ = try await lost.recover(by: "op")
        #expect(try await house.settle("shop/a", lost).state == .ready)
        let kept = journal.state().reservations[try StackID(parsing: "shop/a")]?.subnets
        #expect(kept?.map(\.subnet) == first["shop_a_default"])
        #expect(Set(house.team.engine.node.networks.keys) == before && house.subnets == first)
    }

    /// At the fixed point nothing is listed besides, and nothing written.
    @Test("a stack that is as it should be asks for no networks")
    func fixed() async throws {
        let house = try House()
        house.push(["shop/a": compose()])
        let controller = try await house.controller(pool)
        #expect(try await house.settle("shop/a", controller).state == .ready)
        let asked = house.team.engine.state.withLock(\.networkLists)
        let state = house.team.journal.state().reservations
        _ = try await house.settle("shop/a", controller)
        #expect(asked > 0 && house.team.engine.state.withLock(\.networkLists) == asked)
        #expect(house.team.journal.state().reservations == state)
    }

    /// Each of fifty stacks of two projects wants one of forty subnets, some by their files.
    @Test("fifty at a time never share an address, and use all there are")
    func race() async throws {
        let house = try House()
        let names = (1...50).map { "\($0.isMultiple(of: 2) ? "bio" : "shop")/s\($0)" }
        house.push(Dictionary(uniqueKeysWithValues: names.map { ($0, compose()) }))
        // 40 parts: what a stranger has of the 64 leaves them.
        let stranger = ObservedNetwork(
            id: SHA256Hex.of("x"),
            name: "x",
            subnets: ["10.9.0.0/20", "10.9.16.0/21"]
        )
        house.team.engine.change { $0.networks[stranger.id] = stranger }
        let controller = try await house.controller("pool: 10.9.0.0/18, size: 24")
        try await controller.pulling {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for name in names {
                    let id = try StackID(parsing: name)
                    group.addTask { _ = try await controller.settle(id, listener: { _ in }) }
                }
                try await group.waitForAll()
            }
        }
        let made = house.subnets.filter { $0.key != "x" }.values.flatMap(\.self)
        #expect(made.count == 40 && Set(made).count == 40)
        let reserved = house.team.journal.state().reservations.values.flatMap(\.subnets)
        #expect(Set(reserved.map(\.subnet)) == Set(made) && reserved.count == 40)
    }

    @Test("fifty at a time whose files name overlapping subnets: one has each")
    func namedRace() async throws {
        let house = try House()
        let names = (1...50).map { "\($0.isMultiple(of: 2) ? "bio" : "shop")/s\($0)" }
        let stacks = names.enumerated().map { index, name in
            (name, compose(subnet: "10.1.\(index % 10).0/24"))
        }
        house.push(Dictionary(uniqueKeysWithValues: stacks))
        let controller = try await house.controller("")
        try await controller.pulling {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for name in names {
                    let id = try StackID(parsing: name)
                    group.addTask { _ = try await controller.settle(id, listener: { _ in }) }
                }
                try await group.waitForAll()
            }
        }
        #expect(Set(house.subnets.values.joined()).count == 10 && house.subnets.count == 10)
    }

    @Test("a stack that moves takes its subnet along")
    func moves() async throws {
        let cluster = SimulatedCluster("alpha", "beta")
        cluster.push(["a": compose(), "b": compose()])
        let networks = "networks: {\(pool)}"
        let controller = try await cluster.controller(top: networks)
        var homes: [String: String] = [:]
        for name in ["a", "b"] {
            let status = try await cluster.settle("shop/\(name)", controller)
            #expect(status.state == .ready, "\(status.problems)")
            homes[name] = status.node
        }
        func subnet(_ stack: String, _ node: String) -> String? {
            cluster[node].node.networks.values.first { $0.name == "shop_\(stack)_default" }?
                .subnets.first
        }
        // Of the whole cluster, wherever they are.
        let home = try #require(homes["a"])
        let had = try #require(subnet("a", home))
        #expect(had != subnet("b", try #require(homes["b"])))
        try await controller.drain(home, by: "ann")
        let moved = try await cluster.settle("shop/a", controller)
        let node = try #require(moved.node)
        #expect(moved.state == .ready && node != home, "\(moved.problems)")
        #expect(subnet("a", node) == had && subnet("a", home) == nil)
    }
}

extension House {
    /// A controller with these words under `networks`.
    fileprivate func controller(
        _ networks: String,
        journal: (any JournalKeeping)? = nil
    ) async throws -> Controller {
        let pool = networks.isEmpty ? "" : "networks: {\(networks)}"
        let projects = House.projects(granted: "subnets: [10.0.0.0/8]")
        let text = ["controller: test", pool, projects].joined(separator: "\n")
        return try await controller(configured: text, journal: journal)
    }

    /// Subnets of networks, by name.
    fileprivate var subnets: [String: [String]] {
        let networks = team.engine.node.networks.values
        return Dictionary(uniqueKeysWithValues: networks.map { ($0.name, $0.subnets) })
    }

    fileprivate func reserved(_ name: String) throws -> [ReservedSubnet] {
        team.journal.state().reservations[try StackID(parsing: name)]?.subnets ?? []
    }
}
