internal import ComposeFile
internal import Logging
internal import Model
internal import OperatorFile

/// Which stacks a commit has; see `Docs/Decisions/0024-gyre-yaml-of-a-repository.md`.
extension Controller {
    /// Finds the stacks of a commit and their folders, for each place where they are looked for.
    ///
    /// Where a `.gyre.yaml` can't be read, what was found before stands, and so does nothing where
    /// nothing was.
    func discover(_ head: Commit, _ next: inout RepositoryState) async throws {
        var found: [Origin: [StackID: [StackFolder]]] = [:]
        var obstructed: Set<Origin> = []
        var broken: [Origin: [Diagnostic]] = [:]
        for (origin, entries) in Dictionary(grouping: next.entries, by: \.origin) {
            let snapshot = try await parts.source.snapshot(of: head, at: origin)
            let file: TenantFile?
            do {
                file = try await tenantFile(of: snapshot, entries)
            } catch let rejection as Rejection {
                broken[origin] = rejection.diagnostics
                found[origin] = next.found[origin]
                continue
            }
            found[origin] = [:]
            if let obstacle = snapshot.obstacle(at: origin.folder) {
                obstructed.insert(origin)
                parts.logger.warning(
                    "folder of gyre.yaml can't be looked into",
                    metadata: ["repository": "\(origin.repository)", "reason": "\(obstacle)"]
                )
            }
            for entry in entries {
                for place in entry.places(in: snapshot, file) {
                    guard let id = try? StackID(project: entry.project, stack: place.name) else {
                        parts.logger.warning(
                            "folder with a compose file is no stack: its name breaks the rule",
                            metadata: ["folder": "\(place.folder)"]
                        )
                        continue
                    }
                    let known = found[origin]?[id] ?? []
                    // Two entries may lead to one folder.
                    if !known.contains(where: { $0.folder == place.folder }) {
                        found[origin]?[id, default: []].append(place)
                    }
                }
            }
        }
        next.found = found
        next.obstructed = obstructed
        next.broken = broken
    }

    /// What the `.gyre.yaml` beside the stacks says; nil where there is none.
    ///
    /// Throws a `Rejection` of the file, and anything else where the machine is to blame.
    private func tenantFile(
        of snapshot: Snapshot,
        _ entries: [RepositoryEntry]
    ) async throws -> TenantFile? {
        guard let path = entries.first?.tenantFile, snapshot.hasFile(path) else { return nil }
        let bytes = try TenantFile.bytes(at: path, of: snapshot)
        do {
            return try await parts.loading.tenantFile(
                bytes,
                at: path,
                within: settings.defaults.loading
            )
        } catch let failure as GivenUp {
            var finding = failure.finding
            finding.location = SourceLocation(file: path, line: 1, column: 1)
            throw Rejection(finding)
        }
    }
}
