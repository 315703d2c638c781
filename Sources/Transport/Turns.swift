internal import Synchronization

/// A few at a time for each key, in order of arrival; different keys don't wait for each other.
///
/// Waiting costs no thread, so a slow repository can't use up the pool that all share.
package final class Turns<Key: Hashable & Sendable>: Sendable {
    private struct Waiter {
        let id: Int
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var lastID = 0
        /// Present while somebody has a turn.
        var lines: [Key: Line] = [:]
    }

    private struct Line {
        var active = 0
        var waiting: [Waiter] = []
    }

    private let limit: Int
    private let state = Mutex(State())

    /// Lets `limit` callers have their turn with one key at the same time.
    package init(limit: Int = 1) {
        precondition(limit > 0)
        self.limit = limit
    }

    /// Runs `body` when it is the caller's turn; a cancelled caller stops waiting.
    package func take<T>(_ key: Key, _ body: () async throws -> T) async throws -> T {
        try await begin(key)
        defer { end(key) }
        return try await body()
    }

    private func begin(_ key: Key) async throws {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let mayStart = state.withLock { state in
                    guard state.lines[key, default: Line()].active >= limit else {
                        state.lines[key, default: Line()].active += 1
                        return true
                    }
                    state.lines[key]?.waiting.append(Waiter(id: id, continuation: continuation))
                    return false
                }
                if mayStart {
                    continuation.resume()
                } else if Task.isCancelled {
                    leave(key, id)
                }
            }
        } onCancel: {
            leave(key, id)
        }
    }

    /// Takes a waiter out of the line, if it is still in it.
    private func leave(_ key: Key, _ id: Int) {
        let waiter = state.withLock { state -> Waiter? in
            let index = state.lines[key]?.waiting.firstIndex { $0.id == id }
            return index.flatMap { state.lines[key]?.waiting.remove(at: $0) }
        }
        waiter?.continuation.resume(throwing: CancellationError())
    }

    private func end(_ key: Key) {
        let next = state.withLock { state -> Waiter? in
            guard var line = state.lines[key] else { return nil }
            let first = line.waiting.isEmpty ? nil : line.waiting.removeFirst()
            // Whoever waited takes over the turn that ends.
            if first == nil { line.active -= 1 }
            state.lines[key] = line.active > 0 ? line : nil
            return first
        }
        next?.continuation.resume()
    }
}
