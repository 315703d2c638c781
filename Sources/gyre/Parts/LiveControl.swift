internal import OperatorFile
internal import ControlAPI
internal import Glibc
internal import Model
internal import Reconciliation
internal import Store

/// A controller of this process, asked directly.
struct LiveControl: Control {
    let controller: Controller
    /// nil where none is kept.
    let history: History?
    /// Name of the controller.
    let name: String
    /// Whether nobody else makes it look, because its loop doesn't run.
    var looksFirst = false
    /// What has to be held for as long as it is asked.
    var locks: CompositionRoot.Opened?

    func version() async throws -> ControllerVersion {
        ControllerVersion(version: Program.version, controller: name, process: getpid())
    }

    func status() async throws -> ControllerStatus {
        if looksFirst {
            try await withThrowingDiscardingTaskGroup { group in
                for stack in await controller.known() {
                    group.addTask { try await controller.look(at: stack) }
                }
            }
        }
        return await controller.status()
    }

    func usage() async throws -> [ProjectUsage] { await controller.usage() }

    func nodes() async throws -> [NodeStatus] { await controller.nodeStatuses() }

    func volumes(of stack: StackID?) async throws -> [VolumeStatus] {
        try await controller.volumes(of: stack)
    }

    func removeVolume(
        _ name: String,
        of stack: StackID,
        change: String,
        by person: Person
    ) async throws {
        try await controller.removeVolume(name, of: stack, change: change, by: person)
    }

    func exportVolume(
        _ question: VolumeQuestion,
        of stack: StackID,
        by person: Person
    ) async throws -> Pieces {
        try await controller.exportVolume(question, of: stack, by: person)
    }

    func drain(_ node: String, by person: Person) async throws {
        try await controller.drain(node, by: person)
    }

    func undrain(_ node: String, by person: Person) async throws {
        try await controller.undrain(node, by: person)
    }

    func fence(_ node: String, by person: Person) async throws {
        try await controller.fence(node, by: person)
    }

    func accept(_ node: String, by person: Person) async throws {
        try await controller.accept(node, by: person)
    }

    func sync(_ stack: StackID?, by person: Person) async throws {
        try await controller.sync(stack, by: person)
    }

    func syncAndWait(_ stack: StackID?, by person: Person) async throws -> [StackStatus] {
        try await controller.syncAndWait(stack, by: person)
    }

    func plan(_ stack: StackID) async throws -> StackPlan {
        StackPlan(try await controller.plan(stack), of: stack)
    }

    func diff(_ stack: StackID) async throws -> StackDiff {
        StackDiff(try await controller.compare(stack))
    }

    func policyReport(of scope: PolicyScope) async throws -> PolicyReport {
        try await controller.policyReport(of: scope)
    }

    func enforcement(of stack: StackID) async throws -> StackEnforcement {
        try await naming { StackEnforcement(try await controller.enforcement(of: stack)) }
    }

    func enforce(_ stack: StackID, change: String, by person: Person) async throws {
        try await naming { try await controller.enforce(stack, change: change, by: person) }
    }

    func confirm(_ stack: StackID, change: String, by person: Person) async throws {
        try await naming {
            if looksFirst { try await controller.look(at: stack) }
            try await controller.confirm(stack, change: change, by: person)
        }
    }

    func release(_ stack: StackID, by person: Person) async throws -> Int {
        try await naming { try await controller.release(stack, by: person) }
    }

    func rollback(
        _ stack: StackID,
        _ demand: RollbackDemand,
        by person: Person
    ) async throws -> Rollback {
        try await naming { try await controller.rollback(stack, demand, by: person) }
    }

    /// Does not call a stack unknown while a repository that may hold it does not answer.
    private func naming<T>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch let error as UnknownStack where looksFirst {
            throw await controller.status().unknown(error.stack)
        }
    }

    func recoveryFindings() async throws -> RecoveryFindings { try await controller.findings() }

    func recover(by person: Person, taking names: Set<String>) async throws -> RecoveryFindings {
        try await controller.recover(by: person, taking: names)
    }

    func history(_ query: HistoryQuery) async throws -> [RunRecord] {
        try await history?.answer(query) ?? []
    }
}

extension History {
    /// The runs that are asked for, newest first.
    func answer(_ query: HistoryQuery) async throws -> [RunRecord] {
        guard let start = query.run else {
            return try await runs(stack: query.stack, limit: query.limit)
        }
        let runs = try await runs(stack: query.stack, limit: HistoryQuery.maximum)
        return Array(runs.filter { $0.id.hasPrefix(start) }.prefix(query.limit))
    }
}
