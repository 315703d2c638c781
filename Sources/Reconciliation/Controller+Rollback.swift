internal import Logging
package import Model
internal import OperatorFile

/// What is asked for by a person who wants an earlier version back.
package struct RollbackDemand: Hashable, Codable, Sendable {
    /// The start of a commit's id; nil for the last good one.
    package var to: String?
    /// What the commit says; nil for the plain facts.
    package var message: String?
    /// Only tell what would be pushed.
    package var dryRun: Bool

    package init(to: String? = nil, message: String? = nil, dryRun: Bool = false) {
        self.to = to
        self.message = message
        self.dryRun = dryRun
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        to = try container.decodeIfPresent(String.self, forKey: .to)
        message = try container.decodeIfPresent(String.self, forKey: .message)
        dryRun = try container.decodeIfPresent(Bool.self, forKey: .dryRun) ?? false
    }
}

/// What a rollback pushed, or would push.
package struct Rollback: Hashable, Codable, Sendable {
    package var stack: StackID
    package var repository: String
    package var branch: String
    /// The folder that was restored; empty for the whole repository.
    package var folder: String
    /// The commit whose content came back.
    package var source: Commit
    package var restored: Restored
    package var dryRun: Bool

    package init(
        stack: StackID,
        repository: String,
        branch: String,
        folder: String,
        source: Commit,
        restored: Restored,
        dryRun: Bool
    ) {
        self.stack = stack
        self.repository = repository
        self.branch = branch
        self.folder = folder
        self.source = source
        self.restored = restored
        self.dryRun = dryRun
    }
}

extension Controller {
    /// Writes a commit that gives a stack's folder the content of an earlier one, and pushes it.
    ///
    /// What the branch says is what runs, so this is how an earlier version comes back to stay.
    /// Holds stay: the version that failed is not tried again because another took its place.
    package func rollback(
        _ id: StackID,
        _ demand: RollbackDemand,
        by person: Person
    ) async throws -> Rollback {
        guard let state = stacks[id] else { throw unknown(id) }
        let branch = try branchToWrite(state)
        let source = try await version(id, state.origin, demand.to)
        let restoration = Restoration(
            state.origin.folder,
            except: folders(below: state.origin, but: id),
            from: source,
            onto: branch,
            message: RollbackMessage(id, source, person.name).text(demand.message),
            author: try author()
        )
        let isPushed = !demand.dryRun
        if isPushed {
            let details: [String: JSON?] = ["to": .string(source.id), "branch": .clipped(branch)]
            let act = AuditEntry.acted("rollback", id, by: person, details)
            try await parts.audit.append([act], at: parts.now())
        }
        let restored = try await parts.source.restore(
            restoration,
            at: state.origin,
            isPushed: isPushed
        )
        if let commit = restored.commit {
            parts.logger.info(
                "rolled back",
                metadata: ["stack": "\(id)", "commit": "\(commit.short)", "by": "\(person)"]
            )
            if stacks[id] != nil { try await sync(id) }
        }
        return Rollback(
            stack: id,
            repository: state.origin.repository.description,
            branch: branch,
            folder: state.origin.folder,
            source: source,
            restored: restored,
            dryRun: demand.dryRun
        )
    }

    /// The branch that a stack follows, where it is clear which folder of it is the stack's.
    private func branchToWrite(_ state: StackState) throws -> String {
        let id = state.status.stack
        guard case .branch(let branch) = state.origin.reference else {
            throw NotPossible(
                "\(id) follows \(state.origin.reference) and no branch: push a tag that leads to "
                    + "an earlier commit, or name another in gyre.yaml"
            )
        }
        if let conflict = state.conflict { throw NotPossible("\(id) is \(conflict)") }
        guard !state.isGone else {
            throw NotPossible(
                "\(id) is gone from its repository: bring its folder back with git checkout COMMIT "
                    + "-- FOLDER, and push that"
            )
        }
        return branch
    }

    private func version(_ id: StackID, _ origin: Origin, _ start: String?) async throws -> Commit {
        if let start { return try await parts.source.commit(startingWith: start, at: origin) }
        guard let good = try await parts.source.good(id, at: origin) else {
            throw NotPossible("no version of \(id) was ever stable; name a commit with --to")
        }
        let place = parts.journal.state().places[id]
        guard let place, place.repository == origin.repository else { return good }
        guard place.folder != origin.folder else {
            guard place.chosen != origin.chosen else { return good }
            throw NotPossible(
                "\(id) was last good with other files of its folder, as \(TenantFile.name) had "
                    + "them then: git revert what changed that, and push it"
            )
        }
        throw NotPossible(
            "\(id) was last good in the folder \"\(place.folder)\" and has moved since: git revert "
                + "what moved it, and push that"
        )
    }

    /// Folders of other stacks that lie in a stack's own: they stay as they are.
    private func folders(below origin: Origin, but id: StackID) -> Set<String> {
        let base = origin.folder.isEmpty ? "" : origin.folder + "/"
        let others = stacks.values.filter { $0.status.stack != id }.map(\.origin)
        let places = others + settings.entries.map(\.origin)
        let shared = places.filter { place in
            place.repository == origin.repository && place.reference == origin.reference
        }
        return Set(shared.map(\.folder).filter { $0 != origin.folder && $0.hasPrefix(base) })
    }

    private func author() throws -> Restoration.Author {
        let seconds = parts.clock.now().milliseconds / 1000
        let text = settings.git.author
        guard let author = Restoration.Author(parsing: text, seconds: seconds) else {
            throw NotPossible("git.author in gyre.yaml is no name and address: \(text)")
        }
        return author
    }
}

/// What the commit of a rollback says.
struct RollbackMessage {
    private let id: StackID
    private let source: Commit
    private let person: String

    init(_ id: StackID, _ source: Commit, _ person: String) {
        self.id = id
        self.source = source
        self.person = person
    }

    /// `words` or the plain facts, and trailers for whoever looks for rollbacks later.
    ///
    /// Trailers that end `words` stay in one paragraph with ours, else they would count no more
    /// (git-interpret-trailers(1)).
    func text(_ words: String?) -> String {
        var words = words ?? "Roll back \(id) to \(source.short)\n\n\(facts)"
        while words.last?.isWhitespace == true { words.removeLast() }
        let paragraphs = words.split(omittingEmptySubsequences: false) { $0.isNewline }
            .split(separator: "")
        let last = paragraphs.count > 1 ? paragraphs.last ?? [] : []
        let hasTrailers = !last.isEmpty && last.allSatisfy(isTrailer)
        return words + (hasTrailers ? "\n" : "\n\n") + trailers
    }

    private var facts: String {
        "Its folder is as it was at \(source.description)."
    }

    private var trailers: String {
        "Gyre-Rollback: \(id)\nGyre-Restores: \(source.id)\nGyre-Asked-By: \(person)\n"
    }

    private func isTrailer(_ line: Substring) -> Bool {
        let name = line.prefix { $0 != ":" }
        return !name.isEmpty && name.count < line.count
            && name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" }
    }
}
