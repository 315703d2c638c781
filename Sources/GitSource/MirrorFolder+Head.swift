internal import Model

extension MirrorFolder {
    /// Each fetch adds a pack, and each pack slows every look-up down.
    private static let packLimit = 50

    /// Whether the mirror is worth rebuilding with all its objects in one pack.
    var hasManyPacks: Bool { packCount() > MirrorFolder.packLimit }

    /// The commits that `references` mean in the repository now; fetches only what moved.
    ///
    /// They share the list of its refs. What each brings has limits of its own, and so a
    /// conversation of its own, but for the first.
    func heads(
        of references: [GitReference],
        transfer: Transfer
    ) throws(GitError) -> [Result<Commit, GitError>] {
        try use { mirror throws(GitError) in
            let first = try Remote(for: mirror, transfer: transfer)
            let refs = try first.refs()
            var heads: [Result<Commit, GitError>] = []
            for reference in references {
                do throws(GitError) {
                    let head =
                        heads.isEmpty
                        ? try mirror.head(of: reference, refs, first)
                        : try mirror.head(
                            of: reference,
                            refs,
                            Remote(for: mirror, transfer: transfer.renewed)
                        )
                    heads.append(.success(head))
                } catch {
                    if error.isOfMirror { throw error }
                    heads.append(.failure(error))
                }
            }
            return heads
        }
    }

    /// The commit that one `reference` means in the repository now.
    func head(of reference: GitReference, transfer: Transfer) throws(GitError) -> Commit {
        try heads(of: [reference], transfer: transfer)[0].get()
    }
}

extension Mirror {
    /// The commit that `reference` means in the repository now, which has `refs`.
    fileprivate func head(
        of reference: GitReference,
        _ refs: [String: String],
        _ remote: borrowing Remote
    ) throws(GitError) -> Commit {
        if let name = reference.name { try MirrorRef.check(name) }
        guard refs.keys.contains(where: { $0 != "HEAD" }) else {
            let isNew = try lastFetched(reference) == nil
            throw GitError(
                isNew ? .emptyRepository : .branchMissing,
                operation: "list \(remote.url)",
                message: isNew
                    ? "the repository has no commit yet; push \(reference.wanted)"
                    : "its branches and tags are gone, all of them; there were some before"
            )
        }
        switch reference {
        case .branch(let name):
            let ref = "refs/heads/\(name)"
            guard let tip = refs[ref] else { throw remote.missing(name, "heads", refs) }
            return try bring(ref, at: tip, from: remote, to: MirrorRef.head(of: name))
        case .tag(let name):
            let ref = "refs/tags/\(name)"
            guard let tip = refs[ref] else { throw remote.missing(name, "tags", refs) }
            return try bring(ref, at: tip, from: remote, to: MirrorRef.commit(of: name))
        case .versions(let range): return try newest(in: range, refs, remote)
        }
    }

    /// The highest version, of those in the repository and the one that was highest before.
    private func newest(
        in range: VersionRange,
        _ refs: [String: String],
        _ remote: borrowing Remote
    ) throws(GitError) -> Commit {
        let offered = refs.keys.filter { $0.hasPrefix("refs/tags/") }
            .compactMap { VersionTag(String($0.dropFirst("refs/tags/".count)), in: range) }.max()
        let known = try highest(in: range)
        if let known, offered.map({ $0.version < known.tag.version }) ?? true {
            return known.commit
        }
        guard let offered, let tip = refs["refs/tags/\(offered.name)"] else {
            throw remote.missing("in \(range)", "tags", refs)
        }
        let ref = MirrorRef.prefix(of: range) + MirrorRef.encoded(offered.name)
        let commit = try bring("refs/tags/\(offered.name)", at: tip, from: remote, to: ref)
        for other in try self.refs() where other.hasPrefix(MirrorRef.prefix(of: range)) {
            if other != ref { try remove(other) }
        }
        return commit
    }

    /// Makes sure that the mirror has what `ref` of the repository names, which is `tip`.
    private func bring(
        _ ref: String,
        at tip: String,
        from remote: borrowing Remote,
        to local: String
    ) throws(GitError) -> Commit {
        let known = try commit(at: local)
        if let known, known.id == tip { return known }
        try verify()
        try remote.fetch(ref, to: local)
        return try commit(at: local, else: known)
    }

    /// What `reference` meant when it was last fetched.
    func lastFetched(_ reference: GitReference) throws(GitError) -> Commit? {
        if let name = reference.name { try MirrorRef.check(name) }
        return switch reference {
        case .branch(let name): try commit(at: MirrorRef.head(of: name))
        case .tag(let name): try commit(at: MirrorRef.commit(of: name))
        case .versions(let range): try highest(in: range)?.commit
        }
    }

    /// The ref of the tag that `reference` means; nil where it means none.
    func tagRef(of reference: GitReference) throws(GitError) -> String? {
        switch reference {
        case .branch: return nil
        case .tag(let name): return MirrorRef.commit(of: name)
        case .versions(let range):
            let tag = try highest(in: range)?.tag
            return tag.map { MirrorRef.prefix(of: range) + MirrorRef.encoded($0.name) }
        }
    }

    /// The highest version of `range` that was ever fetched.
    private func highest(
        in range: VersionRange
    ) throws(GitError) -> (tag: VersionTag, commit: Commit)? {
        let prefix = MirrorRef.prefix(of: range)
        let tags = try refs().filter { $0.hasPrefix(prefix) }
            .compactMap { VersionTag(MirrorRef.decoded($0.dropFirst(prefix.count)), in: range) }
        guard let tag = tags.max(),
            let commit = try commit(at: prefix + MirrorRef.encoded(tag.name))
        else { return nil }
        return (tag, commit)
    }
}

/// A tag that is a version.
private struct VersionTag: Comparable {
    let name: String
    let version: SemanticVersion

    init?(_ name: String, in range: VersionRange) {
        guard let version = SemanticVersion(name), range.contains(version),
            GitReference.isName(name)
        else {
            return nil
        }
        self.name = name
        self.version = version
    }

    static func < (a: VersionTag, b: VersionTag) -> Bool {
        (a.version, a.name) < (b.version, b.name)
    }
}

extension GitReference {
    /// What has to be there for it to lead to a commit.
    fileprivate var wanted: String {
        switch self {
        case .branch(let name): "the branch \"\(name)\""
        case .tag(let name): "the tag \"\(name)\""
        case .versions(let range): "a tag in \(range)"
        }
    }

    /// Of the branch or tag.
    fileprivate var name: String? {
        switch self {
        case .branch(let name), .tag(let name): name
        case .versions: nil
        }
    }
}

extension Remote {
    /// Says which there are instead.
    fileprivate func missing(_ name: String, _ kind: String, _ refs: [String: String]) -> GitError {
        let prefix = "refs/\(kind)/"
        let names = refs.keys.filter { $0.hasPrefix(prefix) }.sorted()
            .map { String($0.dropFirst(prefix.count)) }
        let shown = (kind == "tags" ? names.suffix(5) : names.prefix(5)).joined(separator: ", ")
        let word = kind == "tags" ? "tag" : "branch"
        return GitError(
            kind == "tags" ? .tagMissing : .branchMissing,
            operation: "list \(url)",
            message: "there is no \(word) \"\(name)\"; there is \(shown.isEmpty ? "none" : shown)"
        )
    }
}
