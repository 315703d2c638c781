internal import Logging
internal import Model
internal import OperatorFile

/// Which node looks after which stack.
extension Controller {
    /// Who looks after a stack, or why nobody does.
    enum Care {
        case by(Reconciler)
        case nobody(PassReport)
    }

    /// Whether there is one engine, as most have it; then nothing has to be placed.
    private var isSingle: Bool { parts.nodes.count == 1 && parts.nodes[NodeName.main] != nil }

    /// The node that a stack is on; nil for one that is on none yet.
    func home(of id: StackID) -> String? {
        let journal = parts.journal.state()
        if let node = journal.placements[id] { return node }
        return isSingle ? NodeName.main : journal.node(of: id)
    }

    /// Whether a stack is on a node, or on none yet.
    func isNear(_ id: StackID, _ node: String) -> Bool { home(of: id).map { $0 == node } ?? true }

    /// The stacks that are on a node, or on none yet.
    func stacks(near node: String) -> [StackID] { stacks.keys.filter { isNear($0, node) } }

    /// Any node will do for what no engine is asked for.
    var anyNode: ClusterNode {
        guard let node = parts.nodes.min(by: { $0.key < $1.key })?.value else {
            preconditionFailure("a cluster has a node")
        }
        return node
    }

    /// Who looks after a stack: the reconciler of its node, which is found first where it has none.
    ///
    /// A place is only written down by who `acts`.
    func care(
        for id: StackID,
        _ state: StackState,
        acts: Bool,
        listener: @escaping @Sendable (RunEvent) -> Void = { _ in }
    ) async -> Care {
        let home = home(of: id)
        if let home, parts.nodes[home] == nil {
            return .nobody(missingNode(home, of: id, state))
        }
        let journal = parts.journal.state()
        let isOpen = isSingle && journal.drained[NodeName.main] == nil
        let isThere = isOpen || journal.holdsAnything(id) || state.isGone
        if acts, trust == .sound, !state.isGone, let node = await wayBack(of: id) {
            return .by(reconciler(for: id, state, on: node, listener: listener))
        }
        if let node = home.flatMap({ parts.nodes[$0] }), isThere {
            return .by(reconciler(for: id, state, on: node, listener: listener))
        }
        guard trust == .sound else {
            // What runs is started again where it is.
            let node = await nodeByLabels(of: id) ?? anyNode
            return .by(reconciler(for: id, state, on: node, listener: listener))
        }
        guard !state.isGone else {
            return .by(reconciler(for: id, state, on: anyNode, listener: listener))
        }
        let found = await reconciler(for: id, state, on: anyNode).place(
            head(of: state),
            among: await standings(for: id),
            acts: acts
        )
        guard let node = found.node.flatMap({ parts.nodes[$0] }) else {
            return .nobody(found.report)
        }
        return .by(reconciler(for: id, state, on: node, listener: listener))
    }

    /// The nodes that the stack's project may use.
    func standings(for id: StackID) async -> [NodeStanding] {
        await learnNodes()
        let (drained, fenced) = (parts.journal.state().drained, parts.journal.state().fenced)
        return parts.nodes.values.filter { settings.allows(id.project, on: $0.name) }.map { node in
            let state = nodes[node.name] ?? NodeState()
            let isFenced = fenced[node.name] != nil
            return NodeStanding(
                node: node,
                facts: state.problem == nil && !isFenced ? state.facts : nil,
                problem: state.problem
                    ?? (isFenced ? "it is fenced" : "it has not said what it is"),
                isDrained: drained[node.name] != nil
            )
        }
    }

    /// Has nodes say what they are of which nobody knows.
    ///
    /// The loop asks them beside all else, and is given a moment for that: a node that answers
    /// whether it is there and hangs in all else holds up no stack for longer, and none twice.
    private func learnNodes() async {
        guard isAttended else {
            return await withDiscardingTaskGroup { group in
                for name in unknownNodes { group.addTask { await self.askEngine(of: name) } }
            }
        }
        let end = parts.clock.steady().adding(Controller.moment)
        for name in unknownNodes { schedule(.engine(name)) }
        while !unknownNodes.isEmpty, parts.clock.steady() < end, !Task.isCancelled {
            try? await parts.clock.sleep(.milliseconds(20))
        }
        for name in unknownNodes { nodes[name, default: NodeState()].isMute = true }
    }

    private static let moment = Nanoseconds.seconds(2)

    /// Those that are waited for: they may answer, and have not said what they are.
    private var unknownNodes: [String] {
        parts.nodes.keys.filter { name in
            guard let state = nodes[name] else { return true }
            return state.facts == nil && state.problem == nil && !state.isMute
        }
    }

    /// Where containers bear the labels of a stack, while the journal can't tell.
    private func nodeByLabels(of id: StackID) async -> ClusterNode? {
        guard parts.nodes.count > 1 else { return nil }
        for (name, node) in parts.nodes.sorted(by: { $0.key < $1.key })
        where nodes[name]?.problem == nil {
            let seen = try? await node.engine.observe(controller: settings.controller, volumes: [])
            if seen?.of(id).containers.isEmpty == false { return node }
        }
        return nil
    }

    /// Nothing is known of what runs there, so nothing is done.
    private func missingNode(_ node: String, of id: StackID, _ state: StackState) -> PassReport {
        var report = reconciler(for: id, state, on: anyNode).report(head(of: state))
        report.isOnUnknownNode(node)
        return report
    }
}

/// A node as a stack sees it that looks for one.
struct NodeStanding: Sendable {
    let node: ClusterNode
    /// nil when it doesn't answer.
    let facts: NodeFacts?
    /// Why it doesn't, then.
    let problem: String
    /// Nothing is to be placed there.
    let isDrained: Bool
}
