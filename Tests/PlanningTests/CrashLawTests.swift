import Model
import Planning
import TestSupport
import Testing

/// Laws of plans that don't come to their end.
@Suite struct CrashLawTests {
    /// A crash after any step is repaired by the next plan, and nobody can tell afterwards.
    @Test(arguments: 0..<100)
    func aCrashAnywhereIsRepaired(seed: Int) throws {
        var scene = try Scene(seed: seed)
        var moments = [scene.rehearsal]
        let outcome = try scene.rehearsal.deploy(scene.second, commit: "2") { now, _, _ in
            moments.append(now)
        }
        expectSuccess(outcome)
        let names = scene.rehearsal.node.names
        for (steps, moment) in moments.enumerated() {
            var restarted = moment
            let rest = try restarted.deploy(scene.second, commit: "2")
            expectSuccess(rest)
            try expectSettled(
                restarted,
                scene.second,
                commit: "2",
                "after \(steps) of\n\(outcome.plan)"
            )
            #expect(restarted.node.names == names, "after \(steps) of\n\(outcome.plan)")
        }
    }

    /// What is to be restarted with its dependency is restarted, once and whole, wherever the
    /// controller ended.
    @Test(arguments: 0..<20, [nil, Service.RestartPolicy.no, .always, .onFailure(retries: 0)])
    func aCrashLosesNoRestart(seed: Int, restart: Service.RestartPolicy?) throws {
        var stack = try Gateway.stack()
        stack.services["apache"]?.dependsOn["mysql"]?.restart = true
        stack.services["apache"]?.restart = restart
        var rehearsal = Rehearsal(seed: seed)
        try rehearsal.deploy(stack, commit: "1")
        let before = rehearsal.node.id(named: "astro_gateway-apache-1")
        stack.services["mysql"]?.environment = ["A": "1"]
        var moments = [rehearsal]
        try rehearsal.deploy(stack, commit: "2") { now, _, _ in moments.append(now) }
        for moment in moments {
            var restarted = moment
            let rest = try restarted.deploy(stack, commit: "2")
            expectSuccess(rest)
            let ours = restarted.node.containers.values.map(\.seen)
            let mysql = try #require(ours.first { $0.slot?.service == "mysql" })
            let apache = try #require(ours.first { $0.slot?.service == "apache" })
            #expect(apache.id == before)
            let started = try #require(apache.details?.started)
            #expect(started > mysql.created, "\(rest.plan)")
            try expectSettled(restarted, stack, commit: "2")
        }
    }

    /// The first deployment has nothing to fall back on, and is finished all the same.
    @Test(arguments: 0..<60)
    func aCrashOfTheFirstDeploymentIsRepaired(seed: Int) throws {
        var generator = StackGenerator(seed: seed)
        let stack = generator.stack()
        var rehearsal = Rehearsal(seed: seed)
        var moments = [rehearsal]
        try rehearsal.deploy(stack, commit: "1") { now, _, _ in moments.append(now) }
        for (steps, moment) in moments.enumerated() {
            var restarted = moment
            let rest = try restarted.deploy(stack, commit: "1")
            expectSuccess(rest)
            try expectSettled(restarted, stack, commit: "1", "crashed after \(steps)")
        }
    }

    /// A newer commit may come at any step of the one before.
    @Test(arguments: 0..<60)
    func aNewerCommitMayComeAtAnyStep(seed: Int) throws {
        var scene = try Scene(seed: seed)
        var generator = StackGenerator(seed: seed + 1000)
        let third = generator.edited(scene.second)
        var moments: [Rehearsal] = []
        try scene.rehearsal.deploy(scene.second, commit: "2") { now, _, _ in moments.append(now) }
        for (steps, moment) in moments.enumerated() {
            var pressed = moment
            let outcome = try pressed.deploy(third, commit: "3")
            expectSuccess(outcome)
            try expectSettled(pressed, third, commit: "3", "after \(steps) steps")
        }
    }

    /// A step that fails holds up what depends on it, never its siblings.
    @Test(arguments: 0..<200)
    func aFailureStopsItsDependentsOnly(seed: Int) throws {
        var scene = try Scene(seed: seed)
        let plan = try scene.rehearsal.plan(scene.second, commit: "2")
        guard !plan.isEmpty else { return }
        var random = SplitMix64(seed: seed)
        let failing = random.pick(plan.steps).id
        var dependents: Set<Step.ID> = [failing]
        for step in plan.steps where !dependents.isDisjoint(with: step.after) {
            dependents.insert(step.id)
        }
        let outcome = try scene.rehearsal.deploy(scene.second, commit: "2", failing: [failing])
        for step in plan.steps {
            let result = outcome.results[step.id]
            #expect((result == .done) == !dependents.contains(step.id), "\(step)")
        }
        #expect(scene.rehearsal.offences == [])
        let rest = try scene.rehearsal.deploy(scene.second, commit: "2")
        expectSuccess(rest)
        try expectSettled(scene.rehearsal, scene.second, commit: "2")
    }

    /// Law 6: a version that does not come up makes room for the one before, whose containers
    /// are started again and not made anew.
    @Test(arguments: 0..<200)
    func theOldContainersComeBack(seed: Int) throws {
        guard var scene = try SickScene(seed: seed) else { return }
        let before = scene.rehearsal.node.ids
        let outcome = try scene.rehearsal.deploy(scene.sick, commit: "2")
        #expect(!outcome.isSuccess)
        #expect(outcome.failures.allSatisfy { $0.failure.kind == .verdict })
        let back = try scene.rehearsal.deploy(scene.well, commit: "1")
        expectSuccess(back)
        #expect(scene.rehearsal.node.ids == before, "\(outcome.plan)\n\(back.plan)")
        try expectSettled(scene.rehearsal, scene.well, commit: "1")
    }

    /// And a crash on either way changes nothing about that.
    @Test(arguments: 0..<40)
    func theOldContainersComeBackAfterACrash(seed: Int) throws {
        guard var scene = try SickScene(seed: seed) else { return }
        let before = scene.rehearsal.node.ids
        var moments: [Rehearsal] = []
        try scene.rehearsal.deploy(scene.sick, commit: "2") { now, _, _ in moments.append(now) }
        try scene.rehearsal.deploy(scene.well, commit: "1") { now, _, _ in moments.append(now) }
        for moment in moments {
            var restarted = moment
            let back = try restarted.deploy(scene.well, commit: "1")
            expectSuccess(back)
            #expect(restarted.node.ids == before, "\(back.plan)")
            try expectSettled(restarted, scene.well, commit: "1")
        }
    }
}

/// A stack that runs, and a version of it in which one service does not come up.
struct SickScene {
    let well: Stack
    let sick: Stack
    var rehearsal: Rehearsal

    /// nil when the seed's stack has no service that runs.
    init?(seed: Int) throws {
        let scene = try Scene(seed: seed)
        let running = scene.first.services.filter { _, service in
            service.replicas > 0 && service.startOnCreate
                && !service.image.hasPrefix(StackGenerator.taskImage)
        }
        guard !running.isEmpty else { return nil }
        var random = SplitMix64(seed: seed)
        var sick = scene.first
        sick.services[random.pick(running.keys.sorted())]?.image = "httpd:sick"
        well = scene.first
        self.sick = sick
        rehearsal = scene.rehearsal
        rehearsal.node.behaviours[SimulatedNode.pin("httpd:sick").imageID] = .sickens
    }
}

extension SimulatedNode {
    /// Names of all objects.
    var names: Set<String> {
        Set(containers.values.map(\.seen.name) + networks.values.map(\.name) + volumes.keys)
    }

    /// Container names and ids.
    var ids: [String: String] {
        Dictionary(containers.values.map { ($0.seen.name, $0.seen.id) }) { first, _ in first }
    }
}
