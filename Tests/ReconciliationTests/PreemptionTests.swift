import Model
import Synchronization
import TestSupport
import Testing

@testable import Reconciliation

/// Whose loss ends a run, and what is good after one.
@Suite("Pre-emption", .timeLimit(.minutes(10)))
struct PreemptionTests {
    private func run(beside names: String...) -> Preemption {
        var preemption = Preemption()
        preemption.saw(observed(names))
        preemption.begin()
        return preemption
    }

    private func observed(_ names: [String]) -> Observation {
        Observation(
            time: Instant(milliseconds: 0),
            containers: names.map { ObservedContainer(id: $0, name: $0) }
        )
    }

    private func ends(_ preemption: Preemption, because container: String?) -> Bool {
        var preemption = preemption
        preemption.ask(because: container)
        return preemption.isAsked
    }

    @Test("what waits for its turn is not the run's own business yet")
    func waiting() {
        var preemption = run(beside: "old-1", "old-2", "db")
        for name in ["old-1", "old-2", "db"] { #expect(ends(preemption, because: name)) }
        #expect(!ends(preemption, because: "a stranger") && ends(preemption, because: nil))
        preemption.handles("old-1")
        #expect(!ends(preemption, because: "old-1") && ends(preemption, because: "old-2"))
        preemption.end()
        #expect(!ends(preemption, because: nil))
    }

    @Test("what was judged is watched again")
    func judged() {
        var preemption = run(beside: "old-1")
        preemption.handles("new-1")
        #expect(!ends(preemption, because: "new-1"))
        preemption.judged("new-1")
        #expect(ends(preemption, because: "new-1"))
    }

    @Test("what is waited for in two ways is watched again when both have ended")
    func twice() {
        var preemption = run(beside: "old-1")
        preemption.handles("new-1")
        preemption.watches("new-1")
        preemption.watches("new-1")
        preemption.judged("new-1")
        #expect(!ends(preemption, because: "new-1"))
        preemption.judged("new-1")
        #expect(ends(preemption, because: "new-1"))
        // As for a pause before the next batch.
        preemption.watches("new-1")
        #expect(!ends(preemption, because: "new-1"))
    }

    @Test("what keeps dying ends one run, until one was seen through")
    func spent() {
        var preemption = run(beside: "old-1")
        preemption.ask(because: "old-1")
        #expect(preemption.isAsked)
        preemption.end()
        preemption.saw(observed(["old-1"]))
        preemption.begin()
        #expect(!ends(preemption, because: "old-1"))
        preemption.watches("old-1")
        preemption.judged("old-1")
        #expect(!ends(preemption, because: "old-1"), "or what else is waited for never ends")
        preemption.end()
        preemption.succeeded()
        preemption.begin()
        #expect(ends(preemption, because: "old-1"))
    }

    /// Of ten that are replaced one after the other the first die while the last come up.
    @Test(
        "a version is good when all of it is up at the end",
        arguments: [("", 25), ("restart: 'on-failure:1', ", 14)]
    )
    func good(restart: String, life: Int64) async throws {
        let compose = { (version: String) in
            "services: {web: {image: 'web:\(version)', \(restart)deploy: {replicas: 4}}}\n"
        }
        let team = try SimulatedTeam(compose("1.0"), local: ["web:1.0", "web:2.0"])
        let controller = try await team.controller()
        #expect(try await team.settle(controller).state == .ready)
        team.engine.change {
            $0.behaviours[SimulatedNode.pin("web:2.0").imageID] = .fades(after: .seconds(life))
        }
        team.repository.push(compose("2.0"))
        await controller.survey()
        try await team.settle(controller)
        #expect(team.repository.good?.message == "1")
        #expect(team.journal.state().good[team.shop]?.commit.hasPrefix("1") == true)
    }

    @Test("a commit that comes while a pass prepares is not missed")
    func overtaken() {
        var preemption = Preemption()
        preemption.takesHead()
        preemption.supersede()
        #expect(preemption.isSuperseded)
        preemption.begin(isRepair: true)
        #expect(!preemption.isAsked, "what was there is brought back all the same")
        preemption.end()
        preemption.begin()
        #expect(preemption.isAsked)
        preemption.end()
        preemption.takesHead()
        preemption.begin()
        #expect(!preemption.isAsked && !preemption.isSuperseded)
    }

    /// Loads like any other, but that something happens in the midst of a commit.
    private struct Interrupted: StackLoading {
        let version = "interrupted"
        let commit: String
        let body: @Sendable () async throws -> Void

        func load(
            _ request: LoadRequest,
            key: ContentKey,
            within limits: LoadingLimits
        ) async throws -> StackReading {
            if request.snapshot.commit.message == commit { try await body() }
            return try await LoadingHere().load(request, key: key, within: limits)
        }

        func tenantFile(
            _ bytes: [UInt8],
            at path: String,
            of project: String,
            within limits: LoadingLimits
        ) async throws -> TenantFile {
            try await LoadingHere().tenantFile(bytes, at: path, of: project, within: limits)
        }
    }

    @Test("a version that is overtaken while it is loaded is not begun")
    func overtakenLoading() async throws {
        let compose = { @Sendable (version: String) in
            "services: {web: {image: 'web:\(version)'}}"
        }
        let images = ["web:1.0", "web:2.0", "web:3.0"]
        let team = try SimulatedTeam(compose("1.0"), local: images)
        #expect(try await team.settle(try await team.controller()).state == .ready)
        let asked = Mutex<Controller?>(nil)
        let loading = Interrupted(commit: "2") { [shop = team.shop] in
            guard let controller = asked.withLock({ $0 }) else { return }
            team.repository.push(compose("3.0"))
            try await controller.sync(shop)
            try await eventually { await controller.stacks[shop]?.memory.isSuperseded == true }
        }
        let parts = team.parts(loading: loading)
        let controller = Controller(try SimulatedTeam.settings(), parts)
        asked.withLock { $0 = controller }
        team.repository.push(compose("2.0"))
        let loop = Task { await controller.run() }
        defer { loop.cancel() }
        try await eventually {
            let status = try? await team.status(controller)
            return status?.state == .ready && status?.head?.message == "3"
        }
        #expect(team.engine.node.isServing)
        let commits = team.history.runs.map { $0.commit?.message }
        #expect(!commits.contains("2") && commits.last == "3")
    }

    @Test("a run that is overtaken while its decision is written sends nothing")
    func overtakenDeciding() async throws {
        let team = try SimulatedTeam("services: {web: {image: 'web:1.0'}}", local: ["web:1.0"])
        let controller = try await team.controller()
        let sent = Mutex<[Int]>([])
        team.audit.onAppend.withLock { onAppend in
            onAppend = { [engine = team.engine, shop = team.shop] in
                let count = engine.state.withLock { $0.sent.count }
                let isFirst = sent.withLock { sent in
                    sent.append(count)
                    return sent.count == 1
                }
                if isFirst { await controller.stacks[shop]?.memory.supersede() }
            }
        }
        #expect(try await team.settle(controller).state == .ready)
        #expect(sent.withLock(\.self) == [0, 0])
    }

    @Test("a removal that is taken back while it is prepared takes nothing away")
    func overtakenRemoving() async throws {
        let team = try SimulatedTeam("services: {web: {image: 'web:1.0'}}", local: ["web:1.0"])
        #expect(try await team.settle(try await team.controller()).state == .ready)
        let first = try #require(team.repository.good)
        let asked = Mutex<Controller?>(nil)
        let loading = Interrupted(commit: "1") {
            guard let controller = asked.withLock({ $0 }) else { return }
            team.repository.reset(to: first)
            await controller.poll(Array(controller.repositories.keys))
        }
        team.repository.push([:], naming: ["shop"])
        let controller = try await team.controller(loading: loading)
        asked.withLock { $0 = controller }
        team.engine.state.withLock { $0.sent = [] }
        let decided = team.audit.of(.decided).count
        #expect(try await team.settle(controller).state == .ready)
        #expect(team.engine.state.withLock(\.sent) == [])
        #expect(team.audit.of(.decided).count == decided)
    }
}
