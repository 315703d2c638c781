import Model
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// What the stacks of a project share on a Swarm.
@Suite("The ledger of a Swarm", .timeLimit(.minutes(10)))
struct SwarmLedgerTests {
    private let swarm = SwarmEngine()

    /// A controller of one project with these stacks, by name.
    private func controller(
        _ team: SimulatedTeam,
        _ stacks: [String: String],
        _ more: String = "",
        journal: (any JournalKeeping)? = nil
    ) async throws -> Controller {
        push(team, stacks)
        return try await team.controller(
            on: swarm,
            project: "repositories: [{url: /srv/shop, folders: \"*\"}], profile: baseline, "
                + "grants: {ports: 8000-8999, allocated_ports: 9000-9001}\(more)",
            journal: journal
        )
    }

    private func push(
        _ team: SimulatedTeam,
        _ stacks: [String: String],
        naming trailers: [String] = []
    ) {
        let entries = stacks.map { ("\($0)/compose.yaml", Snapshot.Entry.text($1)) }
        team.repository.push(Dictionary(uniqueKeysWithValues: entries), naming: trailers)
    }

    private func web(_ replicas: Int, _ port: String = "8080:80", image: String = "1.0") -> String {
        """
        services:
          web: {image: "web:\(image)", ports: ["\(port)"], deploy: {replicas: \(replicas)}}
        """
    }

    private func ready(_ stack: String, _ controller: Controller) async throws {
        let status = try await controller.settled("shop/\(stack)")
        #expect(status.state == .ready, "\(status.problems)")
    }

    private func refused(_ stack: String, _ controller: Controller) async throws -> Problem {
        try #require(await controller.settled("shop/\(stack)").problems.first)
    }

    private func ports(_ team: SimulatedTeam) -> [UInt16] {
        team.journal.state().reservations.values.flatMap(\.ports).map(\.number).sorted()
    }

    @Test("a service has its port once, however many replicas it has or is given")
    func replicas() async throws {
        let team = try SimulatedTeam("services: {}")
        let controller = try await controller(team, [:], ", quotas: {ports: 2}")
        for replicas in [2, 3, 1, 0, 2] {
            let stacks = ["a": web(replicas), "b": web(1, "8080:80"), "c": web(replicas, "80")]
            push(team, stacks, naming: replicas == 0 ? ["a", "c"] : [])
            await controller.survey()
            try await ready("a", controller)
            try await ready("c", controller)
            #expect(swarm.services.map(\.replicas) == [Int64(replicas), Int64(replicas)])
            #expect(ports(team).first == 8080 && ports(team).count == 2)
            #expect(try await controller.plan(StackID(parsing: "shop/a")).plan?.isEmpty == true)
            let other = try await refused("b", controller)
            #expect(other.kind == .taken, "\(other)")
        }
        let usage = try #require(await controller.usage().first)
        #expect(usage.amounts.first { $0.kind == .ports }?.used == 2)
    }

    @Test("what a version had is not another's before the next one is good")
    func notYet() async throws {
        let team = try SimulatedTeam("services: {}")
        let controller = try await controller(team, ["a": web(2)])
        try await ready("a", controller)
        let away = SwarmAnswer("Unknown desc = The swarm does not have a leader", isFinal: false)
        swarm.state.withLock { $0.refusals["shop_a_web"] = away }
        push(team, ["a": web(2, "8081:80"), "b": web(1)])
        await controller.survey()
        _ = try await controller.settled("shop/a")
        #expect(ports(team) == [8080, 8081])
        #expect(try await refused("b", controller).kind == .taken)
        try await ready("a", controller)
        #expect(ports(team) == [8081])
        try await ready("b", controller)
    }

    @Test("a first version that is held keeps what it has")
    func held() async throws {
        let team = try SimulatedTeam("services: {}")
        let both = web(2) + "\n  api: {image: \"api:1.0\", ports: [\"8090:80\"]}"
        let controller = try await controller(team, ["a": both, "b": web(1)])
        let no = SwarmAnswer("InvalidArgument desc = no")
        swarm.state.withLock { $0.refusals["shop_a_api"] = no }
        let problem = try await refused("a", controller)
        #expect(problem.kind == .held, "\(problem)")
        #expect(swarm.services.map(\.name) == ["shop_a_web"])
        #expect(ports(team) == [8080], "the one that was refused has nothing")
        #expect(try await refused("b", controller).kind == .taken)
    }

    @Test("a journal without reservations counts what runs")
    func rebuilt() async throws {
        let team = try SimulatedTeam("services: {}")
        let first = try await controller(team, ["a": web(2)])
        try await ready("a", first)
        let old = FakeJournal()
        let entries = team.journal.state().owned.values.map(JournalEntry.owned)
        try await old.append(entries, at: team.engine.node.time)
        let second = try await controller(team, ["a": web(2), "b": web(1)], journal: old)
        #expect(try await refused("b", second).kind == .taken)
        try await ready("a", second)
    }

    @Test("volumes count for as long as nodes may have them, whatever files say")
    func volumes() async throws {
        func compose(_ keys: [String]) -> String {
            let mounts = keys.map { "\"\($0):/\($0)\"" }.joined(separator: ", ")
            let declared = keys.map { "\($0): {}" }.joined(separator: ", ")
            return """
                services: {web: {image: "web:1.0", volumes: [\(mounts)]}}
                volumes: {\(declared)}
                """
        }
        let team = try SimulatedTeam("services: {}")
        let quota = ", quotas: {volumes: 2}"
        let controller = try await controller(team, ["a": compose(["xx", "yy"])], quota)
        try await ready("a", controller)
        try await ready("a", controller)
        func used() async throws -> Int64? {
            try #require(await controller.usage().first).amounts.first { $0.kind == .volumes }?.used
        }
        #expect(try await used() == 2)
        push(team, ["a": compose(["xx", "zz"])])
        await controller.survey()
        let problem = try await refused("a", controller)
        #expect(problem.kind == .quota, "\(problem)")
        #expect(problem.diagnostics.first?.field == FieldPath("volumes", "zz"))
        push(team, ["a": compose(["xx"])])
        await controller.survey()
        try await ready("a", controller)
        #expect(try await used() == 2, "the nodes keep yy")

        let shop = try StackID(parsing: "shop/a")
        let seen = try await controller.volumes(of: shop)
        let change = try #require(seen.first { $0.name == "shop_a_yy" }?.change)
        try await controller.removeVolume("shop_a_yy", of: shop, change: change, by: "ann")
        #expect(try await used() == 1)
        push(team, ["a": compose(["xx", "zz"])])
        await controller.survey()
        try await ready("a", controller)
    }

    @Test("a service on each node counts for each that the Swarm has then")
    func everywhere() async throws {
        func compose(_ image: String, memory: Int = 1) -> String {
            "services: {web: {image: \"web:\(image)\", mem_limit: \(memory)g, "
                + "deploy: {mode: global}}}\n"
        }
        func join(_ nodes: String...) {
            swarm.state.withLock { state in
                state.hosts = Dictionary(uniqueKeysWithValues: nodes.map { ($0, $0) })
            }
        }
        let team = try SimulatedTeam("services: {}")
        join("a", "b", "c")
        let quota = ", quotas: {containers: 3, memory: 3g}"
        let controller = try await controller(team, ["a": compose("1.0")], quota)
        try await ready("a", controller)
        func used() async throws -> [Int64?] {
            let amounts = try #require(await controller.usage().first).amounts
            return [QuotaKind.containers, .memory].map { kind in
                amounts.first { $0.kind == kind }?.used
            }
        }
        #expect(try await used() == [3, 3 << 30])
        // A node that joins is nobody's growth, so that the stack goes on and can be changed.
        join("a", "b", "c", "d")
        #expect(try await used() == [4, 4 << 30])
        push(team, ["a": compose("2.0")])
        await controller.survey()
        try await ready("a", controller)
        push(team, ["a": compose("2.0", memory: 2), "b": compose("1.0")])
        await controller.survey()
        #expect(try await refused("a", controller).kind == .quota)
        #expect(try await refused("b", controller).kind == .quota)
    }
}
