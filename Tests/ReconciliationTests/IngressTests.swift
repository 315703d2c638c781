import Model
import Planning
import Reconciliation
import Synchronization
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

    @Test("nothing is told before the journal was read, and what it says before files are")
    func unknown() async throws {
        let team = try team()
        let first = try await controller(team)
        try await team.settle(first)
        let told = try await first.routes(on: nil)
        #expect(told.first?.targets.count == 2)
        let second = Controller(try SimulatedTeam.settings(Self.settings), team.parts())
        await #expect(throws: RoutesUnknown.self) { try await second.routes(on: nil) }
        await second.survey()
        #expect(try await second.routes(on: nil) == told)
        try await team.settle(second)
        #expect(try await second.routes(on: nil) == told)
    }

    @Test("what is led somewhere stays so after a restart, whatever became of its files")
    func unreadable() async throws {
        let team = try team()
        let first = try await controller(team)
        try await team.settle(first)
        let told = try await first.routes(on: nil)
        team.repository.push("services: [")
        let second = try await controller(team)
        #expect(try await team.settle(second).problems.isEmpty == false)
        #expect(try await second.routes(on: nil) == told)
    }

    @Test("a journal that tells of no routes holds up nobody once the stack was looked at")
    func lost() async throws {
        let team = try team()
        let first = try await controller(team)
        try await team.settle(first)
        try await team.journal.append(
            [.reserved(team.shop, Reservation())],
            at: team.engine.clock.now()
        )
        team.repository.state.withLock { $0.failure = FakeRepository.UnknownCommit() }
        let second = try await controller(team)
        await #expect(throws: RoutesUnknown.self) { try await second.routes(on: nil) }
        team.repository.state.withLock { state in
            state.failure = nil
            state.good = nil
        }
        team.repository.push("services: [")
        await second.survey()
        try await team.settle(second)
        #expect(try await second.routes(on: nil) == [])
    }

    @Test("a stack that leads nowhere holds up no other while it can't be removed")
    func leaving() async throws {
        let team = try SimulatedTeam("services: {web: {image: 'web:1.0'}}\n", local: ["web:1.0"])
        try await team.settle(try await controller(team))
        team.repository.push("")
        let second = try await controller(team)
        let change = try await team.settle(second).problems.compactMap(\.change).first
        try await second.confirm(team.shop, change: try #require(change), by: "op")
        team.engine.state.withLock { $0.refusals[.stopContainer] = NoAnswer() }
        let third = try await controller(team)
        await #expect(throws: RoutesUnknown.self) { try await third.routes(on: nil) }
        #expect(try await team.settle(third).state != .ready)
        #expect(team.engine.node.isServing)
        #expect(try await third.routes(on: nil) == [])
    }

    @Test("a service that takes another's place is led to when it serves")
    func renamed() async throws {
        let team = try team()
        let controller = try await controller(team)
        try await team.settle(controller)
        let told = try #require(try await controller.routes(on: nil).first)
        team.engine.change { node in
            node.behaviours[SimulatedNode.pin("web:2.0").imageID] = .exits(1)
        }
        let renamed = Self.compose("2.0").replacing("  web:", with: "  site:")
        team.repository.push(renamed)
        await controller.survey()
        let failed = try await team.settle(controller)
        #expect(failed.state != .ready)
        #expect(try await controller.routes(on: nil) == [told], "the old one serves")
        team.repository.push(renamed.replacing("web:2.0", with: "web:1.0"))
        await controller.survey()
        #expect(try await team.settle(controller).state == .ready)
        let now = try await controller.routes(on: nil)
        #expect(now.map(\.name) == ["shop_shop_site"] && now.first?.targets.count == 2)
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

    /// Why containers go to which somebody is led.
    enum Going: CaseIterable {
        case replaced, renamed, ledNoMore

        var compose: String {
            let next = IngressTests.compose("2.0")
            return switch self {
            case .replaced: next
            case .renamed: next.replacing("  web:", with: "  site:")
            case .ledNoMore: next.replacing("x-gyre:", with: "x-other:")
            }
        }
    }

    @Test("each that goes is drained before it is stopped", arguments: Going.allCases)
    func drains(_ going: Going) async throws {
        let team = try team()
        let controller = try await controller(team)
        try await team.settle(controller)
        team.repository.push(going.compose)
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
        let targets = try await controller.routes(on: nil).first?.targets.count
        #expect(targets == (going == .ledNoMore ? nil : 2))
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

    @Test("a route of another stack is not had by a change that touches no container")
    func claimed() async throws {
        let team = try team()
        let controller = try await controller(team)
        try await team.settle(controller)
        let other = try StackID(project: "shop", stack: "other")
        let route = ReservedName(.route, "new.example.org/")
        try await team.journal.append(
            [.reserved(other, Reservation(names: [route]))],
            at: team.engine.clock.now()
        )
        team.repository.push(Self.compose("1.0", "new.example.org"))
        await controller.survey()
        let preview = try await controller.plan(team.shop)
        let status = try await team.settle(controller)
        for problems in [preview.problems, status.problems] {
            let finding = problems.first?.diagnostics.first
            #expect(finding?.code == "name-taken", "\(problems)")
            #expect(finding?.location != nil && finding?.fix != nil)
        }
        #expect(try await controller.routes(on: nil).map(\.match.host) == ["www.example.org"])
    }
}
