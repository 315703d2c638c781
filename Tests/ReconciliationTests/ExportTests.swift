import Model
import Planning
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// Volumes that people read, on a simulated node.
@Suite struct ExportTests {
    private let mounting = """
        services: {web: {image: "web:1.0", volumes: ["data:/data"]}}
        volumes: {data: {}}
        """
    private let question = VolumeQuestion("shop_data")

    private func text(_ archive: Pieces) async throws -> String {
        var bytes: [UInt8] = []
        for try await piece in archive { bytes += piece }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func exports(_ team: SimulatedTeam) -> [ObservedContainer] {
        team.engine.node.containers.values.map(\.seen).filter(\.isExport)
    }

    private func kept(_ team: SimulatedTeam) -> [String] {
        team.journal.state().owned.values.filter { $0.kind == .container }.map(\.name).sorted()
    }

    @Test func aVolumeIsReadWhileItsStackRunsOn() async throws {
        let team = try SimulatedTeam(mounting, local: ["web:1.0"])
        let controller = try await team.controller()
        #expect(try await team.settle(controller).state == .ready)
        let archive = try await controller.exportVolume(question, of: team.shop, by: "ann")
        let acts = team.audit.of(.acted).map(\.facts)
        #expect(acts.last?["demand"] == "volumes export" && acts.last?["by"] == ["name": "ann"])
        let made = exports(team)
        #expect(made.count == 1 && made.allSatisfy { $0.state == .created })
        #expect(kept(team).count == 2)

        // Passes know nothing of it, whatever they do.
        let before = team.engine.state.withLock(\.sent)
        #expect(try await team.settle(controller).state == .ready)
        #expect(team.engine.state.withLock(\.sent) == before)
        team.repository.push(mounting.replacing("1.0", with: "2.0"))
        team.engine.add("web:2.0", isLocal: true)
        let next = try await team.controller()
        #expect(try await team.settle(next).state == .ready)
        #expect(exports(team).map(\.id) == made.map(\.id))

        #expect(try await text(archive) == "what is read through gyre.test.shop.")
        #expect(exports(team).isEmpty && kept(team).count == 1)
        #expect(team.engine.node.volumes["shop_data"] != nil)
    }

    @Test func whatNobodyReadsAnyMoreGoes() async throws {
        let team = try SimulatedTeam(mounting, local: ["web:1.0"])
        let controller = try await team.controller()
        try await team.settle(controller)
        do {
            let dropped = try await controller.exportVolume(question, of: team.shop, by: "ann")
            _ = try await dropped.next()
        }
        let other = try await controller.exportVolume(question, of: team.shop, by: "ann")
        #expect(exports(team).count == 2)
        _ = try await text(other)
        #expect(exports(team).isEmpty)
    }

    /// Who goes away ends nothing: the loop has to notice, without an engine that says a word.
    @Test func theLoopNoticesThatNobodyReadsAnyMore() async throws {
        let team = try SimulatedTeam(mounting, local: ["web:1.0"])
        let controller = try await team.controller()
        try await team.settle(controller)
        let loop = Task { await controller.run() }
        defer { loop.cancel() }
        try await eventually { try await team.status(controller).observed != nil }
        do {
            let dropped = try await controller.exportVolume(question, of: team.shop, by: "ann")
            _ = try await dropped.next()
            #expect(exports(team).count == 1)
        }
        try await eventually { exports(team).isEmpty }
    }

    @Test func anEngineThatFailsIsToldAndLeavesNothing() async throws {
        let team = try SimulatedTeam(mounting, local: ["web:1.0"])
        let controller = try await team.controller()
        try await team.settle(controller)
        let archive = try await controller.exportVolume(question, of: team.shop, by: "ann")
        team.engine.state.withLock { $0.failure = NoAnswer() }
        await #expect(throws: NoAnswer.self) { _ = try await text(archive) }
        team.engine.state.withLock { $0.failure = nil }
        _ = try await text(try await controller.exportVolume(question, of: team.shop, by: "ann"))
        #expect(exports(team).isEmpty)
    }

    /// Whatever call was the last one, the next controller finds what it left; one that reads
    /// volumes of a stack without passes, too.
    @Test(arguments: 0..<12, [false, true])
    func aControllerThatIsKilledLeavesNothing(after calls: Int, isLost: Bool) async throws {
        let team = try SimulatedTeam(mounting, local: ["web:1.0"])
        let first = try await team.controller()
        try await team.settle(first)
        let doom = Doom()
        team.engine.state.withLock { $0.doom = doom }
        doom.come(after: calls, isLost: isLost)
        if let archive = try? await first.exportVolume(question, of: team.shop, by: "ann") {
            _ = try? await text(archive)
        }
        doom.pass()
        let next = try await team.controller()
        _ = try await text(try await next.exportVolume(question, of: team.shop, by: "ann"))
        #expect(exports(team).isEmpty && kept(team) == ["shop-web-1"])
        #expect(team.engine.node.containers.count == 1)
    }

    @Test func whatCannotBeReadIsSaid() async throws {
        let team = try SimulatedTeam(mounting, local: ["web:1.0"])
        let controller = try await team.controller()
        try await team.settle(controller)
        func refusal(_ question: VolumeQuestion) async -> String {
            let error = await #expect(throws: NotPossible.self) {
                _ = try await controller.exportVolume(question, of: team.shop, by: "ann")
            }
            return error?.description ?? ""
        }
        #expect(await refusal(VolumeQuestion("shop_none")).contains("shop has no volume shop_none"))
        let elsewhere = VolumeQuestion("shop_data", on: "beta")
        #expect(await refusal(elsewhere).contains("shop has no volume shop_data on beta"))
        team.engine.state.withLock { $0.refusals[.createExport] = StepFailure(.permanent, "full") }
        #expect(await refusal(question).contains("shop_data can't be read: "))
        team.engine.state.withLock { $0.refusals = [:] }
        team.engine.change { $0.volumes["shop_data"] = nil }
        #expect(await refusal(question).contains("shop_data is gone from main"))
        #expect(exports(team).isEmpty && kept(team) == ["shop-web-1"])
        let unknown = try StackID(parsing: "shop/none")
        await #expect(throws: UnknownStack.self) {
            _ = try await controller.exportVolume(question, of: unknown, by: "ann")
        }
    }

    @Test func whatIsReadIsNotRemovedMeanwhile() async throws {
        let team = try SimulatedTeam(mounting, local: ["web:1.0"])
        let controller = try await team.controller()
        try await team.settle(controller)
        func refusal() async -> String {
            let error = await #expect(throws: NotPossible.self) {
                let shop = team.shop
                try await controller.removeVolume("shop_data", of: shop, change: "", by: "ann")
            }
            return error?.description ?? ""
        }
        func read() async throws -> Pieces {
            let archive = try await controller.exportVolume(question, of: team.shop, by: "ann")
            team.engine.change { node in
                for (id, container) in node.containers where container.seen.isExport {
                    node.containers[id]?.seen.volumes = ["shop_data"]
                }
            }
            return archive
        }
        var archive = try await read()
        let mounted = "shop_data is mounted by shop-web-1; take it out of the files of"
        #expect(await refusal().hasPrefix(mounted))
        _ = try await text(archive)

        team.repository.push("services: {web: {image: \"web:1.0\"}}")
        await controller.survey()
        #expect(try await team.settle(controller).state == .ready)
        archive = try await read()
        let isRead = "shop_data is being read by gyre volumes export; remove it when that has ended"
        #expect(await refusal() == isRead)
        _ = try await text(archive)
        #expect(try await controller.volumes(of: team.shop).first?.change != nil)
    }
}
