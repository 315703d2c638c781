/// What the entries of a journal add up to.
package struct JournalState: Hashable, Sendable {
    package private(set) var owned: [ObjectKey: OwnedObject] = [:]
    /// The labels of what was taken over, which bears none of ours.
    private var lent: [ObjectKey: [String: String]] = [:]
    /// What Compose calls the stacks that were taken over; kept for ever, as volumes are.
    package private(set) var adoptedNames: [StackID: String] = [:]
    /// Tokens given to objects that may exist without our having seen their id.
    package private(set) var claims: [String: Claim] = [:]
    /// The tokens of the last decisions that gave some, oldest first, by stack.
    private var claimsGiven: [StackID: [[String]]] = [:]
    package private(set) var pins: [PinKey: ImagePin] = [:]
    /// Tasks that ran to their end.
    package private(set) var completed: Set<PinKey> = []
    /// To the stack that each volume was made for.
    package private(set) var volumesSeen: [ObjectKey: StackID] = [:]
    package private(set) var good: [StackID: Version] = [:]
    /// Where the good versions were read, as far as that was written down.
    package private(set) var places: [StackID: VersionPlace] = [:]
    /// By stack, then by version digest.
    package private(set) var holds: [StackID: [String: Hold]] = [:]
    /// By stack: the digest without images of the version that has begun to take over, and has
    /// neither become good since nor been given up.
    package private(set) var begun: [StackID: String] = [:]
    /// What ended badly before that, and when it was started last, by the engine's id.
    package private(set) var untried: [StackID: [String: Instant]] = [:]
    /// By stack: the change that a person allowed.
    package private(set) var confirmations: [StackID: String] = [:]
    /// By stack: what a decision takes away that a person agreed to, as long as that goes on.
    package private(set) var agreed: [StackID: [String]] = [:]
    /// The run of the decision that a person agreed to.
    package private(set) var agreedIn: [StackID: String] = [:]
    /// By stack: that policy be enforced on what runs.
    package private(set) var demands: [StackID: PolicyDemand] = [:]
    /// What stacks may come to hold of what they share with others.
    package private(set) var reservations: [StackID: Reservation] = [:]
    /// The nodes that stacks were given; see ``node(of:)``.
    package private(set) var placements: [StackID: String] = [:]

    /// Stacks that were given another node than they had, and were not stable there yet.
    package private(set) var arriving: Set<StackID> = []
    /// Nodes that nothing is to be on any more, and who wants that.
    package private(set) var drained: [String: String] = [:]
    /// Nodes that are off, and who vouches for it.
    package private(set) var fenced: [String: String] = [:]

    /// The engines that nodes have, by the engines' own ids.
    package private(set) var engines: [String: String] = [:]

    /// Images that Gyre pulled, by the engine's id.
    private var images: [ObjectKey: BroughtImage] = [:]

    package init() {}

    /// The state after all of `entries`.
    package init(_ entries: some Sequence<JournalEntry>) {
        for entry in entries { apply(entry) }
    }

    /// The state after one more entry.
    package mutating func apply(_ entry: JournalEntry) {
        switch entry {
        case .decided(let decision): apply(decision)
        case .claimed(let claim, let stack, let node):
            give([claim], Claim(stack: stack, node: node))
        case .owned(let object):
            owned[object.key] = object
            lent[object.key] = object.labels
            if let claim = object.claim { claims[claim] = nil }
            // A content is shipped again when it is lost; there is nothing to mourn.
            if object.kind == .volume, ContentVolume(name: object.name) == nil {
                volumesSeen[ObjectKey(object.name, on: object.node)] = object.stack
            }
        case .adopted(let stack, let name): adoptedNames[stack] = name
        case .gone(let id, let node):
            owned[ObjectKey(id, on: node)] = nil
            lent[ObjectKey(id, on: node)] = nil
        case .pinned(let key, let pin): pins[key] = pin
        case .completed(let key): completed.insert(key)
        case .volumeSeen(let name, let stack, let node):
            volumesSeen[ObjectKey(name, on: node)] = stack
        case .volumeRemoved(let name, let stack, let node, _):
            forget(ObjectKey(name, on: node), of: stack)
        case .good(let stack, let version, let place):
            // What a pause left of another version has given way, or is part of this one.
            if good[stack]?.digest != version.digest {
                for digest in (holds[stack] ?? [:]).keys { holds[stack]?[digest]?.kept = nil }
            }
            good[stack] = version
            places[stack] = place
            holds[stack]?[version.digest] = nil
            end(stack)
            arriving.remove(stack)
        case .held(let stack, let hold):
            holds[stack, default: [:]][hold.version.digest] = hold
            dropUnread(of: stack)
            if hold.setAside == nil { end(stack) }
        case .released(let stack, let digest, _): holds[stack]?[digest] = nil
        case .confirmed(let stack, let change, _):
            confirmations[stack] = change.isEmpty ? nil : change
        case .enforced(let stack, let demand): demands[stack] = demand
        case .reserved(let stack, let reservation):
            reservations[stack] = reservation.isEmpty ? nil : reservation
        case .placed(let stack, let node): place(stack, on: node)
        case .drained(let node, let by): drained[node] = by
        case .undrained(let node, _): drained[node] = nil
        case .fenced(let node, let by): fenced[node] = by
        case .unfenced(let node): fenced[node] = nil
        case .engineKnown(let node, let id, _): know(id, of: node)
        case .imageBrought(let id, let node, let name):
            let names = images[ObjectKey(id, on: node)]?.names ?? []
            images[ObjectKey(id, on: node)] = BroughtImage(names: names.union([name]))
        case .imageUnused(let id, let node, let since):
            images[ObjectKey(id, on: node)]?.unusedSince = since
        case .imageGone(let id, let node): images[ObjectKey(id, on: node)] = nil
        case .stackRemoved(let stack): forget(stack)
        case .recovered: break
        case .inherited(let state): self = state
        }
    }

    /// Images have one id everywhere, so those of a new engine may be what somebody else brought.
    private mutating func know(_ engine: String, of node: String) {
        if engines[node].map({ $0 != engine }) ?? false {
            images = images.filter { $0.key.node != node }
        }
        engines[node] = engine
    }

    /// How many commits of a stack are remembered that nobody could load.
    package static let unreadKept = 10

    /// Each push of a team may be such a commit, and nothing else would end their number.
    private mutating func dropUnread(of stack: StackID) {
        let unread = (holds[stack] ?? [:]).compactMap { digest, hold in
            hold.unread.map { (digest, $0) }
        }
        let old = unread.sorted { $0.1 < $1.1 }.dropLast(JournalState.unreadKept)
        for (digest, _) in old { holds[stack]?[digest] = nil }
    }

    private mutating func place(_ stack: StackID, on node: String) {
        if good[stack] != nil, home(of: stack) != node { arriving.insert(stack) }
        placements[stack] = node
    }

    /// How many decisions of a stack keep their tokens.
    private static let decisionsKept = 16

    /// A decision about a version, or about none any more, uses up a confirmation.
    ///
    /// It does not end the claims of those before it: a call that a killed controller made, or
    /// that was given up as too slow, may still be carried out by the engine later.
    private mutating func apply(_ decision: Decision) {
        if decision.isAside != true {
            confirmations[decision.stack] = nil
            begun[decision.stack] = decision.begins
            untried[decision.stack] = decision.untried
            agreed[decision.stack] = decision.agreed
            let isAgreed = decision.agreed != nil
            agreedIn[decision.stack] = isAgreed ? decision.agreedIn ?? decision.run : nil
        }
        guard !decision.claims.isEmpty else { return }
        give(decision.claims, Claim(stack: decision.stack, node: home(of: decision.stack)))
    }

    /// What had begun has come to an end.
    private mutating func end(_ stack: StackID) {
        begun[stack] = nil
        untried[stack] = nil
        agreed[stack] = nil
        agreedIn[stack] = nil
    }

    private mutating func give(_ tokens: [String], _ claim: Claim) {
        for token in tokens { claims[token] = claim }
        var given = claimsGiven[claim.stack, default: []] + [tokens]
        while given.count > JournalState.decisionsKept {
            for token in given.removeFirst() { claims[token] = nil }
        }
        claimsGiven[claim.stack] = given
    }

    /// The last volume of a stack that is gone was all that held it to its node.
    private mutating func forget(_ volume: ObjectKey, of stack: StackID) {
        owned[volume] = nil
        lent[volume] = nil
        volumesSeen[volume] = nil
        let isHere = good[stack] != nil || reservations[stack] != nil || holdsAnything(stack)
        if !isHere { placements[stack] = nil }
    }

    /// Volumes outlive their stack, so what is known of them stays.
    private mutating func forget(_ stack: StackID) {
        good[stack] = nil
        places[stack] = nil
        holds[stack] = nil
        end(stack)
        confirmations[stack] = nil
        demands[stack] = nil
        reservations[stack] = nil
        arriving.remove(stack)
        if volumes(of: stack, on: home(of: stack)).isEmpty { placements[stack] = nil }
        claims = claims.filter { $0.value.stack != stack }
        claimsGiven[stack] = nil
        pins = pins.filter { $0.key.stack != stack }
        completed = completed.filter { $0.stack != stack }
    }

    /// Every stack that was good once, or of which something is left, be it a reservation.
    package var stacks: Set<StackID> {
        Set(good.keys).union(owned.values.map(\.stack)).union(reservations.keys)
    }

    /// Names of the volumes that were made for each stack, but for contents.
    package var volumes: [StackID: Set<String>] {
        var volumes: [StackID: Set<String>] = [:]
        for object in owned.values where object.kind == .volume {
            guard ContentVolume(name: object.name) == nil else { continue }
            volumes[object.stack, default: []].insert(object.name)
        }
        return volumes
    }

    /// The node that a stack is on; nil for one of which nothing is known.
    ///
    /// What was written before there were several is on the one there was.
    package func node(of stack: StackID) -> String? {
        if let node = placements[stack] { return node }
        let isKnown = good[stack] != nil || reservations[stack] != nil || holdsAnything(stack)
        return isKnown ? NodeName.main : nil
    }

    /// Whether there is, or may be, anything of a stack on its node.
    package func holdsAnything(_ stack: StackID) -> Bool {
        let home = home(of: stack)
        return owned.values.contains { $0.stack == stack && $0.node == home }
            || claims.values.contains(Claim(stack: stack, node: home))
            || !volumes(of: stack, on: home).isEmpty
    }

    /// Where a stack is of which anything is.
    private func home(of stack: StackID) -> String { placements[stack] ?? NodeName.main }

    /// Names of the volumes that a stack has on a node, or had when somebody last looked.
    package func volumes(of stack: StackID, on node: String) -> Set<String> {
        Set(volumesSeen.filter { $0.value == stack && $0.key.node == node }.map(\.key.id))
    }

    /// The same wherever they are: what was made on one node holds nothing of it on another.
    package func volumes(of stack: StackID) -> Set<String> {
        Set(volumesSeen.filter { $0.value == stack }.map(\.key.id))
    }

    /// Ids of everything owned for `stack` on a node, and names of its volumes there.
    package func owned(by stack: StackID, on node: String = NodeName.main) -> Set<String> {
        Set(owned.values.lazy.filter { $0.stack == stack && $0.node == node }.map(\.id))
    }

    /// By id: the labels that what was taken over on a node would bear.
    package func lentLabels(on node: String) -> [String: [String: String]] {
        guard !lent.isEmpty else { return [:] }
        let here = lent.filter { $0.key.node == node }.map { ($0.key.id, $0.value) }
        return Dictionary(uniqueKeysWithValues: here)
    }

    /// What Gyre pulled to a node and is still there as far as it knows, by the engine's id.
    package func images(on node: String) -> [String: BroughtImage] {
        let found = images.filter { $0.key.node == node }.map { ($0.key.id, $0.value) }
        return Dictionary(uniqueKeysWithValues: found)
    }

    /// Whose an object of a node is by its id; nil where it is nobody's.
    package func owner(of id: String, on node: String) -> StackID? {
        owned[ObjectKey(id, on: node)]?.stack
    }

    /// Nodes that have something of a stack besides its volumes, and aren't its own.
    package func strays(of stack: StackID) -> Set<String> {
        Set(owned.values.lazy.filter { $0.stack == stack && self.isStray($0) }.map(\.node))
    }

    /// Stacks that have such on a node; counting `claims`, or may have.
    package func strays(on node: String, counting claims: Bool) -> Set<StackID> {
        let found = owned.values.lazy.filter { $0.node == node && self.isStray($0) }.map(\.stack)
        guard claims else { return Set(found) }
        let given = self.claims.values.lazy.filter { claim in
            claim.node == node && self.home(of: claim.stack) != node
        }
        return Set(found).union(given.map(\.stack))
    }

    private func isStray(_ object: OwnedObject) -> Bool {
        guard home(of: object.stack) != NodeName.whole(object.node) else { return false }
        return object.kind != .volume || ContentVolume(name: object.name) != nil
    }

    /// Tokens of a stack for what it makes on a node.
    package func claims(of stack: StackID, on node: String) -> Set<String> {
        Set(claims.filter { $0.value == Claim(stack: stack, node: node) }.keys)
    }

    /// For whom a token was given, and on which node.
    package struct Claim: Hashable, Codable, Sendable {
        package var stack: StackID
        package var node: String

        package init(stack: StackID, node: String = NodeName.main) {
            self.stack = stack
            self.node = node
        }
    }
}

/// How a controller hands its state to the next one: what is empty is left out, and a member that
/// this version doesn't know is refused, since a fact would be lost.
extension JournalState: Codable {
    private enum Key: String, CodingKey, CaseIterable {
        case owned, claims, claimsGiven, pins, completed, volumesSeen, good, places, holds
        case confirmations, demands, reservations, placements, arriving, drained, fenced, images
        case adoptedNames, engines, untried, agreed, agreedIn
        /// Under the name that it had when it told of the last decision, whatever that was.
        case begun = "decided"
    }

    private struct AnyKey: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    package func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Key.self)
        func write<Members: Collection & Encodable>(_ value: Members, _ key: Key) throws {
            if !value.isEmpty { try members.encode(value, forKey: key) }
        }
        try write(owned, .owned)
        try write(claims, .claims)
        try write(claimsGiven, .claimsGiven)
        try write(pins, .pins)
        try write(completed, .completed)
        try write(volumesSeen, .volumesSeen)
        try write(good, .good)
        try write(places, .places)
        try write(holds, .holds)
        try write(confirmations, .confirmations)
        try write(demands, .demands)
        try write(reservations, .reservations)
        try write(placements, .placements)
        try write(arriving, .arriving)
        try write(drained, .drained)
        try write(fenced, .fenced)
        try write(images, .images)
        try write(adoptedNames, .adoptedNames)
        try write(begun, .begun)
        try write(untried, .untried)
        try write(agreed, .agreed)
        try write(agreedIn, .agreedIn)
        try write(engines, .engines)
    }

    package init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: AnyKey.self).allKeys
        if let unknown = keys.first(where: { Key(rawValue: $0.stringValue) == nil }) {
            throw NewerJournal("facts called \(unknown.stringValue)")
        }
        let members = try decoder.container(keyedBy: Key.self)
        func read<Value: Decodable>(_ empty: Value, _ key: Key) throws -> Value {
            try members.decodeIfPresent(Value.self, forKey: key) ?? empty
        }
        self.init()
        owned = try read(owned, .owned)
        claims = try read(claims, .claims)
        claimsGiven = try read(claimsGiven, .claimsGiven)
        pins = try read(pins, .pins)
        completed = try read(completed, .completed)
        volumesSeen = try read(volumesSeen, .volumesSeen)
        good = try read(good, .good)
        places = try read(places, .places)
        holds = try read(holds, .holds)
        confirmations = try read(confirmations, .confirmations)
        demands = try read(demands, .demands)
        reservations = try read(reservations, .reservations)
        placements = try read(placements, .placements)
        arriving = try read(arriving, .arriving)
        drained = try read(drained, .drained)
        fenced = try read(fenced, .fenced)
        images = try read(images, .images)
        adoptedNames = try read(adoptedNames, .adoptedNames)
        begun = try read(begun, .begun)
        untried = try read(untried, .untried)
        agreed = try read(agreed, .agreed)
        agreedIn = try read(agreedIn, .agreedIn)
        engines = try read(engines, .engines)
        for object in owned.values { lent[object.key] = object.labels }
    }
}
