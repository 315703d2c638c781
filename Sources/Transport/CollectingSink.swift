internal import Synchronization

/// Gathers a whole answer, up to a bound.
final class CollectingSink: TransferSink {
    private struct State {
        var head = HTTPHead(status: 0)
        var body: [UInt8] = []
        /// nil once it was resumed.
        var continuation: CheckedContinuation<HTTPResponse, any Error>?
    }

    private let state: Mutex<State>
    private let operation: String
    private let limit: Int

    init(
        _ continuation: CheckedContinuation<HTTPResponse, any Error>,
        operation: String,
        limit: Int
    ) {
        state = Mutex(State(continuation: continuation))
        self.operation = operation
        self.limit = limit
    }

    func receive(_ head: HTTPHead) { state.withLock { $0.head = head } }

    func receive(_ bytes: UnsafeRawBufferPointer) -> Reception {
        state.withLock { state in
            guard state.body.count + bytes.count <= limit else {
                return .refused(
                    TransportError(
                        .tooLarge,
                        operation: operation,
                        message: "the answer is larger than \(limit) bytes"
                    )
                )
            }
            state.body.append(contentsOf: bytes)
            return .taken
        }
    }

    func finish(_ failure: (any Error)?) {
        let (continuation, response) = state.withLock { state in
            defer { state = State() }
            return (state.continuation, HTTPResponse(head: state.head, body: state.body))
        }
        if let failure {
            continuation?.resume(throwing: failure)
        } else {
            continuation?.resume(returning: response)
        }
    }
}
