import Model
import OperatorFile
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// A link on the way from a granted path to what is bound is refused, whatever is to be done.
@Suite struct LinkTests {
    private static func compose(_ paths: String...) -> String {
        let lines = paths.enumerated().map { "      - \($1):/data\($0)\n" }.joined()
        return "services:\n  web:\n    image: httpd\n    volumes:\n" + lines
    }

    private static let settings = """
        controller: test
        projects:
          shop:
            repositories: [{url: /srv/shop}]
            grants: {mounts: [{path: /srv/data, access: read-write, shared: false}]}
        """

    private func controller(
        _ team: SimulatedTeam,
        _ settings: String = settings
    ) async throws -> Controller {
        let controller = Controller(try SimulatedTeam.settings(settings), team.parts())
        await controller.survey()
        return controller
    }

    private func link(_ team: SimulatedTeam, _ paths: Set<String>) {
        team.engine.state.withLock { $0.links = paths }
    }

    /// What could not be started is tried again each time later.
    private func later(_ team: SimulatedTeam) { team.engine.change { $0.pass(seconds: 600) } }

    private func leavesNoCarrier(_ team: SimulatedTeam) -> Bool {
        !team.engine.node.containers.values.contains { $0.seen.name.hasPrefix("gyre.") }
    }

    @Test(
        "A version that binds what lies behind a link is refused, and the old one serves",
        arguments: ["/1/a", "/1/a/b", "/1/a/b/c"]
    )
    func aNewVersion(link place: String) async throws {
        let team = try SimulatedTeam(Self.compose("/srv/data"), images: ["httpd"])
        let controller = try await controller(team)
        #expect(try await team.settle(controller).state == .ready)
        let before = team.engine.node.containers.keys.sorted()
        link(team, [place])
        team.repository.push(Self.compose("/srv/data", "/srv/data/a/b/c"))
        await controller.survey()
        let status = try await team.settle(controller)
        let problem = try #require(status.problems.first, "\(status)")
        let words = "web binds /srv/data/a/b/c, and /srv/data\(place.dropFirst(2)) is a symbolic"
        #expect(problem.message.contains(words), "\(problem)")
        #expect(problem.remedy.contains("gyre release"), "\(problem)")
        #expect(team.engine.node.containers.keys.sorted() == before)
        #expect(team.engine.node.isServing && leavesNoCarrier(team))
    }

    @Test("What runs is not started again while there is a link, and is when there is none")
    func aStart() async throws {
        let team = try SimulatedTeam(Self.compose("/srv/data/a"), images: ["httpd"])
        let controller = try await controller(team)
        #expect(try await team.settle(controller).state == .ready)
        link(team, ["/1/a"])
        team.engine.change { $0.befall(.killed, "shop-web-1") }
        let status = try await team.settle(controller)
        #expect(status.problems.contains { $0.message.contains("is a symbolic link") })
        #expect(!team.engine.node.isServing)
        link(team, [])
        later(team)
        #expect(try await team.settle(controller).state == .ready)
        #expect(team.engine.node.isServing && leavesNoCarrier(team))
    }

    @Test("Nor where no version can be had, and only started again is what stands still")
    func repair() async throws {
        let team = try SimulatedTeam(Self.compose("/srv/data/a"), images: ["httpd"])
        let controller = try await controller(team)
        #expect(try await team.settle(controller).state == .ready)
        team.repository.state.withLock { $0.good = nil }
        team.repository.push("services: {web: {image: httpd, privileged: true}}\n")
        await controller.survey()
        link(team, ["/1/a"])
        team.engine.change { $0.befall(.killed, "shop-web-1") }
        let status = try await team.settle(controller)
        #expect(status.problems.contains { $0.message.contains("is a symbolic link") }, "\(status)")
        #expect(!team.engine.node.isServing)
        link(team, [])
        later(team)
        try await team.settle(controller)
        #expect(team.engine.node.isServing)
    }

    /// A carrier is ours before it exists (law 3), or it isn't made.
    @Test("What binds nothing below a grant is started where nothing can be written down")
    func unwritten() async throws {
        let other = "  other:\n    image: httpd\n"
        let team = try SimulatedTeam(Self.compose("/srv/data/a") + other, images: ["httpd"])
        let controller = try await controller(team)
        #expect(try await team.settle(controller).state == .ready)
        team.audit.failure.withLock { $0 = NoRoom() }
        for name in ["shop-web-1", "shop-other-1"] {
            team.engine.change { $0.befall(.killed, name) }
        }
        let status = try await team.settle(controller)
        #expect(!status.problems.isEmpty)
        let running = team.engine.node.containers.values.filter(\.isRunning).map(\.seen.name)
        #expect(running == ["shop-other-1"])
        #expect(leavesNoCarrier(team))
        team.audit.failure.withLock { $0 = nil }
        later(team)
        #expect(try await team.settle(controller).state == .ready)
    }

    private struct NoRoom: Error, CustomStringConvertible {
        var description: String { "no room" }
    }
}
