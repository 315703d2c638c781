import Model
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// What becomes of a version that a Swarm doesn't take as it is, and of a service that goes.
@Suite("What a Swarm refuses, and what is removed there", .timeLimit(.minutes(10)))
struct SwarmRefusalTests {
    private let swarm = SwarmEngine()

    private func compose(
        _ version: String,
        mode: String = "replicated",
        web: String? = nil,
        port: Int? = nil
    ) -> String {
        let ports = port.map { ", ports: ['\($0):80']" } ?? ""
        return """
            services:
              db: {image: "db:\(version)"}
              web:
                {image: "web:\(web ?? version)", depends_on: [db], deploy: {mode: \(mode)}\(ports)}
            """
    }

    /// A stack that is good, and its controller.
    private func good(
        mode: String = "replicated",
        profile: String = "baseline"
    ) async throws -> (SimulatedTeam, Controller) {
        let team = try SimulatedTeam(compose("1.0", mode: mode))
        let controller = try await team.controller(
            on: swarm,
            project: "repositories: [{url: /srv/shop}], profile: \(profile), "
                + "grants: {ports: 8000-8999}"
        )
        let status = try await team.settle(controller)
        #expect(status.state == .ready, "\(status.problems)")
        swarm.state.withLock { $0.sent = [] }
        return (team, controller)
    }

    private func refuse(_ answer: SwarmAnswer) {
        swarm.state.withLock { $0.refusals["shop_web"] = answer }
    }

    @Test("a version that is refused for good is held, with what ends it, and the good one runs")
    func refused() async throws {
        let (team, controller) = try await good()
        let before = swarm.services.map(\.image)
        refuse(SwarmAnswer("InvalidArgument desc = invalid cpu value 0.0001"))
        team.repository.push(compose("2.0"))
        await controller.survey()
        let status = try await team.settle(controller)
        let held = try #require(
            status.problems.first { $0.kind == .held },
            "\(status.problems) \(swarm.sent)"
        )
        #expect(held.message.contains("update service shop_web"), "\(held)")
        #expect(held.message.contains("invalid cpu value"), "\(held)")
        #expect(held.remedy.contains("gyre release shop"), "\(held)")
        let tried = ["updateService shop_db", "updateService shop_web", "updateService shop_db"]
        #expect(swarm.sent == tried && swarm.services.map(\.image) == before)
        try await team.settle(controller)
        #expect(swarm.sent == tried, "it is not tried again by itself")
    }

    @Test("a version with a file that is refused for good is held, and all of the good one runs")
    func refusedFile() async throws {
        let (team, controller) = try await good()
        let before = swarm.services.map(\.image)
        let answer = SwarmAnswer("InvalidArgument desc = config data must be larger than 0")
        swarm.state.withLock { $0.refusedFile = answer }
        let web = "\n  web: {image: 'web:2.0', configs: [site]}\nconfigs: {site: {content: x}}"
        team.repository.push("services:\n  db: {image: 'db:2.0'}" + web)
        await controller.survey()
        let status = try await team.settle(controller)
        let held = try #require(
            status.problems.first { $0.kind == .held },
            "\(status.problems) \(swarm.sent)"
        )
        #expect(held.message.contains("config data must be"), "\(held)")
        #expect(swarm.services.map(\.image) == before, "\(swarm.sent)")
        let tried = swarm.sent
        _ = try await team.settle(controller)
        #expect(swarm.sent == tried, "it is not tried again by itself")
    }

    @Test("what may pass is tried again")
    func passing() async throws {
        let (team, controller) = try await good()
        let before = swarm.services.map(\.image)
        refuse(SwarmAnswer("Unknown desc = update out of sequence", isFinal: false))
        team.repository.push(compose("2.0"))
        await controller.survey()
        var status = try await team.settle(controller)
        #expect(!status.problems.contains { $0.kind == .held }, "\(status.problems)")
        status = try await team.settle(controller)
        #expect(status.state == .ready, "\(status.problems)")
        #expect(zip(swarm.services.map(\.image), before).allSatisfy { $0 != $1 })
    }

    @Test("a service that somebody removed is made again when its last tasks have ended")
    func removedByHand() async throws {
        let (team, controller) = try await good()
        swarm.state.withLock { $0.looksToEnd = 5 }
        swarm.remove("shop_web")
        let status = try await team.settle(controller)
        #expect(status.state == .ready, "\(status.problems)")
        #expect(swarm.sent == ["createService shop_web"])
        #expect(swarm.state.withLock { $0.madeBeside }.isEmpty, "law 6: one writer always")
    }

    @Test("another mode is a removal and a creation, and so is the way back")
    func mode() async throws {
        let (team, controller) = try await good()
        let old = try #require(swarm.services.last?.id)
        swarm.state.withLock { $0.looksToEnd = 5 }
        team.repository.push(compose("1.0", mode: "replicated-job"))
        await controller.survey()
        var status = try await team.settle(controller)
        #expect(status.state == .ready, "\(status.problems)")
        #expect(swarm.sent == ["removeService \(old)", "createService shop_web"])
        #expect(swarm.state.withLock { $0.madeBeside }.isEmpty, "law 6: one writer always")
        let job = try #require(swarm.services.last)
        #expect(job.mode == "replicated-job" && job.id != old)
        let owned = team.journal.state().owned(by: team.shop)
        #expect(owned.contains(job.id) && !owned.contains(old))
        #expect(try await controller.plan(team.shop).plan?.isEmpty == true)

        refuse(SwarmAnswer("InvalidArgument desc = no"))
        team.repository.push(compose("2.0", mode: "replicated"))
        await controller.survey()
        status = try await team.settle(controller)
        #expect(status.problems.contains { $0.kind == .held }, "\(status.problems)")
        #expect(swarm.services.last?.mode == "replicated-job", "\(swarm.sent)")
        #expect(swarm.services.last?.image == job.image)
    }

    @Test(
        "a mode that can't be had, in one run or two, is held; the service is made as it was",
        arguments: [false, true]
    )
    func modeThatCannotBeMade(isCutShort: Bool) async throws {
        let (team, controller) = try await good()
        let before = try #require(swarm.services.last)
        team.repository.push(compose("1.0", mode: "global", port: 8080))
        await controller.survey()
        if isCutShort {
            refuse(SwarmAnswer("Unknown desc = The swarm does not have a leader", isFinal: false))
            let status = try await team.settle(controller)
            #expect(status.problems.map(\.kind) == [.failing], "what is away is waited for")
            #expect(swarm.services.count == 1)
        }
        swarm.state.withLock { $0.takenPorts = [8080] }
        let status = try await team.settle(controller)
        let held = try #require(status.problems.first, "\(swarm.sent)")
        #expect(held.kind == .held && held.message.contains("already in use by service"), "\(held)")
        let web = try #require(swarm.services.last)
        #expect(web.mode == "replicated" && web.image == before.image && web.id != before.id)
        let create = "createService shop_web"
        let tries = isCutShort ? [create, create, create] : [create, create]
        #expect(swarm.sent == ["removeService \(before.id)"] + tries)
        _ = try await team.settle(controller)
        #expect(swarm.services.last == web, "it is not tried again by itself")
    }

    @Test("a service that only a new version has is waited for")
    func newService() async throws {
        let (team, controller) = try await good()
        swarm.state.withLock { $0.takenPorts = [8080] }
        let more = "\n  api: {image: 'api:1.0', ports: ['8080:80']}"
        team.repository.push(compose("1.0") + more)
        await controller.survey()
        let status = try await team.settle(controller)
        #expect(status.problems.map(\.kind) == [.failing], "\(status.problems)")
        swarm.state.withLock { $0.takenPorts = [] }
        #expect(try await team.settle(controller).state == .ready)
    }

    /// What an image brings is known when it is there, and before the service goes.
    @Test("an image that policy denies costs no service that is to have another mode")
    func deniedImage() async throws {
        let (team, controller) = try await good(profile: "restricted")
        let before = swarm.services
        swarm.state.withLock { state in
            state.absent = ["web:2.0"]
            for name in ["web:2.0", SimulatedNode.pin("web:2.0").pinned] {
                state.configs[name] = ImageConfig(labels: ["io.gyre.other": "x"])
            }
        }
        team.repository.push(compose("1.0", mode: "replicated-job", web: "2.0"))
        await controller.survey()
        let status = try await team.settle(controller)
        #expect(!status.problems.isEmpty)
        #expect(!swarm.sent.contains { $0.hasPrefix("removeService") }, "\(swarm.sent)")
        #expect(swarm.services == before)
    }
}
