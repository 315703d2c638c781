import Model
import Planning
import TestSupport
import Testing

/// Laws of rollouts: how many containers serve while one version takes over from another.
@Suite struct RolloutLawTests {
    /// Never fewer than the file allows, whatever it says and wherever a controller ended.
    @Test(arguments: 0..<60)
    func enoughServeAtAnyTime(seed: Int) throws {
        var trial = try RolloutTrial(seed: seed)
        var moments: [RolloutTrial] = []
        try trial.roll(noting: &moments)
        for moment in moments {
            var restarted = moment
            var none: [RolloutTrial] = []
            try restarted.roll(noting: &none)
            try restarted.expectThrough("crashed: \(trial.words)")
        }
        try trial.expectThrough(trial.words)
    }

    /// And on the way back, which has words of its own.
    @Test(arguments: 0..<60)
    func enoughServeOnTheWayBack(seed: Int) throws {
        var trial = try RolloutTrial(seed: seed)
        var moments: [RolloutTrial] = []
        try trial.roll(noting: &moments)
        for moment in moments {
            var back = moment
            back.turnBack()
            var further: [RolloutTrial] = []
            try back.roll(noting: &further)
            try back.expectThrough("\(trial.words), back")
            guard var last = further.randomElement(using: &back.random) else { continue }
            var none: [RolloutTrial] = []
            try last.roll(noting: &none)
            try last.expectThrough("\(trial.words), back after a crash")
        }
    }

    /// What a rollout says changes no container, and plans nothing.
    @Test(arguments: 0..<40)
    func otherWordsChangeNothing(seed: Int) throws {
        let scene = try Scene(seed: seed)
        var random = SplitMix64(seed: seed)
        var stack = scene.first
        for name in stack.services.keys.sorted() {
            stack.services[name]?.rollout = .any(&random)
            stack.services[name]?.rollback = .any(&random)
        }
        let plan = try scene.rehearsal.plan(stack, commit: "2")
        #expect(plan.isEmpty, "\(plan)")
        #expect(SpecHash.all(of: stack) == SpecHash.all(of: scene.first))
        let digests = try [stack, scene.first].map {
            try scene.rehearsal.desired($0, commit: "2").version.digest
        }
        #expect(digests[0] == digests[1])
    }

    /// Any stack and edit comes about with rollouts of any kind, and crashes are repaired.
    @Test(arguments: 0..<80)
    func everyPlanOfARolloutIsCarriedOut(seed: Int) throws {
        var scene = try Scene(seed: seed)
        var random = SplitMix64(seed: seed)
        var stack = scene.second
        for name in stack.services.keys.sorted() where random.chance(80) {
            stack.services[name]?.rollout = .any(&random)
        }
        var moments: [Rehearsal] = []
        let outcome = try scene.rehearsal.deploy(stack, commit: "2") { now, _, _ in
            moments.append(now)
        }
        expectSuccess(outcome)
        try expectSettled(scene.rehearsal, stack, commit: "2")
        for moment in moments {
            var restarted = moment
            expectSuccess(try restarted.deploy(stack, commit: "2"))
            try expectSettled(restarted, stack, commit: "2", "\(outcome.plan)")
        }
    }
}

/// A service of some replicas on its way to another version.
struct RolloutTrial {
    let replicas: Int
    private var stacks: (old: Stack, new: Stack)
    private var rehearsal: Rehearsal
    /// Ids of the containers that were judged.
    private var judged: Set<String>
    private var isBack = false
    var random: SplitMix64

    init(seed: Int) throws {
        random = SplitMix64(seed: seed)
        var service = Service(image: "httpd:1")
        service.replicas = Int.random(in: 1...6, using: &random)
        service.restart = .always
        if random.chance(50) {
            service.healthcheck = .init(test: ["CMD", "true"], interval: .seconds(2))
        }
        if random.chance(20) {
            service.volumes = [Mount(source: .volume(key: "data"), target: "/data")]
        }
        service.rollout = .any(&random)
        service.rollback = random.chance(70) ? .any(&random) : nil
        replicas = service.replicas
        let old = try Gateway.stack(["web": service])
        var new = old
        new.services["web"]?.environment = ["A": "1"]
        new.services["web"]?.rollout = random.chance(80) ? .any(&random) : nil
        stacks = (old, new)
        rehearsal = Rehearsal(seed: seed)
        try rehearsal.deploy(old, commit: "1")
        judged = Set(rehearsal.node.containers.keys)
    }

    private var target: Stack { isBack ? stacks.old : stacks.new }

    private var rollout: Service.Rollout {
        let service = target.services["web"]
        return (isBack ? service?.rollback : service?.rollout) ?? .unsaid
    }

    private var startsFirst: Bool {
        rollout.order == .startFirst && target.obstacle(toStartingFirst: "web") == nil
    }

    var words: Comment { "\(replicas) replicas, \(rollout)" }

    /// From here on, back to what was good.
    mutating func turnBack() {
        isBack = true
        rehearsal.setback = Setback(isRollback: true)
    }

    /// Goes the way that a plan finds, and looks after each step how many serve.
    mutating func roll(noting moments: inout [RolloutTrial]) throws {
        forget()
        var now = self
        var seen: [RolloutTrial] = []
        let least = min(serving, startsFirst ? replicas : max(0, replicas - most))
        let running = rehearsal.node.containers.values.count(where: \.isRunning)
        let surge = max(running, replicas + (startsFirst ? most : 0))
        let words = words
        let plan = try rehearsal.plan(target, commit: isBack ? "1" : "2")
        let outcome = try rehearsal.deploy(target, commit: isBack ? "1" : "2") {
            then,
            step,
            result in
            now.rehearsal = then
            if case .wait(let container, .stable) = step.operation, result == .done {
                now.judged.formUnion(then.node.running(in: container.slot))
            }
            #expect(now.serving >= least, "after \(step) of \(words)\n\(plan)")
            let count = then.node.containers.values.count(where: \.isRunning)
            #expect(count <= surge, "after \(step) of \(words)")
            seen.append(now)
        }
        expectSuccess(outcome, words)
        judged = now.judged
        moments = seen
    }

    /// A judgement that nothing came of yet is lost with the controller: of several containers in
    /// a slot, none but the oldest is known to be good.
    private mutating func forget() {
        let slots = Dictionary(grouping: rehearsal.node.containers.values.map(\.seen)) { $0.slot }
        for containers in slots.values {
            let oldest = containers.min { $0.created < $1.created }?.id
            judged.subtract(containers.map(\.id).filter { $0 != oldest })
        }
    }

    /// How many containers may make way at a time.
    private var most: Int { rollout.parallelism > 0 ? rollout.parallelism : replicas }

    /// Slots in which a judged container runs.
    private var serving: Int {
        let good = rehearsal.node.containers.values.filter { container in
            container.isRunning && judged.contains(container.seen.id)
        }
        return Set(good.map(\.seen.slot)).count
    }

    func expectThrough(_ comment: Comment) throws {
        try expectSettled(rehearsal, target, commit: isBack ? "1" : "2", comment)
    }
}

extension Service.Rollout {
    /// Whatever a file may say.
    static func any(_ random: inout SplitMix64) -> Service.Rollout {
        var rollout = Service.Rollout()
        rollout.parallelism = Int.random(in: 0...4, using: &random)
        rollout.order = random.chance(50) ? .startFirst : .stopFirst
        rollout.delay = random.pick([.seconds(0), .seconds(30), .seconds(90)])
        rollout.monitor = random.pick([.seconds(0), .seconds(5), .seconds(45)])
        rollout.failureAction = random.pick(FailureAction.allCases)
        return rollout
    }
}

extension SimulatedNode {
    fileprivate func running(in slot: Slot) -> [String] {
        containers.values.filter { $0.isRunning && $0.seen.slot == slot }.map(\.seen.id)
    }
}
