package import Admission
package import Model
internal import Synchronization

/// The pulls of one node: each image once for all stacks that wait for it, and few at a time.
///
/// Each registry has places of its own, so that one which is slow or silent holds up no other. A
/// place that is free goes to the project that has the fewest there, however many it asks for.
///
/// Whoever waits may leave. A pull that nobody wants any more goes on for a moment, since a run
/// that made way for something newer mostly comes back for the same image; then it ends.
package final class ImagePulls: Sendable {
    private let engine: any ContainerEngine
    private let clock: Clock
    private let contents: Mutex<Contents>

    /// How long a pull goes on that nobody waits for.
    private static let patience = Nanoseconds.seconds(10)

    /// An image, and what the registry is shown: two projects with credentials of their own
    /// share no pull, or one would have what the other may.
    private struct Key: Hashable {
        var request: CheckedRequest
        var access: RegistryAccess?

        var registry: String {
            let name = request.request.query.first { $0.name == "fromImage" }?.value ?? ""
            return ImageReference(name)?.registry ?? ""
        }
    }

    private struct Contents {
        var width: Int
        /// Wakes whoever serves.
        var bell: AsyncStream<Void>.Continuation?
        var flights: [Key: Flight] = [:]
        var count = 0

        mutating func number() -> Int {
            count += 1
            return count
        }
    }

    private struct Flight {
        let number: Int
        var waiting: [Int: Waiter] = [:]
        var isRunning = false
        /// Since when nobody waits for it.
        var unwanted: Instant?

        var projects: Set<String> { Set(waiting.values.map(\.project)) }
    }

    private struct Waiter {
        var project: String
        var end: CheckedContinuation<Void, any Error>
        var progress: @Sendable (String) -> Void
    }

    /// At most `width` pulls from a registry go on at once.
    package init(_ engine: any ContainerEngine, width: Int, clock: Clock) {
        self.engine = engine
        self.clock = clock
        contents = Mutex(Contents(width: width))
    }

    /// Lets another number of pulls from each registry go on at once from now on.
    package func allow(_ width: Int) {
        contents.withLock { $0.width = width }
        ring()
    }

    private func ring() { contents.withLock(\.bell)?.yield() }

    /// Performs what is asked for until the surrounding task is cancelled; one may serve at a time.
    package func serve() async {
        let (bell, pull) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        contents.withLock { $0.bell = pull }
        // Somebody may wait already.
        pull.yield()
        await withDiscardingTaskGroup { group in
            for await _ in bell {
                for key in take() { group.addTask { await self.carryOut(key) } }
            }
            group.cancelAll()
        }
        let left = contents.withLock { contents in
            contents.bell = nil
            defer { contents.flights = [:] }
            return contents.flights.values.flatMap(\.waiting.values)
        }
        for waiter in left { waiter.end.resume(throwing: CancellationError()) }
    }

    /// Returns when the engine has the image; throws what the pull came to, or that the caller
    /// was cancelled.
    package func pull(
        _ request: CheckedRequest,
        _ access: RegistryAccess?,
        for project: String,
        progress: @escaping @Sendable (String) -> Void
    ) async throws {
        let key = Key(request: request, access: access)
        let id = contents.withLock { $0.number() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let waiter = Waiter(project: project, end: continuation, progress: progress)
                join(key, id, waiter)
                // The handler may have run before there was anything to leave.
                if Task.isCancelled { leave(key, id) }
                ring()
            }
        } onCancel: {
            leave(key, id)
        }
    }

    private func join(_ key: Key, _ id: Int, _ waiter: Waiter) {
        contents.withLock { contents in
            var flight = contents.flights[key] ?? Flight(number: contents.number())
            flight.waiting[id] = waiter
            flight.unwanted = nil
            contents.flights[key] = flight
        }
    }

    private func leave(_ key: Key, _ id: Int) {
        let now = clock.steady()
        let waiter = contents.withLock { contents in
            guard var flight = contents.flights[key] else { return Waiter?.none }
            let waiter = flight.waiting.removeValue(forKey: id)
            let isUnwanted = flight.waiting.isEmpty
            if isUnwanted { flight.unwanted = flight.unwanted ?? now }
            contents.flights[key] = isUnwanted && !flight.isRunning ? nil : flight
            return waiter
        }
        waiter?.end.resume(throwing: CancellationError())
    }

    /// The pulls that may begin now: at each registry, of the project with the fewest that go on
    /// there, first come first served.
    private func take() -> [Key] {
        contents.withLock { contents in
            let registries = Dictionary(grouping: contents.flights, by: \.key.registry)
            let taken = registries.values.flatMap { flights in
                ImagePulls.next(of: flights.map { ($0.key, $0.value) }, width: contents.width)
            }
            for key in taken { contents.flights[key]?.isRunning = true }
            return taken
        }
    }

    /// Those of one registry's pulls that may begin.
    private static func next(of flights: [(key: Key, flight: Flight)], width: Int) -> [Key] {
        var running = flights.filter(\.flight.isRunning).map(\.flight.projects)
        var waiting = flights.filter { !$0.flight.isRunning }
        var taken: [Key] = []
        while running.count < width {
            /// How many go on for the one of those who wait that has the fewest.
            func share(_ flight: Flight) -> Int {
                flight.projects.map { name in running.count { $0.contains(name) } }.min() ?? 0
            }
            let ranks = waiting.map { (share($0.flight), $0.flight.number) }
            guard let first = ranks.indices.min(by: { ranks[$0] < ranks[$1] }) else { break }
            let next = waiting.remove(at: first)
            running.append(next.flight.projects)
            taken.append(next.key)
        }
        return taken
    }

    private func carryOut(_ key: Key) async {
        let result: Result<Void, any Error>
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await self.engine.pull(key.request, key.access) { self.tell(key, $0) }
                }
                group.addTask { try await self.seeWanted(key) }
                defer { group.cancelAll() }
                try await group.next()
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        end(key, result)
        ring()
    }

    /// Throws when nobody has waited for a while.
    private func seeWanted(_ key: Key) async throws {
        while true {
            try await clock.sleep(.seconds(1))
            let since = contents.withLock { $0.flights[key]?.unwanted }
            if let since, clock.steady().since(since) >= ImagePulls.patience {
                throw CancellationError()
            }
        }
    }

    private func tell(_ key: Key, _ text: String) {
        let waiting = contents.withLock { Array(($0.flights[key]?.waiting ?? [:]).values) }
        for waiter in waiting { waiter.progress(text) }
    }

    private func end(_ key: Key, _ result: Result<Void, any Error>) {
        let isGivenUp = if case .failure(is CancellationError) = result { true } else { false }
        let waiting = contents.withLock { contents in
            let waiting = contents.flights[key]?.waiting ?? [:]
            if isGivenUp, !waiting.isEmpty, !Task.isCancelled {
                // Somebody came when it had just been given up.
                contents.flights[key]?.isRunning = false
                return [Waiter]()
            }
            contents.flights[key] = nil
            return Array(waiting.values)
        }
        for waiter in waiting { waiter.end.resume(with: result) }
    }
}
