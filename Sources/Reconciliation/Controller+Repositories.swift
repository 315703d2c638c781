internal import Admission
internal import ComposeFile
internal import OperatorFile
internal import Logging
internal import Model

extension Controller {
    /// Takes up the repositories of a configuration, and lets go of those that it has no more.
    func load(_ settings: Settings) {
        self.settings = settings
        missing = [:]
        for node in parts.nodes.values { node.pulls.allow(settings.defaults.pulls) }
        let intervals = Dictionary(
            settings.entries.map { ($0.origin.upstream, $0.polling) },
            uniquingKeysWith: min
        )
        repositories = repositories.filter { intervals[$0.key] != nil }
        let now = parts.clock.steady()
        polls.rules.perHost = settings.git.connections
        polls.rules.backoff = settings.forPasses.backoff
        polls.follow(intervals, at: now)
        for upstream in intervals.keys {
            repositories[upstream] = repositories[upstream] ?? RepositoryState()
            polls.ask(upstream, at: now)
        }
        wake()
        settleStacks()
        schedule(.lookForOrphans)
    }

    /// Asks a repository for the tips that `upstreams` follow, and wakes the stacks of those that
    /// moved.
    func poll(_ upstreams: [Upstream]) async {
        for upstream in upstreams where isAttended { await recall(upstream) }
        let answers: [Result<Commit, any Error>]
        do {
            answers = try await parts.source.heads(of: upstreams.map { Origin($0) })
        } catch {
            answers = upstreams.map { _ in .failure(error) }
        }
        for (upstream, answer) in zip(upstreams, answers) {
            let isGood = await take(answer, of: upstream)
            repositories[upstream]?.answers += 1
            let jitter = Double.random(in: 0...1)
            polls.finished(upstream, at: parts.clock.steady(), isGood: isGood, jitter: jitter)
        }
        wake()
    }

    /// Takes up what was fetched last of a repository before this controller first asks it: what
    /// ran before the restart is repaired however long the answer takes.
    ///
    /// Not where controllers of several machines take turns: another may have led since, to
    /// commits that nobody fetched here. There, what the journal knows as good is repaired.
    func recall(_ upstream: Upstream) async {
        guard var next = repositories[upstream], next.head == nil else { return }
        await recall(upstream, &next)
        guard repositories[upstream] != nil else { return }
        // What can't be read now is looked at again when the repository answers.
        if next.found.isEmpty { next.head = nil }
        repositories[upstream] = next
        await lookForMissing()
        settleStacks()
    }

    private func recall(_ upstream: Upstream, _ next: inout RepositoryState) async {
        next.isRecalled = true
        guard settings.swarm?.isShared != true,
            let last = try? await parts.source.lastFetched(of: Origin(upstream))
        else { return }
        next.head = last
        next.entries = entries(of: upstream)
        try? await discover(last, &next)
    }

    /// - Returns: Whether the answer is a good one.
    private func take(_ answer: Result<Commit, any Error>, of upstream: Upstream) async -> Bool {
        guard let state = repositories[upstream] else { return true }
        var next = state
        do {
            let head = try answer.get()
            let isNew = head != state.head || state.problem != nil
            if isNew || state.entries != entries(of: upstream) {
                next.entries = entries(of: upstream)
                try await discover(head, &next)
            }
            next.head = head
            next.problem = nil
            next.checked = parts.clock.now()
        } catch is CancellationError {
            return true
        } catch {
            await unreachable(upstream, error, &next)
        }
        guard repositories[upstream] != nil else { return true }
        next.answers = repositories[upstream]?.answers ?? 0
        repositories[upstream] = next
        await lookForMissing()
        settleStacks()
        for (id, stack) in stacks where stack.origin.upstream == upstream {
            if next.head != state.head { stack.memory.supersede() }
            if next.head != state.head || next.problem != state.problem {
                schedule(.reconcile(id))
            }
        }
        return next.problem == nil
    }

    /// What was fetched last stays the target; the failure is told, and tried again later.
    private func unreachable(
        _ upstream: Upstream,
        _ error: any Error,
        _ next: inout RepositoryState
    ) async {
        let isNews = next.problem != String(describing: error)
        next.problem = String(describing: error)
        next.isReached = (error as? any ClassifiedError)?.isAnswer ?? false
        parts.logger.log(
            level: isNews ? .warning : .debug,
            next.isReached ? "repository lacks what is followed" : "repository does not answer",
            metadata: ["repository": "\(upstream.repository)", "reason": "\(error)"]
        )
        if isNews, (error as? any ClassifiedError)?.isRefusal ?? false {
            let facts: [String: JSON] = [
                "repository": .clipped(upstream.repository.description),
                "ref": .clipped("\(upstream.reference)"), "reason": .clipped("\(error)"),
            ]
            await parts.audit.note([AuditEntry(.refused, nil, facts)], at: parts.now())
        }
        guard next.head == nil else { return }
        await recall(upstream, &next)
    }

    private func entries(of upstream: Upstream) -> [RepositoryEntry] {
        settings.entries.filter { $0.origin.upstream == upstream }
    }

    /// Brings the set of stacks up to date with what the repositories hold.
    ///
    /// A stack that is in no repository any more, but that the journal knows, stays with a mark
    /// of its own: its removal waits for a person. A stack in two places is changed by neither.
    func settleStacks() {
        let claims = found().merging(unreadable()) { found, _ in found }
        let siblings = Dictionary(grouping: claims.keys, by: \.project)
            .mapValues { Set($0.map(\.stack)) }
        for (id, places) in claims {
            guard let place = places.first else { continue }
            var tenant = place.tenant
            // No two stacks of a project may give their objects one name.
            tenant.siblings = siblings[id.project] ?? []
            var state = stacks[id] ?? newState(id, place.origin, tenant)
            state.origin = place.origin
            state.seen = repositories[place.origin.upstream]?.head
            state.refusal = place.refusal
            state.dependencies = place.dependencies
            state.tenant = tenant
            state.isGone = false
            state.isAssumed = false
            let names = places.map { "\($0.origin.repository) \($0.origin.folder)" }.sorted()
            state.conflict =
                places.count > 1 ? "claimed by \(names.joined(separator: " and by "))" : nil
            stacks[id] = state
        }
        markGone(but: Set(claims.keys))
        checkDependencies()
    }

    /// Where the repositories hold which stack.
    func found() -> [StackID: [StackPlace]] {
        var claims: [StackID: [StackPlace]] = [:]
        for entry in settings.entries {
            let repository = repositories[entry.origin.upstream]
            for (id, folders) in repository?.found[entry.origin] ?? [:]
            where id.project == entry.project {
                claims[id, default: []] += folders.map { folder in
                    var place = StackPlace(entry, folder)
                    if let broken = repository?.broken[entry.origin] { place.refusal = broken }
                    return place
                }
            }
        }
        return claims
    }

    /// Law 2: what is known to run is looked after although nobody can say whether it is in a
    /// repository that never answered, as one has that got another URL.
    ///
    /// One that has answered since is without it: then it is kept by the next that hasn't, and
    /// never read at the place of another stack.
    private func keep(_ id: StackID, beside known: Set<StackID>) {
        guard let entry = unanswered(of: id.project) else { return }
        let refusal = repositories[entry.origin.upstream]?.broken[entry.origin] ?? []
        // Nobody can say either that it is gone.
        if !refusal.isEmpty { stacks[id]?.isGone = false }
        if !refusal.isEmpty { stacks[id]?.refusal = refusal }
        guard stacks[id]?.isAssumed ?? true else { return }
        var place = StackPlace(entry, entry.origin.folder)
        place.tenant.siblings = Set(known.filter { $0.project == id.project }.map(\.stack))
        var state = stacks[id] ?? newState(id, place.origin, place.tenant)
        state.origin = place.origin
        state.tenant = place.tenant
        state.isAssumed = true
        state.refusal = refusal
        stacks[id] = state
    }

    /// The first repository of a project of which nothing is known, although its mirror was read.
    private func unanswered(of project: String) -> RepositoryEntry? {
        settings.entries.first { entry in
            guard entry.project == project, let state = repositories[entry.origin.upstream] else {
                return false
            }
            return state.broken[entry.origin] != nil
                || state.isRecalled && (state.head == nil || state.found[entry.origin] == nil)
        }
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
        let journal = parts.journal.state().stacks
        for id in journal.union(stacks.keys).subtracting(present) {
            guard let entry = settings.entries.first(where: { $0.project == id.project }) else {
                stacks[id] = nil
                continue
            }
            // Only when every repository of the project is known to be without it.
            guard isGone(id) else {
                keep(id, beside: present.union(journal))
                continue
            }
            guard journal.contains(id) else {
                // Nothing of it ever ran.
                stacks[id]?.memory.preempt()
                stacks[id] = nil
                continue
            }
            let last = missing[id]?.last ?? StackPlace(entry, entry.origin.folder)
            var state = stacks[id] ?? newState(id, last.origin, last.tenant)
            if !state.isGone { schedule(.reconcile(id)) }
            state.isGone = true
            state.conflict = nil
            state.refusal = []
            stacks[id] = state
        }
    }
}

/// Where a stack is, and by whose leave.
struct StackPlace: Sendable {
    var origin: Origin
    var tenant: TenantPolicy
    /// What keeps it from being read there.
    var refusal: [Diagnostic] = []
    /// Stacks of its project that come before it.
    var dependencies: [WrittenText] = []

    init(_ entry: RepositoryEntry, _ folder: String) {
        origin = entry.origin
        origin.folder = folder
        origin.folders = nil
        tenant = entry.tenant
    }

    init(_ entry: RepositoryEntry, _ folder: StackFolder) {
        self.init(entry, folder.folder)
        origin.chosen = folder.chosen
        refusal = folder.findings
        dependencies = folder.dependencies
    }
}
