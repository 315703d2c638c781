internal import ComposeFile
internal import OperatorFile
internal import Logging
internal import Model

extension Controller {
    /// Takes up the repositories of a configuration, and lets go of those that it has no more.
    func load(_ settings: Settings) {
        self.settings = settings
        parts.pulls.allow(settings.defaults.pulls)
        let intervals = Dictionary(
            settings.entries.map { ($0.origin.upstream, $0.polling) },
            uniquingKeysWith: min
        )
        repositories = repositories.filter { intervals[$0.key] != nil }
        let now = parts.clock.now()
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
            polls.finished(upstream, at: parts.clock.now(), isGood: isGood, jitter: jitter)
        }
        wake()
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
                next.found = try await discover(head, next.entries)
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
        settleStacks()
        for (id, stack) in stacks where stack.origin.upstream == upstream {
            if next.head != state.head { stack.memory.preempt() }
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
        parts.logger.log(
            level: isNews ? .warning : .debug,
            "repository does not answer",
            metadata: ["repository": "\(upstream.repository)", "reason": "\(error)"]
        )
        guard next.head == nil else { return }
        guard let last = try? await parts.source.lastFetched(of: Origin(upstream)) else { return }
        next.head = last
        next.found = (try? await discover(last, entries(of: upstream))) ?? [:]
    }

    private func entries(of upstream: Upstream) -> [RepositoryEntry] {
        settings.entries.filter { $0.origin.upstream == upstream }
    }

    /// The stacks of a commit and their folders, for each place where they are looked for.
    private func discover(
        _ head: Commit,
        _ entries: [RepositoryEntry]
    ) async throws -> [Origin: [StackID: Set<String>]] {
        var found: [Origin: [StackID: Set<String>]] = [:]
        for (origin, entries) in Dictionary(grouping: entries, by: \.origin) {
            let snapshot = try await parts.source.snapshot(of: head, at: origin)
            found[origin] = [:]
            for entry in entries {
                for place in places(of: entry, in: snapshot) {
                    guard let id = try? StackID(project: entry.project, stack: place.name) else {
                        parts.logger.warning(
                            "folder with a compose file is no stack: its name breaks the rule",
                            metadata: ["folder": "\(place.folder)"]
                        )
                        continue
                    }
                    found[origin]?[id, default: []].insert(place.folder)
                }
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
            StackFolder(name: pattern.name(of: folder), folder: folder)
        }
    }

    /// Brings the set of stacks up to date with what the repositories hold.
    ///
    /// A stack that is in no repository any more, but that the journal knows, stays with a mark
    /// of its own: its removal waits for a person. A stack in two places is changed by neither.
    func settleStacks() {
        var claims: [StackID: [(origin: Origin, tenant: TenantPolicy)]] = [:]
        for entry in settings.entries {
            for (id, folders) in repositories[entry.origin.upstream]?.found[entry.origin] ?? [:]
            where id.project == entry.project {
                for folder in folders.sorted() {
                    var origin = entry.origin
                    origin.folder = folder
                    origin.folders = nil
                    claims[id, default: []].append((origin, entry.tenant))
                }
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
            let isKnown = entries.allSatisfy {
                repositories[$0.origin.upstream]?.found[$0.origin] != nil
            }
            guard isKnown, known.contains(id) else { continue }
            var state = stacks[id] ?? newState(id, entry.origin, entry.tenant)
            if !state.isGone { schedule(.reconcile(id)) }
            state.isGone = true
            state.conflict = nil
            stacks[id] = state
        }
    }
}
