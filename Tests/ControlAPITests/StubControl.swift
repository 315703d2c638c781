import ControlAPI
import Model
import Reconciliation
import Synchronization

/// Answers with fixed values and notes what was demanded.
final class StubControl: Control {
    let shop: StackID
    private let isFailing: Bool
    private let noted = Mutex<[String]>([])

    init(failing: Bool = false) throws {
        shop = try StackID(project: "shop", stack: "web")
        isFailing = failing
    }

    var demands: [String] { noted.withLock { $0 } }

    private func note(_ text: String) { noted.withLock { $0.append(text) } }

    let commit = Commit(
        id: String(repeating: "a1", count: 20),
        author: "Ann",
        seconds: 1,
        message: "Give ünïcode \"quotes\"\n"
    )

    var versionAnswer: ControllerVersion {
        ControllerVersion(version: "9", controller: "test", process: 7)
    }

    var statusAnswer: ControllerStatus {
        var status = ControllerStatus.sample
        var stack = StackStatus(stack: shop)
        stack.head = commit
        stack.problems = [
            Problem(
                .denied,
                "policy denies it",
                diagnostics: [
                    Diagnostic(
                        code: "privileged",
                        "no",
                        at: SourceLocation(file: "compose.yaml", line: 3, column: 5),
                        field: FieldPath("services", "web") / "privileged"
                    )
                ],
                remedy: "push another"
            )
        ]
        status.stacks = [stack]
        return status
    }

    var planAnswer: StackPlan {
        var plan = StackPlan(
            stack: shop,
            steps: [PlannedStep(id: 1, text: "create container", reason: "there is none")]
        )
        plan.target = commit
        plan.confirmation = AwaitedConfirmation(change: "3f2a", why: "it removes", names: ["web"])
        return plan
    }

    var diffAnswer: StackDiff {
        StackDiff(
            stack: shop,
            to: commit,
            changes: [ModelChange(path: "services.web.image", from: nil, to: "\"httpd\"")],
            plan: planAnswer
        )
    }

    var recoveryAnswer: RecoveryFindings { .sample }

    var run: RunRecord {
        RunRecord(
            id: "abc",
            stack: shop,
            commit: commit,
            version: nil,
            started: Instant(milliseconds: 1),
            finished: Instant(milliseconds: 2),
            result: .rolledBack,
            summary: "s",
            steps: [StepRecord(text: "t", reason: "r", result: "done", milliseconds: 4)]
        )
    }

    func version() async throws -> ControllerVersion { versionAnswer }

    func status() async throws -> ControllerStatus { statusAnswer }

    func usage() async throws -> [ProjectUsage] { [] }

    func nodes() async throws -> [NodeStatus] { [] }

    func volumes(of stack: StackID?) async throws -> [VolumeStatus] { [] }

    func removeVolume(
        _ name: String,
        of stack: StackID,
        change: String,
        by person: Person
    ) async throws { note("remove \(name) of \(stack), \(change), by \(person)") }

    /// Who reads an endless volume; nil when nobody does any more.
    final class Reader: Sendable {
        private let taken = Mutex(0)

        /// Pieces that were taken.
        var count: Int { taken.withLock { $0 } }
        func took() { taken.withLock { $0 += 1 } }
    }

    let reader = Reader()

    /// What a volume holds, more than what lies ready on the way; `cut` breaks off.
    let archive = [[UInt8]](repeating: [UInt8](repeating: 7, count: 1 << 16), count: 64)

    func exportVolume(
        _ question: VolumeQuestion,
        of stack: StackID,
        by person: Person
    ) async throws -> Pieces {
        if isFailing { throw NotPossible("\(stack) has no volume \(question.volume)") }
        if question.volume == "endless" {
            return Pieces { [archive, reader] in
                reader.took()
                return archive[0]
            }
        }
        note("export \(question.volume) on \(question.node ?? "-") of \(stack) by \(person)")
        let left = Mutex(archive)
        let isCut = question.volume == "cut"
        return Pieces {
            try left.withLock { left in
                if isCut, left.count == 1 { throw NotPossible("it breaks off") }
                return left.popLast()
            }
        }
    }

    func drain(_ node: String, by person: Person) async throws {
        if isFailing { throw UnknownNode(node, known: ["alpha"]) }
        note("drain \(node) by \(person)")
    }

    func undrain(_ node: String, by person: Person) async throws {
        note("undrain \(node) by \(person)")
    }

    func fence(_ node: String, by person: Person) async throws {
        note("fence \(node) by \(person)")
    }

    func accept(_ node: String, by person: Person) async throws {
        note("accept \(node) by \(person)")
    }

    func sync(_ stack: StackID?, by person: Person) async throws {
        note("sync \(stack?.description ?? "all") by \(person)")
    }

    func syncAndWait(_ stack: StackID?, by person: Person) async throws -> [StackStatus] {
        note("sync \(stack?.description ?? "all") and wait by \(person)")
        return statusAnswer.stacks
    }

    func plan(_ stack: StackID) async throws -> StackPlan {
        if isFailing { throw UnknownStack(stack, known: []) }
        return planAnswer
    }

    var policyAnswer: PolicyReport {
        var standing = PolicyStanding(shop, .against, policy: "abc")
        standing.commit = commit
        standing.findings = [Diagnostic(code: "privileged", "no")]
        return PolicyReport(stacks: [standing], users: .remapped, time: Instant(milliseconds: 5))
    }

    func policyReport(of scope: PolicyScope) async throws -> PolicyReport {
        note("policy of \(scope)")
        return policyAnswer
    }

    var enforcementAnswer: StackEnforcement {
        StackEnforcement(
            standing: policyAnswer.stacks[0],
            stops: ["web"],
            steps: [PlannedStep(id: 1, text: "stop container", reason: "policy denies it")],
            change: "3f2a"
        )
    }

    func enforcement(of stack: StackID) async throws -> StackEnforcement { enforcementAnswer }

    func enforce(_ stack: StackID, change: String, by person: Person) async throws {
        note("enforce \(stack) \(change) by \(person)")
    }

    func diff(_ stack: StackID) async throws -> StackDiff { diffAnswer }

    func confirm(_ stack: StackID, change: String, by person: Person) async throws {
        note("confirm \(stack) \(change) by \(person)")
    }

    func release(_ stack: StackID, by person: Person) async throws -> Int {
        if isFailing { throw NotPossible("no version of \(stack) is held") }
        note("release \(stack) by \(person)")
        return 2
    }

    var rollbackAnswer: Rollback {
        Rollback(
            stack: shop,
            repository: "https://git.example.org/shop.git",
            branch: "main",
            folder: "web",
            source: commit,
            restored: Restored(tip: commit, changes: [FileChange("web/compose.yaml", .changed)]),
            dryRun: true
        )
    }

    func rollback(
        _ stack: StackID,
        _ demand: RollbackDemand,
        by person: Person
    ) async throws -> Rollback {
        let words = demand.message ?? "-"
        note("rollback \(stack) to \(demand.to ?? "-") \(words) \(demand.dryRun) by \(person)")
        return rollbackAnswer
    }

    func recoveryFindings() async throws -> RecoveryFindings { recoveryAnswer }

    func recover(by person: Person, taking names: Set<String>) async throws -> RecoveryFindings {
        note("recover \(names.sorted()) by \(person)")
        return recoveryAnswer
    }

    func history(_ query: HistoryQuery) async throws -> [RunRecord] {
        let stack = query.stack?.description ?? "all"
        note("history \(stack) run \(query.run ?? "-") limit \(query.limit)")
        return [run]
    }
}

extension ControllerStatus {
    static var sample: ControllerStatus {
        ControllerStatus(controller: "test", engine: "unix:///e", time: Instant(milliseconds: 5))
    }
}

extension RecoveryFindings {
    static var sample: RecoveryFindings { RecoveryFindings(because: "the journal is missing") }
}
