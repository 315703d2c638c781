package import Model

/// All that a plan is made from.
package struct PlanningInput: Sendable {
    package var desired: Desired
    /// Of this stack only.
    package var observation: Observation
    /// Engine ids and volume names that the journal owns for this stack.
    package var owned: Set<String>
    /// Names of volumes that have existed.
    package var volumesSeen: Set<String>
    /// Tasks that ran to their end: service and spec.
    package var completed: Set<PinKey>
    /// Whether this version has been through its stability window before.
    package var isProven: Bool
    /// Slots whose containers keep dying: not started again before then.
    package var notBefore: [Slot: Instant]
    /// Services whose image is pinned, but not on the node any more.
    package var absentImages: Set<String>
    /// Engine ids of what somebody else makes; empty where nobody asked.
    package var externals: ExternalIDs
    package var controller: String
    /// How the Swarm is that the stack runs on; nil where it runs on an engine.
    package var swarm: SwarmRules?
    /// What of the node the project may bind now, and by which grant.
    package var grants = Grants()
    /// Whether containers are re-created that policy gives other values now (law 9: only where a
    /// person asked for it).
    package var enforcesPolicy = false
    package var setback = Setback()
    /// Ids of containers and tasks that ended badly before the version was begun, which is to run
    /// them once.
    package var untried: Set<String> = []
    /// How long tasks of a Swarm have to be running before more of their service are replaced.
    package var window = Judgement.Window().running
    /// How long a container of a service with an ingress is no target before it is stopped; nil
    /// where there is no ingress.
    package var drain: Nanoseconds?
    /// Services that an ingress leads to as it was written down, whatever the files say by now.
    package var led: Set<String> = []

    package init(
        desired: Desired,
        observation: Observation,
        owned: Set<String>,
        volumesSeen: Set<String> = [],
        completed: Set<PinKey> = [],
        isProven: Bool = false,
        notBefore: [Slot: Instant] = [:],
        absentImages: Set<String> = [],
        externals: ExternalIDs = .init(),
        controller: String,
        swarm: SwarmRules? = nil
    ) {
        self.desired = desired
        self.observation = observation
        self.owned = owned
        self.volumesSeen = volumesSeen
        self.completed = completed
        self.isProven = isProven
        self.notBefore = notBefore
        self.absentImages = absentImages
        self.externals = externals
        self.controller = controller
        self.swarm = swarm
    }
}
