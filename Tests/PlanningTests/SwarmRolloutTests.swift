import Model
import Planning
import TestSupport
import Testing

/// How a Swarm's services change, and what of that a person is asked for first.
@Suite struct SwarmRolloutTests {
    private func stack(_ services: [String: Service]) throws -> Stack {
        try SimulatedSwarm.stack(services)
    }

    private func service(_ image: String = "httpd:2.4") -> Service {
        SimulatedSwarm.service(image)
    }

    private func texts(_ plan: Plan) -> [String] { plan.words }

    @Test func whatTakesMuchAwayHasToBeConfirmed() throws {
        var swarm = SimulatedSwarm()
        try swarm.deploy(stack(["web": service(), "a": service("a:1")]))
        let observed = Observation(
            time: Instant(milliseconds: 0),
            swarm: ObservedSwarm(services: Array(swarm.services.values))
        )
        let id = try stack([:]).id
        let whole = Plan(removing: id, observed: observed, owned: swarm.owned)
        let asked = Confirmation(of: whole, running: observed, owned: swarm.owned)
        #expect(asked?.why == "it removes the whole stack: no compose file declares it any more")
        let one = try swarm.plan(stack(["web": service()]))
        #expect(Confirmation(of: one, running: observed, owned: swarm.owned) == nil)
        #expect(one.takesAway)
        let id2 = try #require(swarm.services.values.first { $0.name.hasSuffix("_a") }?.id)
        swarm.services[id2]?.tasks = (0..<5).map { ObservedTask(id: "\($0)", state: "running") }
        let many = Observation(
            time: Instant(milliseconds: 0),
            swarm: ObservedSwarm(services: Array(swarm.services.values))
        )
        let held = Confirmation(of: one, running: many, owned: swarm.owned)
        #expect(held?.names == ["gateway/a"])
    }

    /// Law 5: fewer replicas take tasks away as a service does that goes.
    @Test(arguments: [(10, 1, true), (10, 0, true), (1, 0, true), (10, 6, false), (4, 1, false)])
    func fewerReplicasHaveToBeConfirmed(before: Int, after: Int, isHeld: Bool) throws {
        var swarm = SimulatedSwarm()
        var web = service()
        web.replicas = before
        try swarm.deploy(stack(["web": web]))
        web.replicas = after
        // Also with another change beside.
        for image in ["httpd:2.4", "httpd:2.5"] {
            web.image = image
            let plan = try swarm.plan(stack(["web": web]))
            let observed = Observation(
                time: Instant(milliseconds: 0),
                swarm: ObservedSwarm(services: Array(swarm.services.values))
            )
            let asked = Confirmation(of: plan, running: observed, owned: swarm.owned)
            #expect((asked != nil) == isHeld, "\(asked?.why ?? "nothing")")
            #expect(asked.map { $0.names == [after > 0 ? "gateway/web" : "gateway"] } ?? true)
            let back = Confirmation(
                of: plan,
                running: observed,
                owned: swarm.owned,
                isGoingBack: true
            )
            #expect(after == 0 || back == nil)
        }
    }

    /// What a hand made more is put right without a question.
    @Test func whatAHandMadeMoreIsNotAskedFor() throws {
        var swarm = SimulatedSwarm()
        let stack = try stack(["web": service()])
        try swarm.deploy(stack)
        let id = try #require(swarm.services.keys.first)
        swarm.services[id]?.spec.put(["Mode", "Replicated", "Replicas"], 10)
        let plan = try swarm.plan(stack)
        let observed = Observation(
            time: Instant(milliseconds: 0),
            swarm: ObservedSwarm(services: Array(swarm.services.values))
        )
        #expect(texts(plan).first?.hasPrefix("update service") == true)
        #expect(Confirmation(of: plan, running: observed, owned: swarm.owned) == nil)
    }

    private func startFirst(_ image: String) -> Service {
        var service = service(image)
        service.replicas = 4
        service.rollout = Service.Rollout()
        service.rollout?.order = .startFirst
        service.rollout?.parallelism = 3
        service.deployment?.update = Service.Update()
        service.deployment?.update?.order = "start-first"
        service.deployment?.update?.parallelism = 3
        return service
    }

    /// Law 6: two never write one volume, whatever the file says; a port of the Swarm is no matter.
    @Test func aWriterIsNotStartedBesideAnother() throws {
        func order(_ service: Service) throws -> JSON? {
            let desired = try SimulatedSwarm().desired(stack(["web": service]))
            let calls = try SwarmCalls(bringingUp: desired, controller: "spin", SwarmRules())
            return calls.services.first?["UpdateConfig"]?["Order"]
        }
        var web = startFirst("httpd:2.4")
        web.ports = [PortMapping(published: 8000, target: 80)]
        #expect(try order(web) == "start-first")
        web.ports[0].mode = "host"
        #expect(try order(web) == "stop-first")
        web.ports = []
        web.volumes = [Mount(source: .bind(path: "/srv/astro"), target: "/data")]
        #expect(try order(web) == "stop-first")
        web.volumes[0].readOnly = true
        #expect(try order(web) == "start-first")
    }

    @Test func whatRunsBesideIsCounted() throws {
        var swarm = SimulatedSwarm()
        let one = try stack(["web": startFirst("httpd:2.4")])
        #expect(try swarm.input(one).surges.isEmpty)
        try swarm.deploy(one)
        #expect(try swarm.input(one).surges.isEmpty)
        let two = try stack(["web": startFirst("httpd:2.5")])
        #expect(try swarm.input(two).surges == ["web": 3])
        // It goes on, and then it is through.
        let id = try #require(swarm.services.keys.first)
        let spec = SpecHash.all(of: one)["web"] ?? ""
        try swarm.deploy(two)
        swarm.services[id]?.tasks = [
            ObservedTask(id: "t", state: "running", labels: [Labels.spec: spec])
        ]
        #expect(try swarm.input(two).surges == ["web": 3])
        swarm.services[id]?.tasks = []
        #expect(try swarm.input(two).surges.isEmpty)
    }
}
