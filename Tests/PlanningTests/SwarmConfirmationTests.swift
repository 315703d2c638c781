import Model
import TestSupport
import Testing

@testable import Planning

/// What of a Swarm's changes a person is asked for first.
@Suite struct SwarmConfirmationTests {
    @Test func whatTakesMuchAwayHasToBeConfirmed() throws {
        var swarm = SimulatedSwarm()
        try swarm.deploy(.ofSwarm(["web": .ofSwarm(), "a": .ofSwarm("a:1")]))
        let observed = Observation(
            time: Instant(milliseconds: 0),
            swarm: ObservedSwarm(services: Array(swarm.services.values))
        )
        let id = try Stack.ofSwarm([:]).id
        let whole = Plan(removing: id, observed: observed, owned: swarm.owned)
        let asked = Confirmation(of: whole, running: observed, owned: swarm.owned)
        #expect(asked?.why == "it removes the whole stack: no compose file declares it any more")
        let one = try swarm.plan(.ofSwarm(["web": .ofSwarm()]))
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
        var web = Service.ofSwarm()
        web.replicas = before
        try swarm.deploy(.ofSwarm(["web": web]))
        web.replicas = after
        // Also with another change beside.
        for image in ["httpd:2.4", "httpd:2.5"] {
            web.image = image
            let plan = try swarm.plan(.ofSwarm(["web": web]))
            let observed = swarm.observation
            let asked = Confirmation(of: plan, running: observed, owned: swarm.owned)
            #expect((asked != nil) == isHeld, "\(asked?.why ?? "nothing")")
            #expect(asked.map { $0.names == [after > 0 ? "gateway/web" : "gateway"] } ?? true)
            let back = Confirmation(
                of: plan,
                running: observed,
                owned: swarm.owned,
                leadsToGood: true
            )
            #expect(back == nil)
        }
    }

    /// What a failed version added is no loss to the one that was good.
    @Test func whatWasNeverGoodGoesUnasked() throws {
        var swarm = SimulatedSwarm()
        let good = ["web": Service.ofSwarm()]
        try swarm.deploy(.ofSwarm(good))
        var bad = good
        bad["web"] = .ofSwarm("httpd:9")
        for number in 1...5 { bad["new\(number)"] = .ofSwarm() }
        try swarm.deploy(.ofSwarm(bad))
        let plan = try swarm.plan(.ofSwarm(good))
        let observed = swarm.observation
        let asked = Confirmation(of: plan, running: observed, owned: swarm.owned)
        #expect(asked?.names == (1...5).map { "gateway/new\($0)" })
        let back = Confirmation(
            of: plan,
            running: observed,
            owned: swarm.owned,
            leadsToGood: true
        )
        #expect(back == nil)
    }

    /// What a hand made more is put right without a question.
    @Test func whatAHandMadeMoreIsNotAskedFor() throws {
        var swarm = SimulatedSwarm()
        let stack = try Stack.ofSwarm(["web": .ofSwarm()])
        try swarm.deploy(stack)
        let id = try #require(swarm.services.keys.first)
        swarm.services[id]?.spec.put(["Mode", "Replicated", "Replicas"], 10)
        let plan = try swarm.plan(stack)
        let observed = Observation(
            time: Instant(milliseconds: 0),
            swarm: ObservedSwarm(services: Array(swarm.services.values))
        )
        #expect(plan.words.first?.hasPrefix("update service") == true)
        #expect(Confirmation(of: plan, running: observed, owned: swarm.owned) == nil)
    }
}
