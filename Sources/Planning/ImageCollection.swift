package import Model

/// Which of the images that Gyre brought to a node have been of no use for long enough.
///
/// An image is of use while any container is made of it, whoever's and whether it runs or not.
/// What the journal doesn't know is nobody's business here, and neither is what goes by a name
/// that Gyre didn't pull it by.
package struct ImageCollection: Hashable, Sendable {
    /// What was found out, to be written down before anything goes.
    package private(set) var facts: [JournalEntry] = []
    /// What may go, sorted by id.
    package private(set) var removals: [NodeImage] = []

    /// What to do about the images of a node that the journal knows as `brought`, by id.
    ///
    /// `present` are all that the node has; `used` are the ids of those that containers are made
    /// of, looked for after `present`. One that nothing is made of stays for `age`.
    package init(
        of brought: [String: BroughtImage],
        present: [NodeImage],
        used: Set<String>,
        on node: String,
        keeping age: Nanoseconds,
        at now: Instant
    ) {
        let images = Dictionary(present.map { ($0.id, $0) }) { first, _ in first }
        for (id, known) in brought.sorted(by: { $0.key < $1.key }) {
            guard let image = images[id] else {
                facts.append(.imageGone(id: id, node: node))
                continue
            }
            switch (used.contains(id), known.unusedSince) {
            case (true, nil): break
            case (true, .some): facts.append(.imageUnused(id: id, node: node, since: nil))
            case (false, nil): facts.append(.imageUnused(id: id, node: node, since: now))
            case (false, .some(let since)):
                let isDue = now.since(since) >= age && known.accounts(for: image)
                if isDue { removals.append(image) }
            }
        }
    }
}
