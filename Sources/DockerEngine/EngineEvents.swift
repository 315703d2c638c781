package import Model

/// What happens to our objects, for as long as the engine answers.
///
/// The first element is of kind `engine`, action `subscribed`: whatever happens after it is told,
/// so a listing begun then misses nothing. The sequence never ends by itself: when the engine goes
/// away it throws an ``EngineError``, and a cancelled reader gets `CancellationError`.
package struct EngineEvents: AsyncSequence, Sendable {
    package typealias Element = EngineEvent
    package typealias Failure = any Error

    let engine: DockerEngine
    let controller: String

    package func makeAsyncIterator() -> Iterator {
        Iterator(engine: engine, controller: controller)
    }

    package struct Iterator: AsyncIteratorProtocol {
        let engine: DockerEngine
        let controller: String
        private var pieces: EngineStream.Iterator?
        private var lines = JSONLines()
        private var pending: ArraySlice<EngineEvent> = []

        init(engine: DockerEngine, controller: String) {
            self.engine = engine
            self.controller = controller
        }

        package mutating func next(
            isolation: isolated (any Actor)?
        ) async throws -> EngineEvent? {
            while true {
                if let event = pending.popFirst() { return event }
                guard pieces != nil else {
                    try await subscribe()
                    return EngineEvent(kind: "engine", action: "subscribed", containerID: nil)
                }
                guard let piece = try await pieces?.next(isolation: isolation) else {
                    throw engine.error(
                        .unreachable,
                        call.operation,
                        "the engine ended the stream of events"
                    )
                }
                try take(piece)
            }
        }

        private var call: EngineCall {
            var call = EngineCall("GET", "/events", "follow events")
            let filters: JSON = [
                "type": .strings([
                    "container", "network", "volume", "service", "config", "secret",
                ]),
                "event": .strings(EventFilter.actions),
            ]
            call.query = [.init("filters", filters.text)]
            return call
        }

        private mutating func subscribe() async throws {
            pieces = try await engine.stream(call).makeAsyncIterator()
        }

        private mutating func take(_ piece: [UInt8]) throws {
            guard let complete = lines.append(piece) else {
                throw engine.error(.tooLarge, call.operation, "an event is too long")
            }
            let filter = EventFilter(controller: controller, known: engine.known)
            for line in complete {
                let message = try engine.decode(EventMessage.self, from: line, call.operation)
                if let event = filter.event(message) { pending.append(event) }
            }
        }
    }
}

extension DockerEngine {
    /// What happens to the objects of `controller`; reading it subscribes.
    ///
    /// There are no heartbeats: list again from time to time, for a missed event costs time only.
    package func events(controller: String) -> EngineEvents {
        EngineEvents(engine: self, controller: controller)
    }
}
