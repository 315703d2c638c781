import Model
import Planning
import TestSupport
import Testing

/// Plans as people read them; the texts are in `Snapshots`.
@Suite struct PlanExampleTests {
    @Test func theFirstDeployment() throws {
        try expectPlan(Rehearsal(), Gateway.stack(), "first-deployment")
    }

    @Test func nothingChanged() throws {
        let stack = try Gateway.stack()
        try expectPlan(Gateway.running(stack), stack, "nothing-changed")
    }

    @Test func replicasAreReplacedOneAfterTheOther() throws {
        var stack = try Gateway.replicated()
        let rehearsal = try Gateway.running(stack)
        stack.services["web"]?.environment = ["COLOUR": "green"]
        try expectPlan(rehearsal, stack, "rolling")
    }

    @Test func fewerReplicas() throws {
        var stack = try Gateway.replicated()
        let rehearsal = try Gateway.running(stack)
        stack.services["web"]?.replicas = 1
        try expectPlan(rehearsal, stack, "scale-down")
    }

    @Test func moreReplicas() throws {
        var stack = try Gateway.replicated()
        let rehearsal = try Gateway.running(stack)
        stack.services["web"]?.replicas = 4
        try expectPlan(rehearsal, stack, "scale-up")
    }

    @Test func aServiceIsRemoved() throws {
        let stack = try Gateway.stack()
        let rehearsal = try Gateway.running(stack)
        var less = stack
        less.services["apache"] = nil
        try expectPlan(rehearsal, StackGenerator.coherent(less), "service-removed")
    }

    @Test func theFileNamesAnotherImage() throws {
        var stack = try Gateway.stack()
        let rehearsal = try Gateway.running(stack)
        stack.services["apache"]?.image = "httpd:2.5"
        try expectPlan(rehearsal, stack, "image-written")
    }

    /// The same text means another image for this spec: a person released a pin.
    @Test func thePinIsAnother() throws {
        let stack = try Gateway.replicated()
        var rehearsal = try Gateway.running(stack)
        for key in rehearsal.pins.keys { rehearsal.pins[key] = SimulatedNode.pin("httpd:other") }
        try expectPlan(rehearsal, stack, "pin-changed")
    }

    @Test func aDependencyIsDead() throws {
        let stack = try Gateway.stack()
        var rehearsal = try Gateway.running(stack)
        rehearsal.node.befall(.dead, "astro_gateway-mysql-1")
        rehearsal.node.befall(.stopped, "astro_gateway-apache-1")
        try expectPlan(rehearsal, stack, "dead-dependency")
    }

    @Test func eachConditionOfADependency() throws {
        var services = try Gateway.withTask().services.merging(Gateway.stack().services) { $1 }
        services["apache"]?.dependsOn = [
            "migrate": .init(condition: .completed), "mysql": .init(condition: .healthy),
            "web": .init(), "cache": .init(required: false),
        ]
        services["cache"] = Service(image: "redis:7")
        try expectPlan(Rehearsal(), Gateway.stack(services), "conditions")
    }

    @Test func aDependencyTakesItsDependentsAlong() throws {
        var stack = try Gateway.stack()
        stack.services["apache"]?.dependsOn["mysql"]?.restart = true
        let rehearsal = try Gateway.running(stack)
        stack.services["mysql"]?.environment = ["A": "1"]
        try expectPlan(rehearsal, stack, "restart-with-dependency")
    }

    @Test(arguments: SimulatedNode.Mishap.allCases)
    func aMishap(_ mishap: SimulatedNode.Mishap) throws {
        let stack = try Gateway.stack()
        var rehearsal = try Gateway.running(stack)
        rehearsal.node.befall(mishap, "astro_gateway-mysql-1")
        try expectPlan(rehearsal, stack, "mishap-\(mishap.rawValue)")
    }

    @Test func aTaskIsDone() throws {
        let stack = try Gateway.withTask()
        try expectPlan(Rehearsal(), stack, "task-first")
        var rehearsal = try Gateway.running(stack)
        rehearsal.node.befall(.removed, "astro_gateway-migrate-1")
        try expectPlan(rehearsal, stack, "task-removed")
    }

    @Test func aTaskFailed() throws {
        let stack = try Gateway.withTask()
        var rehearsal = Rehearsal()
        rehearsal.node.behaviours[SimulatedNode.pin("busybox:1").imageID] = .exits(3)
        let outcome = try rehearsal.deploy(stack, commit: Gateway.commit)
        #expect(outcome.failures.map(\.failure.message).contains("it exited with status 3"))
        try expectPlan(rehearsal, stack, "task-failed")
        // Of another version it tells nothing.
        let failed = rehearsal.node.containers.filter { $0.value.seen.exitCode == 3 }
        rehearsal.untried = Set(failed.keys)
        try expectPlan(rehearsal, stack, "task-failed-before")
    }

    @Test func startedByHandOnly() throws {
        var stack = try Gateway.replicated()
        stack.services["web"]?.startOnCreate = false
        stack.services["web"]?.replicas = 1
        try expectPlan(Rehearsal(), stack, "start-on-create-first")
        let rehearsal = try Gateway.running(stack)
        try expectPlan(rehearsal, stack, "start-on-create-again")
        stack.services["web"]?.environment = ["A": "1"]
        try expectPlan(rehearsal, stack, "start-on-create-changed")
    }

    @Test func aVersionThatDidNotComeUp() throws {
        let stack = try Gateway.stack()
        var rehearsal = try Gateway.running(stack)
        rehearsal.node.behaviours[SimulatedNode.pin("mysql:9").imageID] = .sickens
        var sick = stack
        sick.services["mysql"]?.image = "mysql:9"
        let outcome = try rehearsal.deploy(sick, commit: "2")
        #expect(
            outcome.failures.map(\.failure.message) == [
                "its health check failed with status 1: no route"
            ]
        )
        try expectPlan(rehearsal, stack, "back-to-the-version-before")
    }

    /// A port changes hands only after the one who had it has let it go.
    @Test func aPortChangesHands() throws {
        let stack = try Gateway.stack()
        let rehearsal = try Gateway.running(stack)
        var moved = stack
        moved.services["nginx"] = moved.services.removeValue(forKey: "apache")
        try expectPlan(rehearsal, StackGenerator.coherent(moved), "port-changes-hands")
    }

    @Test func whatKeepsDyingWaits() throws {
        let stack = try Gateway.stack()
        var rehearsal = try Gateway.running(stack)
        rehearsal.node.befall(.killed, "astro_gateway-apache-1")
        let slot = Slot(service: "apache", number: 1)
        rehearsal.notBefore = [slot: rehearsal.node.time.adding(.seconds(30))]
        try expectPlan(rehearsal, stack, "back-off")
        rehearsal.node.pass(seconds: 30)
        try expectPlan(rehearsal, stack, "back-off-is-over")
    }

    @Test func whatOthersLabelledIsLeftAlone() throws {
        let stack = try Gateway.stack()
        var rehearsal = try Gateway.running(stack)
        rehearsal.node.addForeigners(bearing: [
            Labels.controller: Rehearsal.controller, Labels.project: "astro",
            Labels.stack: "gateway", Labels.service: "apache", Labels.slot: "2",
        ])
        try expectPlan(rehearsal, stack, "foreign-labels")
    }

    private func expectPlan(
        _ rehearsal: Rehearsal,
        _ stack: Stack,
        _ name: String,
        sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) throws {
        let plan = try rehearsal.plan(stack, commit: Gateway.commit)
        expectSnapshot(plan.description, named: name, sourceLocation: sourceLocation)
        var performed = rehearsal
        let outcome = performed.perform(plan, towards: try performed.desired(stack, commit: ""))
        if name.hasPrefix("task-failed") { return }
        expectSuccess(outcome, sourceLocation: sourceLocation)
        #expect(performed.offences == [], sourceLocation: sourceLocation)
    }
}
