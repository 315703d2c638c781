import Model
import Planning
import TestSupport
import Testing

/// States that generated stacks seldom come to.
@Suite struct PlanEdgeTests {
    /// Two services may have pinned one reference to different images.
    @Test func eachDigestIsPulled() throws {
        let stack = try Gateway.stack(["a": Service(image: "httpd"), "b": changed("httpd")])
        var rehearsal = try Gateway.running(stack)
        for (key, _) in rehearsal.pins where key.service == "b" {
            rehearsal.pins[key] = SimulatedNode.pin("httpd:older")
        }
        rehearsal.node.containers = [:]
        rehearsal.node.images = []
        let plan = try rehearsal.plan(stack, commit: "1")
        let pulls = plan.steps.compactMap { step -> ImagePull? in
            if case .pullImage(let pull) = step.operation { pull } else { nil }
        }
        #expect(pulls.map(\.services).sorted { $0[0] < $1[0] } == [["a"], ["b"]])
        #expect(Set(pulls.compactMap(\.digest)).count == 2)
        #expect(
            rehearsal.perform(plan, towards: try rehearsal.desired(stack, commit: "1")).isSuccess
        )
    }

    @Test func oneImageIsPulledOnce() throws {
        let stack = try Gateway.stack(["a": Service(image: "httpd"), "b": changed("httpd")])
        let plan = try Rehearsal().plan(stack, commit: "1")
        let pulls = plan.steps.compactMap { step -> ImagePull? in
            if case .pullImage(let pull) = step.operation { pull } else { nil }
        }
        #expect(pulls.map(\.services) == [["a", "b"]])
    }

    /// A candidate's name may be taken by one of the same version that the engine is removing.
    @Test func namesOfCandidatesDoNotCollide() throws {
        var stack = try Gateway.stack()
        var rehearsal = try Gateway.running(stack)
        stack.services["apache"]?.environment = ["A": "1"]
        try stop(&rehearsal, before: { if case .stop = $0 { true } else { false } }, stack)
        let names = rehearsal.node.names
        let first = try #require(names.first { $0.hasPrefix("astro_gateway-apache-1.") })
        let id = try #require(rehearsal.node.id(named: first))
        rehearsal.node.containers[id]?.seen.state = .removing
        expectSuccess(try rehearsal.deploy(stack, commit: "2"))
        #expect(rehearsal.offences == [])
        rehearsal.node.containers[id] = nil
        expectSuccess(try rehearsal.deploy(stack, commit: "2"))
        try expectSettled(rehearsal, stack, commit: "2")
    }

    /// What ran before stays what to fall back on though it lost the slot's name to a candidate.
    @Test func theOldContainerIsKnownWithoutItsName() throws {
        let stack = try Gateway.stack(["web": Service(image: "httpd:1")])
        var rehearsal = try Gateway.running(stack)
        let before = rehearsal.node.id(named: "astro_gateway-web-1")
        rehearsal.node.befall(.renamed, "astro_gateway-web-1")
        for version in ["httpd:2", "httpd:3"] {
            rehearsal.node.behaviours[SimulatedNode.pin(version).imageID] = .exits(1)
            let sick = try Gateway.stack(["web": Service(image: version)])
            #expect(!(try rehearsal.deploy(sick, commit: version).isSuccess))
        }
        expectSuccess(try rehearsal.deploy(stack, commit: "1"))
        #expect(rehearsal.node.id(named: "astro_gateway-web-1") == before)
        try expectSettled(rehearsal, stack, commit: "1")
    }

    /// A network that somebody else's container is on stays, and the run does not fail of it.
    @Test func aNetworkInUseStays() throws {
        let stack = try Gateway.stack()
        var rehearsal = try Gateway.running(stack)
        let network = try #require(
            rehearsal.node.networks.values.first { $0.name == "astro_gateway_back" }
        )
        rehearsal.node.addForeigners(bearing: [
            Labels.controller: "c", Labels.project: "astro", Labels.stack: "gateway",
        ])
        let other = try #require(rehearsal.node.id(named: "somebody-s-copy"))
        rehearsal.node.containers[other]?.seen.networks = [network.name: network.id]
        var less = stack
        less.services["mysql"]?.networks = ["default": .init()]
        less = StackGenerator.coherent(less)
        let outcome = try rehearsal.deploy(less, commit: "2")
        expectSuccess(outcome)
        #expect(rehearsal.node.networks[network.id] == network)
        rehearsal.node.containers[other] = nil
        let plan = try rehearsal.plan(less, commit: "2")
        #expect(plan.steps.map(\.operation.description) == ["remove network astro_gateway_back"])
    }

    /// What the engine is removing already is left to it.
    @Test(arguments: [true, false])
    func whatIsBeingRemovedIsNotRemovedAgain(isWanted: Bool) throws {
        let stack = try Gateway.replicated()
        var rehearsal = try Gateway.running(stack)
        let id = try #require(rehearsal.node.id(named: "astro_gateway-web-1"))
        rehearsal.node.containers[id]?.seen.state = .removing
        var wanted = stack
        if !isWanted { wanted.services["web"]?.replicas = 0 }
        let outcome = try rehearsal.deploy(wanted, commit: "2")
        expectSuccess(outcome)
        #expect(rehearsal.offences == [])
        rehearsal.node.containers[id] = nil
        expectSuccess(try rehearsal.deploy(wanted, commit: "2"))
        try expectSettled(rehearsal, wanted, commit: "2")
    }

    @Test func aStackOfWhichSomethingIsBeingRemovedGoes() throws {
        let stack = try Gateway.replicated()
        var rehearsal = try Gateway.running(stack)
        let id = try #require(rehearsal.node.id(named: "astro_gateway-web-1"))
        rehearsal.node.containers[id]?.seen.state = .removing
        let seen = rehearsal.node.observation
        let plan = Plan(removing: stack.id, observed: seen, owned: rehearsal.owned)
        expectSuccess(rehearsal.perform(plan))
        #expect(rehearsal.node.containers.keys.map(\.self) == [id])
    }

    /// Somebody started the old container beside the paused new one.
    @Test func whatRunsBesideAPausedContainerStopsFirst() throws {
        var stack = try Gateway.replicated()
        stack.services["web"]?.replicas = 1
        var rehearsal = try Gateway.running(stack)
        stack.services["web"]?.environment = ["A": "1"]
        try stop(&rehearsal, before: { if case .remove = $0 { true } else { false } }, stack)
        let old = try #require(rehearsal.node.id(named: "astro_gateway-web-1"))
        for id in rehearsal.node.containers.keys {
            rehearsal.node.containers[id]?.seen.state = id == old ? .running : .paused
        }
        let plan = try rehearsal.plan(stack, commit: "2")
        let words = plan.steps.map { $0.operation.description.prefix { $0 != " " } }
        #expect(words == ["stop", "unpause", "wait", "remove", "rename"])
        expectSuccess(try rehearsal.deploy(stack, commit: "2"))
        try expectSettled(rehearsal, stack, commit: "2")
    }

    /// A candidate that ended badly while nobody looked is judged before the old one goes.
    @Test func aCandidateThatFailedUnseenIsJudged() throws {
        var service = Service(image: "httpd")
        service.restart = .no
        let stack = try Gateway.stack(["job": service])
        var rehearsal = try Gateway.running(stack)
        var sick = stack
        sick.services["job"]?.image = "httpd:sick"
        rehearsal.node.behaviours[SimulatedNode.pin("httpd:sick").imageID] = .exits(1)
        try stop(&rehearsal, before: { if case .wait = $0 { true } else { false } }, sick)
        rehearsal.node.pass(seconds: 3)
        let outcome = try rehearsal.deploy(sick, commit: "2")
        #expect(outcome.failures.map(\.failure.message) == ["it exited with status 1"])
        expectSuccess(try rehearsal.deploy(stack, commit: "1"))
        try expectSettled(rehearsal, stack, commit: "1")
    }

    /// A new replica of a dependency is no replacement of it.
    @Test func scalingADependencyRestartsNobody() throws {
        var stack = try Gateway.stack()
        stack.services["apache"]?.dependsOn["mysql"]?.restart = true
        let rehearsal = try Gateway.running(stack)
        stack.services["mysql"]?.replicas = 2
        let plan = try rehearsal.plan(stack, commit: "2")
        let isStopped = plan.steps.contains { if case .stop = $0.operation { true } else { false } }
        #expect(!isStopped, "\(plan)")
    }

    /// Docker started the dependency again by itself; that is no business of its dependents.
    @Test func aRestartByTheEngineRestartsNobody() throws {
        var stack = try Gateway.stack()
        stack.services["apache"]?.dependsOn["mysql"]?.restart = true
        var rehearsal = try Gateway.running(stack)
        rehearsal.node.pass(seconds: 60)
        let id = try #require(rehearsal.node.id(named: "astro_gateway-mysql-1"))
        rehearsal.node.containers[id]?.seen.details?.started = rehearsal.node.time
        #expect(try rehearsal.plan(stack, commit: Gateway.commit).isEmpty)
    }

    /// What was created with the old period is stopped with it, whatever the new file says; where
    /// nobody looked, the engine knows it alone.
    @Test func aContainerIsStoppedInItsOwnTime() throws {
        var stack = try Gateway.replicated()
        stack.services["web"]?.replicas = 1
        stack.services["web"]?.stopGracePeriod = .seconds(90)
        var rehearsal = try Gateway.running(stack)
        func grace(_ stack: Stack) throws -> Nanoseconds?? {
            try rehearsal.plan(stack, commit: "2").steps.lazy.compactMap { step in
                if case .stop(_, let grace) = step.operation { .some(grace) } else { nil }
            }.first
        }
        var changed = stack
        changed.services["web"]?.stopGracePeriod = .seconds(5)
        #expect(try grace(changed) == .seconds(90))
        let id = try #require(rehearsal.node.containers.keys.first)
        rehearsal.node.containers[id]?.seen.details = nil
        #expect(try grace(changed) == .some(nil))
        rehearsal.pins = rehearsal.pins.mapValues { _ in SimulatedNode.pin("httpd:other") }
        rehearsal.node.images.insert(SimulatedNode.pin("httpd:other").imageID)
        #expect(try grace(stack) == .seconds(90))
    }

    /// A default that policy changed waits for the next container; a hand's change does not.
    @Test func aChangedDefaultIsPending() throws {
        let stack = try Gateway.replicated()
        var rehearsal = try Gateway.running(stack)
        for id in rehearsal.node.containers.keys {
            rehearsal.node.containers[id]?.seen.labels[Labels.filled] = "memory=1048576,pids=512"
            rehearsal.node.containers[id]?.seen.details?.limits.memory = 1_048_576
        }
        let plan = try rehearsal.plan(stack, commit: "1")
        #expect(plan.isEmpty)
        #expect(plan.pending.first == "astro_gateway-web-1: new defaults for memory")
    }

    /// Law 9: without its pins a stack pulls, and replaces nothing that runs.
    @Test func aLostPinReplacesNothing() throws {
        let stack = try Gateway.stack()
        var rehearsal = try Gateway.running(stack)
        rehearsal.pins = [:]
        rehearsal.node.images = []
        let plan = try rehearsal.plan(stack, commit: "1")
        let isReplaced = plan.steps.contains { step in
            switch step.operation {
            case .pullImage, .wait: false
            default: true
            }
        }
        #expect(!isReplaced, "\(plan)")
    }

    /// Two creations at once, by a controller that was killed and by the next, may both succeed.
    @Test func ofTwoNetworksOfOneNameTheUnusedOneGoes() throws {
        let stack = try Gateway.stack()
        var rehearsal = try Gateway.running(stack)
        let used = try #require(rehearsal.node.networks.values.min { $0.name < $1.name })
        for id in ["0-first", "z-last"] {
            rehearsal.node.networks[id] = ObservedNetwork(
                id: id,
                name: used.name,
                labels: used.labels
            )
            rehearsal.owned.insert(id)
        }
        let plan = try rehearsal.plan(stack, commit: Gateway.commit)
        #expect(plan.steps.map(\.reason) == [.spare, .spare], "\(plan)")
        expectSuccess(try rehearsal.deploy(stack, commit: Gateway.commit))
        #expect(rehearsal.node.networks[used.id] != nil && rehearsal.node.networks.count == 2)
        try expectSettled(rehearsal, stack, commit: Gateway.commit)
    }

    private func changed(_ image: String) -> Service {
        var service = Service(image: image)
        service.environment = ["A": "1"]
        return service
    }

    /// Deploys `stack` up to the first step that is as `isLast` says, and stops before it.
    private func stop(
        _ rehearsal: inout Rehearsal,
        before isLast: (Model.Operation) -> Bool,
        _ stack: Stack
    ) throws {
        let plan = try rehearsal.plan(stack, commit: "2")
        let last = try #require(plan.steps.first { isLast($0.operation) }).id
        _ = try rehearsal.deploy(stack, commit: "2", failing: [last])
    }
}
