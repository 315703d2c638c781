internal import Glibc
internal import Logging
internal import OperatorFile
internal import Reconciliation
internal import Store
internal import Synchronization
internal import UnixSignals

/// A controller that stands by: it takes over when the one that leads ends, however it does.
///
/// What decides is the lock of the state directory, which the kernel gives back with the leader's
/// process. A leader that is frozen still has it, and it is right so: when it wakes, it goes on
/// with what it was doing. Those that share a Swarm have its lease, which a frozen one loses.
/// What a killed one left half done is repaired as after any start.
final class Standby: Sendable {
    private let file: Mutex<ConfigurationFile>
    private let logger: Logger

    /// How often the lock is tried.
    private static let pause = Duration.milliseconds(200)

    init(_ file: ConfigurationFile, _ logger: Logger) {
        self.file = Mutex(file)
        self.logger = logger
    }

    /// Waits for its turn and takes it, with `gyre.yaml` as it is by then.
    ///
    /// - Returns: nil when a signal ended the wait.
    func takeOver() async throws -> (file: ConfigurationFile, opened: CompositionRoot.Opened)? {
        while true {
            let lead = try Leadership(self.file.withLock(\.settings), logger)
            guard try await isFree(lead) else {
                await lead?.release()
                return nil
            }
            renew()
            let file = file.withLock(\.self)
            do {
                let root = try CompositionRoot(file.settings, logger, lead: lead)
                return (file, try await root.open())
            } catch {
                await lead?.release()
                // Another one that stood by may have been faster, or an election be going on.
                let passes = lead != nil && error is any EngineSideError
                guard passes || holder(file.settings) != nil else { throw error }
                if passes {
                    logger.error("can't take over", metadata: ["reason": "\(error)"])
                    try await Task.sleep(for: .seconds(1))
                }
            }
        }
    }

    /// Whether nobody leads any more; false when a signal came first.
    ///
    /// The lead of a Swarm is ours then.
    private func isFree(_ lead: Leadership?) async throws -> Bool {
        let settings = file.withLock(\.settings)
        let holder = holder(settings)
        guard holder != nil || lead != nil else { return true }
        if let holder {
            logger.info(
                "stands by",
                metadata: ["state": "\(settings.stateDirectory)", "as": holder]
            )
        }
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        return try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await signal in signals {
                    guard signal == .sighup else { return false }
                    self.renew()
                }
                return false
            }
            group.addTask {
                while self.holder(settings) != nil { try await Task.sleep(for: Standby.pause) }
                try await lead?.take(waits: true)
                return true
            }
            defer { group.cancelAll() }
            return try await group.next() ?? false
        }
    }

    private func holder(_ settings: Settings) -> Logger.MetadataValue? {
        let holder =
            StateLock.holder(at: settings.stateDirectory + "/lock") ?? EngineLock.holder(settings)
        return holder.map { "\($0)" }
    }

    /// Reads `gyre.yaml` anew, as the one that leads does; a wrong one is refused whole and the
    /// old one stays.
    private func renew() {
        file.withLock { file in
            do {
                let found = try ConfigurationFile(file.path)
                try found.refuse(for: file.settings)
                file = found
            } catch {
                logger.error(
                    "gyre.yaml is refused; the old one stays",
                    metadata: ["file": "\(file.path)", "reason": "\(Failure(error).message)"]
                )
            }
        }
    }
}
