internal import Model

/// Whether a run has to come to an end because something newer waits.
struct Preemption: Sendable {
    /// Something newer waits; the run gives up its waits.
    private(set) var isAsked = false
    /// A newer head came since the pass took its own: what it prepares is overtaken already.
    private(set) var isSuperseded = false
    private var isRunning = false
    /// The containers that were there at the last look, and those that were judged since.
    private var present: Set<String> = []
    /// Containers that the run has put its hands on and not judged yet, or has done away with.
    private var busy: Set<String> = []
    /// How many vigils are kept over each: one may be waited for in several ways at once.
    private var vigils: [String: Int] = [:]
    /// Those that have ended a run already: what keeps dying would end every one, and whatever is
    /// waited for longer than that would never be judged.
    private var spent: Set<String> = []

    mutating func saw(_ observed: Observation) {
        present = Set(observed.containers.filter { $0.state != .removing }.map(\.id))
        spent.formIntersection(present)
    }

    /// A pass takes its head; only what comes after that is newer.
    mutating func takesHead() { isSuperseded = false }

    /// A newer head is here, which a run need not be going on for to hear.
    mutating func supersede() {
        isSuperseded = true
        ask(because: nil)
    }

    /// A run begins; what was there is brought back whatever the head is.
    mutating func begin(isRepair: Bool = false) {
        isAsked = isSuperseded && !isRepair
        isRunning = true
        busy = []
        vigils = [:]
    }

    /// The run has made a container, or does something to one; what happens to it from here on is
    /// its own business.
    mutating func handles(_ id: String) { busy.insert(id) }

    /// The run begins to watch a container until it can be judged.
    mutating func watches(_ id: String) {
        busy.insert(id)
        vigils[id, default: 0] += 1
    }

    /// A vigil is over, and the container is up; when the last is, the run is through with it, and
    /// from here on its loss is one.
    mutating func judged(_ id: String) {
        let left = vigils[id, default: 1] - 1
        vigils[id] = left > 0 ? left : nil
        guard left <= 0 else { return }
        busy.remove(id)
        present.insert(id)
    }

    /// A run reached what it was for: what dies after that is news, whatever it did before.
    mutating func succeeded() { spent = [] }

    mutating func end() {
        isRunning = false
        busy = []
    }

    /// Asks the run to end: what it waits for may be had otherwise, or a container needs a look.
    ///
    /// One that the run deals with itself does not count, nor one that was gone already when the
    /// plan was made, nor one that has ended a run before and not seen one through since.
    mutating func ask(because container: String?) {
        guard isRunning else { return }
        if let container {
            guard present.contains(container), !busy.contains(container),
                spent.insert(container).inserted
            else { return }
        }
        isAsked = true
    }
}

extension Operation {
    /// The container that may go down by it, or that is being judged.
    var handled: ContainerRef? {
        switch self {
        // Whatever else happens to it then is none of these calls' doing.
        case .rename, .connect, .update, .unpause: nil
        default: container
        }
    }
}

extension WaitCondition {
    /// Whether what meets it is meant to stay up.
    var meansUp: Bool {
        switch self {
        case .healthy, .stable, .running: true
        case .completed, .drained: false
        }
    }
}
