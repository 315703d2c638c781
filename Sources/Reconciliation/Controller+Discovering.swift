internal import ComposeFile
internal import Logging
internal import Model
internal import OperatorFile

/// Which stacks a commit has; see `Docs/Decisions/0024-gyre-yaml-of-a-repository.md`.
extension Controller {
    /// Finds the stacks of a commit and their folders, for each place where they are looked for.
    ///
    /// Where a `.gyre.yaml` can't be read, or there are too many, what was found before stands, and
    /// so does nothing where nothing was.
    func discover(_ head: Commit, _ next: inout RepositoryState) async throws {
        var found: [Origin: [StackID: [StackFolder]]] = [:]
        var obstructed: Set<Origin> = []
        var broken: [Origin: [Diagnostic]] = [:]
        for (origin, entries) in Dictionary(grouping: next.entries, by: \.origin) {
            let snapshot = try await parts.source.snapshot(of: head, at: origin)
            do {
                found[origin] = try await stacks(of: entries, in: snapshot)
            } catch let rejection as Rejection {
                broken[origin] = rejection.diagnostics
                found[origin] = next.found[origin]
                continue
            }
            if let obstacle = snapshot.obstacle(at: origin.folder) {
                obstructed.insert(origin)
                parts.logger.warning(
                    "folder of gyre.yaml can't be looked into",
                    metadata: ["repository": "\(origin.repository)", "reason": "\(obstacle)"]
                )
            }
        }
        next.found = found
        next.obstructed = obstructed
        next.broken = broken
    }

    /// The stacks of one place; throws a `Rejection` where nobody can say which there are, and
    /// anything else where the machine is to blame.
    private func stacks(
        of entries: [RepositoryEntry],
        in snapshot: Snapshot
    ) async throws -> [StackID: [StackFolder]] {
        let file = try await tenantFile(of: snapshot, entries)
        var found: [StackID: [StackFolder]] = [:]
        for entry in entries {
            var nameless: [String] = []
            var count = 0
            for place in await entry.places(in: snapshot, file) {
                guard let id = try? StackID(project: entry.project, stack: place.name) else {
                    nameless.append(place.folder)
                    continue
                }
                count += 1
                // Two entries may lead to one folder.
                if found[id]?.contains(where: { $0.folder == place.folder }) != true {
                    found[id, default: []].append(place)
                }
            }
            if !nameless.isEmpty {
                parts.logger.warning(
                    "folders with a compose file are no stacks: their names break the rule",
                    metadata: [
                        "count": "\(nameless.count)",
                        "folders": "\(nameless.prefix(10).joined(separator: ", "))",
                    ]
                )
            }
            guard count <= TenantFile.mostStacks else {
                throw Rejection(entry.excess(count))
            }
        }
        return found
    }

    /// What the `.gyre.yaml` beside the stacks says; nil where there is none.
    ///
    /// Throws a `Rejection` of the file, and anything else where the machine is to blame.
    private func tenantFile(
        of snapshot: Snapshot,
        _ entries: [RepositoryEntry]
    ) async throws -> TenantFile? {
        guard let entry = entries.first, snapshot.hasFile(entry.tenantFile) else { return nil }
        let path = entry.tenantFile
        let bytes = try TenantFile.bytes(at: path, of: snapshot)
        do {
            return try await parts.loading.tenantFile(
                bytes,
                at: path,
                of: entry.project,
                within: settings.defaults.loading
            )
        } catch let failure as GivenUp {
            var finding = failure.finding
            finding.location = SourceLocation(file: path, line: 1, column: 1)
            throw Rejection(finding)
        }
    }
}
