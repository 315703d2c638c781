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
}
