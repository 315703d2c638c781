package import Model

/// Where a stack stands, computed from its last pass; nothing stores it to be resumed.
package struct StackStatus: Hashable, Codable, Sendable {
    /// The field's words for the condition of a reconciled object.
    package enum State: String, Codable, Sendable {
        /// The head runs, stable.
        case ready
        /// On its way there.
        case reconciling
        /// Something else runs than the head says, and no controller does anything about it.
        case outOfSync = "out-of-sync"
        /// It doesn't get there without somebody's help, or keeps failing.
        case stalled
        /// Gyre can't tell: the repository or the engine does not answer.
        case unknown
    }

    package var stack: StackID
    /// The node that it is on; nil while it is on none, and where there is only one.
    package var node: String?
    package var state: State
    /// What stands in the way, worst first; empty when nothing does.
    package var problems: [Problem]
    package var head: Commit?
    /// The commit that is meant to run now; another than the head while that can't.
    package var target: String?
    /// The last commit that ran through its stability window.
    package var good: String?
    package var services: [ServiceStatus]
    /// Stacks of its project that come before it.
    package var dependencies: [String] = []
    /// Ports of the node that it publishes, as far as that is known.
    package var ports: [ReservedPort] = []
    /// What differs and is left alone on purpose.
    package var pending: [String]
    /// When the repository last answered, and well.
    package var checked: Instant?
    /// Since when the repository gives no good answer; nil while it does.
    package var outage: Outage?
    /// When the engine was last looked at for this stack.
    package var observed: Instant?
    /// When something that failed is tried again.
    package var nextTry: Instant?
    /// What is being done to it now; nil when nothing is.
    package var run: RunProgress?

    package init(stack: StackID) {
        self.stack = stack
        state = .reconciling
        problems = []
        services = []
        pending = []
    }
}

/// What stands in a stack's way, and what ends it.
package struct Problem: Hashable, Codable, Sendable {
    /// What kind of thing stands in the way.
    package enum Kind: String, Codable, Sendable {
        /// No sound journal: nothing is changed until a person has confirmed a recovery.
        case frozen
        /// The files can't be loaded.
        case invalid
        /// Policy refuses them.
        case denied
        /// A stack that it depends on isn't ready, or one that depends on it isn't gone.
        case dependency
        /// Policy refuses what serves: it was changed since.
        case againstPolicy = "against-policy"
        /// Two repositories claim the stack.
        case conflict
        /// Something that is not ours has a name that the stack needs.
        case foreign
        /// The stack uses something that somebody else makes, and nobody has made it.
        case missing
        /// Another has what only one can have, such as a port of the node.
        case taken
        /// No node is one that it can run on.
        case unplaced
        /// Its node is drained, and it is there still.
        case drained
        /// Its node is lost, and it is given no other; or a copy of it is on one.
        case lost
        /// The project's stacks would take more together than they may.
        case quota
        /// The version failed before.
        case held
        /// It takes away more than Gyre does unasked.
        case unconfirmed
        case repository
        case engine
        /// A step fails, or something of Gyre's own does.
        case failing
        /// An image can't be had, or the node can't run it.
        case image
        /// A registry has not yet said what an image is.
        case waiting
        /// Containers run, but their health checks fail.
        case unhealthy
        /// Containers keep dying, or a Swarm's tasks don't come up.
        case crashing
        /// Containers have ended that were to go on, and nobody starts them again.
        case ended
    }

    package var kind: Kind
    /// One sentence for people.
    package var message: String
    /// Each finding, where there are any.
    package var diagnostics: [Diagnostic]
    /// The command that ends it, or what to do where no command does.
    package var remedy: String
    /// Identifies the change that a person has to confirm, where one has to.
    package var change: String?

    package init(
        _ kind: Kind,
        _ message: String,
        diagnostics: [Diagnostic] = [],
        remedy: String,
        change: String? = nil
    ) {
        self.kind = kind
        self.message = message
        self.diagnostics = diagnostics
        self.remedy = remedy
        self.change = change
    }
}

/// How many of a service's containers do what they should.
package struct ServiceStatus: Hashable, Codable, Sendable {
    package var name: String
    /// nil when no file that can be read says so.
    package var wanted: Int?
    package var running: Int
    /// Of those running, how many their health check calls unhealthy.
    package var unhealthy: Int
    /// Containers that ran to their end, where that is what they are for.
    package var completed: Int

    package init(name: String, wanted: Int?, running: Int, unhealthy: Int, completed: Int) {
        self.name = name
        self.wanted = wanted
        self.running = running
        self.unhealthy = unhealthy
        self.completed = completed
    }
}

extension ServiceStatus {
    /// Whether as many are up, or have done what they are for, as there should be.
    var isWhole: Bool { running - unhealthy + completed >= wanted ?? 0 }
}

extension Problem.Kind {
    /// Whether it is about what a commit says or has come to, so that another commit ends it.
    var isOfVersion: Bool {
        switch self {
        case .invalid, .denied, .againstPolicy, .foreign, .missing, .taken, .unplaced, .quota,
            .held,
            .unconfirmed, .failing, .image, .waiting, .dependency, .unhealthy, .crashing, .ended:
            true
        case .frozen, .conflict, .repository, .engine, .drained, .lost: false
        }
    }

    /// Whether it ends when another stack gives something back.
    var isWantOfRoom: Bool { [.quota, .taken, .unplaced, .drained, .lost].contains(self) }
}
