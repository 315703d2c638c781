package import Model

/// A node as the controller works with it: its engine, and what there is one of for each node.
package struct ClusterNode: Sendable {
    package let name: String
    package internal(set) var engine: any ContainerEngine
    package let pulls: ImagePulls
    package let questions: RegistryQuestions
    /// How it is, where it is a Swarm; nil for an engine.
    package let swarm: SwarmRules?
    /// Whether its engine is the one that it had.
    let check = EngineCheck()
    /// What choices of a profile may go by.
    let place: NodePlace
    /// Whether there is no other.
    var isAlone = true
    /// The engines of a Swarm's managers, by the names that the operator gives them.
    private let managers: [String: any ContainerEngine]
    private let bare: any ContainerEngine
    private let labels: [String: String]
    private let controller: String

    /// `labels` are the operator's, and come before those that the engine has.
    package init(
        _ name: String,
        _ engine: any ContainerEngine,
        labels: [String: String] = [:],
        controller: String,
        clock: Clock,
        swarm: SwarmRules? = nil,
        managers: [String: any ContainerEngine] = [:]
    ) {
        self.name = name
        self.swarm = swarm
        self.managers = managers
        place = NodePlace(name, labels: labels, cluster: swarm == nil ? .nodes : .swarm)
        bare = engine
        self.labels = labels
        self.controller = controller
        self.engine = SharingEngine(
            engine,
            labels: labels,
            controller: controller,
            swarm: swarm,
            check: check
        ) { [:] }
        pulls = ImagePulls(engine, width: 1, clock: clock)
        questions = RegistryQuestions(engine)
    }

    /// The same node, where what was taken over bears the labels that `journal` has for it.
    func lending(_ journal: any JournalKeeping) -> ClusterNode {
        var node = self
        node.engine = SharingEngine(
            bare,
            labels: labels,
            controller: controller,
            swarm: swarm,
            check: check
        ) { [name] in
            journal.state().lentLabels(on: name)
        }
        return node
    }

    /// Under which name the journal has the id of its engine, or of the Swarm that it is.
    var engineName: String { swarm == nil ? name : NodeName.swarm(name) }

    /// The engines that have its volumes, as far as they are reached.
    var doors: [Door] {
        guard swarm != nil else { return [Door(node: name, place: name, engine: engine)] }
        return managers.sorted { $0.key < $1.key }.map { manager, engine in
            Door(node: manager, place: NodeName.manager(manager, of: name), engine: engine)
        }
    }
}

/// An engine that has volumes: a node's own, or that of one of a Swarm's managers.
struct Door: Sendable {
    /// What people call it.
    let node: String
    /// What the journal calls it.
    let place: String
    let engine: any ContainerEngine
}

/// What is known of a node.
struct NodeState: Sendable {
    /// Why it did not answer when it was last asked; nil when it did.
    var problem: String?
    /// What it was when it last said so, if nothing has happened to it since.
    var facts: NodeFacts?

    /// Whether it was waited for in vain to say what it is.
    var isMute = false
    /// Who answers, where that is another engine than the node had.
    var stranger: StrangeEngine?
    /// Whether it answers again, and nobody has dealt with that yet.
    var isBack = false
    /// How far its clock is ahead of the controller's; negative: behind; nil: not to speak of.
    var clockOff: Nanoseconds?
    /// For how long it has been silent, as far as somebody asked.
    var silence = Nanoseconds(0)
    /// When it was last asked in vain, by the clock that nobody sets.
    var asked: Nanoseconds?

    var users: NodeUsers? { facts?.users }

    /// The state after another question in vain; only time in which somebody asks again and
    /// again counts, and that the asker stood still doesn't.
    func silent(
        because problem: String,
        at uptime: Nanoseconds,
        countingAtMost most: Nanoseconds
    ) -> NodeState {
        var state = NodeState(problem: problem, facts: facts)
        state.asked = uptime
        if let asked {
            let span = min(uptime.count - asked.count, most.count)
            state.silence = Nanoseconds(silence.count + max(0, span))
        }
        return state
    }
}
