internal import Model

extension Stack {
    /// Makes the digests of all that services mount anew, from the commit, and with `key` where it
    /// is secret.
    ///
    /// A worker has no key, and what it says of a digest is not to be believed.
    mutating func seal(with key: ContentKey, in snapshot: Snapshot) throws(LoadAnswer.Unusable) {
        var known: [Content: Content] = [:]
        for name in services.keys {
            let mounts = services[name]?.volumes ?? []
            for (index, mount) in mounts.enumerated() {
                guard case .content(let content) = mount.source else { continue }
                let sealed: Content
                if let found = known[content] {
                    sealed = found
                } else {
                    sealed = try self.sealed(content, with: key, in: snapshot)
                    known[content] = sealed
                }
                services[name]?.volumes[index].source = .content(sealed)
            }
        }
        secretsKey = key.id
    }

    private func sealed(
        _ content: Content,
        with key: ContentKey,
        in snapshot: Snapshot
    ) throws(LoadAnswer.Unusable) -> Content {
        let archive: ContentArchive
        do {
            archive = try self.archive(of: content, in: snapshot)
        } catch {
            throw LoadAnswer.Unusable("a content that the commit doesn't have")
        }
        guard archive.kind == content.kind else { throw LoadAnswer.Unusable("a file for a folder") }
        var content = content
        content.digest = content.isSecret ? key.digest(of: archive.bytes) : archive.digest
        return content
    }
}
