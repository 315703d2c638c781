import Model
import Planning
import TestSupport
import Testing

/// What a Swarm is sent, and when.
@Suite struct SwarmPlanTests {
    /// Law 8: at the fixed point, planning again gives the empty plan.
    @Test(arguments: 0..<100)
    func anAppliedPlanLeavesNothingToDo(seed: Int) throws {
        var generator = StackGenerator(seed: seed)
        var swarm = SimulatedSwarm()
        var stack = generator.stack()
        for round in 0..<3 {
            stack.isForSwarm = true
            try swarm.deploy(stack)
            let again = try swarm.plan(stack)
            #expect(again.isEmpty, "round \(round): \(again)")
            stack = generator.edited(stack)
        }
    }

    @Test func whatDependsOnHealthWaitsForIt() throws {
        var web = Service.ofSwarm()
        web.dependsOn = ["db": .init(condition: .healthy), "cache": .init(condition: .started)]
        var db = Service.ofSwarm("mysql:8")
        db.healthcheck = .init(test: ["CMD", "mysqladmin", "ping"], interval: .seconds(5))
        let plan = try SimulatedSwarm().plan(
            .ofSwarm(["web": web, "db": db, "cache": .ofSwarm("redis:7")])
        )
        func step(_ text: String) throws -> Step {
            try #require(plan.steps.first { "\($0.operation)" == text }, "\(plan)")
        }
        let created = try step("create service astro_gateway_web")
        let healthy = try step("wait until service astro_gateway_db is stable").id
        let started = try step("create service astro_gateway_cache").id
        #expect(created.after.contains(healthy) && created.after.contains(started))
        let wait = try step("wait until service astro_gateway_cache is stable").id
        #expect(!created.after.contains(wait))
    }

    @Test func whatIsAwaitedToCompleteIsWaitedForToItsEnd() throws {
        var web = Service.ofSwarm()
        web.dependsOn = ["migrate": .init(condition: .completed)]
        var migrate = Service.ofSwarm("busybox:1")
        migrate.restart = .no
        let plan = try SimulatedSwarm().plan(.ofSwarm(["web": web, "migrate": migrate]))
        let waits = plan.steps.compactMap { step -> (Step.ID, ServiceRef)? in
            if case .settle(let service) = step.operation { (step.id, service) } else { nil }
        }
        let wait = try #require(waits.first { $0.1.mustEnd }, "\(waits)")
        #expect(wait.1.name == "astro_gateway_migrate" && waits.count { $0.1.mustEnd } == 1)
        let created = plan.steps.first { "\($0.operation)" == "create service astro_gateway_web" }
        #expect(created?.after.contains(wait.0) == true)
    }

    /// It has no words on how it is updated, which a Swarm would refuse.
    @Test func aJobIsSentAsOne() throws {
        var once = Service.ofSwarm("tool:1")
        once.deployment = .init()
        once.deployment?.mode = "replicated-job"
        once.replicas = 3
        var swarm = SimulatedSwarm()
        let stack = try Stack.ofSwarm(["once": once])
        let plan = try swarm.deploy(stack)
        let bodies = plan.steps.compactMap { step -> JSON? in
            if case .change(let change) = step.operation, change.kind == .service {
                change.body
            } else {
                nil
            }
        }
        let body = try #require(bodies.first)
        #expect(body["Mode"] == ["ReplicatedJob": ["MaxConcurrent": 3, "TotalCompletions": 3]])
        #expect(body["UpdateConfig"] == nil)
        #expect(body["TaskTemplate"]?["RestartPolicy"]?["Condition"] == "none")
        #expect(try swarm.plan(stack).isEmpty)
    }

    /// Those of labels of Rancher's, which no `deploy` has, among them.
    @Test func allConstraintsAreSent() throws {
        var web = Service.ofSwarm()
        web.deployment?.placement.constraints = ["node.labels.a == b"]
        web.deployment?.placement.spreads = ["node.labels.zone"]
        web.placement = ["node.labels.a == b", "node.labels.tier == web"]
        let plan = try SimulatedSwarm().plan(.ofSwarm(["web": web]))
        let bodies = plan.steps.compactMap { step -> JSON? in
            if case .change(let change) = step.operation { change.body } else { nil }
        }
        let placement = try #require(bodies.first?["TaskTemplate"]?["Placement"])
        #expect(placement["Constraints"] == ["node.labels.a == b", "node.labels.tier == web"])
        #expect(placement["Preferences"]?.arrayValue?.count == 1)
    }

    @Test func whatFailedBeforeAVersionWasBegunIsRunOnceMore() throws {
        var once = Service.ofSwarm("tool:1")
        once.restart = .no
        var swarm = SimulatedSwarm()
        let stack = try Stack.ofSwarm(["once": once])
        try swarm.deploy(stack)
        swarm.proven = []
        let id = try #require(swarm.services.keys.first)
        func changes(_ states: String...) throws -> [Step] {
            swarm.services[id]?.tasks = states.enumerated().map { number, state in
                ObservedTask(
                    id: "t\(number)",
                    state: state,
                    isWanted: state == "running",
                    exitCode: state == "failed" ? 1 : nil
                )
            }
            var input = try swarm.input(stack)
            input.untried = ["t0"]
            return Plan(from: input).steps.filter {
                if case .change = $0.operation { true } else { false }
            }
        }
        let again = try #require(try changes("failed").first)
        #expect("\(again.reason)" == "it ended with status 1 before this version was begun")
        guard case .change(let change) = again.operation else { return }
        #expect(change.body["TaskTemplate"]?["ForceUpdate"] == 1)
        #expect(try changes("failed", "running").isEmpty)
        #expect(try changes("failed", "failed").isEmpty, "it was tried")
        #expect(try changes("failed", "complete").isEmpty, "it is done")
        #expect(try changes().isEmpty)
    }

    @Test func whatAHandChangedIsPutRight() throws {
        var swarm = SimulatedSwarm()
        let stack = try Stack.ofSwarm(["web": .ofSwarm()])
        try swarm.deploy(stack)
        let id = try #require(swarm.services.keys.first)
        let path = ["TaskTemplate", "ContainerSpec", "Env"]
        swarm.services[id]?.spec.put(path[...], ["HAND=1"])
        let plan = try swarm.deploy(stack)
        #expect(
            plan.words == [
                "update service astro_gateway_web, because somebody changed it",
                "wait until service astro_gateway_web is stable, because a version is good only "
                    + "when it has been stable",
            ]
        )
        #expect(try swarm.plan(stack).isEmpty)
        #expect(swarm.services[id]?.labels[Labels.claim] != nil)
    }

    /// Without a Swarm: what is not known stands as a token.
    @Test func showsWhatASwarmWouldBeSent() throws {
        let desired = try SimulatedSwarm().desired(.ofSwarm(["web": .ofSwarm()]))
        let calls = try SwarmCalls(bringingUp: desired, controller: "spin", SwarmRules())
        #expect(calls.networks.map { $0["Driver"] } == ["overlay"])
        #expect(calls.services.map { $0["Name"] } == ["astro_gateway_web"])
        let task = calls.services.first?["TaskTemplate"]
        #expect(
            task?["Networks"]?.arrayValue?.first?["Target"] == "${ID:astro_gateway_default}"
        )
        #expect(task?["ContainerSpec"]?["CapabilityDrop"] == ["ALL"])
    }

    /// They tell of the project that built it; the rest of a body is the same with them.
    @Test func whatComposeLeftInAnImageIsEmptied() throws {
        let step = try #require(
            SimulatedSwarm().plan(.ofSwarm(["web": .ofSwarm()])).steps.first {
                if case .change = $0.operation { true } else { false }
            }
        )
        let labels = [
            "com.docker.compose.version": "2", "com.docker.compose.project": "bio", "a": "b",
        ]
        func body(_ labels: [String: String]) throws -> JSON {
            var context = StepContext(
                pin: ImagePin(
                    reference: "httpd",
                    imageID: "sha256:1",
                    digest: "httpd@sha256:" + String(repeating: "1", count: 64),
                    config: ImageConfig(labels: labels)
                ),
                claim: "t",
                controller: "c"
            )
            context.swarmIDs = [SwarmToken.network("astro_gateway_default"): "n"]
            let request = try #require(EngineRequest(step.operation, in: context))
            return try JSON(parsing: request.body ?? [])
        }
        let plain = try body([:])["TaskTemplate"]?["ContainerSpec"]?["Labels"]?.objectValue
        let blanked = try body(labels)["TaskTemplate"]?["ContainerSpec"]?["Labels"]?.objectValue
        var expected = try #require(plain)
        expected["com.docker.compose.version"] = ""
        expected["com.docker.compose.project"] = ""
        #expect(blanked == expected)
    }

    /// A Swarm fills in what a policy of restarts leaves out.
    @Test func aPolicyOfRestartsThatSaysLittleIsLeftAlone() throws {
        var swarm = SimulatedSwarm()
        var web = Service.ofSwarm()
        web.deployment?.restart = Service.Restart()
        web.deployment?.restart?.delay = .seconds(1)
        try swarm.deploy(.ofSwarm(["web": web]))
        #expect(try swarm.plan(.ofSwarm(["web": web])).isEmpty)
    }

    @Test func tasksThatWereStartedAnewAreLeftAlone() throws {
        var swarm = SimulatedSwarm()
        let stack = try Stack.ofSwarm(["web": .ofSwarm()])
        try swarm.deploy(stack)
        let id = try #require(swarm.services.keys.first)
        swarm.services[id]?.spec.put(["TaskTemplate", "ForceUpdate"], 3)
        #expect(try swarm.plan(stack).isEmpty)
    }

    /// Law 9: what Gyre or policy would send otherwise changes nothing that runs.
    @Test func anotherRenderingWaits() throws {
        var swarm = SimulatedSwarm()
        let stack = try Stack.ofSwarm(["web": .ofSwarm()])
        try swarm.deploy(stack)
        swarm.rules.keepsPrivileges = false
        #expect(try swarm.plan(stack).isEmpty)
    }

    @Test func replicasAreChangedInPlace() throws {
        var swarm = SimulatedSwarm()
        var web = Service.ofSwarm()
        try swarm.deploy(.ofSwarm(["web": web]))
        web.replicas = 3
        let plan = try swarm.plan(.ofSwarm(["web": web]))
        #expect(
            plan.words.first
                == "update service astro_gateway_web, because it has 1 replicas, and is to have 3"
        )
    }

    /// A Swarm makes a task that it has given up for another template alone.
    @Test func whatFailedBeforeIsRunOnceMoreWhateverElseIsWritten() throws {
        var swarm = SimulatedSwarm()
        var once = Service.ofSwarm()
        once.restart = .no
        try swarm.deploy(.ofSwarm(["once": once]))
        swarm.proven = []
        let id = try #require(swarm.services.keys.first)
        let failed = ObservedTask(id: "t", state: "failed", isWanted: false)
        func tries(_ tasks: [ObservedTask], _ untried: Set<String>) throws -> JSON? {
            swarm.services[id]?.tasks = tasks
            var input = try swarm.input(.ofSwarm(["once": once]))
            input.untried = untried
            return Plan(from: input).steps.compactMap { step -> JSON? in
                guard case .change(let change) = step.operation else { return nil }
                return change.body["TaskTemplate"]?["ForceUpdate"]
            }.first
        }
        #expect(try tries([failed], ["t"]) == 1 && tries([failed], []) == nil)
        once.deployment?.update = Service.Update()
        once.deployment?.update?.parallelism = 2
        #expect(try tries([failed], ["t"]) == 1, "its template is the same")
        #expect(try tries([failed], []) == 0, "it was tried")
        let done = ObservedTask(id: "d", state: "complete", isWanted: false)
        #expect(try tries([failed, done], ["t"]) == 0)
    }

    @Test func aRemovedServiceIsMadeAgainAndALeftOneGoesLast() throws {
        var swarm = SimulatedSwarm()
        let both = try Stack.ofSwarm(["web": .ofSwarm(), "other": .ofSwarm("redis:7")])
        try swarm.deploy(both)
        let web = try #require(swarm.services.values.first { $0.name.hasSuffix("web") })
        swarm.services[web.id] = nil
        let again = try swarm.deploy(both)
        #expect(again.words.first == "create service astro_gateway_web, because there is none")
        let plan = try swarm.plan(.ofSwarm(["web": .ofSwarm("httpd:2.5")]))
        let removal = try #require(plan.steps.last)
        #expect("\(removal.operation)" == "remove service astro_gateway_other")
        let waits = plan.steps.filter { if case .settle = $0.operation { true } else { false } }
        #expect(!waits.isEmpty && waits.allSatisfy { removal.after.contains($0.id) })
    }

    @Test func aNewContentIsANewConfigAndTheOldOneGoesAfterwards() throws {
        func web(_ digest: Character) -> Service {
            var web = Service.ofSwarm()
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
        try swarm.deploy(.ofSwarm(["web": web("a")]))
        let old = try #require(swarm.files.values.first?.name)
        let plan = try swarm.deploy(.ofSwarm(["web": web("b")]))
        let new = try #require(swarm.files.values.first?.name)
        #expect(old != new && swarm.files.count == 1)
        let words = plan.steps.map { "\($0.operation)" }
        #expect(words.first { $0.hasPrefix("create config") } == "create config \(new)")
        #expect(words.last == "remove config \(old)")
        #expect(try swarm.plan(.ofSwarm(["web": web("b")])).isEmpty)
    }

    @Test func whatIsNotOursIsNotTouched() throws {
        var swarm = SimulatedSwarm()
        let stack = try Stack.ofSwarm(["web": .ofSwarm()])
        try swarm.deploy(stack)
        let owned = swarm.owned
        swarm.owned = []
        let plan = try swarm.plan(stack)
        #expect(
            !plan.steps.contains { step in
                if case .change(let change) = step.operation { return change.id != nil }
                if case .removeNetwork = step.operation { return true }
                return false
            }
        )
        swarm.owned = owned
        #expect(try swarm.plan(stack).isEmpty)
    }
}
