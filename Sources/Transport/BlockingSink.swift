internal import Synchronization

/// Keeps what came in until the thread that also drives the transfer takes it.
///
/// Bounded by that: libcurl reads no more while nobody lets it.
final class BlockingSink: TransferSink {
    private struct State {
        var head: HTTPHead?
        var bytes: ArraySlice<UInt8> = []
        var result: (any Error)??
    }

    private let state = Mutex(State())

    /// The head of the answer, once it is there.
    var head: HTTPHead? { state.withLock { $0.head } }

    /// How it ended; nil while it hasn't, and nil inside where it ended well.
    var result: (any Error)?? { state.withLock { $0.result } }

    /// Whether something waits to be taken.
    var hasNews: Bool { state.withLock { $0.head != nil && !$0.bytes.isEmpty } }

    func receive(_ head: HTTPHead) { state.withLock { $0.head = head } }

    func receive(_ bytes: UnsafeRawBufferPointer) -> Reception {
        state.withLock { $0.bytes.append(contentsOf: bytes) }
        return .taken
    }

    func finish(_ failure: (any Error)?) { state.withLock { $0.result = .some(failure) } }

    /// Moves bytes to the start of `buffer`, and says how many.
    func take(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        state.withLock { state in
            let count = min(buffer.count, state.bytes.count)
            guard count > 0 else { return 0 }
            buffer.copyBytes(from: state.bytes.prefix(count))
            state.bytes.removeFirst(count)
            if state.bytes.isEmpty { state.bytes = [] }
            return count
        }
    }
}
