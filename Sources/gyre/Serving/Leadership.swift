internal import Glibc
internal import Logging
internal import Model
internal import OperatorFile
internal import Reconciliation
internal import Synchronization

/// This process's part in who leads the controllers that share a Swarm.
///
/// ``Lease`` decides; here are the clock, the calls and the log. See
/// `Docs/Decisions/0023-several-controllers.md`.
final class Leadership: LeadKeeping {
    let records: SwarmRecords
    private let state: Mutex<Part>
    private let logger: Logger

    private struct Part {
        var lease: Lease
        var keepsJournal = false
        /// Why the lead is gone for good.
        var loss: String?
        /// Whether something could be changed when the log was last told.
        var isOpen = false
        var renewing: Task<Void, Never>?
    }

    private static let look = Duration.seconds(1)
    private static let beat = Duration.seconds(2)
    private static let retry = Duration.milliseconds(300)

    /// nil where no Swarm is shared.
    init?(_ settings: Settings, _ logger: Logger) throws {
        guard settings.swarm?.isShared == true else { return nil }
        let swarm = KnownSwarm(isShared: true, writtenIn: settings.stateDirectory)
        guard let records = try SwarmRecords(settings, in: swarm) else { return nil }
        self.records = records
        self.logger = logger
        let holder = Lease.Holder(token: Leadership.token(), name: Leadership.host())
        state = Mutex(Part(lease: Lease(holder)))
    }

    /// Goes on while the machine is suspended, and whatever is done to the system's time.
    private static func uptime() -> Nanoseconds {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Nanoseconds(Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    private static func token() -> String {
        String(UInt64.random(in: .min ... .max), radix: 36)
            + String(UInt64.random(in: .min ... .max), radix: 36)
    }

    private static func host() -> String {
        var name = utsname()
        guard uname(&name) == 0 else { return "process \(getpid())" }
        let host = withUnsafeBytes(of: &name.nodename) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return "\(host), process \(getpid())"
    }

    // MARK: - What depends on it

    var term: Int {
        guard case .leading(let leading) = state.withLock({ $0.lease.state }) else { return 0 }
        return leading.record.term
    }

    var name: String { state.withLock { $0.lease.holder.name } }

    /// Whether a journal was written by whoever led before.
    var isKept: Bool {
        guard case .leading(let leading) = state.withLock({ $0.lease.state }) else { return false }
        return leading.record.isKept
    }

    /// Why it doesn't lead any more; nil while it may.
    var loss: String? { state.withLock { $0.loss } }

    func require() throws {
        let (isOpen, loss) = state.withLock { part in
            (part.loss == nil && part.lease.mayWrite(at: Leadership.uptime()), part.loss)
        }
        guard !isOpen else { return }
        throw NotLeading(
            because: loss
                ?? "nothing is changed while this controller's lead of the Swarm isn't renewed"
        )
    }

    func lose(because reason: String) { state.withLock { $0.loss = $0.loss ?? reason } }

    func keepsJournal() { state.withLock { $0.keepsJournal = true } }

    // MARK: - Its course

    /// Takes the lead, and keeps it from then on.
    ///
    /// With `waits`, for as long as somebody else has it; else that is an error.
    func take(waits: Bool) async throws {
        if case .leading = state.withLock({ $0.lease.state }) { return }
        var first: Lease.Found?
        var told = ""
        while true {
            do {
                let found = try await round()
                if case .leading = state.withLock({ $0.lease.state }) { break }
                if let found, let holder = found.record.holder {
                    let isRenewed = first.map { $0.version != found.version } ?? false
                    if !waits, isRenewed { throw Leadership.led(by: found.record) }
                    first = first ?? found
                    tell("\(holder.name) leads, term \(found.record.term)", &told)
                }
            } catch let error as any EngineSideError where waits {
                tell("it can't be told who leads: \(error)", &told)
            }
            try await Task.sleep(for: Leadership.look)
        }
        logger.info("leads", metadata: ["term": "\(term)", "as": "\(name)"])
        let renewing = Task { await self.renew() }
        state.withLock { $0.renewing = renewing }
    }

    private func tell(_ words: String, _ told: inout String) {
        guard words != told else { return }
        told = words
        logger.info("stands by", metadata: ["as": "\(words)"])
    }

    /// Returns when something may be changed: the calls of the leader before have ended.
    func opened() async throws {
        while (try? require()) == nil {
            if let loss { throw NotLeading(because: loss) }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Takes the name out of the lease, as nothing is sent any more.
    func release() async {
        let renewing = state.withLock { part in
            defer { part.renewing = nil }
            return part.renewing
        }
        renewing?.cancel()
        await renewing?.value
        guard loss == nil, let (record, found) = try? await find(),
            let move = state.withLock({ $0.lease.release(found) })
        else { return }
        lose(because: "this controller has given its lead back")
        _ = try? await records.relabel(record, move.record.labels)
    }

    /// Looks, and writes what that asks for.
    private func round() async throws -> Lease.Found? {
        let found = try await find()
        let (move, keeps) = state.withLock { part in
            (part.lease.saw(found?.1, at: Leadership.uptime()), part.keepsJournal)
        }
        guard var labels = move?.record.labels else { return found?.1 }
        if keeps { labels[Labels.Record.kept] = "yes" }
        let sent = Leadership.uptime()
        let isTaken =
            if let record = found?.0 {
                try await records.relabel(record, labels)
            } else {
                try await records.create(.lease, labels, [0x0A])
            }
        guard isTaken else {
            guard found == nil, try await find() == nil else { return found?.1 }
            throw Leadership.stranger(RecordName.lease.text(of: records.controller))
        }
        state.withLock { $0.lease.wrote(sent: sent, answered: Leadership.uptime()) }
        return found?.1
    }

    private func find() async throws -> (SwarmRecord, Lease.Found)? {
        guard let record = try await records.record(.lease) else { return nil }
        guard let read = Lease.Record(record.labels) else {
            throw Leadership.stranger(record.name)
        }
        return (record, Lease.Found(read, version: record.version))
    }

    private func renew() async {
        var pause = Leadership.beat
        while !Task.isCancelled {
            try? await Task.sleep(for: pause)
            guard !Task.isCancelled else { return }
            var trouble: String?
            do {
                let found = try await round()
                if case .lost = state.withLock({ $0.lease.state }) {
                    lose(
                        because: found.map { Leadership.words(of: $0.record) }
                            ?? "somebody has removed the lease"
                    )
                }
                pause = Leadership.beat
            } catch {
                trouble = "\(error)"
                pause = Leadership.retry
            }
            log(trouble)
            if loss != nil { return }
        }
    }

    /// One line when it can't be renewed in time, and one when it is again.
    private func log(_ trouble: String?) {
        if let loss { return logger.error("the lead is lost", metadata: ["reason": "\(loss)"]) }
        let now = (try? require()) != nil
        let before = state.withLock { part in
            defer { part.isOpen = now }
            return part.isOpen
        }
        guard now != before else { return }
        if now { return logger.info("may change the Swarm", metadata: ["term": "\(term)"]) }
        logger.error(
            "nothing is changed, as the lead isn't renewed",
            metadata: ["reason": "\(trouble ?? "this process stood still")"]
        )
    }

    static func words(of record: Lease.Record) -> String {
        let holder = record.holder?.name ?? "somebody else"
        return "\(holder) leads, term \(record.term)"
    }

    private static func stranger(_ name: String) -> Failure {
        Failure(
            .failed,
            "the config \(name) of the Swarm is no lease of a controller",
            remedy: "see whose it is: docker config inspect \(name); give this controller another "
                + "name, or remove that if it is nobody's"
        )
    }

    /// What is said where another one leads.
    static func led(by record: Lease.Record) -> Failure {
        Failure(
            .failed,
            "\(words(of: record)), of the controllers that share this Swarm",
            remedy: "ask it there; gyre serve --standby waits for its end"
        )
    }
}
