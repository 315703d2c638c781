import Admission
import Model
import Reconciliation
import Synchronization
import Testing

/// One pull for all who wait for an image, and few at a time.
@Suite("Pulls of images", .timeLimit(.minutes(10)))
struct ImagePullsTests {
    private let registry = StubRegistry()

    private func request(_ image: String) throws -> CheckedRequest {
        var tenant = TenantPolicy()
        tenant.grants.registries += ["silent.test"]
        return try Gate(tenant, controller: "c", stack: StackID(parsing: "test")).check(
            EngineRequest(
                .pullImage,
                "POST",
                "/images/create",
                query: [.init("fromImage", image), .init("tag", "1")]
            )
        )
    }

    /// Serves pulls while `body` runs.
    private func serving(
        width: Int = 3,
        _ body: @escaping @Sendable (ImagePulls) async throws -> Void
    ) async throws {
        let pulls = ImagePulls(registry, width: width, clock: registry.clock)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await pulls.serve() }
            defer { group.cancelAll() }
            try await body(pulls)
        }
    }

    @Test("whoever wants the same image shares one pull and its progress")
    func shares() async throws {
        let web = try request("web")
        let told = Told()
        try await serving { pulls in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for stack in 1...3 {
                    group.addTask {
                        try await pulls.pull(web, nil, for: "p") { text in
                            told.add("\(stack) \(text)")
                        }
                    }
                }
                await registry.until { $0.begun == ["web"] }
                // All three wait by the time that it goes on, or share its end all the same.
                try await Task.sleep(for: .milliseconds(50))
                registry.finish("web")
                try await group.waitForAll()
            }
        }
        #expect(registry.seen.begun == ["web"])
        #expect(told.lines.sorted() == ["1 100 %", "2 100 %", "3 100 %"])
    }

    @Test("who served is followed by another, who finds what waits")
    func servesAgain() async throws {
        let web = try request("web")
        let pulls = ImagePulls(registry, width: 3, clock: registry.clock)
        for round in 1...2 {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await pulls.pull(web, nil, for: "p") { _ in } }
                // Whoever serves may come later than who waits.
                if round == 2 { try await Task.sleep(for: .milliseconds(20)) }
                group.addTask { await pulls.serve() }
                await registry.until { $0.begun.count == round }
                registry.finish("web")
                try await group.next()
                group.cancelAll()
            }
        }
        #expect(registry.seen.begun == ["web", "web"])
    }

    @Test("other credentials are another pull")
    func credentialsApart() async throws {
        let web = try request("web")
        try await serving { pulls in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for place in ["a", "b"] {
                    let access = RegistryAccess(host: "docker.io", place: place)
                    group.addTask { try await pulls.pull(web, access, for: "p") { _ in } }
                }
                await registry.until { $0.begun == ["web", "web"] }
                registry.finish("web")
                try await group.waitForAll()
            }
        }
    }

    @Test("no more than allowed go on at once, first come first served")
    func width() async throws {
        let requests = try ["a", "b", "c"].map(request)
        try await serving(width: 2) { pulls in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, request) in requests.enumerated() {
                    group.addTask { try await pulls.pull(request, nil, for: "p") { _ in } }
                    if index < 2 { await registry.until { $0.begun.count == index + 1 } }
                }
                try await Task.sleep(for: .milliseconds(50))
                #expect(registry.seen.begun == ["a", "b"])
                registry.finish("a")
                await registry.until { $0.begun == ["a", "b", "c"] }
                registry.finish("b")
                registry.finish("c")
                try await group.waitForAll()
            }
        }
    }

    @Test("a project that asks for many images holds up no other")
    func projects() async throws {
        let many = try (1...20).map { try request("many\($0)") }
        let (web, shared) = (try request("web"), try request("many20"))
        try await serving(width: 2) { pulls in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, request) in many.enumerated() {
                    group.addTask { try await pulls.pull(request, nil, for: "many") { _ in } }
                    if index < 2 { await registry.until { $0.begun.count == index + 1 } }
                }
                try await Task.sleep(for: .milliseconds(50))
                group.addTask { try await pulls.pull(web, nil, for: "few") { _ in } }
                group.addTask { try await pulls.pull(shared, nil, for: "third") { _ in } }
                try await Task.sleep(for: .milliseconds(50))
                // Two places: one is free again, then the other.
                registry.finish("many1")
                await registry.until { $0.begun.count == 3 }
                registry.finish("many2")
                await registry.until { $0.begun.count == 4 }
                #expect(registry.seen.begun.prefix(2) == ["many1", "many2"])
                #expect(Set(registry.seen.begun.suffix(2)) == ["web", "many20"])
                for request in many { registry.finish(request.request.query[0].value) }
                registry.finish("web")
                try await group.waitForAll()
            }
        }
    }

    @Test("a registry whose pulls go on for ever holds up no other")
    func registries() async throws {
        let silent = try ["silent.test/a", "silent.test/b"].map(request)
        let web = try request("web")
        try await serving(width: 1) { pulls in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for request in silent {
                    group.addTask { try await pulls.pull(request, nil, for: "p") { _ in } }
                }
                await registry.until { $0.begun.count == 1 }
                registry.finish("web")
                try await pulls.pull(web, nil, for: "p") { _ in }
                #expect(registry.seen.begun.count == 2)
                registry.finish("silent.test/a")
                registry.finish("silent.test/b")
                try await group.waitForAll()
            }
        }
    }

    @Test("a failure is everybody's, and the next pull is a new one")
    func failure() async throws {
        let web = try request("web")
        registry.fail("web")
        try await serving { pulls in
            for _ in 1...2 {
                await #expect(throws: ImageTrouble.self) {
                    try await pulls.pull(web, nil, for: "p") { _ in }
                }
            }
        }
        #expect(registry.seen.begun == ["web", "web"])
    }

    @Test("a pull outlives those who leave for a moment, and ends when nobody comes back")
    func leaving() async throws {
        let web = try request("web")
        try await serving { pulls in
            func visit() async throws {
                let visitor = Task { try await pulls.pull(web, nil, for: "p") { _ in } }
                await registry.until { $0.begun == ["web"] }
                visitor.cancel()
                await #expect(throws: CancellationError.self) { try await visitor.value }
            }
            try await visit()
            try await visit()
            #expect(registry.seen.ended.isEmpty)
            registry.pass(.seconds(11))
            await registry.until { $0.ended == ["web"] }
        }
        #expect(registry.seen.begun == ["web"])
    }

    @Test("who waits when it ends is let go")
    func stops() async throws {
        let web = try request("web")
        let waiter = Mutex<Task<Void, any Error>?>(nil)
        try await serving { pulls in
            let task = Task { try await pulls.pull(web, nil, for: "p") { _ in } }
            waiter.withLock { $0 = task }
            await registry.until { $0.begun == ["web"] }
        }
        let task = try #require(waiter.withLock { $0 })
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}

/// What waiters were told.
private final class Told: Sendable {
    private let contents = Mutex<[String]>([])

    var lines: [String] { contents.withLock { $0 } }
    func add(_ line: String) { contents.withLock { $0.append(line) } }
}

/// An engine that only pulls, and as long as a test says.
private final class StubRegistry: ContainerEngine {
    struct Seen {
        var begun: [String] = []
        /// Pulls that were cut off.
        var ended: [String] = []
        fileprivate var finished: Set<String> = []
        fileprivate var failing: Set<String> = []
        fileprivate var now = Instant(milliseconds: 0)
    }

    private let contents = Mutex(Seen())

    var seen: Seen { contents.withLock { $0 } }
    func finish(_ image: String) { contents.withLock { _ = $0.finished.insert(image) } }
    func fail(_ image: String) { contents.withLock { _ = $0.failing.insert(image) } }
    func pass(_ span: Nanoseconds) { contents.withLock { $0.now = $0.now.adding(span) } }

    func until(_ condition: (Seen) -> Bool) async {
        while !condition(seen) { try? await Task.sleep(for: .milliseconds(2)) }
    }

    /// Stands still until it is moved on; sleeps are short.
    var clock: Reconciliation.Clock {
        Reconciliation.Clock(
            now: { self.seen.now },
            sleep: { _ in try await Task.sleep(for: .milliseconds(2)) }
        )
    }

    func time() -> ClosedRange<Instant>? { nil }

    func pull(
        _ request: CheckedRequest,
        _ access: RegistryAccess?,
        progress: @escaping @Sendable (String) -> Void
    ) async throws {
        let image = request.request.query[0].value
        contents.withLock { $0.begun.append(image) }
        if seen.failing.contains(image) { throw ImageTrouble(.transient, "no") }
        do {
            while !seen.finished.contains(image) { try await Task.sleep(for: .milliseconds(2)) }
        } catch {
            contents.withLock { $0.ended.append(image) }
            throw error
        }
        progress("100 %")
    }

    struct Unasked: Error {}

    func node() async throws -> NodeFacts { throw Unasked() }
    func emptyImage() async throws -> ImagePin? { throw Unasked() }
    func kind(of path: String, in container: String) async throws -> PathKind? { throw Unasked() }
    func archive(of path: String, in container: String) async throws -> Pieces {
        throw Unasked()
    }
    func place(of volume: ContentVolume) async throws -> String? { throw Unasked() }
    func observe(predecessor name: String) async throws -> Observation {
        Observation(time: Instant(milliseconds: 0))
    }
    func ping() async throws { throw Unasked() }
    func objects(
        named prefix: String,
        _ kinds: Set<OwnedObject.Kind>
    ) async throws -> [NamedObject] { throw Unasked() }
    func observe(controller: String, volumes: Set<String>) async throws -> Observation {
        throw Unasked()
    }
    func boundPorts() async throws -> [BoundPort] { throw Unasked() }
    func networks() async throws -> [ObservedNetwork] { throw Unasked() }
    func inspect(_ id: String) async throws -> ObservedContainer? { throw Unasked() }
    func image(_ reference: String) async throws -> ImagePin? { throw Unasked() }
    func fittingImage(_ reference: String) async throws -> ImagePin? { throw Unasked() }
    func images() async throws -> [NodeImage] { throw Unasked() }
    func usedImages() async throws -> Set<String> { throw Unasked() }
    func digest(of reference: String, _ access: RegistryAccess?) async throws -> String {
        throw Unasked()
    }
    func send(_ request: CheckedRequest) async throws -> String? { throw Unasked() }
    func logs(_ id: String, lines: Int) async throws -> String { throw Unasked() }
    func events(controller: String) -> AsyncThrowingStream<EngineEvent, any Error> {
        AsyncThrowingStream { throw Unasked() }
    }
}
