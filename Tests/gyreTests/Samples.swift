import ControlAPI
import Model
import Reconciliation

@testable import gyre

/// Values that answers are rendered from.
struct Samples {
    let web: StackID
    let old: StackID
    let now = Instant(milliseconds: 1_795_239_777_281)

    init() throws {
        web = try StackID(project: "shop", stack: "web")
        old = try StackID(project: "shop", stack: "shop")
    }

    let good = Commit(
        id: String(repeating: "3f5a91c4", count: 5),
        author: "Ann",
        seconds: 0,
        message: "Give the web a volume\n\nLonger text.\n"
    )
    let head = Commit(
        id: String(repeating: "e3ee7918", count: 5),
        author: "Ben",
        seconds: 0,
        message: "Roll \u{1B}[31mweb\u{1B}[0m to 2.0\u{7}"
    )

    func before(_ seconds: Int64) -> Instant { now.adding(.seconds(-seconds)) }

    let denial = Diagnostic(
        code: "bind-engine",
        "/etc holds or is a part of a container engine",
        at: SourceLocation(file: "web/compose.yaml", line: 3, column: 9),
        field: FieldPath("services", "web", "volumes")[0],
        fix: "remove it; no grant covers it"
    )

    var ready: StackStatus {
        var status = StackStatus(stack: old)
        status.state = .ready
        status.target = good.id
        status.good = good.id
        status.head = good
        status.services = [
            ServiceStatus(name: "db", wanted: 1, running: 1, unhealthy: 0, completed: 0),
            ServiceStatus(name: "init", wanted: 1, running: 0, unhealthy: 0, completed: 1),
            ServiceStatus(name: "web", wanted: 3, running: 2, unhealthy: 1, completed: 0),
        ]
        status.checked = before(12)
        status.observed = before(2)
        return status
    }

    var stalled: StackStatus {
        var status = StackStatus(stack: web)
        status.state = .stalled
        status.target = good.id
        status.head = head
        status.problems = [
            Problem(
                .denied,
                "policy denies commit e3ee7918 for one reason",
                diagnostics: [denial],
                remedy: "push a version without it"
            ),
            Problem(
                .held,
                "commit e3ee7918 failed and is held: it exited with status 1; it last wrote:\n"
                    + "cannot open /data\ngiving up",
                remedy: "push another version, or gyre release shop/web"
            ),
        ]
        status.pending = ["web: another default limit of memory waits for the next re-creation"]
        status.checked = before(400)
        status.observed = before(7300)
        status.nextTry = now.adding(.seconds(42))
        return status
    }

    func status(_ stacks: StackStatus...) -> ControllerStatus {
        var status = ControllerStatus(
            controller: "gyre",
            engine: "unix:///run/docker.sock",
            time: now
        )
        status.stacks = stacks
        return status
    }

    var plan: StackPlan {
        var plan = StackPlan(
            stack: web,
            steps: [
                PlannedStep(id: 1, text: "pull image httpd:2.4", reason: "the node lacks it"),
                PlannedStep(
                    id: 12,
                    text: "create container shop_web-web-1",
                    reason: "there is none",
                    after: [1, 11]
                ),
            ]
        )
        plan.target = good
        plan.mutations = ["services.web.user: unset -> 1000 [identity]"]
        plan.hardening = ["all services: no-new-privileges:true"]
        plan.warnings = [Diagnostic(.warning, code: "obsolete-version", "version means nothing")]
        plan.confirmation = AwaitedConfirmation(
            change: "c5dc39e72b55",
            why: "it removes 6 of 8 containers without replacement",
            names: ["web/a", "web/b"]
        )
        return plan
    }

    var run: RunRecord {
        RunRecord(
            id: "a7cd798b00000000a7cd798b00000000",
            stack: web,
            commit: good,
            version: nil,
            started: before(120),
            finished: before(116),
            result: .failed,
            summary: "start shop_web-web-1: port 80 is taken\nsecond line",
            steps: [
                StepRecord(text: "pull image httpd", reason: "the node lacks it", result: "done"),
                StepRecord(
                    text: "start shop_web-web-1",
                    reason: "there is none",
                    result: "failed",
                    message: "port 80 is taken"
                ),
                StepRecord(
                    text: "wait until shop_web-web-1 is stable",
                    reason: "a version is good only when it has been stable",
                    result: "skipped",
                    message: "step 2 was not done"
                ),
            ]
        )
    }
}
