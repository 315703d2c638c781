/// An answer whose body is read piece by piece.
package struct HTTPStream: Sendable {
    package let head: HTTPHead
    package let body: HTTPBody
}

/// The pieces of a body, in order, each as it came.
///
/// Read once, by one task. A cancelled reader gets `CancellationError`, never an end that looks
/// complete. Letting go of the body ends the transfer.
package struct HTTPBody: AsyncSequence, Sendable {
    package typealias Element = [UInt8]
    package typealias Failure = any Error

    let source: BodySource

    package func makeAsyncIterator() -> Iterator { Iterator(source: source) }

    package struct Iterator: AsyncIteratorProtocol {
        let source: BodySource

        package func next() async throws -> [UInt8]? { try await source.next() }

        package func next(isolation: isolated (any Actor)?) async throws -> [UInt8]? {
            try await source.next()
        }
    }
}

/// The reading end of a transfer; the transfer lives no longer than this.
final class BodySource: Sendable {
    private let sink: StreamSink
    private let loop: CurlLoop
    private let id: UInt64

    init(sink: StreamSink, loop: CurlLoop, id: UInt64) {
        self.sink = sink
        self.loop = loop
        self.id = id
    }

    deinit { loop.post(.cancel(id)) }

    func head() async throws -> HTTPHead {
        try await cancellable { sink.awaitHead($0) }
    }

    func next() async throws -> [UInt8]? {
        try await cancellable { continuation in
            if sink.awaitPiece(continuation) { loop.post(.resume(id)) }
        }
    }

    /// Waits on the sink; a cancellation ends the wait at once, whatever the other side does.
    private func cancellable<T: Sendable>(
        _ wait: (CheckedContinuation<T, any Error>) -> Void
    ) async throws -> T {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                wait(continuation)
                if Task.isCancelled { cancel() }
            }
        } onCancel: {
            cancel()
        }
    }

    private func cancel() {
        sink.finish(CancellationError())
        loop.post(.cancel(id))
    }
}
