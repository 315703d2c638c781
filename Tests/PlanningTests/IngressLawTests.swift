import Model
import Planning
import TestSupport
import Testing

/// Whom an ingress leads to while versions take over from each other.
@Suite struct IngressLawTests {
    /// Nothing is stopped that somebody is led to, and as many slots serve as the file allows, also
    /// after a crash at any moment and on the way back from a version that fails.
    @Test(arguments: 0..<60)
    func nobodyIsLedToWhatStops(seed: Int) throws {
        var trial = try IngressTrial(seed: seed)
        var moments: [IngressTrial] = []
        try trial.go(noting: &moments)
        trial.expectThrough()
        for moment in moments {
            var restarted = moment
            var none: [IngressTrial] = []
            try restarted.go(noting: &none)
            restarted.expectThrough()
        }
    }

    @Test func oneThatIsDrainedIsNoTargetFromItsBeginningOn() throws {
        var (old, new) = (container("1", created: 1), container("2", created: 2))
        var plan = Plan(stack: try StackID(parsing: "shop"), commit: "1")
        let judgement = Operation.wait(reference(new), .stable)
        let drain = Operation.wait(reference(old), .drained(for: .seconds(5)))
        plan.steps = [
            Step(id: 1, operation: judgement, after: [], reason: .mustProve),
            Step(id: 2, operation: drain, after: [1], reason: .replaced),
        ]
        var run = RunState(plan)
        func serving(_ run: RunState?) -> [String] {
            IngressTargets([new, old], run).serving("web").map(\.id)
        }
        #expect(serving(nil) == ["1"], "the oldest, where nobody judges")
        #expect(serving(run) == ["1"])
        run.begun = [1]
        #expect(serving(run) == ["1"])
        run.done = [1]
        #expect(serving(run) == ["1", "2"], "no moment without a target")
        run.begun = [1, 2]
        #expect(serving(run) == ["2"])
        new.health = .unhealthy
        #expect(serving(run) == [])
        old.state = .paused
        #expect(serving(nil) == [])
        #expect(IngressTargets([], nil).serving("web") == [])
    }

    /// What only needs another that is replaced serves until its turn.
    @Test(arguments: [1, 0])
    func whatIsRestartedServesUntilItIsDrained(parallelism: Int) throws {
        var web = Service(image: "httpd:1")
        web.replicas = 3
        web.ingress = .init(host: "www.example.org", port: 80)
        web.dependsOn = ["db": .init(condition: .started, restart: true)]
        web.rollout = .unsaid
        web.rollout?.parallelism = parallelism
        let old = try Gateway.stack(["web": web, "db": Service(image: "mysql:1")])
        var new = old
        new.services["db"]?.image = "mysql:2"
        var rehearsal = Rehearsal()
        rehearsal.drain = .seconds(10)
        try rehearsal.deploy(old, commit: "1")
        rehearsal.node.pass(seconds: 600)
        let all = Set(rehearsal.node.containers.values.map(\.seen.id))
        let plan = try rehearsal.plan(new, commit: "2")
        var (now, run) = (rehearsal, RunState(plan))
        func serving() -> Set<String> {
            let seen = now.node.containers.values.map(\.seen)
            return Set(IngressTargets(seen, run).serving("web").map(\.id))
        }
        #expect(serving().count == 3)
        var restarted: Set<String> = []
        let outcome = try rehearsal.deploy(new, commit: "2") { then, step, result in
            if case .restart(let container, _) = step.operation {
                let id = container.id ?? ""
                restarted.insert(id)
                #expect(!serving().contains(id), "\(step)\n\(plan)")
            }
            if case .start = step.operation { #expect(serving().count == 3, "\(step)") }
            run.begun.insert(step.id)
            if result == .done { run.done.insert(step.id) }
            now = then
            #expect(serving().count >= (parallelism == 0 ? 0 : 2), "after \(step)\n\(plan)")
        }
        #expect(outcome.isSuccess && rehearsal.offences == [])
        #expect(restarted.count == 3 && restarted.isSubset(of: all) && serving() == restarted)
    }

    @Test func aPlanSaysWhereNobodyIsLed() throws {
        var service = Service(image: "httpd:1")
        service.ingress = .init(host: "www.example.org", port: 80)
        let stack = try Gateway.stack(["web": service])
        var rehearsal = Rehearsal()
        let words = "nobody is led to web: gyre.yaml has no ingress"
        #expect(try rehearsal.plan(stack, commit: "1").pending.contains(words))
        rehearsal.drain = .seconds(1)
        #expect(try !rehearsal.plan(stack, commit: "1").pending.contains(words))
    }

    @Test func theAddressIsThatOfTheFirstNetwork() {
        var container = container("1", created: 1)
        container.addresses = ["b": "10.0.0.2", "a": "10.0.0.1"]
        let targets = IngressTargets([container], nil)
        #expect(targets.addresses(of: "web", port: 80) == ["10.0.0.1:80"])
        container.addresses = [:]
        #expect(IngressTargets([container], nil).addresses(of: "web", port: 80) == [])
        #expect(targets.addresses(of: "db", port: 80) == [])
    }

    private func container(_ id: String, created: Int64) -> ObservedContainer {
        ObservedContainer(
            id: id,
            name: "web-\(id)",
            labels: [Labels.service: "web", Labels.slot: "1"],
            created: Instant(milliseconds: created)
        )
    }

    private func reference(_ container: ObservedContainer) -> ContainerRef {
        ContainerRef(slot: Slot(service: "web", number: 1), id: container.id, name: container.name)
    }
}

/// A service behind an ingress on its way to another version, which may fail.
private struct IngressTrial {
    private let stacks: (old: Stack, new: Stack)
    private let isSick: Bool
    private var rehearsal: Rehearsal
    private var isBack = false

    init(seed: Int) throws {
        var random = SplitMix64(seed: seed)
        var service = Service(image: "httpd:1")
        service.replicas = Int.random(in: 1...4, using: &random)
        service.ingress = .init(host: "www.example.org", port: 80)
        if random.chance(50) {
            service.healthcheck = .init(test: ["CMD", "true"], interval: .seconds(2))
        }
        service.rollout = random.chance(80) ? .any(&random) : nil
        service.rollout?.failureAction = .rollback
        service.rollback = service.rollout
        let old = try Gateway.stack(["web": service])
        var new = old
        isSick = random.chance(30)
        new.services["web"]?.image = isSick ? "httpd:sick" : "httpd:2"
        if random.chance(20) { new.services["web"]?.replicas = 1 }
        stacks = (old, new)
        rehearsal = Rehearsal(seed: seed)
        rehearsal.drain = .seconds(10)
        try rehearsal.deploy(old, commit: "1")
        rehearsal.node.behaviours[SimulatedNode.pin("httpd:sick").imageID] = .sickens
    }

    private var target: Stack { isBack ? stacks.old : stacks.new }

    /// Slots of the target that may be without a container at a time.
    private var most: Int {
        guard let service = target.services["web"] else { return 0 }
        let rollout = service.rollout ?? .unsaid
        if rollout.order == .startFirst, target.obstacle(toStartingFirst: "web") == nil { return 0 }
        return rollout.parallelism > 0 ? rollout.parallelism : service.replicas
    }

    /// Goes the way that a plan finds, and back where it fails.
    mutating func go(noting moments: inout [IngressTrial]) throws {
        let commit = isBack ? "1" : "2"
        let plan = try rehearsal.plan(target, commit: commit)
        var now = self
        var seen: [IngressTrial] = []
        var run = RunState(plan)
        let replicas = target.services["web"]?.replicas ?? 0
        let least = min(slots(run).count, replicas) - most
        let outcome = try rehearsal.deploy(target, commit: commit) { then, step, result in
            if case .stop(let container, _) = step.operation {
                let served = now.serving(run).map(\.id)
                #expect(!served.contains(container.id ?? ""), "\(step)\n\(plan)")
            }
            run.begun.insert(step.id)
            if result == .done { run.done.insert(step.id) }
            now.rehearsal = then
            #expect(now.slots(run).count >= least, "after \(step)\n\(plan)")
            seen.append(now)
        }
        moments += seen
        guard !outcome.isSuccess, !isBack else { return expectSuccess(outcome) }
        #expect(isSick)
        isBack = true
        rehearsal.setback = Setback(isRollback: true)
        try go(noting: &moments)
    }

    private func serving(_ run: RunState?) -> [ObservedContainer] {
        let ours = rehearsal.node.containers.values.map(\.seen).filter {
            rehearsal.owned.contains($0.id)
        }
        return IngressTargets(ours, run).serving("web")
    }

    private func slots(_ run: RunState?) -> Set<Slot> { Set(serving(run).compactMap(\.slot)) }

    func expectThrough() {
        #expect(isBack == isSick)
        let replicas = target.services["web"]?.replicas ?? 0
        let spec = SpecHash.all(of: target)["web"]
        let served = serving(nil)
        #expect(served.count == replicas && served.allSatisfy { $0.labels[Labels.spec] == spec })
        #expect(rehearsal.offences == [])
    }
}
