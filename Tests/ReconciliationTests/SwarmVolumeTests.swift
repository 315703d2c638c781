import Model
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// Volumes of a Swarm, of whose nodes Gyre reaches the managers.
@Suite("Volumes of a Swarm", .timeLimit(.minutes(10)))
struct SwarmVolumeTests {
    private static let mounting = """
        services: {web: {image: "web:1.0", volumes: ["data:/data"]}}
        volumes: {data: {}}
        """
    private static let without = "services: {web: {image: \"web:1.0\"}}\n"
    private static let name = "shop_data"

    private let swarm = SwarmEngine()
    private let managers = ["a": SimulatedEngine(), "b": SimulatedEngine()]
    private let team: SimulatedTeam

    init() throws {
        team = try SimulatedTeam(Self.mounting)
        for (name, engine) in managers {
            engine.state.withLock { $0.facts.swarmNode = "node-\(name)" }
        }
        swarm.state.withLock { $0.hosts = ["node-a": "one", "node-b": "two", "node-w": "worker"] }
    }

    /// A controller whose stack runs.
    private func controller() async throws -> Controller {
        let controller = try await team.controller(on: swarm, managers: managers)
        #expect(try await team.settle(controller).state == .ready)
        return controller
    }

    /// A manager's engine makes the volume, as a Swarm has it made.
    private func make(_ manager: String, for stack: String? = "shop") {
        let labels = stack.map { [Labels.Swarm.namespace: $0] } ?? [:]
        managers[manager]?.change {
            $0.volumes[Self.name] = ObservedVolume(name: Self.name, labels: labels)
        }
    }

    private func export(_ controller: Controller, on node: String? = nil) async throws -> Pieces {
        let question = VolumeQuestion(Self.name, on: node)
        return try await controller.exportVolume(question, of: team.shop, by: "ann")
    }

    private func text(_ archive: Pieces) async throws -> String {
        var bytes: [UInt8] = []
        for try await piece in archive { bytes += piece }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func read(_ controller: Controller, on node: String? = nil) async throws -> String {
        let archive = try await export(controller, on: node)
        #expect(managers.values.flatMap(\.node.containers).count == 1)
        // Passes know nothing of what it is read through.
        let sent = swarm.sent
        #expect(try await team.settle(controller).state == .ready && swarm.sent == sent)
        return try await text(archive)
    }

    private func refusal(_ controller: Controller, on node: String? = nil) async -> String {
        let error = await #expect(throws: NotPossible.self) {
            _ = try await export(controller, on: node)
        }
        return error?.description ?? ""
    }

    private func push(_ compose: String, _ controller: Controller) async throws {
        team.repository.push(compose)
        await controller.survey()
        #expect(try await team.settle(controller).state == .ready)
    }

    private func places(_ controller: Controller) async throws -> [String] {
        try await controller.volumes(of: nil).map { "\($0.node) \($0.state.rawValue)" }
    }

    @Test func aManagersVolumeIsListedReadAndRemoved() async throws {
        let controller = try await controller()
        #expect(team.journal.state().volumes(of: team.shop) == [Self.name])
        make("a")
        let used = try await controller.volumes(of: team.shop)
        #expect(used.map(\.node) == ["a"] && used.map(\.state) == [.used])
        #expect(used.first?.containers == ["shop_web"] && used.first?.change == nil)
        #expect(try await read(controller) == "what is read through gyre.test.shop.")
        let act = team.audit.of(.acted).last?.facts
        #expect(act?["demand"] == "volumes export" && act?["node"] == "a")
        #expect(managers.values.allSatisfy { $0.node.containers.isEmpty })
        #expect(team.journal.state().owned.values.allSatisfy { $0.kind != .container })

        try await push(Self.without, controller)
        #expect(try await places(controller) == ["a unused"], "no push ends a volume")
        let change = try #require(try await controller.volumes(of: team.shop).first?.change)
        try await controller.removeVolume(Self.name, of: team.shop, change: change, by: "ann")
        #expect(managers["a"]?.node.volumes.isEmpty == true)
        #expect(try await controller.volumes(of: nil).isEmpty)
    }

    @Test func whatNoManagerHasIsToldWithItsNodeAndByHand() async throws {
        let controller = try await controller()
        #expect(await refusal(controller).hasPrefix("no manager of the Swarm that gyre.yaml names"))
        swarm.place("shop_web", on: "node-w")
        let told = await refusal(controller)
        #expect(told.hasPrefix("shop_data is on worker, which gyre.yaml doesn't name"), "\(told)")
        #expect(told.contains("docker run --rm -v shop_data:/volume:ro busybox tar"), "\(told)")
        #expect(try await places(controller) == ["worker elsewhere"])

        // What a manager has beside a task elsewhere may be older: a person says which.
        make("a")
        #expect(try await places(controller) == ["a used", "worker elsewhere"])
        #expect(await refusal(controller).hasPrefix("each of a, worker has a volume shop_data"))
        #expect(await refusal(controller, on: "worker").hasPrefix("shop_data is on worker"))
        #expect(try await read(controller, on: "a").hasPrefix("what is read"))
        swarm.place("shop_web", on: "node-a")
        #expect(try await places(controller) == ["a used"])
    }

    @Test func aSilentManagerMayHaveWhatNoOtherHas() async throws {
        let controller = try await controller()
        managers["b"]?.state.withLock { $0.failure = NoAnswer() }
        #expect(try await places(controller) == ["b unknown"])
        #expect(await refusal(controller).hasPrefix("b does not answer"))
        make("a")
        #expect(try await places(controller) == ["a used", "b unknown"])

        // What one has is removed, and what the other may have isn't forgotten for that.
        try await push(Self.without, controller)
        #expect(try await places(controller) == ["a unused", "b unknown"])
        let change = try #require(try await controller.volumes(of: team.shop).first?.change)
        try await controller.removeVolume(Self.name, of: team.shop, change: change, by: "ann")
        #expect(managers["a"]?.node.volumes.isEmpty == true)
        #expect(try await places(controller) == ["b unknown"])
    }

    /// Law 3: a name alone proves nothing.
    @Test(arguments: ["other", nil])
    func whatIsAnothersByItsLabelIsNeitherReadNorRemoved(stack: String?) async throws {
        let controller = try await controller()
        make("a", for: stack)
        #expect(try await places(controller) == ["main elsewhere"])
        #expect(await refusal(controller, on: "a").contains("has no volume shop_data on a"))
        try await push(Self.without, controller)
        let change = try #require(try await controller.volumes(of: team.shop).first?.change)
        try await controller.removeVolume(Self.name, of: team.shop, change: change, by: "ann")
        #expect(managers["a"]?.node.volumes.count == 1, "it is forgotten, and stays")
        #expect(try await controller.volumes(of: nil).isEmpty)
    }

    @Test func eachManagersIsAVolumeOfItsOwn() async throws {
        let controller = try await controller()
        for name in managers.keys { make(name) }
        #expect(await refusal(controller).hasPrefix("each of a, b has a volume"))
        try await push(Self.without, controller)
        #expect(try await read(controller, on: "b").hasPrefix("what is read"))
        let change = try #require(try await controller.volumes(of: team.shop).first?.change)
        try await controller.removeVolume(Self.name, of: team.shop, change: change, by: "ann")
        #expect(try await places(controller) == ["b unused"])
    }

    /// Whatever call was the last one, the next controller finds what it left on the manager.
    @Test(arguments: 0..<14, [false, true])
    func aControllerThatIsKilledLeavesNothing(after calls: Int, isLost: Bool) async throws {
        let first = try await controller()
        make("a")
        let doom = Doom()
        managers["a"]?.state.withLock { $0.doom = doom }
        doom.come(after: calls, isLost: isLost)
        if let archive = try? await export(first) { _ = try? await text(archive) }
        doom.pass()
        let next = try await controller()
        _ = try await text(try await export(next))
        #expect(managers["a"]?.node.containers.isEmpty == true)
        #expect(team.journal.state().owned.values.allSatisfy { $0.kind != .container })
    }
}
