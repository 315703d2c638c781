/// The form in which entries are kept for ever: one flat object, the number of its form, the
/// kind of entry, and the facts by name.
///
///     {"format":1,"id":"4f0c…","kind":"gone"}
///     {"format":1,"hold":{…},"kind":"held","stack":{"project":"astro","stack":"web"}}
///
/// Another form or an unknown kind is refused, never guessed at, because an entry left out would
/// be a fact lost. A name that was once written stays readable: the golden text in
/// `JournalEntryCodingTests` holds one entry of each kind, and lines are only added there. The
/// names inside `decision`, `object`, `key`, `pin`, `place`, `version`, `hold`, `reservation` and
/// `state` are those of the properties of their types, and stand under the same rule.
extension JournalEntry: Codable {
    /// The form that this version writes and reads.
    package static let format = 1

    /// What sort of fact an entry is, by the name it is written under.
    package enum Kind: String, Codable, Sendable, CaseIterable {
        case decided, owned, gone, pinned, completed, good, held, released, confirmed, recovered
        case inherited, adopted, claimed
        case reserved, enforced, placed, drained, undrained, fenced, unfenced
        case volumeSeen = "volume-seen"
        case volumeRemoved = "volume-removed"
        case stackRemoved = "stack-removed"
        case engineKnown = "engine-known"
        case imageBrought = "image-brought"
        case imageUnused = "image-unused"
        case imageGone = "image-gone"
    }

    /// The kind of this entry.
    package var kind: Kind { written.kind }

    package func encode(to encoder: any Encoder) throws { try written.encode(to: encoder) }

    package init(from decoder: any Decoder) throws {
        let header = try Header(from: decoder)
        if header.format > Self.format { throw NewerJournal("entries of form \(header.format)") }
        if let kind = header.kind, Kind(rawValue: kind) == nil {
            throw NewerJournal("entries of kind \(kind)")
        }
        guard header.format == Self.format else {
            let reason = "form \(header.format) is unknown here; this version reads \(Self.format)"
            throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: reason))
        }
        self = try Written(from: decoder).entry()
    }
}

/// Read before anything else, since another form may have other members.
private struct Header: Decodable {
    var format: Int
    var kind: String?
}

/// What was written says something that this version has no word for: a newer one wrote it.
package struct NewerJournal: Error, CustomStringConvertible {
    package let description: String

    init(_ what: String) {
        description = "the journal has \(what), which are unknown here: a newer Gyre wrote it"
    }
}

/// An entry as written; the members that its kind has no use for are left out.
private struct Written: Codable {
    var format = JournalEntry.format
    var kind: JournalEntry.Kind
    var by: String?
    var change: String?
    var decision: Decision?
    var demand: PolicyDemand?
    var digest: String?
    var hold: Hold?
    var id: String?
    var key: PinKey?
    var name: String?
    var node: String?
    var object: OwnedObject?
    var objects: Int?
    var pin: ImagePin?
    var place: VersionPlace?
    var reservation: Reservation?
    var since: Instant?
    var stack: StackID?
    var state: JournalState?
    var version: Version?

    init(
        _ kind: JournalEntry.Kind,
        _ stack: StackID? = nil,
        by: String? = nil,
        with facts: (inout Written) -> Void = { _ in }
    ) {
        self.kind = kind
        self.stack = stack
        self.by = by
        facts(&self)
    }

    /// The entry that was written.
    func entry() throws -> JournalEntry {
        switch kind {
        case .decided: .decided(try need(\.decision))
        case .claimed:
            .claimed(try need(\.id), try need(\.stack), node: node ?? NodeName.main)
        case .owned: .owned(try need(\.object))
        case .adopted: .adopted(try need(\.stack), name: try need(\.name))
        case .gone: .gone(id: try need(\.id), node: node ?? NodeName.main)
        case .pinned: .pinned(try need(\.key), try need(\.pin))
        case .completed: .completed(try need(\.key))
        case .volumeSeen:
            .volumeSeen(
                name: try need(\.name),
                stack: try need(\.stack),
                node: node ?? NodeName.main
            )
        case .volumeRemoved:
            .volumeRemoved(
                name: try need(\.name),
                stack: try need(\.stack),
                node: node ?? NodeName.main,
                by: try need(\.by)
            )
        case .good: .good(try need(\.stack), try need(\.version), at: place)
        case .held: .held(try need(\.stack), try need(\.hold))
        case .released:
            .released(try need(\.stack), digest: try need(\.digest), by: try need(\.by))
        case .confirmed:
            .confirmed(try need(\.stack), change: try need(\.change), by: try need(\.by))
        case .enforced: .enforced(try need(\.stack), demand)
        case .reserved: .reserved(try need(\.stack), try need(\.reservation))
        case .placed: .placed(try need(\.stack), node: try need(\.node))
        case .drained: .drained(node: try need(\.node), by: try need(\.by))
        case .undrained: .undrained(node: try need(\.node), by: try need(\.by))
        case .fenced: .fenced(node: try need(\.node), by: try need(\.by))
        case .unfenced: .unfenced(node: try need(\.node))
        case .engineKnown:
            .engineKnown(node: node ?? NodeName.main, id: try need(\.id), by: by)
        case .imageBrought:
            .imageBrought(
                id: try need(\.id),
                node: node ?? NodeName.main,
                name: try need(\.name)
            )
        case .imageUnused:
            .imageUnused(id: try need(\.id), node: node ?? NodeName.main, since: since)
        case .imageGone: .imageGone(id: try need(\.id), node: node ?? NodeName.main)
        case .stackRemoved: .stackRemoved(try need(\.stack))
        case .recovered: .recovered(objects: try need(\.objects), by: try need(\.by))
        case .inherited: .inherited(try need(\.state))
        }
    }

    private func need<Fact>(_ member: KeyPath<Written, Fact?>) throws -> Fact {
        if let fact = self[keyPath: member] { return fact }
        let reason = "an entry of kind \(kind.rawValue) lacks one of its members"
        throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: reason))
    }
}

extension JournalEntry {
    fileprivate var written: Written {
        switch self {
        case .decided(let decision): Written(.decided) { $0.decision = decision }
        case .claimed(let claim, let stack, let node):
            Written(.claimed, stack) { ($0.id, $0.node) = (claim, node.unlessMain) }
        case .owned(let object): Written(.owned) { $0.object = object }
        case .adopted(let stack, let name): Written(.adopted, stack) { $0.name = name }
        case .gone(let id, let node):
            Written(.gone) { ($0.id, $0.node) = (id, node.unlessMain) }
        case .pinned(let key, let pin):
            Written(.pinned) {
                $0.key = key
                $0.pin = pin
            }
        case .completed(let key): Written(.completed) { $0.key = key }
        case .volumeSeen(let name, let stack, let node):
            Written(.volumeSeen, stack) {
                $0.name = name
                $0.node = node.unlessMain
            }
        case .volumeRemoved(let name, let stack, let node, let by):
            Written(.volumeRemoved, stack, by: by) {
                $0.name = name
                $0.node = node.unlessMain
            }
        case .good(let stack, let version, let place):
            Written(.good, stack) {
                $0.version = version
                $0.place = place
            }
        case .held(let stack, let hold): Written(.held, stack) { $0.hold = hold }
        case .released(let stack, let digest, let by):
            Written(.released, stack, by: by) { $0.digest = digest }
        case .confirmed(let stack, let change, let by):
            Written(.confirmed, stack, by: by) { $0.change = change }
        case .enforced(let stack, let demand):
            Written(.enforced, stack) { $0.demand = demand }
        case .reserved(let stack, let reservation):
            Written(.reserved, stack) { $0.reservation = reservation }
        case .placed(let stack, let node): Written(.placed, stack) { $0.node = node }
        case .drained(let node, let by): Written(.drained, by: by) { $0.node = node }
        case .undrained(let node, let by): Written(.undrained, by: by) { $0.node = node }
        case .fenced(let node, let by): Written(.fenced, by: by) { $0.node = node }
        case .unfenced(let node): Written(.unfenced) { $0.node = node }
        case .engineKnown(let node, let id, let by):
            Written(.engineKnown, by: by) { ($0.id, $0.node) = (id, node.unlessMain) }
        case .imageBrought(let id, let node, let name):
            Written(.imageBrought) {
                $0.id = id
                $0.node = node.unlessMain
                $0.name = name
            }
        case .imageUnused(let id, let node, let since):
            Written(.imageUnused) {
                $0.id = id
                $0.node = node.unlessMain
                $0.since = since
            }
        case .imageGone(let id, let node):
            Written(.imageGone) {
                $0.id = id
                $0.node = node.unlessMain
            }
        case .stackRemoved(let stack): Written(.stackRemoved, stack)
        case .recovered(let objects, let by):
            Written(.recovered, by: by) { $0.objects = objects }
        case .inherited(let state): Written(.inherited) { $0.state = state }
        }
    }
}

extension String {
    /// A node's name as it is written: what could be nowhere else has none.
    fileprivate var unlessMain: String? { self == NodeName.main ? nil : self }
}
