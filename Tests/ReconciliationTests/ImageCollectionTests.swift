import Model
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// What a controller pulled and needs no more goes from its node, and nothing else does.
@Suite("Collecting images", .timeLimit(.minutes(10))) struct ImageCollectionTests {
    private static let twoDays = """
        controller: test
        defaults: {unused_images: 48h}
        projects: {shop: {repositories: [{url: /srv/shop}]}}
        """

    private func controller(_ team: SimulatedTeam, _ text: String) async throws -> Controller {
        let controller = Controller(try SimulatedTeam.settings(text), team.parts())
        await controller.survey()
        return controller
    }

    private func images(_ team: SimulatedTeam) -> Set<String> { team.engine.node.images }

    private func pass(days: Int, _ team: SimulatedTeam) {
        team.engine.change { $0.pass(seconds: days * 86_400) }
    }

    @Test("a controller that was started anew counts on, and the log has it before it is done")
    func collects() async throws {
        let team = try SimulatedTeam(Self.web("httpd:1"), images: ["mine:1"])
        var controller = try await controller(team, Self.twoDays)
        #expect(try await team.settle(controller).state == .ready)
        let old = images(team)
        team.repository.push(Self.web("httpd:2"))
        await controller.survey()
        #expect(try await team.settle(controller).state == .ready)
        let all = images(team)
        #expect(all.count == 3 && all.isStrictSuperset(of: old))

        await controller.collectImages(on: "main")
        pass(days: 1, team)
        await controller.collectImages(on: "main")
        #expect(images(team) == all)
        controller = try await self.controller(team, Self.twoDays)
        pass(days: 1, team)
        await controller.collectImages(on: "main")
        let gone = all.subtracting(images(team))
        #expect(gone.count == 1 && gone.isSubset(of: old))
        let told = team.audit.of(.collected)
        #expect(told.map { $0.facts["image"]?.stringValue } == Array(gone))

        // Brought back, it is pulled again and of use again.
        team.repository.push(Self.web("httpd:1"))
        await controller.survey()
        #expect(try await team.settle(controller).state == .ready)
        #expect(images(team) == all)
        pass(days: 9, team)
        await controller.collectImages(on: "main")
        #expect(gone.isSubset(of: images(team)))
    }

    @Test("what was pulled at a manager of a Swarm goes from there, and nothing else does")
    func managers() async throws {
        let team = try SimulatedTeam(Self.web("httpd:1"))
        let doors = ["a": SimulatedEngine(), "b": SimulatedEngine(images: ["httpd:1", "httpd:2"])]
        let (a, b) = (try #require(doors["a"]), try #require(doors["b"]))
        let swarm = SwarmEngine()
        swarm.state.withLock { $0.manager = ("a", a) }
        let controller = try await team.controller(on: swarm, managers: doors)
        #expect(try await team.settle(controller).state == .ready)
        let old = a.node.images
        #expect(old.count == 1)
        // Another manager has the next one already, by whoever's hand.
        swarm.state.withLock { $0.manager = ("b", b) }
        team.repository.push(Self.web("httpd:2"))
        await controller.survey()
        #expect(try await team.settle(controller).state == .ready)
        let others = b.node.images

        await controller.collectImages(on: "main")
        pass(days: 15, team)
        await controller.collectImages(on: "main")
        #expect(a.node.images.isEmpty && b.node.images == others)
        let told = team.audit.of(.collected)
        #expect(told.map { $0.facts["image"]?.stringValue } == Array(old))
        #expect(told.map { $0.facts["node"]?.stringValue } == ["main/a"])
        #expect(team.journal.state().images(on: "main/a").isEmpty)
    }

    @Test("what was there before, and what the node still needs, is not Gyre's to remove")
    func keeps() async throws {
        let team = try SimulatedTeam(Self.web("httpd:1"), images: ["httpd:1"])
        let controller = try await controller(team, Self.twoDays)
        #expect(try await team.settle(controller).state == .ready)
        team.repository.push(Self.web("httpd:2"))
        await controller.survey()
        #expect(try await team.settle(controller).state == .ready)
        for _ in 0..<4 {
            pass(days: 3, team)
            await controller.collectImages(on: "main")
        }
        #expect(images(team).count == 2)
        #expect(team.audit.of(.collected).isEmpty)
    }

    @Test("an engine that keeps an image is asked again", arguments: [true, false])
    func refused(_ isSilent: Bool) async throws {
        let team = try SimulatedTeam(Self.web("httpd:1"))
        let controller = try await controller(team, Self.twoDays)
        #expect(try await team.settle(controller).state == .ready)
        team.repository.push(Self.web("httpd:2"))
        await controller.survey()
        #expect(try await team.settle(controller).state == .ready)
        await controller.collectImages(on: "main")
        pass(days: 3, team)
        team.engine.state.withLock { state in
            if isSilent { state.failure = NoAnswer() }
            state.refusals[.removeImage] = NoAnswer()
        }
        await controller.collectImages(on: "main")
        #expect(images(team).count == 2)
        team.engine.state.withLock { state in
            state.failure = nil
            state.refusals = [:]
        }
        await controller.collectImages(on: "main")
        #expect(images(team).count == 1)
    }

    @Test("never means never")
    func never() async throws {
        let team = try SimulatedTeam(Self.web("httpd:1"))
        let text = Self.twoDays.replacing("48h", with: "never")
        let controller = try await controller(team, text)
        #expect(try await team.settle(controller).state == .ready)
        team.repository.push(Self.web("httpd:2"))
        await controller.survey()
        #expect(try await team.settle(controller).state == .ready)
        for _ in 0..<4 {
            await controller.collectImages(on: "main")
            pass(days: 300, team)
        }
        #expect(images(team).count == 2)
    }

    private static func web(_ image: String) -> String {
        "services:\n  web:\n    image: \(image)\n"
    }
}
