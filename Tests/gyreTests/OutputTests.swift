import ControlAPI
import Foundation
import Logging
import Model
import Reconciliation
import TestSupport
import Synchronization
import Testing

@testable import gyre

/// What commands print, compared with what was reviewed.
@Suite struct OutputTests {
    private let samples: Samples

    init() throws { samples = try Samples() }

    @Test func statusOfSeveralStacks() {
        let status = samples.status(samples.ready, samples.stalled)
        expectSnapshot(StatusAnswer(status: status).text(.plain), named: "status")
    }

    @Test func rollbacks() {
        var rollback = Rollback(
            stack: samples.web,
            repository: "https://git.example.org/shop.git",
            branch: "main",
            folder: "web",
            source: samples.good,
            restored: Restored(
                tip: samples.head,
                changes: (1...22).map { FileChange("web/\($0)", .changed) }
            ),
            dryRun: true
        )
        let trial = RollbackAnswer(rollback: rollback).text(.plain)
        rollback.dryRun = false
        rollback.restored.commit = samples.head
        rollback.restored.changes = [FileChange("web/a", .added), FileChange("web/b", .removed)]
        let done = RollbackAnswer(rollback: rollback).text(.plain)
        rollback.restored = Restored(tip: samples.head)
        rollback.folder = ""
        let same = RollbackAnswer(rollback: rollback).text(.plain)
        rollback.source = samples.head
        let tip = RollbackAnswer(rollback: rollback).text(.plain)
        expectSnapshot([trial, done, same, tip].joined(separator: "\n\n"), named: "rollback")
    }

    @Test func statusOfASilentRepository() {
        var stack = samples.stalled
        stack.problems = [Problem(.repository, "no answer [timeout]", remedy: "mend the way")]
        stack.outage = Outage(since: samples.before(400), nextTry: samples.now.adding(.seconds(9)))
        stack.nextTry = nil
        var status = samples.status(stack, samples.ready)
        status.repositories = [
            RepositoryStatus(silent: "https://h/a", branch: "main", because: "no answer [timeout]")
        ]
        status.repositories[0].outage = Outage(since: samples.before(70), nextTry: nil)
        expectSnapshot(StatusAnswer(status: status).text(.plain), named: "status-silent")
    }

    @Test func statusOfOneStack() {
        let answer = StatusAnswer(status: samples.status(samples.ready), isDetailed: true)
        expectSnapshot(answer.text(.plain), named: "status-detailed")
    }

    @Test func statusOfAFrozenControllerSaysSoOnce() {
        var stack = samples.ready
        stack.problems = [Problem(.frozen, "nothing is changed: lost", remedy: "gyre recover")]
        var status = samples.status(stack, stack)
        status.frozen = "the journal is missing, and on the engine 14 objects bear its label"
        status.engineProblem = "cannot connect: Connection refused"
        expectSnapshot(StatusAnswer(status: status).text(.plain), named: "status-frozen")
    }

    @Test func statusWhileSomethingIsDone() {
        var stack = samples.ready
        stack.state = .reconciling
        stack.services = [
            ServiceStatus(name: "db", wanted: 1, running: 1, unhealthy: 1, completed: 0),
            ServiceStatus(name: "web", wanted: nil, running: 2, unhealthy: 0, completed: 0),
        ]
        stack.run = RunProgress(
            done: 4,
            steps: 7,
            step: "wait until shop-db-1 is stable",
            since: samples.before(12)
        )
        let answer = StatusAnswer(status: samples.status(stack), isDetailed: true)
        expectSnapshot(answer.text(.plain), named: "status-run")
    }

    @Test func statusOfWhatNobodySeesTo() {
        var stack = samples.ready
        stack.state = .outOfSync
        let answer = StatusAnswer(status: samples.status(stack))
        #expect(answer.text(.plain).contains("out-of-sync"))
        #expect(answer.text(.plain).contains("→ gyre apply"))
        #expect(answer.exit(isStrict: true) == .notConverged)
    }

    @Test func statusOfOrphansAndARefusedFile() {
        var status = samples.status(samples.ready)
        func object(_ kind: OwnedObject.Kind, _ name: String) -> OwnedObject {
            let id = kind == .volume ? name : String(repeating: "9f", count: 32)
            return OwnedObject(kind: kind, id: id, name: name, stack: samples.web, claim: nil)
        }
        status.orphans = [
            OrphanedStack(
                stack: samples.web,
                objects: [
                    object(.container, "shop_web-web-1"), object(.container, "shop_web-web-2"),
                    object(.network, "shop_web_default"), object(.volume, "shop_web_data"),
                ]
            )
        ]
        status.refused = RefusedConfiguration(
            file: "/etc/gyre/gyre.yaml",
            since: samples.before(130),
            reason: "found one error",
            findings: [samples.denial]
        )
        expectSnapshot(StatusAnswer(status: status).text(.plain), named: "status-orphans")
        status.stacks = []
        let text = StatusAnswer(status: status, isDetailed: true).text(.plain)
        #expect(text.contains("orphaned: shop/web") && !text.contains("no stacks"))
    }

    @Test func whoAsksForOneStackIsNotToldOfOthers() {
        var status = samples.status(samples.ready)
        status.repositories = [
            RepositoryStatus(silent: "/srv/git/shop.git", branch: "main", because: "it is gone")
        ]
        #expect(StatusAnswer(status: status).text(.plain).contains("it is gone"))
        let one = StatusAnswer(status: status, isDetailed: true).text(.plain)
        #expect(!one.contains("it is gone"))
    }

    @Test func statusWithoutStacks() {
        var status = samples.status()
        #expect(StatusAnswer(status: status).text(.plain).hasPrefix("no stacks: no repository"))
        status.repositories = [
            RepositoryStatus(silent: "/srv/git/shop.git", branch: "main", because: "it is gone")
        ]
        #expect(
            StatusAnswer(status: status).text(.plain)
                == "no stacks are known, and this does not answer:\n"
                + "  repository /srv/git/shop.git: it is gone"
        )
    }

    @Test func plansAndDiffs() {
        var blocked = StackPlan(stack: samples.web, problems: samples.stalled.problems)
        blocked.target = nil
        expectSnapshot(
            PlansAnswer(plans: [samples.plan, blocked]).text(.plain),
            named: "plan"
        )
        let diff = StackDiff(
            stack: samples.web,
            from: samples.good,
            to: samples.head,
            changes: [
                ModelChange(path: "services.web.image", from: "\"httpd:2.4\"", to: "\"httpd:2.5\""),
                ModelChange(path: "services.web.ports[0].target", from: nil, to: "80"),
                ModelChange(path: "services.db.environment.PASSWORD", from: "•••", to: nil),
            ],
            plan: StackPlan(stack: samples.web)
        )
        expectSnapshot(
            Style.plain.printable(DiffsAnswer(diffs: [diff]).text(.plain)),
            named: "diff"
        )
    }

    @Test func runs() {
        expectSnapshot(HistoryAnswer(runs: [samples.run]).text(.plain), named: "history")
        expectSnapshot(RunAnswer(run: samples.run).text(.plain), named: "history-run")
        #expect(HistoryAnswer(runs: []).text(.plain) == "no runs yet")
    }

    @Test func recovery() {
        var findings = RecoveryFindings(because: "the journal is missing")
        findings.objects = [
            OwnedObject(
                kind: .container,
                id: String(repeating: "cdc10c66", count: 8),
                name: "shop_web-web-1",
                stack: samples.web,
                claim: nil
            )
        ]
        expectSnapshot(
            RecoveryAnswer(findings: findings, isConfirmed: false).text(.plain),
            named: "recover"
        )
        findings.doubts = [
            DoubtfulObject(
                kind: .network,
                id: String(repeating: "0a1b", count: 16),
                name: "shop_web_default",
                stack: samples.web,
                why: "it has no token of Gyre's"
            ),
            DoubtfulObject(
                kind: .volume,
                id: "x",
                name: "x",
                stack: nil,
                why: "its labels name no stack"
            ),
        ]
        findings.unknownProjects = ["old"]
        expectSnapshot(
            RecoveryAnswer(findings: findings, isConfirmed: false).text(.plain),
            named: "recover-doubts"
        )
        #expect(
            RecoveryAnswer(findings: findings, isConfirmed: true).text(.plain)
                == """
                the journal now owns one object; change goes on
                left alone: shop_web_default, x
                """
        )
    }

    @Test func applyTellsTheWorst() {
        let good = ApplyAnswer.Applied(status: samples.ready, isRemoved: false, steps: [])
        let bad = ApplyAnswer.Applied(status: samples.stalled, isRemoved: false, steps: [])
        expectSnapshot(ApplyAnswer(stacks: [good, bad]).text(.plain), named: "apply")
        #expect(ApplyAnswer(stacks: [good]).exit == .success)
        #expect(ApplyAnswer(stacks: [good, bad]).exit == .denied)
    }

    @Test func stepsAreToldWhileTheyHappen() {
        let reference = ContainerRef(
            slot: Slot(service: "web", number: 1),
            id: nil,
            name: "shop_web-web-1"
        )
        let step = Model.Step(id: 1, operation: .start(reference), after: [], reason: .missing)
        func line(_ result: StepResult) -> String? {
            let event = RunEvent.finished(samples.web, step, result, milliseconds: 234)
            return StepLine(event: event, namesStack: true).text(.plain)
        }
        #expect(line(.done) == "✓ [shop/web] start shop_web-web-1  0.2 s")
        #expect(
            line(.failed(StepFailure(.verdict, "it exited; it last wrote:\nno such file")))
                == "✗ [shop/web] start shop_web-web-1  0.2 s\n    it exited; it last wrote:\n"
                + "    no such file"
        )
        #expect(StepLine(event: .began(samples.web, step)).text(.plain) == nil)
    }

    @Test func failures() throws {
        let source = SourceFiles { name in
            name == "web/compose.yaml" ? Array("a\n\tb\n\tvolumes: [/etc]\n".utf8) : nil
        }
        let failure = Failure(.denied, Rejection(samples.denial), in: source)
        let answer = FailureAnswer(failure)
        expectSnapshot(answer.text(.plain, in: source), named: "failure")
        expectSnapshot(try Output.json(answer), named: "failure-json")
    }
}

/// The small pieces that all output is made of.
@Suite struct OutputPieceTests {
    @Test func coloursOnlyWhereWanted() {
        #expect(Style.plain(.red, "x") == "x")
        #expect(Style(isColoured: true)(.red, "x") == "\u{1B}[31mx\u{1B}[0m")
    }

    /// A tenant's text can't steer the terminal of whoever reads it.
    @Test(arguments: [
        ("\u{1B}]0;title\u{7}", "\\u{1b}]0;title\\u{7}"),
        ("a\rb", "a\\u{d}b"),
        ("\u{202E}evil", "\\u{202e}evil"),
        ("\u{9B}31m", "\\u{9b}31m"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("ünïcode 🎉 ❤\u{FE0F}", "ünïcode 🎉 ❤\u{FE0F}"),
        ("\u{61C}mark", "\\u{61c}mark"), ("a\u{AD}b", "a\\u{ad}b"),
    ])
    func controlCharactersAreShown(text: String, shown: String) {
        #expect(Style.plain.printable(text) == shown)
        #expect(Style(isColoured: true).printable(text) == shown)
    }

    /// Marks of direction, joiners, fillers, selectors of variants and tags are as good as blank.
    @Test(arguments: [
        0x34F...0x34F, 0x61C...0x61C, 0x115F...0x1160, 0x180B...0x180E, 0x200B...0x200F,
        0x2028...0x202E, 0x2060...0x206F, 0x3164...0x3164, 0xFE00...0xFE0E, 0xFEFF...0xFEFF,
        0xFFA0...0xFFA0, 0xFFF9...0xFFFB, 0xE0000...0xE007F, 0xE0100...0xE01EF,
    ])
    func whatCannotBeSeenIsShown(range: ClosedRange<UInt32>) {
        for scalar in range.compactMap(Unicode.Scalar.init) {
            let digits = String(scalar.value, radix: 16)
            #expect(Style.plain.printable("a\(scalar)b") == "a\\u{\(digits)}b")
        }
    }

    /// A finding may name a field with a character that can't be seen; programs must read it.
    @Test func jsonStaysJSONWhateverIsInIt() throws {
        let text = try Output.json(["a": "\u{200B}\u{202E}\u{9B}\n\u{E0041}"])
        #expect(Style.plain.printable(text) == text)
        #expect(try JSON(parsing: text.utf8)["a"] == "\u{200B}\u{202E}\u{9B}\n\u{E0041}")
    }

    @Test func ourOwnColoursPass() {
        let style = Style(isColoured: true)
        let text = style(.red, "x") + "\u{1B}[2J"
        #expect(style.printable(text) == "\u{1B}[31mx\u{1B}[0m\\u{1b}[2J")
        #expect(Style.plain.printable("\u{1B}[31mx") == "\\u{1b}[31mx")
    }

    @Test func theCaretStandsUnderThePlace() {
        let diagnostic = Diagnostic(
            code: "c",
            "m",
            at: SourceLocation(file: "f", line: 12, column: 4)
        )
        let lines = Array((String(repeating: "\n", count: 11) + "\tü  x\r\n").utf8)
        let text = Excerpt.all([diagnostic], in: SourceFiles { _ in lines })[0].text(.plain)
        #expect(text == "f:12:4: error: m [c]\n  12 | \tü  x\n     | \t  ^")
    }

    /// One line, and as many findings on it as one likes: the line is read and masked once.
    @Test func manyFindingsShareTheirLine() {
        let reads = Mutex(0)
        let findings = (1...2000).map { column in
            Diagnostic(code: "c", "m", at: SourceLocation(file: "f", line: 1, column: column))
        }
        let sources = SourceFiles { _ in
            reads.withLock { $0 += 1 }
            return Array(repeating: UInt8(ascii: "a"), count: 2000)
        }
        let excerpts = Excerpt.all(findings, in: sources)
        #expect(reads.withLock { $0 } == 1 && excerpts.count == 2000)
        #expect(excerpts[1999].text(.plain).hasSuffix("^"))
    }

    @Test func aLongLineIsCutAroundThePlace() {
        let diagnostic = Diagnostic(
            code: "c",
            "m",
            at: SourceLocation(file: "f", line: 1, column: 5000)
        )
        let line = Array((String(repeating: "a", count: 4999) + "X" + "bbb").utf8)
        let text = Excerpt.all([diagnostic], in: SourceFiles { _ in line })[0].text(.plain)
        let shown = text.split(separator: "\n")
        #expect(shown[1].count <= 120)
        let caret = shown[2].firstIndex(of: "^").map {
            shown[2].distance(from: shown[2].startIndex, to: $0)
        }
        let mark = shown[1].firstIndex(of: "X").map {
            shown[1].distance(from: shown[1].startIndex, to: $0)
        }
        #expect(caret != nil && caret == mark)
    }

    @Test(arguments: [
        (0, "0.0 s", "0 s"), (240, "0.2 s", "0 s"), (9900, "9.9 s", "9 s"),
        (12_000, "12 s", "12 s"), (180_000, "3 min", "3 min"), (7_200_000, "2 h", "2 h"),
        (400_000_000, "4 d", "4 d"),
    ])
    func spans(milliseconds: Int64, spoken: String, age: String) {
        #expect(Nanoseconds.milliseconds(milliseconds).spoken == spoken)
        #expect(Nanoseconds.milliseconds(milliseconds).age == age)
    }

    @Test func logLinesAreOneLineEach() {
        let line = LineLog.line(
            Date(timeIntervalSince1970: 1_795_239_777.25),
            .info,
            "stack is ready",
            ["stack": "shop/web", "problem": "two\nlines \"and\" \u{1B}[31m"]
        )
        #expect(
            line == "2026-11-21T05:42:57.250Z info stack is ready "
                + "problem=\"two\\nlines \\\"and\\\" \\u{1b}[31m\" stack=shop/web"
        )
    }

    @Test func logLinesAreJSONOnRequest() throws {
        let time = Date(timeIntervalSince1970: 1_795_239_777.25)
        let facts: Logger.Metadata = ["level": "of a tenant", "problem": "two\nlines"]
        #expect(
            LineLog.object(time, .info, "stack is ready", facts)
                == #"{"level":"info","message":"stack is ready","problem":"two\nlines","#
                + #""time":"2026-11-21T05:42:57.250Z"}"#
        )
    }

    @Test func folderNamesBecomeProjectNames() {
        #expect(ProjectName.of(folder: "/srv/My_App.v2/") == "my-app-v2")
        #expect(ProjectName.of(folder: "/") == "stack")
    }
}
