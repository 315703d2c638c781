internal import Synchronization

/// One at a time for each key, in order of arrival; different keys don't wait for each other.
///
/// Waiting costs no thread, so a slow repository can't use up the pool that all share.
final class Turns<Key: Hashable & Sendable>: Sendable {
    private struct Waiter {
        let id: Int
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var lastID = 0
        /// A key is present while somebody has its turn.
        var waiting: [Key: [Waiter]] = [:]
    }

    private let state = Mutex(State())

    /// Runs `body` when it is the caller's turn; a cancelled caller stops waiting.
    func take<T>(_ key: Key, _ body: () async throws -> T) async throws -> T {
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
                    guard state.waiting[key] != nil else {
                        state.waiting[key] = []
                        return true
                    }
                    state.waiting[key]?.append(Waiter(id: id, continuation: continuation))
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
            guard let index = state.waiting[key]?.firstIndex(where: { $0.id == id }) else {
                return nil
            }
            return state.waiting[key]?.remove(at: index)
        }
        waiter?.continuation.resume(throwing: CancellationError())
    }

    private func end(_ key: Key) {
        let next = state.withLock { state -> Waiter? in
            guard var line = state.waiting[key], !line.isEmpty else {
                state.waiting[key] = nil
                return nil
            }
            let first = line.removeFirst()
            state.waiting[key] = line
            return first
        }
        next?.continuation.resume()
    }
}
