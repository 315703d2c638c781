internal import Synchronization

/// Hands a body on piece by piece, and makes the sender wait while the reader is behind.
final class StreamSink: TransferSink {
    private enum Waiter {
        case none
        case head(CheckedContinuation<HTTPHead, any Error>)
        case piece(CheckedContinuation<[UInt8]?, any Error>)
    }

    private struct State {
        var head: HTTPHead?
        var buffer: [UInt8] = []
        var waiter = Waiter.none
        var isPaused = false
        var end: Result<Void, any Error>?
    }

    /// What is done once the lock is released.
    private typealias Action = @Sendable () -> Void

    private let state = Mutex(State())
    private let bufferLimit: Int

    /// - Parameter bufferLimit: How much may wait for the reader before the sender is paused; a
    ///   single piece (at most 16 KiB with libcurl) is always taken into an empty buffer.
    init(bufferLimit: Int) { self.bufferLimit = bufferLimit }

    func receive(_ head: HTTPHead) {
        let waiter = state.withLock { state -> CheckedContinuation<HTTPHead, any Error>? in
            guard state.end == nil else { return nil }
            guard case .head(let continuation) = state.waiter else {
                state.head = head
                return nil
            }
            state.waiter = .none
            return continuation
        }
        waiter?.resume(returning: head)
    }

    func receive(_ bytes: UnsafeRawBufferPointer) -> Reception {
        let (reception, waiter) = state.withLock {
            state -> (Reception, CheckedContinuation<[UInt8]?, any Error>?) in
            if case .failure(let error) = state.end { return (.refused(error), nil) }
            if case .piece(let continuation) = state.waiter {
                state.waiter = .none
                return (.taken, continuation)
            }
            let isFull = !state.buffer.isEmpty && state.buffer.count + bytes.count > bufferLimit
            state.isPaused = isFull
            if !isFull { state.buffer.append(contentsOf: bytes) }
            return (isFull ? .full : .taken, nil)
        }
        waiter?.resume(returning: Array(bytes))
        return reception
    }

    /// The first end counts: what a reader who has left is told later no longer matters.
    func finish(_ failure: (any Error)?) {
        let waiter = state.withLock { state -> Waiter in
            guard state.end == nil else { return .none }
            state.end = failure.map { .failure($0) } ?? .success(())
            // What came before a failure is still handed on; who has left wants nothing more.
            if failure is CancellationError { state.buffer = [] }
            defer { state.waiter = .none }
            return state.waiter
        }
        switch waiter {
        case .none: break
        case .head(let continuation): continuation.resume(throwing: failure ?? NoHead())
        case .piece(let continuation):
            if let failure {
                continuation.resume(throwing: failure)
            } else {
                continuation.resume(returning: nil)
            }
        }
    }

    /// Waits for the head; asked for once, before any piece.
    func awaitHead(_ continuation: CheckedContinuation<HTTPHead, any Error>) {
        let action = state.withLock { state -> Action? in
            if let head = state.head { return { continuation.resume(returning: head) } }
            switch state.end {
            case .failure(let error): return { continuation.resume(throwing: error) }
            case .success: return { continuation.resume(throwing: NoHead()) }
            case nil:
                state.waiter = .head(continuation)
                return nil
            }
        }
        action?()
    }

    /// Waits for what comes next: all that is buffered, the end, or the next piece.
    ///
    /// - Returns: Whether the sender was paused and must be resumed.
    func awaitPiece(_ continuation: CheckedContinuation<[UInt8]?, any Error>) -> Bool {
        let (action, mustResume) = state.withLock { state -> (Action?, Bool) in
            if !state.buffer.isEmpty {
                let piece = state.buffer
                state.buffer = []
                defer { state.isPaused = false }
                return ({ continuation.resume(returning: piece) }, state.isPaused)
            }
            switch state.end {
            case .failure(let error): return ({ continuation.resume(throwing: error) }, false)
            case .success: return ({ continuation.resume(returning: nil) }, false)
            case nil:
                state.waiter = .piece(continuation)
                return (nil, false)
            }
        }
        action?()
        return mustResume
    }

    /// libcurl called a transfer complete that never had a head; it doesn't happen with HTTP.
    private struct NoHead: Error {}
}
