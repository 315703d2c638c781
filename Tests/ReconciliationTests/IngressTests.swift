import Model
import Planning
import Reconciliation
import TestSupport
import Testing

/// What an ingress is told by a controller.
@Suite("Ingress", .timeLimit(.minutes(10)))
struct IngressTests {
    private static func compose(_ version: String, _ host: String = "www.example.org") -> String {
        """
        services:
          web:
            image: web:\(version)
            deploy: {replicas: 2, update_config: {order: start-first}}
            x-gyre: {ingress: {host: \(host), port: 80}}

        """
    }

    private static let settings = """
        controller: test
        ingress: {port: 1, drain: 5s}
        projects:
          shop: {repositories: [{url: /srv/shop}], grants: {hosts: [example.org]}}
        """

    private func controller(_ team: SimulatedTeam) async throws -> Controller {
        let controller = Controller(try SimulatedTeam.settings(Self.settings), team.parts())
        await controller.survey()
        return controller
    }

    private func team() throws -> SimulatedTeam {
        try SimulatedTeam(Self.compose("1.0"), local: ["web:1.0", "web:2.0"])
    }

    @Test("nothing is told of a stack before its files were read")
    func unknown() async throws {
        let team = try team()
        let first = try await controller(team)
        try await team.settle(first)
        #expect(try await first.routes(on: nil).first?.targets.count == 2)
        // Another one knows from the journal that there is something it hasn't looked at.
        let second = Controller(try SimulatedTeam.settings(Self.settings), team.parts())
        await #expect(throws: RoutesUnknown.self) { try await second.routes(on: nil) }
        await second.survey()
        await #expect(throws: RoutesUnknown.self) { try await second.routes(on: nil) }
        try await team.settle(second)
        #expect(try await second.routes(on: nil).first?.targets.count == 2)
    }

    @Test("routes follow the files, and targets what runs")
    func follows() async throws {
        let team = try team()
        let controller = try await controller(team)
        try await team.settle(controller)
        let route = try #require(try await controller.routes(on: nil).first)
        #expect(route.name == "shop_shop_web")
        #expect(route.match == .init(host: "www.example.org", port: 80))
        #expect(route.targets.allSatisfy { $0.hasSuffix(":80") } && route.targets.count == 2)

        let before = team.engine.node.containers.keys.sorted()
        team.repository.push(Self.compose("1.0", "new.example.org"))
        await controller.survey()
        try await team.settle(controller)
        #expect(try await controller.routes(on: nil).map(\.match.host) == ["new.example.org"])
        #expect(team.engine.node.containers.keys.sorted() == before, "no container is touched")

        team.engine.change { $0.befall(.killed, "shop-web-1") }
        #expect(try await controller.routes(on: nil).first?.targets.count == 1)
        await #expect(throws: UnknownNode.self) { try await controller.routes(on: "other") }
    }

    @Test("each that goes is drained before it is stopped")
    func drains() async throws {
        let team = try team()
        let controller = try await controller(team)
        try await team.settle(controller)
        team.repository.push(Self.compose("2.0"))
        await controller.survey()
        let steps = try await controller.plan(team.shop).plan?.steps ?? []
        let drained = steps.filter { "\($0.operation)".hasPrefix("drain ") }
        #expect(
            drained.map { "\($0.operation)" }.sorted() == [
                "drain shop-web-1 for 5 s", "drain shop-web-2 for 5 s",
            ]
        )
        for step in steps {
            guard case .stop = step.operation else { continue }
            #expect(step.after.contains { id in drained.contains { $0.id == id } }, "\(step)")
        }
        #expect(try await team.settle(controller).state == .ready)
        #expect(try await controller.routes(on: nil).first?.targets.count == 2)
    }

    @Test("a host that is not granted is denied, and another stack's is not given twice")
    func owners() async throws {
        let team = try SimulatedTeam(Self.compose("1.0", "www.other.org"), local: ["web:1.0"])
        let controller = try await controller(team)
        let problem = try await team.settle(controller).problems.first
        #expect(problem?.kind == .denied)
        #expect(problem?.diagnostics.map(\.code) == ["ingress-host"])
        #expect(try await controller.routes(on: nil) == [])
    }
}
