/// An HTTP client over unix sockets and TCP, with one thread that drives all its transfers.
///
/// Connections are kept and used again; at most `connections` are open, and what finds none free
/// waits within its own deadline. Nothing is retried and no redirect is followed: what may be
/// repeated is the caller's knowledge.
package final class HTTPClient: Sendable {
    private let loop: CurlLoop

    /// Starts the thread.
    package init(connections: Int = 64, trust: TrustPolicy = TrustPolicy()) throws {
        precondition(connections > 0)
        loop = try CurlLoop(connections: connections, trust: trust)
    }

    deinit { loop.post(.stop) }

    /// Sends `request` and waits for the whole answer, whatever its status.
    ///
    /// Cancelling the task ends the transfer and throws `CancellationError`.
    package func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        let id = loop.newID()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let sink = CollectingSink(
                    continuation,
                    operation: request.operation,
                    limit: request.maxResponseBytes
                )
                loop.post(.start(id, request, sink))
                // The handler may have run before there was a transfer to find.
                if Task.isCancelled { loop.post(.cancel(id)) }
            }
        } onCancel: {
            loop.post(.cancel(id))
        }
    }

    /// Sends `request` and waits for the head of the answer; the body is read as it comes.
    ///
    /// A reader that falls `bufferLimit` bytes behind makes the other side wait.
    package func stream(
        _ request: HTTPRequest,
        bufferLimit: Int = 1 << 20
    ) async throws -> HTTPStream {
        let id = loop.newID()
        let sink = StreamSink(bufferLimit: bufferLimit)
        let source = BodySource(sink: sink, loop: loop, id: id)
        loop.post(.start(id, request, sink))
        return HTTPStream(head: try await source.head(), body: HTTPBody(source: source))
    }
}
