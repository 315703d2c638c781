import Admission
import Model
import TestSupport
import Testing

@testable import Planning

/// What services of a Swarm hold of what stacks share.
@Suite struct SwarmLedgerTests {
    /// With its service as the Swarm has it, and what it reserved.
    private func deployed(
        _ service: Service
    ) throws -> (service: ObservedService, reservation: Reservation, swarm: SimulatedSwarm) {
        var swarm = SimulatedSwarm()
        swarm.policy = Policy(TenantPolicy(profile: .privileged))
        let stack = try Stack.ofSwarm(["web": service])
        try swarm.deploy(stack)
        let found = try #require(swarm.services.values.first)
        return (found, Reservation(of: try swarm.desired(stack)), swarm)
    }

    private func web(_ image: String = "httpd:1") -> Service {
        var web = Service.ofSwarm(image)
        web.replicas = 3
        web.ports = [PortMapping(published: 8080, target: 80)]
        web.resources.memory = .gibibytes(1)
        web.resources.nanoCPUs = 500_000_000
        web.resources.pids = 10
        return web
    }

    /// Law: where nobody else has anything, a Swarm has room for each stack.
    @Test(arguments: 0..<100)
    func aStackAloneIsNotRefused(seed: Int) throws {
        var generator = StackGenerator(seed: seed)
        let swarm = SimulatedSwarm()
        var stack = generator.stack()
        for _ in 0..<3 {
            stack.isForSwarm = true
            for name in stack.services.keys {
                stack.services[name]?.replicas = Int.random(in: 0...3, using: &generator.random)
            }
            let needed = Reservation(of: try swarm.desired(stack))
            let question = LedgerQuestion(
                stack,
                needs: needed,
                wants: needed,
                in: Ledger(),
                under: Quota()
            )
            #expect(question.objections == [])
            let published = stack.services.values.flatMap(\.ports).filter { $0.published != nil }
            #expect(needed.ports.count == published.count)
            stack = generator.edited(stack)
        }
    }

    /// Where the journal is lost, what was sent tells what was reserved.
    @Test func whatRunsIsCountedAsItWasReserved() throws {
        var job = web("httpd:2")
        job.deployment?.mode = "replicated-job"
        var everywhere = web("httpd:3")
        everywhere.replicas = 1
        everywhere.deployment?.mode = "global"
        for service in [web(), job, everywhere] {
            let (found, reservation, _) = try deployed(service)
            let usage = Reservation(found: [], [found]).usage(onNodes: 5)
            var reserved = reservation.usage(onNodes: 5)
            reserved.networks = 0
            #expect(usage == reserved && usage.ports == 1 && usage.memory > 0, "\(usage)")
        }
        // A port that Gyre may have chosen is kept.
        let (found, _, swarm) = try deployed(web())
        var open = web()
        open.ports = [PortMapping(target: 80)]
        let result = PortChoosing(
            from: [8000...8999],
            before: Reservation(found: [], [found]),
            containers: [],
            isTaken: { _ in false }
        ).ports(for: try swarm.desired(.ofSwarm(["web": open])))
        #expect(Array(result.ports.values) == [8080])
    }

    /// As long as a service may have tasks of a version, that is not given back.
    @Test func whatIsThereIsKept() throws {
        let (found, reservation, _) = try deployed(web())
        #expect(reservation.kept(by: [], [], []).shares == [])
        #expect(reservation.kept(by: [], [], [found]).shares == reservation.shares)
        var (next, newer, _) = try deployed(web("httpd:2"))
        #expect(reservation.kept(by: [], [], [next]).shares == [])
        #expect(newer.kept(by: [], [], [next]).shares == newer.shares)
        // Halfway there it has tasks of both.
        let spec = found.spec["TaskTemplate"]?["ContainerSpec"]?["Labels"]?[Labels.spec]
        let labels = [Labels.spec: try #require(spec?.stringValue)]
        next.tasks = [ObservedTask(id: "t", state: "running", labels: labels)]
        let both = reservation.union(newer)
        #expect(both.kept(by: [], [], [next]).shares == both.shares)
        next.tasks = [ObservedTask(id: "t", state: "shutdown", labels: labels)]
        #expect(both.kept(by: [], [], [next]).shares == newer.shares)
    }

    /// Law: a service on each node counts for each, and a node that comes is nobody's growth.
    @Test(arguments: 0..<40)
    func aServiceOnEachNodeCountsForEach(seed: Int) throws {
        var random = SplitMix64(seed: seed)
        let nodes = Int.random(in: 1...9, using: &random)
        var everywhere = web()
        everywhere.replicas = 1
        everywhere.deployment?.mode = ["global", "global-job"].randomElement(using: &random)
        let (found, reservation, _) = try deployed(everywhere)
        let (_, replicated, _) = try deployed(web())
        let usage = reservation.usage(onNodes: nodes)
        let one = reservation.usage
        #expect(one.containers == 1 && usage.containers == Int64(nodes))
        #expect(usage.memory == one.memory * Int64(nodes) && usage.pids == 10 * Int64(nodes))
        #expect(usage.ports == 1, "it is led to whichever answers")
        #expect(replicated.usage(onNodes: nodes) == replicated.usage)
        #expect(reservation.shares.map(\.isOnEachNode) == [true])

        let stack = try Stack.ofSwarm(["web": everywhere])
        func objections(_ before: Reservation, _ memory: Int64) -> [Diagnostic] {
            var ledger = Ledger([stack.id: before])
            ledger.swarmNodes = nodes
            return LedgerQuestion(
                stack,
                needs: reservation,
                wants: reservation,
                in: ledger,
                under: Quota(memory: .gibibytes(memory))
            ).objections
        }
        #expect(objections(reservation, 1) == [], "it has that already")
        // As what was written down before each node counted has it.
        var former = try #require(reservation.shares.first)
        former.isOnEachNode = false
        #expect(objections(Reservation([former]).counted(as: reservation), 1) == [])
        #expect(objections(Reservation(found: [], [found]), 1) == [])
        #expect(objections(Reservation(), Int64(nodes)) == [])
        let least = Int64(nodes - 1)
        let refused = objections(Reservation(), least).map(\.code)
        #expect(nodes == 1 || refused == ["project-quota"])
    }

    @Test(arguments: [(1, 1), (2, 2), (0, 4)])
    func ofOneOnEachNodeAsManyRunBesideAsAreReplacedAtATime(
        parallelism: Int,
        beside: Int64
    ) throws {
        var everywhere = web()
        everywhere.replicas = 1
        everywhere.ports = []
        everywhere.deployment?.mode = "global"
        everywhere.rollout = Service.Rollout()
        everywhere.rollout?.order = .startFirst
        everywhere.rollout?.parallelism = parallelism
        everywhere.deployment?.update = Service.Update()
        everywhere.deployment?.update?.order = "start-first"
        var (_, _, swarm) = try deployed(everywhere)
        swarm.policy = Policy(TenantPolicy(profile: .privileged))
        everywhere.image = "httpd:2"
        let stack = try Stack.ofSwarm(["web": everywhere])
        let surges = try swarm.input(stack).surges
        let wanted = Reservation(of: try swarm.desired(stack), surges: surges)
        #expect(wanted.usage(onNodes: 4).containers == 4 + beside)
    }

    /// What one file asks for by itself, as `policy check` judges it.
    @Test func aFileAsksForEachPortOnce() throws {
        var stack = try Stack.ofSwarm(["web": web()])
        stack.services["web"]?.ports.append(PortMapping(published: 8081, target: 81))
        #expect(Usage(of: stack).ports == 2 && Usage(of: stack).containers == 3)
        stack.isForSwarm = false
        #expect(Usage(of: stack).ports == 6)
    }
}
