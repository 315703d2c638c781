internal import ComposeFile
internal import Logging
internal import Model

/// What became of a stack that no repository of its project holds any more.
struct MissingStack: Sendable {
    /// What the places were at, where it could be, when it was looked for.
    var heads: [Origin: Commit]
    /// Where it was when it was last good, or seen last; nil where nobody knows.
    var last: StackPlace?
    /// Where it can't be looked at; nil: it is gone.
    var place: StackPlace?
}

extension Controller {
    /// Looks whether stacks that are found nowhere were taken away, or only can't be looked at.
    ///
    /// Law 1: where a submodule, a file or a link that leads astray stands in the place of a
    /// stack's folder, nobody has said that the stack is to go.
    func lookForMissing() async {
        let known = parts.journal.state().stacks.union(stacks.keys).subtracting(found().keys)
        missing = missing.filter { known.contains($0.key) }
        for id in known.sorted() {
            // A repository may move while it is looked at.
            while let heads = heads(of: id), missing[id]?.heads != heads {
                do {
                    missing[id] = try await look(for: id, heads)
                } catch {
                    parts.logger.warning(
                        "it can't be told whether a stack was removed",
                        metadata: ["stack": "\(id)", "reason": "\(error)"]
                    )
                    break
                }
            }
        }
    }

    /// Whether a stack is known to be in no repository of its project.
    func isGone(_ id: StackID) -> Bool {
        guard let seen = missing[id], let heads = heads(of: id) else { return false }
        return seen.heads == heads && seen.place == nil
    }

    /// Where stacks are that can't be looked at; a folder of gyre.yaml that never was one is its
    /// own stack's.
    func unreadable() -> [StackID: [StackPlace]] {
        var claims = missing.compactMapValues { seen in seen.place.map { [$0] } }
        let places = claims.values.joined().map(\.origin)
        for entry in settings.entries where isObstructed(entry) {
            let isTold = places.contains { place in
                place.upstream == entry.origin.upstream && entry.covers(place.folder)
            }
            guard !isTold, let id = try? StackID(project: entry.project, stack: entry.ownName)
            else { continue }
            claims[id] = claims[id] ?? [StackPlace(entry, entry.origin.folder)]
        }
        for entry in settings.entries {
            guard let findings = repositories[entry.origin.upstream]?.broken[entry.origin],
                let id = try? StackID(project: entry.project, stack: entry.ownName),
                !parts.journal.state().stacks.contains(where: { $0.project == entry.project }),
                found().keys.allSatisfy({ $0.project != entry.project })
            else { continue }
            // Of a project whose first file is broken nothing else would be seen.
            var place = StackPlace(entry, entry.origin.folder)
            place.refusal = findings
            claims[id] = claims[id] ?? [place]
        }
        return claims
    }

    private func isObstructed(_ entry: RepositoryEntry) -> Bool {
        repositories[entry.origin.upstream]?.obstructed.contains(entry.origin) ?? false
    }

    /// What all places are at where a stack could be; nil while that is not known of each.
    private func heads(of id: StackID) -> [Origin: Commit]? {
        var heads: [Origin: Commit] = [:]
        for entry in settings.entries where entry.project == id.project {
            guard let repository = repositories[entry.origin.upstream],
                let head = repository.head, repository.found[entry.origin] != nil,
                repository.broken[entry.origin] == nil
            else { return nil }
            heads[entry.origin] = head
        }
        return heads.isEmpty ? nil : heads
    }

    /// Looks for the first of a stack's places where something stands that is no folder.
    private func look(for id: StackID, _ heads: [Origin: Commit]) async throws -> MissingStack {
        let entries = settings.entries.filter { $0.project == id.project }
        let last = await lastPlaces(of: id, entries)
        var seen = MissingStack(heads: heads, last: last.first.map { StackPlace($0.0, $0.1) })
        for entry in entries {
            let known = last.filter { $0.entry == entry }.map(\.folder)
            guard last.isEmpty || !known.isEmpty, let head = heads[entry.origin] else { continue }
            let snapshot = try await parts.source.snapshot(of: head, at: entry.origin)
            if let folder = await entry.obstructedFolder(of: id.stack, known, in: snapshot) {
                seen.place = StackPlace(entry, folder)
                return seen
            }
        }
        return seen
    }

    /// Where a stack was when it was last good, and where it was seen last.
    private func lastPlaces(
        of id: StackID,
        _ entries: [RepositoryEntry]
    ) async -> [(entry: RepositoryEntry, folder: String)] {
        var places: [(entry: RepositoryEntry, folder: String)] = []
        for entry in entries {
            // What can't be read here says nothing; there are other ways to know.
            guard let good = try? await parts.source.good(id, at: entry.origin),
                let files = try? await parts.source.snapshot(of: good, at: entry.origin)
            else { continue }
            // Of one with a `.gyre.yaml` the journal has the folder.
            let folders = await entry.places(in: files, nil).filter { $0.name == id.stack }
            places += folders.map { (entry, $0.folder) }
        }
        if let folder = parts.journal.state().places[id]?.folder {
            places += entries.filter { $0.covers(folder) }.map { ($0, folder) }
        }
        if let state = stacks[id], !state.isGone, !state.isAssumed {
            let folder = state.origin.folder
            let entry = entries.first {
                $0.origin.upstream == state.origin.upstream && $0.covers(folder)
            }
            if let entry { places.append((entry, folder)) }
        }
        return places
    }
}
