import Model
import Planning
import TestSupport
import Testing

/// Plans that no file is behind: a stack is started again, or goes.
@Suite struct PlanWithoutDesiredTests {
    @Test func whatStandsStillIsStartedAgain() throws {
        var rehearsal = try Gateway.running(try Gateway.stack())
        rehearsal.node.befall(.killed, "astro_gateway-apache-1")
        rehearsal.node.befall(.paused, "astro_gateway-mysql-1")
        let plan = try again(rehearsal)
        expectSnapshot(plan.description, named: "frozen")
        let outcome = rehearsal.perform(plan)
        #expect(outcome.isSuccess)
        #expect(try again(rehearsal).isEmpty)
    }

    @Test func nothingIsMadeWhereAContainerIsGone() throws {
        var rehearsal = try Gateway.running(try Gateway.stack())
        rehearsal.node.befall(.removed, "astro_gateway-apache-1")
        #expect(try again(rehearsal).isEmpty)
    }

    @Test func aTaskIsNotRunAgain() throws {
        #expect(try again(try Gateway.running(try Gateway.withTask())).isEmpty)
    }

    @Test func whatKeepsDyingWaits() throws {
        var rehearsal = try Gateway.running(try Gateway.replicated())
        rehearsal.node.befall(.killed, "astro_gateway-web-2")
        let slot = Slot(service: "web", number: 2)
        let later = rehearsal.node.time.adding(.seconds(5))
        #expect(try again(rehearsal, notBefore: [slot: later]).isEmpty)
        rehearsal.node.pass(seconds: 5)
        #expect(try again(rehearsal, notBefore: [slot: later]).steps.count == 1)
    }

    /// Whenever change stops, at most one container of a slot runs, and one does that can.
    @Test(arguments: 0..<60)
    func aChangeMayBeFrozenAtAnyStep(seed: Int) throws {
        var scene = try Scene(seed: seed)
        var moments: [Rehearsal] = []
        try scene.rehearsal.deploy(scene.second, commit: "2") { now, _, _ in moments.append(now) }
        for moment in moments {
            var frozen = moment
            let before = Set(frozen.node.containers.keys)
            let outcome = frozen.perform(try again(frozen))
            #expect(outcome.failures.isEmpty)
            #expect(Set(frozen.node.containers.keys) == before)
            #expect(frozen.offences == [])
        }
    }

    @Test func aStackGoesButForItsVolumes() throws {
        var rehearsal = try Gateway.running(try Gateway.stack())
        let id = try Gateway.stack().id
        let seen = rehearsal.node.observation
        let plan = Plan(removing: id, observed: seen, owned: rehearsal.owned)
        expectSnapshot(plan.description, named: "stack-removed")
        let outcome = rehearsal.perform(plan)
        #expect(outcome.isSuccess)
        #expect(rehearsal.node.summary == "volume astro_gateway_data")
        let rest = rehearsal.node.observation
        #expect(Plan(removing: id, observed: rest, owned: rehearsal.owned).isEmpty)
    }

    private func again(
        _ rehearsal: Rehearsal,
        notBefore: [Slot: Instant] = [:]
    ) throws -> Plan {
        let id = try Gateway.stack().id
        let seen = rehearsal.node.observation.of(id)
        return Plan(startingAgain: id, observed: seen, notBefore: notBefore)
    }
}
