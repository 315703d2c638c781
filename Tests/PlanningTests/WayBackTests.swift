import Model
import Planning
import TestSupport
import Testing

/// What a version that was given up makes way for, where nothing may be made.
@Suite struct WayBackTests {
    /// Whenever change stops, what stands of the good version may be gone back to: nothing is made
    /// or removed, one container of a slot runs, and that is all there is to do.
    @Test(arguments: 0..<80)
    func aVersionIsGivenUpAtAnyStep(seed: Int) throws {
        var scene = try Scene(seed: seed)
        var moments: [Rehearsal] = []
        try scene.rehearsal.deploy(scene.second, commit: "2") { now, _, _ in moments.append(now) }
        for moment in moments {
            var frozen = moment
            let outcome = frozen.perform(back(frozen, to: scene.first))
            #expect(outcome.failures.isEmpty, "\(outcome.plan)")
            #expect(Set(frozen.node.containers.keys) == Set(moment.node.containers.keys))
            #expect(frozen.offences == [])
            let again = back(frozen, to: scene.first)
            #expect(again.isEmpty, "\(outcome.plan)\n\(again)")
        }
    }

    /// Both write one volume: the old one starts when the new one has stopped.
    @Test func whatRanBeforeIsStartedAgain() throws {
        let good = try Gateway.stack()
        var bad = good
        bad.services["mysql"]?.image = "mysql:9"
        let (rehearsal, old) = try failed(good, bad, "mysql")
        let plan = back(rehearsal, to: good)
        #expect(plan.steps.count == 2, "\(plan)")
        guard case .stop(let new, _)? = plan.steps.first?.operation,
            case .start(let started)? = plan.steps.last?.operation
        else {
            Issue.record("\(plan)")
            return
        }
        #expect(new.slot == started.slot && started.id == old && new.id != old)
        #expect(plan.steps.last?.after == [1])
        var after = rehearsal
        #expect(after.perform(plan).isSuccess && after.offences == [])
        #expect(after.node.containers[old]?.isRunning == true)
    }

    @Test func whatIsLeftOrNotOursOrDoneStays() throws {
        let good = try Gateway.stack()
        var bad = good
        bad.services["mysql"]?.image = "mysql:9"
        let (rehearsal, old) = try failed(good, bad, "mysql")
        let seen = rehearsal.node.observation.of(good.id)
        let news = Set(seen.containers.map(\.id)).subtracting([old])
        let ways = [
            WayBack(to: good, owned: rehearsal.owned, left: news),
            WayBack(to: good, owned: [old]),
            // What ran before is another version than the one that was good.
            WayBack(to: bad, owned: rehearsal.owned),
        ]
        for way in ways {
            let plan = Plan(startingAgain: good.id, observed: seen, back: way)
            #expect(plan.isEmpty, "\(plan)")
        }
    }

    /// One writer: what writes the same and goes on running, as a version has it, keeps out what
    /// ran before; what the good version shares anyway doesn't.
    @Test(arguments: [false, true])
    func whatIsWrittenHasOneWriter(isShared: Bool) throws {
        let data = Mount(source: .volume(key: "data"), target: "/data")
        var web = Service(image: "httpd:2.4")
        web.healthcheck = .init(test: ["CMD", "check"], interval: .seconds(5))
        web.volumes = [data]
        var worker = Service(image: "worker:1")
        if isShared { worker.volumes = [data] }
        let good = try Gateway.stack(["web": web, "worker": worker])
        web.image = "httpd:sick"
        web.volumes = isShared ? [data] : []
        worker.image = "worker:2"
        worker.volumes = [data]
        let bad = try Gateway.stack(["web": web, "worker": worker])
        let (rehearsal, old) = try failed(good, bad, "web")
        #expect(rehearsal.node.id(named: "astro_gateway-worker-1") != nil)
        let plan = back(rehearsal, to: good)
        let starts = plan.steps.contains { step in
            if case .start(let container) = step.operation { container.id == old } else { false }
        }
        #expect(starts == isShared, "\(plan)")
        if !isShared { #expect(plan.isEmpty, "\(plan)") }
    }

    /// A version that took the place of `good` as far as the one service that doesn't come up, and
    /// what ran of that before.
    private func failed(
        _ good: Stack,
        _ bad: Stack,
        _ service: String
    ) throws -> (Rehearsal, old: String) {
        var rehearsal = try Gateway.running(good)
        let old = try #require(rehearsal.node.id(named: "astro_gateway-\(service)-1"))
        let image = bad.services[service]?.image ?? ""
        rehearsal.node.behaviours[SimulatedNode.pin(image).imageID] = .sickens
        #expect(!(try rehearsal.deploy(bad, commit: "2").isSuccess))
        #expect(rehearsal.node.containers[old]?.seen.state == .exited)
        return (rehearsal, old)
    }

    private func back(_ rehearsal: Rehearsal, to good: Stack) -> Plan {
        Plan(
            startingAgain: good.id,
            observed: rehearsal.node.observation.of(good.id),
            back: WayBack(
                to: good,
                owned: rehearsal.owned,
                completed: rehearsal.completed
            )
        )
    }
}
