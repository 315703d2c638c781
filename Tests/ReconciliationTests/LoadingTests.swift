import Model
import OperatorFile
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// Commits that bring their loader to no end, and machines that have no loader to give.
@Suite("Loading", .timeLimit(.minutes(10)))
struct LoadingTests {
    private static let compose = "services:\n  web:\n    image: web:1.0\n"
    /// What the loader of these tests gives up on, or can't be had for.
    private static let bomb = compose + "x-bomb: 1\n"
    private static let unlucky = compose + "x-unlucky: 1\n"

    /// A loader that counts, and fails on some files.
    private final class Loader: StackLoading {
        struct State {
            var version = "1"
            var loads = 0
            var trials: [TenantPolicy?] = []
            var isLucky = false
        }

        let state = Mutex(State())
        var version: String { state.withLock(\.version) }
        var loads: Int { state.withLock(\.loads) }

        func load(
            _ request: LoadRequest,
            key: ContentKey,
            within limits: LoadingLimits
        ) async throws -> StackReading {
            let isLucky = state.withLock { state in
                state.loads += 1
                state.trials.append(request.trial)
                return state.isLucky
            }
            let text = String(decoding: try request.snapshot.read("compose.yaml"), as: UTF8.self)
            if text.contains("x-bomb"), limits.memory < .gibibytes(1) {
                throw GivenUp(
                    "it took more than \(limits.memory) of memory",
                    fix: "make it smaller"
                )
            }
            if text.contains("x-unlucky"), !isLucky { throw NoProcess() }
            return try await LoadingHere().load(request, key: key, within: limits)
        }

        func tenantFile(
            _ bytes: [UInt8],
            at path: String,
            of project: String,
            within limits: LoadingLimits
        ) async throws -> TenantFile {
            let text = String(decoding: bytes, as: UTF8.self)
            if text.contains("x-bomb") { throw GivenUp("it crashed", fix: "make it smaller") }
            if text.contains("x-unlucky"), !state.withLock(\.isLucky) { throw NoProcess() }
            return try await LoadingHere().tenantFile(
                bytes,
                at: path,
                of: project,
                within: limits
            )
        }

        struct NoProcess: Error, CustomStringConvertible {
            let description = "no process to be had"
        }
    }

    /// A stack that is good, and the next version that its team pushes.
    private func pushed(
        _ compose: String,
        _ body: (SimulatedTeam, Controller, Loader) async throws -> Void
    ) async throws {
        let loader = Loader()
        let team = try SimulatedTeam(Self.compose, local: ["web:1.0"])
        let controller = try await team.controller(loading: loader)
        #expect(try await team.settle(controller).state == .ready)
        team.repository.push(compose)
        await controller.survey()
        try await body(team, controller, loader)
    }

    @Test("each commit is judged where it is loaded, by the policy of its project")
    func tried() async throws {
        try await pushed(Self.compose + "x-next: 1\n") { team, controller, loader in
            let status = try await team.settle(controller)
            #expect(status.state == .ready)
            let trials = loader.state.withLock(\.trials)
            #expect(trials.count == 2)
            #expect(trials.allSatisfy { $0 != nil })
        }
    }

    @Test("a commit that kills its loader is held, and told with what to do")
    func held() async throws {
        try await pushed(Self.bomb) { team, controller, loader in
            let old = try #require(team.engine.node.id(named: "shop-web-1"))
            let status = try await team.settle(controller)
            #expect(status.state == .stalled)
            let problem = try #require(status.problems.first)
            #expect(status.problems.map(\.kind) == [.held])
            #expect(problem.message.contains("gave up on the files: it took more than 512 MiB"))
            #expect(problem.diagnostics.map(\.code) == [GivenUp.code])
            #expect(problem.diagnostics.first?.fix == "make it smaller")
            #expect(problem.remedy.contains("gyre release shop"))
            #expect(team.engine.node.containers[old]?.seen.state == .running)
            #expect(loader.loads == 2)
            try await team.settle(controller)
            #expect(loader.loads == 2, "it is not tried again")

            team.engine.state.withLock { $0.node.befall(.killed, "shop-web-1") }
            try await team.settle(controller)
            #expect(team.engine.node.containers[old]?.seen.state == .running, "repair goes on")
        }
    }

    @Test("commits that kill their loader add up to no more than a few holds")
    func manyHeld() async throws {
        try await pushed(Self.bomb) { team, controller, loader in
            for number in 0..<12 {
                team.repository.push(Self.bomb + "x-number: \(number)\n")
                await controller.survey()
                let status = try await team.settle(controller)
                #expect(status.problems.map(\.kind) == [.held])
            }
            let holds = team.journal.state().holds[team.shop] ?? [:]
            #expect(holds.count == JournalState.unreadKept)
            let loads = loader.loads
            try await team.settle(controller)
            #expect(loader.loads == loads, "the head's is not tried again")
        }
    }

    @Test("a comparison reads the files as loading does, and nowhere else")
    func compared() async throws {
        try await pushed(Self.bomb) { team, controller, loader in
            let changes = try await controller.compare(team.shop).changes
            #expect(changes == nil)
        }
        try await pushed(Self.compose + "x-more: 1\n") { team, controller, loader in
            let before = loader.loads
            let changes = try await controller.compare(team.shop).changes
            #expect(changes?.map(\.path) == ["x-more"])
            #expect(loader.loads >= before + 2)
        }
    }

    @Test("one started anew remembers it; a release, more memory or another Gyre try again")
    func remembered() async throws {
        try await pushed(Self.bomb) { team, controller, loader in
            try await team.settle(controller)
            let next = try await team.controller(loading: loader)
            let before = loader.loads
            #expect(try await team.settle(next).problems.map(\.kind) == [.held])
            // The good commit alone is read anew.
            #expect(loader.loads == before + 1)

            #expect(try await next.release(team.shop, by: "op") == 1)
            #expect(try await team.settle(next).problems.map(\.kind) == [.held])
            #expect(loader.loads == before + 2)

            loader.state.withLock { $0.version = "2" }
            #expect(try await team.settle(next).problems.map(\.kind) == [.held])
            #expect(loader.loads == before + 3)

            let text =
                "controller: test\ndefaults: {loading: {memory: 2g}}\n"
                + "projects: {shop: {repositories: [{url: /srv/shop}]}}"
            let rich = Controller(
                try SimulatedTeam.settings(text),
                team.parts(loading: loader)
            )
            await rich.survey()
            #expect(try await team.settle(rich).state == .ready)
        }
    }

    @Test("what the machine lacks is tried again, and held against nobody")
    func unlucky() async throws {
        try await pushed(Self.unlucky) { team, controller, loader in
            let status = try await team.settle(controller)
            #expect(status.problems.map(\.kind) == [.failing], "\(status.problems)")
            #expect(status.problems.first?.message == "no process to be had")
            #expect(team.journal.state().holds[team.shop] == nil)
            loader.state.withLock { $0.isLucky = true }
            #expect(try await team.settle(controller).state == .ready)
        }
    }

    @Test("files that can't be loaded are read once, and judged by each policy anew")
    func once() async throws {
        try await pushed("services: [") { team, controller, loader in
            for _ in 0..<3 {
                let status = try await team.settle(controller)
                #expect(status.problems.map(\.kind) == [.invalid])
            }
            #expect(loader.loads == 2)
        }
    }
}
