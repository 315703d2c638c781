internal import Model
internal import Planning
internal import Synchronization

/// The one ledger of a cluster: what the journal has, and what was granted and isn't written yet.
///
/// A decision is made under a lock that is held for it alone; see
/// `Docs/Decisions/0014-one-ledger.md`.
package final class SharedLedger: Sendable {
    /// Which volumes count.
    enum Volumes {
        /// None: nobody bounds them.
        case none
        /// Those that the journal owns.
        case owned
        /// Those that services of a Swarm mount, or did: its nodes make them.
        case mounted
    }

    private struct Contents {
        /// Granted, and perhaps not durable yet.
        var granted: [StackID: Reservation] = [:]
        /// Where stacks are to go, and perhaps nobody wrote it down yet.
        var placing: [StackID: String] = [:]
        /// By node, of what runs there, for stacks of which the journal has no reservation; none
        /// before anybody looked.
        var found: [String: [StackID: Reservation]] = [:]
    }

    private let contents = Mutex(Contents())

    package init() {}

    /// Decides with nobody between: the reservation that `decide` gives is held until it is
    /// ``written(by:)``, one that it doesn't give is not.
    ///
    /// `state` is asked for the journal's once nobody can add to it unseen.
    func grant<Decision>(
        _ stack: StackID,
        _ state: () -> JournalState,
        counting volumes: Volumes,
        decide: (Ledger) -> (Decision, Reservation?)
    ) -> Decision {
        contents.withLock { contents in
            let (decision, reservation) = decide(
                SharedLedger.ledger(state(), contents, volumes)
            )
            contents.granted[stack] = reservation
            return decision
        }
    }

    /// Chooses a node with nobody between; what the choice needs there is held like a grant.
    func place(
        _ stack: StackID,
        _ state: () -> JournalState,
        decide: (Ledger) throws -> Placement.Choice
    ) throws -> Placement.Choice {
        try contents.withLock { contents in
            contents.granted[stack] = nil
            contents.placing[stack] = nil
            let choice = try decide(SharedLedger.ledger(state(), contents, .none))
            contents.granted[stack] = choice.reservation
            contents.placing[stack] = choice.node
            return choice
        }
    }

    /// What was granted to `stack` is in the journal now, or given up.
    func written(by stack: StackID) {
        contents.withLock { contents in
            contents.granted[stack] = nil
            contents.placing[stack] = nil
        }
    }

    /// What is held now; whoever counts no volumes need not wait until they are found.
    func now(_ state: JournalState, counting volumes: Volumes) -> Ledger {
        contents.withLock { SharedLedger.ledger(state, $0, volumes) }
    }

    private static func ledger(
        _ state: JournalState,
        _ contents: Contents,
        _ volumes: Volumes
    ) -> Ledger {
        var all = state.reservations
        // What was found is of old; its stack may be gone by now.
        let known = contents.found.values.allSatisfy(\.isEmpty) ? [] : state.stacks
        for (stack, found) in contents.found.values.joined() where all[stack] == nil {
            if known.contains(stack) { all[stack] = found }
        }
        all.merge(contents.granted) { $0.union($1) }
        let counted: [StackID: Set<String>] =
            switch volumes {
            case .none: [:]
            case .owned: state.volumes
            case .mounted: state.volumesMounted
            }
        return Ledger(
            all,
            volumes: counted,
            nodes: state.placements.merging(contents.placing) { $1 }
        )
    }

    /// Whether somebody looked on a node for what the journal has no reservations of.
    func isComplete(on node: String) -> Bool { contents.withLock { $0.found[node] != nil } }

    func complete(_ found: [StackID: Reservation], on node: String) {
        contents.withLock { $0.found[node] = found }
    }

    /// Has what runs looked at again: the journal was begun anew.
    func forget() { contents.withLock { $0 = Contents() } }
}

extension JournalState {
    /// Names of the volumes that services of each stack mount, or did, and that nobody has removed
    /// since.
    fileprivate var volumesMounted: [StackID: Set<String>] {
        volumesSeen.reduce(into: [:]) { $0[$1.value, default: []].insert($1.key.id) }
    }
}
