internal import GRDB
internal import Model
internal import Synchronization

/// Adds links to a chain on the disk, one writer's alone.
///
/// Appends that arrive while one is being written share the next transaction, and with it one
/// wait for the disk. An append that has begun is not given up by cancellation: the caller would
/// not know whether its facts are kept.
final class ChainWriter: Sendable {
    let database: DatabaseQueue
    private let chain: Chain
    private let waiting = Mutex<[Append]>([])
    private let last: Mutex<ChainHead>
    private let watch: FileWatch
    /// Told of each new head, in order and once it is on the disk.
    private let told: @Sendable (ChainHead) -> Void

    init(
        _ chain: Chain,
        _ database: DatabaseQueue,
        _ file: StateFile,
        head: ChainHead,
        told: @escaping @Sendable (ChainHead) -> Void = { _ in }
    ) {
        self.chain = chain
        self.database = database
        last = Mutex(head)
        watch = FileWatch(file)
        self.told = told
    }

    /// The last link that is on the disk.
    var head: ChainHead { last.withLock { $0 } }

    /// Why what is written would be lost; nil while the file is the one that was opened.
    func loss() -> String? { watch.loss() }

    func close() throws {
        do { try database.close() } catch { throw StoreError(error, "close the \(chain.name)") }
    }

    /// Adds links in one transaction that is on the disk when this returns.
    ///
    /// When it throws, none of them is. `then` is called in the order of the links, before
    /// anybody is told.
    func append(
        _ payloads: [(text: String, time: Instant)],
        then: @escaping @Sendable () -> Void
    ) async throws {
        guard !payloads.isEmpty else { return }
        try await withCheckedThrowingContinuation {
            (caller: CheckedContinuation<Void, any Error>) in
            let append = Append(payloads: payloads, then: then, caller: caller)
            let isFirst = waiting.withLock { queue in
                queue.append(append)
                return queue.count == 1
            }
            if isFirst { database.asyncWriteWithoutTransaction { self.flush($0) } }
        }
    }

    /// Writes all that waits in one transaction; runs on the database's own queue, so states
    /// follow each other as commits do.
    private func flush(_ database: Database) {
        let appends = waiting.withLock { queue in
            defer { queue = [] }
            return queue
        }
        let operation = "append to the \(chain.name)"
        do {
            if let loss = watch.loss() { throw StoreError(.lost, operation, loss) }
            var head = try chain.head(database)
            try database.inTransaction(.immediate) {
                for payload in appends.lazy.flatMap(\.payloads) {
                    head = try chain.append(payload.text, at: payload.time, after: head, database)
                }
                return .commit
            }
            watch.complete()
            last.withLock { $0 = head }
            for append in appends { append.then() }
            told(head)
            for append in appends { append.caller.resume() }
        } catch {
            let failure = StoreError(error, operation)
            for append in appends { append.caller.resume(throwing: failure) }
        }
    }

    /// A caller's links, on their way to the disk.
    private struct Append: Sendable {
        let payloads: [(text: String, time: Instant)]
        let then: @Sendable () -> Void
        let caller: CheckedContinuation<Void, any Error>
    }
}
