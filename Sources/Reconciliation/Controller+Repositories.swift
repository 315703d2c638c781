internal import ComposeFile
internal import OperatorFile
internal import Logging
internal import Model

extension Controller {
    /// Takes up the repositories of a configuration, and lets go of those that it has no more.
    func load(_ settings: Settings) {
        self.settings = settings
        parts.pulls.allow(settings.defaults.pulls)
        let origins = Set(settings.entries.map(\.origin))
        repositories = repositories.filter { origins.contains($0.key) }
        for origin in origins {
            if repositories[origin] == nil { repositories[origin] = RepositoryState() }
            schedule(.poll(origin))
        }
        settleStacks()
        schedule(.lookForOrphans)
    }

    /// Asks a repository for its tip, and wakes its stacks when that moved.
    func poll(_ origin: Origin) async {
        guard let state = repositories[origin] else { return }
        var next = state
        let now = parts.clock.now()
        do {
            let head = try await parts.source.head(of: origin)
            if head != state.head || state.problem != nil {
                next.found = try await discover(head, origin)
            }
            next.head = head
            next.problem = nil
            next.backoff = Backoff()
            next.checked = parts.clock.now()
        } catch is CancellationError {
            return
        } catch {
            await unreachable(origin, error, &next, now)
        }
        guard repositories[origin] != nil else { return }
        let isNews = next.head != state.head || next.problem != state.problem
        repositories[origin] = next
        settleStacks()
        for (id, stack) in stacks where stack.origin.sharesHead(with: origin) {
            if next.head != state.head { stack.memory.preempt() }
            if isNews { schedule(.reconcile(id)) }
            stacks[id]?.status.checked = next.checked
        }
        schedule(.poll(origin), in: pause(next, origin, now))
    }

    /// What was fetched last stays the target; the failure is told, and tried again later.
    private func unreachable(
        _ origin: Origin,
        _ error: any Error,
        _ next: inout RepositoryState,
        _ now: Instant
    ) async {
        let isNews = next.problem != String(describing: error)
        next.problem = String(describing: error)
        next.backoff.fail(
            at: now,
            settings.forPasses.backoff,
            jitter: .random(in: 0...1)
        )
        parts.logger.log(
            level: isNews ? .warning : .debug,
            "repository does not answer",
            metadata: ["repository": "\(origin.repository)", "reason": "\(error)"]
        )
        guard next.head == nil else { return }
        guard let last = try? await parts.source.lastFetched(of: origin) else { return }
        next.head = last
        next.found = (try? await discover(last, origin)) ?? [:]
    }

    /// Until the next question: the polling interval and up to a tenth more, sooner after a
    /// failure.
    private func pause(
        _ state: RepositoryState,
        _ origin: Origin,
        _ now: Instant
    ) -> Nanoseconds {
        let polling = settings.entries.filter { $0.origin == origin }.map(\.polling)
        let interval = polling.min() ?? settings.polling
        if state.problem != nil { return min(state.backoff.until.since(now), interval) }
        let jitter = Double.random(in: 0...0.1)
        return Nanoseconds(interval.count + Int64(Double(interval.count) * jitter))
    }

    /// The stacks of a commit and their folders.
    private func discover(_ head: Commit, _ origin: Origin) async throws -> [StackID: String] {
        let snapshot = try await parts.source.snapshot(of: head, at: origin)
        var found: [StackID: String] = [:]
        for entry in settings.entries where entry.origin == origin {
            for place in places(of: entry, in: snapshot) {
                guard let id = try? StackID(project: entry.project, stack: place.name) else {
                    parts.logger.warning(
                        "folder with a compose file is no stack: its name breaks the rule",
                        metadata: ["folder": "\(place.folder)"]
                    )
                    continue
                }
                found[id] = place.folder
            }
        }
        return found
    }

    /// Where an entry's stacks are: below its folder, or in every folder that its pattern matches.
    private func places(of entry: RepositoryEntry, in snapshot: Snapshot) -> [StackFolder] {
        guard let pattern = entry.origin.folders else {
            return Stack.folders(
                in: snapshot,
                below: entry.origin.folder,
                project: entry.stack ?? entry.project
            )
        }
        let names = Set(StackFolder.composeFiles)
        let folders = snapshot.entries.keys.compactMap { path -> String? in
            let slash = path.lastIndex(of: "/")
            let name = slash.map { path[path.index(after: $0)...] } ?? path[...]
            let folder = slash.map { String(path[..<$0]) } ?? ""
            return names.contains(String(name)) && pattern.matches(folder) ? folder : nil
        }
        return Set(folders).sorted().filter { !$0.isEmpty }.map { folder in
            StackFolder(name: String(folder.split(separator: "/").last ?? ""), folder: folder)
        }
    }

    /// Brings the set of stacks up to date with what the repositories hold.
    ///
    /// A stack that is in no repository any more, but that the journal knows, stays with a mark
    /// of its own: its removal waits for a person. A stack in two places is changed by neither.
    func settleStacks() {
        var claims: [StackID: [(origin: Origin, tenant: TenantPolicy)]] = [:]
        for entry in settings.entries {
            for (id, folder) in repositories[entry.origin]?.found ?? [:]
            where id.project == entry.project {
                var origin = entry.origin
                origin.folder = folder
                origin.folders = nil
                claims[id, default: []].append((origin, entry.tenant))
            }
        }
        for (id, places) in claims {
            guard let place = places.first else { continue }
            var tenant = place.tenant
            // No two stacks of a project may give their objects one name.
            tenant.siblings = Set(claims.keys.filter { $0.project == id.project }.map(\.stack))
            var state = stacks[id] ?? newState(id, place.origin, tenant)
            state.origin = place.origin
            state.tenant = tenant
            state.isGone = false
            let names = places.map { "\($0.origin.repository) \($0.origin.folder)" }.sorted()
            state.conflict =
                places.count > 1 ? "claimed by \(names.joined(separator: " and by "))" : nil
            stacks[id] = state
        }
        markGone(but: Set(claims.keys))
    }

    private func newState(
        _ id: StackID,
        _ origin: Origin,
        _ tenant: TenantPolicy
    ) -> StackState {
        schedule(.reconcile(id))
        return StackState(origin: origin, tenant: tenant, status: StackStatus(stack: id))
    }

    private func markGone(but present: Set<StackID>) {
        let journal = parts.journal.state()
        let known = Set(journal.good.keys).union(journal.owned.values.map(\.stack))
        for id in known.union(stacks.keys).subtracting(present) {
            let entries = settings.entries.filter { $0.project == id.project }
            guard let entry = entries.first else {
                stacks[id] = nil
                continue
            }
            // Only when every repository of the project is known to be without it.
            let isKnown = entries.allSatisfy { repositories[$0.origin]?.head != nil }
            guard isKnown, known.contains(id) else { continue }
            var state = stacks[id] ?? newState(id, entry.origin, entry.tenant)
            if !state.isGone { schedule(.reconcile(id)) }
            state.isGone = true
            state.conflict = nil
            stacks[id] = state
        }
    }
}
