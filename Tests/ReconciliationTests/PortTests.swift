import Model
import OperatorFile
import Planning
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// Ports of a node that several projects ask for, on a simulated one.
@Suite struct PortTests {
    private func compose(_ port: String, memory: String = "64m", replicas: Int = 1) -> String {
        """
        services:
          web:
            image: web
            pull_policy: missing
            mem_limit: \(memory)
            deploy: {replicas: \(replicas)}
            ports: ["\(port)"]
        """
    }

    @Test("a port has one owner; the other is told before anything starts, and not whose it is")
    func fixed() async throws {
        let house = try House()
        house.push(["bio/a": compose("8080:80"), "shop/a": compose("8080:80")])
        let controller = try await house.controller("ports: 8080-8090")
        #expect(try await house.settle("bio/a", controller).state == .ready)
        let refused = try await house.settle("shop/a", controller)
        let problem = try #require(refused.problems.first)
        #expect(problem.kind == .taken && refused.state == .stalled)
        let finding = try #require(problem.diagnostics.first)
        #expect(finding.message == "host port 8080/tcp is taken on this node")
        #expect(finding.location?.file == "shop/a/compose.yaml")
        #expect(!"\(problem)".contains("bio"))
        #expect(house.running.count == 1)

        house.push(["bio/a": compose("8081:80"), "shop/a": compose("8080:80")])
        let later = try await house.controller("ports: 8080-8090")
        #expect(try await house.settle("bio/a", later).state == .ready)
        #expect(try await house.settle("shop/a", later).state == .ready)
        #expect(
            house.running.values.reduce([]) { $0.union($1) } == [HostPort(8080), HostPort(8081)]
        )
    }

    @Test("a stranger's container has its port")
    func stranger() async throws {
        let house = try House()
        house.push(["shop/a": compose("8080:80")])
        let controller = try await house.controller("ports: 8080-8090")
        house.team.engine.change { $0.addStranger(listeningOn: HostPort(8080)) }
        #expect(try await house.settle("shop/a", controller).problems.first?.kind == .taken)
        house.team.engine.change { $0.containers = [:] }
        #expect(try await house.settle("shop/a", controller).state == .ready)
    }

    @Test("a port is chosen, shown, and kept by restarts, changes and a lost journal")
    func chosen() async throws {
        let house = try House()
        house.push(["shop/a": compose("80", replicas: 2), "bio/a": compose("80")])
        let grants = "allocated_ports: 31000-31004"
        let controller = try await house.controller(grants)
        let plan = try await controller.plan(try StackID(parsing: "shop/a"))
        let status = try await house.settle("shop/a", controller)
        #expect(status.state == .ready && status.ports.count == 2)
        #expect(status.ports == plan.ports && status.ports.allSatisfy(\.isChosen))
        let first = house.running
        #expect(Set(first.values.joined().map(\.number)) == Set(status.ports.map(\.number)))

        // Another controller, the same journal, another version.
        house.push(["shop/a": compose("80", memory: "65m", replicas: 2), "bio/a": compose("80")])
        let second = try await house.controller(grants)
        #expect(try await house.settle("bio/a", second).state == .ready)
        #expect(try await house.settle("shop/a", second).ports == status.ports)
        #expect(house.running.filter { $0.key.hasPrefix("shop") } == first)

        // A lost journal: what runs tells, and nothing is created anew (law 9).
        let before = Set(house.team.engine.node.containers.keys)
        let lost = try await house.controller(grants, journal: FakeJournal())
        _ = try await lost.recover(by: "op")
        #expect(try await house.settle("shop/a", lost).ports == status.ports)
        #expect(Set(house.team.engine.node.containers.keys) == before)
        // What another has is not given away meanwhile.
        house.push(["shop/a": compose("80", memory: "65m", replicas: 4), "bio/a": compose("80")])
        let grown = try await house.controller(grants, journal: house.team.journal)
        let all = try await house.settle("shop/a", grown)
        #expect(all.state == .ready && Set(house.running.values.joined()).count == 5)
    }

    @Test("what was reserved before a crash is had after it, and by nobody else")
    func crashed() async throws {
        let house = try House()
        house.push(["shop/a": compose("80"), "bio/a": compose("80")])
        let grants = "allocated_ports: 31000-31000"
        house.team.engine.state.withLock { $0.refusals[.createContainer] = NoAnswer() }
        let first = try await house.controller(grants)
        try await house.settle("shop/a", first)
        #expect(house.running.isEmpty)
        let shop = try StackID(parsing: "shop/a")
        let reserved = try #require(house.team.journal.state().reservations[shop])
        #expect(reserved.ports.map(\.number) == [31000])

        house.team.engine.state.withLock { $0.refusals = [:] }
        let second = try await house.controller(grants)
        #expect(try await house.settle("bio/a", second).problems.first?.kind == .taken)
        #expect(try await house.settle("shop/a", second).state == .ready)
        #expect(house.running == ["shop_a-web-1": [HostPort(31000)]])
    }

    @Test("a range that is used up is told, with the range")
    func exhausted() async throws {
        let house = try House()
        house.push(["shop/a": compose("80", replicas: 3)])
        let controller = try await house.controller("allocated_ports: 31000-31001")
        let status = try await house.settle("shop/a", controller)
        let finding = try #require(status.problems.first?.diagnostics.first)
        #expect(finding.code == "port-range" && finding.message.contains("31000-31001"))
        #expect(house.running.isEmpty)
    }

    /// Each of fifty stacks of two projects wants one of forty ports.
    @Test("fifty at a time never share a port, and use all there are")
    func race() async throws {
        let house = try House()
        let names = (1...50).map { "\($0.isMultiple(of: 2) ? "bio" : "shop")/s\($0)" }
        house.push(Dictionary(uniqueKeysWithValues: names.map { ($0, compose("80")) }))
        let controller = try await house.controller("allocated_ports: 31000-31039")
        try await controller.pulling {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for name in names {
                    let id = try StackID(parsing: name)
                    group.addTask { _ = try await controller.settle(id, listener: { _ in }) }
                }
                try await group.waitForAll()
            }
        }
        let ports = house.running.values.flatMap(\.self)
        #expect(ports.count == 40 && Set(ports).count == 40)
        let reserved = house.team.journal.state().reservations.values.flatMap(\.ports)
        #expect(Set(reserved.map(\.number)).count == 40 && reserved.count == 40)
    }
}

extension House {
    /// A controller with these grants for both projects.
    fileprivate func controller(
        _ grants: String,
        journal: (any JournalKeeping)? = nil
    ) async throws -> Controller {
        let text = "controller: test\n" + House.projects(granted: grants)
        return try await controller(configured: text, journal: journal)
    }

    /// Ports of containers that run, by their names.
    fileprivate var running: [String: Set<HostPort>] {
        let containers = team.engine.node.containers.values.filter(\.isRunning).map(\.seen)
        return Dictionary(uniqueKeysWithValues: containers.map { ($0.name, $0.ports) })
    }
}
