package import Model
package import Reconciliation

/// The questions and demands that a controller answers, whoever carries them to it.
package protocol Control: Sendable {
    /// Which program answers.
    func version() async throws -> ControllerVersion
    /// Where everything stands, as of the last passes.
    func status() async throws -> ControllerStatus
    /// What projects have reserved, and what they may.
    func usage() async throws -> [ProjectUsage]
    /// What is known of the nodes, by name.
    func nodes() async throws -> [NodeStatus]
    /// The volumes of a stack, or of all.
    func volumes(of stack: StackID?) async throws -> [VolumeStatus]
    /// Removes one with all that is in it, if `change` is what was shown of it.
    func removeVolume(
        _ name: String,
        of stack: StackID,
        change: String,
        by person: Person
    ) async throws
    /// Begins to read what is in one, as a tar archive.
    func exportVolume(
        _ question: VolumeQuestion,
        of stack: StackID,
        by person: Person
    ) async throws -> Pieces
    /// Has a node's stacks moved away, and nothing placed there any more.
    func drain(_ node: String, by person: Person) async throws
    /// Ends that.
    func undrain(_ node: String, by person: Person) async throws
    /// Takes a person's word that a silent node is off.
    func fence(_ node: String, by person: Person) async throws
    /// Takes a person's word that a node's engine was replaced.
    func accept(_ node: String, by person: Person) async throws
    /// Asks the repositories of `stack`, or all, without waiting for the interval.
    func sync(_ stack: StackID?, by person: Person) async throws
    /// The same, and waits for what comes of it.
    func syncAndWait(_ stack: StackID?, by person: Person) async throws -> [StackStatus]
    /// What a pass would do now.
    func plan(_ stack: StackID) async throws -> StackPlan
    /// What the head would change against what runs.
    func diff(_ stack: StackID) async throws -> StackDiff
    /// What policy says of what runs.
    func policyReport(of scope: PolicyScope) async throws -> PolicyReport
    /// What enforcing policy on what runs of `stack` would do.
    func enforcement(of stack: StackID) async throws -> StackEnforcement
    /// Does it, if `change` is what would be done.
    func enforce(_ stack: StackID, change: String, by person: Person) async throws
    /// Allows the one change that `stack` waits with.
    func confirm(_ stack: StackID, change: String, by person: Person) async throws
    /// Lets held versions be tried again; gives their number.
    func release(_ stack: StackID, by person: Person) async throws -> Int
    /// Pushes a commit that brings an earlier version back.
    func rollback(
        _ stack: StackID,
        _ demand: RollbackDemand,
        by person: Person
    ) async throws -> Rollback
    /// What a recovery would take for ours.
    func recoveryFindings() async throws -> RecoveryFindings
    /// Takes the findings for true, and of what is in doubt what has these names.
    func recover(by person: Person, taking names: Set<String>) async throws -> RecoveryFindings
    /// Runs, newest first.
    func history(_ query: HistoryQuery) async throws -> [RunRecord]
}

/// Which program answers.
package struct ControllerVersion: Hashable, Codable, Sendable {
    package var version: String
    /// The newest version of the API that it speaks.
    package var api: Int
    package var controller: String
    /// Process id.
    package var process: Int32

    package init(version: String, api: Int = 1, controller: String, process: Int32) {
        self.version = version
        self.api = api
        self.controller = controller
        self.process = process
    }
}

/// Which runs are asked for.
package struct HistoryQuery: Hashable, Sendable {
    /// nil: of every stack.
    package var stack: StackID?
    /// The start of a run's id.
    package var run: String?
    /// At most ``maximum``.
    package var limit: Int

    /// The most runs that one answer holds.
    package static let maximum = 1000

    package init(stack: StackID? = nil, run: String? = nil, limit: Int = 20) {
        self.stack = stack
        self.run = run
        self.limit = min(max(1, limit), HistoryQuery.maximum)
    }
}
