internal import Logging
internal import Model
internal import OperatorFile
internal import Reconciliation

/// What controllers that share a Swarm know together.
extension CompositionRoot {
    /// What the last leader knew, else what this machine knows.
    struct Knowledge {
        var journal: any JournalKeeping
        var key: ContentKey
        /// Why the journal is not to be trusted.
        var lost: String?
    }

    /// Takes the lead, where there is one, and reads what is known.
    func knowledge(_ folder: StateFolder) async throws -> Knowledge {
        guard let lead else {
            try await refuseShared()
            return Knowledge(journal: folder.journal, key: folder.key, lost: folder.lost)
        }
        do {
            try await lead.take(waits: false)
            try await lead.opened()
            let (journal, lost) = try await SharedJournal.open(
                over: folder.journal,
                lost: folder.lost,
                isKept: lead.isKept,
                in: lead.records,
                led: lead,
                at: Reconciliation.Clock.system.now()
            )
            try lead.require()
            let key = try await lead.records.sharedKey(else: folder.key)
            return Knowledge(journal: journal, key: key, lost: lost)
        } catch {
            await lead.release()
            throw error
        }
    }

    /// One that doesn't take turns must not work beside those that do.
    private func refuseShared() async throws {
        // Whatever Swarm they share.
        guard let records = try SwarmRecords(settings, in: KnownSwarm()),
            let found = await lease(records)
        else {
            return
        }
        let holder = Lease.Record(found.labels)?.holder.map { "; \($0.name) leads" } ?? ""
        throw Failure(
            .failed,
            "controllers named \(settings.controller) share this Swarm\(holder)",
            remedy: "write shared: true under swarm: in gyre.yaml, or give this one another name; "
                + "docker config rm \(found.name) if they are to share it no more"
        )
    }
}

extension CompositionRoot {
    /// The lease of those that share the Swarm.
    ///
    /// Of a Swarm that doesn't answer a few times it isn't known: a controller of nodes has to
    /// start all the same.
    private func lease(_ records: SwarmRecords) async -> SwarmRecord? {
        for _ in 0..<3 {
            do {
                return try await records.record(.lease)
            } catch {
                logger.warning(
                    "it can't be told whether controllers share the Swarm",
                    metadata: ["reason": "\(error)"]
                )
            }
        }
        return nil
    }
}

extension Leadership {
    /// What whoever leads has written down, and the key; nil where there is none.
    func known() async throws -> (state: SharedState, key: ContentKey?) {
        let found = try await records.records()
        let state = SharedRecords(found, of: records.controller).state()
        let key = found.first { $0.name == RecordName.key.text(of: records.controller) }
        return (state, key.map { ContentKey($0.data) })
    }

    /// Who leads now; nil where nobody does.
    func leader() async throws -> Lease.Record? {
        let record = try await records.record(.lease).flatMap { Lease.Record($0.labels) }
        return record?.holder == nil ? nil : record
    }
}
