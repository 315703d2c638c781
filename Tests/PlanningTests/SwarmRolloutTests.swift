import Model
import TestSupport
import Testing

@testable import Planning

/// How a Swarm's services change.
@Suite struct SwarmRolloutTests {
    private func startFirst(_ image: String) -> Service {
        var service = Service.ofSwarm(image)
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
        func order(_ edit: (inout Service?) -> Void) throws -> JSON? {
            var stack = try Stack.ofSwarm(["web": startFirst("httpd:2.4")])
            edit(&stack.services["web"])
            let desired = try SimulatedSwarm().desired(stack)
            let calls = try SwarmCalls(bringingUp: desired, controller: "spin", SwarmRules())
            return calls.services.first?["UpdateConfig"]?["Order"]
        }
        let mount = Mount(source: .bind(path: "/srv/astro"), target: "/data")
        var read = mount
        read.readOnly = true
        var port = PortMapping(published: 8000, target: 80)
        let orders = [
            try order { $0?.ports = [port] },
            try order {
                port.mode = "host"
                $0?.ports = [port]
            },
            try order { $0?.volumes = [mount] }, try order { $0?.volumes = [read] },
        ]
        #expect(orders == ["start-first", "stop-first", "stop-first", "start-first"])
    }

    @Test func whatRunsBesideIsCounted() throws {
        var swarm = SimulatedSwarm()
        let one = try Stack.ofSwarm(["web": startFirst("httpd:2.4")])
        #expect(try swarm.input(one).surges.isEmpty)
        try swarm.deploy(one)
        #expect(try swarm.input(one).surges.isEmpty)
        let two = try Stack.ofSwarm(["web": startFirst("httpd:2.5")])
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

    /// As with `docker stack deploy`: it is written to the service, and its tasks stay.
    @Test func howItIsUpdatedRestartsNoTask() throws {
        var swarm = SimulatedSwarm()
        var web = startFirst("httpd:2.4")
        try swarm.deploy(.ofSwarm(["web": web]))
        let id = try #require(swarm.services.keys.first)
        let before = try #require(swarm.services[id])
        web.deployment?.update?.delay = .seconds(20)
        web.rollout?.delay = .seconds(20)
        web.deployment?.labels = ["a": "b"]
        web.deployment?.endpointMode = "dnsrr"
        let changed = try Stack.ofSwarm(["web": web])
        try swarm.deploy(changed)
        let after = try #require(swarm.services[id])
        #expect(after.spec["UpdateConfig"]?["Delay"] == .int(20_000_000_000))
        #expect(after.spec["TaskTemplate"] == before.spec["TaskTemplate"])
        #expect(after.labels[Labels.spec] != before.labels[Labels.spec])
        #expect(try swarm.plan(changed).isEmpty)
        web.image = "httpd:2.5"
        try swarm.deploy(.ofSwarm(["web": web]))
        #expect(swarm.services[id]?.spec["TaskTemplate"] != before.spec["TaskTemplate"])
    }

    /// Law 9: tasks that bear the service's own hash are what the file says, and stay.
    @Test func tasksOfAnEarlierGyreAreWhatTheyWere() throws {
        var swarm = SimulatedSwarm()
        let stack = try Stack.ofSwarm(["web": startFirst("httpd:2.4")])
        try swarm.deploy(stack)
        let id = try #require(swarm.services.keys.first)
        let spec = try #require(SpecHash.all(of: stack)["web"])
        let path = ["TaskTemplate", "ContainerSpec", "Labels", Labels.spec]
        #expect(swarm.services[id]?.spec["TaskTemplate"]?["ContainerSpec"]?["Labels"] != nil)
        swarm.services[id]?.spec.put(path[...], .string(spec))
        let sent = swarm.services[id].map { SwarmSent.hash(of: $0.spec) }
        swarm.services[id]?.labels[Labels.sent] = sent
        let image = try #require(swarm.services[id]?.image)
        swarm.services[id]?.tasks = (0..<4).map {
            ObservedTask(
                id: "t\($0)",
                state: "running",
                image: image,
                labels: [Labels.spec: spec]
            )
        }
        #expect(try swarm.plan(stack).isEmpty)
        #expect(try swarm.input(stack).surges.isEmpty)
        swarm.proven = []
        let settle = try swarm.plan(stack).steps.compactMap { step -> ServiceRef? in
            if case .settle(let service) = step.operation { service } else { nil }
        }
        let wanted = try #require(settle.first)
        let time = Instant(milliseconds: 0)
        var judgement = ServiceJudgement(wanted, image: image, window: .init(), began: time)
        #expect(judgement.see(swarm.services[id], at: time) == .waiting)
        #expect(judgement.see(swarm.services[id], at: time.adding(.seconds(60))) == .met)
    }

    /// What ran to its end is not run again because somebody removed its service.
    @Test func aTaskThatIsDoneIsNotRunAgain() throws {
        var swarm = SimulatedSwarm()
        var migration = Service.ofSwarm("busybox:1")
        migration.restart = .no
        let stack = try Stack.ofSwarm(["migration": migration])
        try swarm.deploy(stack)
        let id = try #require(swarm.services.keys.first)
        let spec = try #require(swarm.services[id]?.labels[Labels.spec])
        func completed(_ states: [String]) throws -> Set<PinKey> {
            swarm.services[id]?.tasks = states.enumerated().map { number, state in
                ObservedTask(
                    id: "\(number)",
                    state: state,
                    isWanted: state == "running",
                    labels: [Labels.spec: spec]
                )
            }
            let desired = try swarm.desired(stack)
            return desired.completedTasks(in: swarm.observation, owned: swarm.owned)
        }
        #expect(try completed(["failed"]).isEmpty)
        #expect(try completed(["complete", "running"]).isEmpty)
        let done = try completed(["failed", "complete"])
        #expect(done == [PinKey(stack: stack.id, service: "migration", spec: spec)])
        swarm.services = [:]
        #expect(try !swarm.plan(stack).isEmpty)
        var input = try swarm.input(stack)
        input.completed = done
        #expect(Plan(from: input).isEmpty)
    }

    // MARK: What fails

    private func rollout(
        _ action: Service.Rollout.FailureAction,
        _ image: String = "httpd:2.4",
        ratio: Double = 0
    ) -> Service {
        var service = Service.ofSwarm(image)
        service.replicas = 4
        service.rollout = Service.Rollout()
        service.rollout?.failureAction = action
        service.rollout?.maximumFailureRatio = ratio
        return service
    }

    private func update(_ plan: Plan) -> JSON? {
        for step in plan.steps {
            guard case .change(let change) = step.operation, change.kind == .service else {
                continue
            }
            return change.body["UpdateConfig"]
        }
        return nil
    }

    /// A Swarm never goes back by itself, and replaces no faster than versions are judged.
    @Test func whatASwarmIsToldOfFailures() throws {
        func sent(_ service: Service) throws -> JSON? {
            update(try SimulatedSwarm().plan(.ofSwarm(["web": service])))
        }
        let back = try sent(rollout(.rollback, ratio: 0.3))
        #expect(back?["FailureAction"] == "pause" && back?["MaxFailureRatio"] == .double(0.3))
        #expect(try sent(rollout(.pause))?["FailureAction"] == "pause")
        #expect(try sent(rollout(.pause, ratio: 1))?["MaxFailureRatio"] == 1)
        #expect(try sent(rollout(.continue))?["FailureAction"] == "continue")
        let unsaid = try sent(.ofSwarm())
        #expect(unsaid?["FailureAction"] == "pause" && unsaid?["MaxFailureRatio"] == 0)
        #expect(unsaid?["Delay"] == 10_000_000_000 && unsaid?["Monitor"] == 10_000_000_000)
        var slow = rollout(.pause)
        slow.rollout?.delay = .seconds(60)
        #expect(try sent(slow)?["Delay"] == 60_000_000_000)
    }

    /// The way back is as `rollback_config` of the version that was good says, and stops nowhere.
    @Test func theWayBackIsWhatTheGoodVersionSays() throws {
        var swarm = SimulatedSwarm()
        var good = rollout(.rollback)
        good.rollback = Service.Rollout()
        good.rollback?.parallelism = 0
        let before = try Stack.ofSwarm(["web": good])
        try swarm.deploy(before)
        try swarm.deploy(.ofSwarm(["web": rollout(.rollback, "httpd:9")]))
        let told = update(try swarm.plan(before, Setback(isRollback: true)))
        #expect(told?["FailureAction"] == "continue" && told?["Parallelism"] == 0)
        #expect(told?["Delay"] == nil && told?["MaxFailureRatio"] == 0)
    }

    /// A Swarm that stopped halfway goes on when it is written, and only then (law 8).
    @Test(arguments: [false, true])
    func aStoppedUpdateIsTakenUpAgain(isProven: Bool) throws {
        var swarm = SimulatedSwarm()
        let stack = try Stack.ofSwarm(["web": rollout(.pause)])
        try swarm.deploy(stack)
        if !isProven { swarm.proven = [] }
        let id = try #require(swarm.services.keys.first)
        swarm.services[id]?.update = "paused"
        let plan = try swarm.plan(stack)
        #expect(
            plan.words.first
                == "update service astro_gateway_web, because the Swarm stopped halfway to it"
        )
        // What a Swarm has given up for good is asked for again.
        func force(_ plan: Plan) -> JSON? {
            guard case .change(let change)? = plan.steps.first?.operation else { return nil }
            return change.body["TaskTemplate"]?["ForceUpdate"]
        }
        #expect(force(plan) == 1)
        // It may still be stopping at this very spec, and would take it for known.
        let found = swarm.services[id]?.spec["UpdateConfig"]
        #expect(update(plan) != nil && update(plan)?["Monitor"] != found?["Monitor"])
        swarm.services[id]?.tasks = (0..<4).map { ObservedTask(id: "\($0)", state: "starting") }
        #expect(force(try swarm.plan(stack)) == 0)
        swarm.services[id]?.update = nil
        #expect(try swarm.plan(stack).isEmpty == isProven)
    }

    /// What a pause left stays with all that it has; the rest is as the good version says.
    @Test func whatAPauseLeftStays() throws {
        func web(_ digest: Character, _ image: String) -> Service {
            var web = rollout(.pause, image)
            let content = Content(
                source: .text,
                kind: .file,
                digest: String(repeating: digest, count: 64),
                name: "config site"
            )
            web.volumes = [Mount(source: .content(content), target: "/etc/site", readOnly: true)]
            return web
        }
        var swarm = SimulatedSwarm()
        let good = try Stack.ofSwarm(["web": web("a", "httpd:1"), "db": .ofSwarm("mysql:1")])
        try swarm.deploy(good)
        var second = web("b", "httpd:2")
        second.networks["more"] = .init()
        let bad = try Stack.ofSwarm([
            "web": second, "db": .ofSwarm("mysql:2"), "new": .ofSwarm("redis:7"),
        ])
        try swarm.deploy(bad)
        let left = swarm.services.values.filter { !$0.name.hasSuffix("db") }.map(\.standing)
        let plan = try swarm.plan(good, Setback(isRollback: true, left: Set(left)))
        #expect(
            plan.words.map { String($0.prefix { $0 != "," }) }.filter {
                !$0.hasPrefix("create config")
            } == [
                "update service astro_gateway_db",
                "wait until service astro_gateway_db is stable",
            ]
        )
        // Gone, or of another version by now, it is nothing that a pause left.
        let id = try #require(swarm.services.first { $0.value.name.hasSuffix("web") }?.key)
        swarm.services[id]?.labels[Labels.spec] = "1:other"
        let later = try swarm.plan(good, Setback(isRollback: true, left: Set(left)))
        #expect(later.words.contains { $0.hasPrefix("update service astro_gateway_web") })
    }

    private static let courses: [(Service.Rollout.FailureAction?, FailureCourse)] = [
        (.rollback, .goBack), (.pause, .pause), (.continue, .pause), (nil, .goBack),
    ]

    @Test(arguments: courses)
    func whatBecomesOfIt(
        action: Service.Rollout.FailureAction?,
        course: FailureCourse
    ) throws {
        var swarm = SimulatedSwarm()
        var web = action.map { rollout($0) } ?? .ofSwarm()
        try swarm.deploy(.ofSwarm(["web": web, "db": .ofSwarm("mysql:1")]))
        web.image = "httpd:9"
        let stack = try Stack.ofSwarm(["web": web, "db": .ofSwarm("mysql:1")])
        let plan = try swarm.deploy(stack)
        let desired = try swarm.desired(stack)
        let results = plan.steps.map { step -> StepResult in
            step.operation.description.hasPrefix("wait until service astro_gateway_web")
                ? .failed(StepFailure(.verdict, "no")) : .done
        }
        let outcome = Outcome(
            plan: plan,
            results: Dictionary(uniqueKeysWithValues: zip(plan.steps.map(\.id), results))
        )
        #expect(desired.course(after: outcome, setAside: []) == course)
        // Only what the Swarm stopped is left as it is.
        func standing() -> [String] {
            desired.standing(
                in: swarm.observation,
                owned: swarm.owned,
                after: outcome,
                setAside: []
            )
        }
        let names = swarm.services.mapValues(\.name)
        #expect(standing().map { names[String($0.prefix(25))] } == ["astro_gateway_db"])
        for id in names.keys { swarm.services[id]?.update = "paused" }
        #expect(standing().count == 2)
    }
}
