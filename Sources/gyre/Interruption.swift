internal import Glibc
internal import UnixSignals

/// A person or a system that wants a command to end.
enum Interruption {
    /// What `body` came to, and whether SIGINT or SIGTERM cancelled it.
    ///
    /// The first signal asks it to end; it is waited for. The second one ends the process.
    static func during<T: Sendable>(
        _ body: @escaping @Sendable () async throws -> T
    ) async throws -> (result: T, isInterrupted: Bool) {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        return try await withThrowingTaskGroup(of: T?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                for await _ in signals { break }
                return nil
            }
            defer { group.cancelAll() }
            var isInterrupted = false
            while let ended = try await group.next() {
                if let result = ended { return (result, isInterrupted) }
                isInterrupted = true
                signal(SIGINT, SIG_DFL)
                signal(SIGTERM, SIG_DFL)
                group.cancelAll()
            }
            throw CancellationError()
        }
    }
}
