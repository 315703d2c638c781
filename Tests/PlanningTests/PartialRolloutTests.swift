import Model
import Planning
import TestSupport
import Testing

/// Rollouts of which some fail, as a controller goes about them in pass after pass.
@Suite struct PartialRolloutTests {
    /// Whatever fails and wherever a controller ends, all slots serve in the end, those that failed
    /// as before, and there is nothing left to do.
    @Test(arguments: 0..<80)
    func everySlotServesInTheEnd(seed: Int) throws {
        var trial = try PartialTrial(seed: seed)
        var moments: [PartialTrial] = []
        try trial.settle(noting: &moments)
        try trial.expectSettled()
        for moment in moments where trial.random.chance(40) {
            var restarted = moment
            var none: [PartialTrial] = []
            try restarted.settle(noting: &none)
            try restarted.expectSettled()
        }
    }

    /// The gravest word counts, and what is no container's failure is nobody's to bear.
    @Test func theCourseAfterAFailure() throws {
        var stack = try Gateway.replicated()
        let slot = Slot(service: "web", number: 1)
        let wait = Operation.wait(ContainerRef(slot: slot, id: "1", name: "web-1"), .stable)
        let volume = Operation.createVolume(VolumeSpec(key: "v", volume: .init(name: "v")))
        func course(_ operation: Operation, _ before: Set<Slot> = []) throws -> FailureCourse {
            var plan = Plan(stack: stack.id, commit: "2")
            plan.steps = [Step(id: 1, operation: operation, after: [], reason: .missing)]
            let failure = StepFailure(.verdict, "it died")
            let outcome = Outcome(plan: plan, results: [1: .failed(failure)])
            let desired = try Rehearsal().desired(stack, commit: "2")
            return desired.course(after: outcome, setAside: before)
        }
        #expect(try course(wait) == .goBack, "the file says nothing")
        var rollout = Service.Rollout()
        stack.services["web"]?.rollout = rollout
        #expect(try course(wait) == .pause)
        #expect(try course(volume) == .goBack)
        rollout.maximumFailureRatio = 0.34
        stack.services["web"]?.rollout = rollout
        let second = Slot(service: "web", number: 2)
        #expect(try course(wait) == .goOn(without: [slot]))
        #expect(try course(wait, [second]) == .pause)
        rollout.failureAction = .rollback
        stack.services["web"]?.rollout = rollout
        #expect(try course(wait, [second]) == .goBack)
        rollout.failureAction = .continue
        stack.services["web"]?.rollout = rollout
        #expect(try course(wait, [second]) == .goOn(without: [slot, second]))
        let pull = ImagePull(services: ["web"], reference: "httpd", digest: nil)
        let all = Set((1...3).map { Slot(service: "web", number: $0) })
        #expect(try course(.pullImage(pull)) == .goOn(without: all))
    }
}

/// A version of which some slots don't come up, and what a journal would know of it.
private struct PartialTrial {
    private enum Standing {
        case tried
        case goesOn(without: Set<Slot>)
        case held(left: Set<String>)
    }

    private let stacks: (old: Stack, new: Stack)
    private let sick: Set<Slot>
    private var rehearsal: Rehearsal
    private var standing = Standing.tried
    var random: SplitMix64

    init(seed: Int) throws {
        random = SplitMix64(seed: seed)
        var service = Service(image: "httpd:1")
        service.replicas = Int.random(in: 2...5, using: &random)
        if random.chance(50) {
            service.healthcheck = .init(test: ["CMD", "true"], interval: .seconds(2))
        }
        service.rollout = .any(&random)
        service.rollout?.maximumFailureRatio = random.pick([0, 0.25, 0.5])
        service.rollback = random.chance(50) ? .any(&random) : nil
        let old = try Gateway.stack(["web": service])
        var new = old
        new.services["web"]?.image = "httpd:sick"
        stacks = (old, new)
        let slots = (1...service.replicas).map { Slot(service: "web", number: $0) }
        var well: Set<Slot> = []
        for slot in slots where random.chance(60) { well.insert(slot) }
        sick = Set(slots).subtracting(well)
        rehearsal = Rehearsal(seed: seed)
        try rehearsal.deploy(old, commit: "1")
        rehearsal.node.behaviours[SimulatedNode.pin("httpd:sick").imageID] = .sickens
        rehearsal.node.spared = well
    }

    /// Makes passes until one finds nothing to do.
    mutating func settle(noting moments: inout [PartialTrial]) throws {
        for _ in 0..<20 {
            var now = self
            var seen: [PartialTrial] = []
            let (target, commit) = isHeld ? (stacks.old, "1") : (stacks.new, "2")
            rehearsal.setback = setback
            let outcome = try rehearsal.deploy(target, commit: commit) { then, _, _ in
                now.rehearsal = then
                seen.append(now)
            }
            moments += seen
            if isHeld { expectSuccess(outcome) }
            if outcome.plan.isEmpty, outcome.isSuccess { return }
            try conclude(outcome)
        }
        Issue.record("it comes to no end: \(stacks.new.services["web"]?.rollout as Any)")
    }

    private var isHeld: Bool { if case .held = standing { true } else { false } }

    private var setback: Setback {
        switch standing {
        case .tried: Setback()
        case .goesOn(let slots): Setback(slots: slots)
        case .held(let left): Setback(isRollback: true, left: left)
        }
    }

    private mutating func conclude(_ outcome: Outcome) throws {
        let aside = setback.slots
        guard !isHeld, !outcome.isSuccess || !aside.isEmpty else { return }
        let desired = try rehearsal.desired(stacks.new, commit: "2")
        let left = desired.standing(
            in: rehearsal.node.observation.of(desired.id),
            owned: rehearsal.owned,
            after: outcome,
            setAside: aside
        )
        let course =
            outcome.isSuccess ? .pause : desired.course(after: outcome, setAside: aside)
        switch course {
        case .goBack: standing = .held(left: [])
        case .pause: standing = .held(left: Set(left))
        case .goOn(let slots): standing = .goesOn(without: slots)
        }
    }

    func expectSettled() throws {
        let rollout = stacks.new.services["web"]?.rollout ?? .unsaid
        let words: Comment = "\(rollout), sick: \(sick.sorted())"
        let again = try rehearsal.plan(isHeld ? stacks.old : stacks.new, commit: "3")
        #expect(again.isEmpty, "\(words)\n\(again)")
        #expect(rehearsal.offences == [], words)
        let new = SpecHash.all(of: stacks.new)["web"]
        let replicas = stacks.new.services["web"]?.replicas ?? 0
        var updated: Set<Slot> = []
        for number in 1...replicas {
            let slot = Slot(service: "web", number: number)
            let found = rehearsal.node.containers.values.filter { $0.seen.slot == slot }
            #expect(found.count == 1 && found.allSatisfy { $0.isRunning }, "\(slot): \(words)")
            if found.first?.seen.labels[Labels.spec] == new { updated.insert(slot) }
        }
        #expect(updated.isDisjoint(with: sick), words)
        let most = rollout.maximumFailureRatio * Double(replicas)
        let isBorne = rollout.failureAction == .continue || Double(sick.count) <= most
        if isBorne {
            #expect(updated.count == replicas - sick.count, words)
        } else if rollout.failureAction == .rollback {
            #expect(updated.isEmpty, words)
        }
    }
}
