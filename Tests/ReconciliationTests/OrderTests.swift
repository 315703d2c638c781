import Model
import OperatorFile
import Planning
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// Stacks that depend on others: what waits, what doesn't, and what is told.
@Suite("Order of stacks", .timeLimit(.minutes(10)))
struct OrderTests {
    /// A repository whose stacks are named in its `.gyre.yaml`.
    struct World {
        let team: SimulatedTeam
        let controller: Controller
        /// By stack, what it depends on.
        var needs: [String: [String]]
        /// By stack, the number of its version.
        var versions: [String: Int] = [:]
        /// Stacks whose version never comes up.
        var broken: Set<String> = []
        /// How many containers each stack has.
        var replicas = 1
        /// By stack, what else is said of its service.
        let attributes: [String: String]

        /// Stacks with these `needs`; all below `/srv/data` is granted to them.
        init(_ needs: [String: [String]], attributes: [String: String] = [:]) async throws {
            self.attributes = attributes
            self.needs = needs
            let numbers = 1...10
            let broken = numbers.map { "broken:\($0)" }
            team = try SimulatedTeam("", images: numbers.map { "web:\($0)" } + broken)
            team.engine.change { node in
                for image in broken {
                    node.behaviours[SimulatedNode.pin(image).imageID] = .exits(1)
                }
            }
            controller = Controller(try Self.settings(), team.parts())
            await push()
        }

        static func settings() throws -> Settings {
            try SimulatedTeam.settings(
                """
                controller: test
                projects:
                  shop:
                    repositories: [{url: /srv/shop}]
                    grants: {mounts: [{path: /srv/data, access: read-write, shared: false}]}
                """
            )
        }

        @discardableResult
        func push() async -> Commit {
            let stacks = needs.map { "\($0): {depends_on: [\($1.joined(separator: ", "))]}" }
            var files: [String: Snapshot.Entry] = [
                ".gyre.yaml": .file(Array("stacks: {\(stacks.joined(separator: ", "))}".utf8))
            ]
            for name in needs.keys {
                let image = "\(broken.contains(name) ? "broken" : "web"):\(versions[name] ?? 1)"
                let count = replicas == 1 ? "" : ", deploy: {replicas: \(replicas)}"
                let more = attributes[name].map { ", \($0)" } ?? ""
                let text = "services: {web: {image: '\(image)'\(count)\(more)}}\n"
                files["\(name)/compose.yaml"] = .file(Array(text.utf8))
            }
            let commit = team.repository.push(files)
            await controller.survey()
            return commit
        }

        func settle(_ name: String) async throws -> StackStatus {
            try await controller.settled(StackID(project: "shop", stack: name))
        }

        func status(_ name: String) async throws -> StackStatus {
            let found = await controller.status().stacks.first { $0.stack.stack == name }
            return try #require(found)
        }

        /// Has the engine give up when it has started so many more containers.
        func giveUp(afterStarts count: Int) {
            let left = Mutex(count)
            team.engine.state.withLock { state in
                state.onSent = { [engine = team.engine] action in
                    guard action == .startContainer else { return }
                    let isOver = left.withLock { left in
                        left -= 1
                        return left <= 0
                    }
                    guard isOver else { return }
                    engine.state.withLock { $0.refusals[.startContainer] = NoAnswer() }
                }
            }
        }

        func recover() {
            team.engine.state.withLock { state in
                state.onSent = nil
                state.refusals = [:]
            }
        }

        /// The versions that run of a stack, by slot.
        func running(_ name: String) -> [Int] {
            let found = team.engine.node.containers.values.filter { container in
                container.isRunning && container.seen.name.hasPrefix("shop_\(name)-")
            }
            let sorted = found.sorted {
                ($0.seen.slot?.number ?? 0) < ($1.seen.slot?.number ?? 0)
            }
            return sorted.map { container in
                (1...10).first {
                    SimulatedNode.pin("web:\($0)").imageID == container.seen.imageID
                } ?? 0
            }
        }

        /// The container of a stack's service.
        func container(_ name: String) -> Found? {
            team.engine.node.containers.lazy.map { id, container in
                Found(
                    id: id,
                    name: container.seen.name,
                    image: container.seen.imageID,
                    isRunning: container.isRunning
                )
            }
            .first { $0.name == "shop_\(name)-web-1" }
        }

        struct Found {
            var id: String
            var name: String
            var image: String
            var isRunning: Bool
        }
    }

    @Test("a stack waits for what it depends on, and both come up in order")
    func waits() async throws {
        let world = try await World(["db": [], "web": ["db"]])
        // Nobody has looked at db: its own pass is what it takes.
        let waiting = try await world.settle("web")
        #expect(waiting.problems.map(\.kind) == [.dependency], "\(waiting)")
        #expect(waiting.problems.first?.message.contains("shop/db") == true)
        #expect(waiting.dependencies == ["db"])
        #expect(world.container("web") == nil)
        #expect(try await world.settle("db").state == .ready)
        #expect(try await world.settle("web").state == .ready)
    }

    @Test("a change waits for a failed dependency and says what ends that; repair doesn't wait")
    func failed() async throws {
        var world = try await World(["db": [], "web": ["db"], "api": ["web"]])
        for name in ["db", "web", "api"] { #expect(try await world.settle(name).state == .ready) }
        let before = try #require(world.container("web"))
        world.broken = ["db"]
        world.versions = ["db": 2, "web": 2, "api": 2]
        await world.push()
        let db = try await world.settle("db")
        #expect(db.state != .ready)
        for name in ["web", "api"] {
            let status = try await world.settle(name)
            #expect(status.problems.map(\.kind) == [.dependency], "\(status)")
            #expect(status.target == status.good)
        }
        #expect(world.container("web")?.id == before.id)
        // Law 2: what was good is repaired meanwhile.
        world.team.engine.change { $0.containers[before.id] = nil }
        _ = try await world.settle("web")
        let repaired = try #require(world.container("web"))
        #expect(repaired.id != before.id && repaired.isRunning)
        // Newer wins: the next commit is taken up by all, one after the other.
        world.broken = []
        world.versions = ["db": 3, "web": 3, "api": 3]
        let next = await world.push()
        #expect(try await world.settle("api").problems.map(\.kind) == [.dependency])
        for name in ["db", "web", "api"] {
            let status = try await world.settle(name)
            #expect(status.state == .ready && status.good == next.id, "\(status)")
        }
    }

    @Test("a version that has begun to take over isn't taken back when a dependency changes")
    func begun() async throws {
        var world = try await World(["db": [], "web": ["db"]])
        for name in ["db", "web"] { #expect(try await world.settle(name).state == .ready) }
        world.versions = ["db": 1, "web": 2]
        await world.push()
        #expect(try await world.settle("db").state == .ready)
        // The engine gives up in the midst of it.
        world.team.engine.state.withLock { $0.refusals[.startContainer] = NoAnswer() }
        let begun = try await world.settle("web")
        #expect(begun.state != .ready && !begun.problems.map(\.kind).contains(.held))
        world.team.engine.state.withLock { $0.refusals[.startContainer] = nil }
        world.versions["db"] = 2
        world.broken = ["db"]
        await world.push()
        #expect(try await world.settle("db").state != .ready)
        let web = try await world.settle("web")
        #expect(web.state == .ready, "\(web)")
        let image = SimulatedNode.pin("web:2").imageID
        #expect(world.container("web")?.image == image)
    }

    @Test("a dependency that is no stack is told with its place")
    func unknown() async throws {
        let world = try await World(["db": [], "web": ["bd"]])
        let status = try await world.settle("web")
        let finding = try #require(status.problems.first?.diagnostics.first)
        #expect(finding.code == "unknown-stack" && finding.location?.file == ".gyre.yaml")
        #expect(finding.message.contains("bd") && finding.fix != nil)
        #expect(world.container("web") == nil)
        #expect(try await world.settle("db").state == .ready)
    }

    @Test("what is removed goes after what depends on it")
    func removal() async throws {
        var world = try await World(["db": [], "web": ["db"], "other": []])
        for name in ["db", "web", "other"] {
            #expect(try await world.settle(name).state == .ready)
        }
        world.needs = ["other": []]
        await world.push()
        func confirm(_ name: String) async throws {
            let status = try await world.settle(name)
            let change = try #require(status.problems.compactMap(\.change).first, "\(status)")
            let id = try StackID(project: "shop", stack: name)
            try await world.controller.confirm(id, change: change, by: "op")
        }
        try await confirm("db")
        let held = try await world.settle("db")
        #expect(held.problems.map(\.kind) == [.dependency], "\(held)")
        #expect(held.problems.first?.message.contains("shop/web") == true)
        #expect(world.container("db")?.isRunning == true)
        try await confirm("web")
        for name in ["web", "db"] {
            let id = try StackID(project: "shop", stack: name)
            _ = try await world.controller.settle(id, listener: { _ in })
            #expect(world.container(name) == nil, "\(name)")
        }
        #expect(world.container("other") != nil)
        #expect(world.team.journal.state().good.keys.map(\.stack) == ["other"])
    }

    @Test(
        "a stack goes service by service, as its last good files have it",
        arguments: [true, false]
    )
    func services(isReadable: Bool) async throws {
        let chain = """
            services:
              a: {image: 'web:1'}
              b: {image: 'web:1', depends_on: [a]}
              c: {image: 'web:1', depends_on: [b]}
            """
        let team = try SimulatedTeam(chain, images: ["web:1"])
        let controller = try await team.controller()
        #expect(try await team.settle(controller).state == .ready)
        if !isReadable { team.repository.state.withLock { $0.good = nil } }
        team.repository.push("")
        await controller.survey()
        let held = try await team.settle(controller)
        let change = try #require(held.problems.compactMap(\.change).first, "\(held)")
        try await controller.confirm(team.shop, change: change, by: "op")
        let stopped = Mutex<[String]>([])
        _ = try await controller.settle(team.shop) { event in
            guard case .began(_, let step) = event, case .stop(let container, _) = step.operation
            else { return }
            stopped.withLock { $0.append(container.slot.service) }
        }
        let order = stopped.withLock { $0 }
        #expect(isReadable ? order == ["c", "b", "a"] : Set(order) == ["a", "b", "c"], "\(order)")
        #expect(team.engine.node.containers.isEmpty)
    }

    @Test("applied at once, groups are in order, and removals in the opposite one")
    func groups() async throws {
        var world = try await World(["a": ["b", "c"], "b": ["d"], "c": [], "d": [], "e": []])
        func names() async -> [[String]] {
            await world.controller.groups(of: world.controller.known()).map { $0.map(\.stack) }
        }
        #expect(await names() == [["c", "d", "e"], ["b"], ["a"]])
        for name in ["c", "d", "e", "b", "a"] { _ = try await world.settle(name) }
        world.needs = ["e": []]
        await world.push()
        #expect(await names() == [["e"], ["a"], ["b"], ["c", "d"]])
    }

    /// No change before what it depends on is ready; all get there; the newest commit wins.
    @Test("whatever the graph, order holds and nothing starves", arguments: 0..<40)
    func law(seed: Int) async throws {
        var random = SplitMix64(seed: seed)
        let names = (0..<Int.random(in: 2...6, using: &random)).map { "s\($0)" }
        var needs: [String: [String]] = [:]
        for (index, name) in names.enumerated() {
            needs[name] = names[..<index].filter { _ in Int.random(in: 0...2, using: &random) == 0 }
        }
        var world = try await World(needs)
        var head = 1
        /// What runs of a stack; 0 for nothing.
        func version(_ name: String) -> Int {
            guard let found = world.container(name) else { return 0 }
            return (1...10).first { SimulatedNode.pin("web:\($0)").imageID == found.image } ?? 0
        }
        for name in names { world.versions[name] = head }
        await world.push()
        for _ in 0..<60 {
            switch Int.random(in: 0...9, using: &random) {
            case 0 where head < 6:
                head += 1
                for name in names { world.versions[name] = head }
                world.broken = Set(names.filter { _ in Int.random(in: 0...5, using: &random) == 0 })
                await world.push()
            case 1:
                // Somebody removes a container: repair waits for nobody.
                guard let name = names.randomElement(using: &random),
                    let found = world.container(name), try await world.status(name).good != nil
                else { continue }
                let before = version(name)
                world.team.engine.change { $0.containers[found.id] = nil }
                _ = try await world.settle(name)
                #expect(version(name) >= before, "\(name) is repaired")
            default:
                guard let name = names.randomElement(using: &random) else { continue }
                let before = version(name)
                _ = try await world.settle(name)
                guard version(name) > before else { continue }
                for other in needs[name] ?? [] {
                    #expect(version(other) == version(name), "\(name) before \(other)")
                    #expect(try await world.status(other).state == .ready)
                }
            }
        }
        // The newest version, and all of it can come up.
        head += 1
        world.broken = []
        for name in names { world.versions[name] = head }
        await world.push()
        for _ in names { for name in names.reversed() { _ = try await world.settle(name) } }
        for name in names {
            #expect(version(name) == head)
            #expect(try await world.status(name).state == .ready, "\(name)")
        }
    }
}
