internal import Model
internal import Transport

/// The pieces of an engine's stream, with failures in our words; a cancellation stays one.
struct EngineStream: AsyncSequence {
    typealias Element = [UInt8]
    typealias Failure = any Error

    let body: HTTPBody
    let engine: DockerEngine
    let call: EngineCall

    func makeAsyncIterator() -> Iterator {
        Iterator(pieces: body.makeAsyncIterator(), engine: engine, call: call)
    }

    struct Iterator: AsyncIteratorProtocol {
        let pieces: HTTPBody.Iterator
        let engine: DockerEngine
        let call: EngineCall

        func next() async throws -> [UInt8]? { try await next(isolation: nil) }

        func next(isolation: isolated (any Actor)?) async throws -> [UInt8]? {
            do {
                return try await pieces.next(isolation: isolation)
            } catch let failure as TransportError {
                throw EngineError(
                    engine.route.told(failure),
                    operation: "\(call.operation) on \(engine.address.place)"
                )
            }
        }
    }
}
