import Model
import Planning
import TestSupport
import Testing

/// What a Swarm is sent, and when.
@Suite struct SwarmPlanTests {
    private func stack(_ services: [String: Service]) throws -> Stack {
        var stack = try Gateway.stack(services)
        stack.isForSwarm = true
        return stack
    }

    private func service(_ image: String = "httpd:2.4") -> Service {
        var service = Service(image: image)
        service.networks = ["default": .init()]
        service.deployment = Service.Deployment()
        return service
    }

    private func texts(_ plan: Plan) -> [String] {
        plan.steps.map { "\($0.operation), because \($0.reason)" }
    }

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
        var web = service()
        web.dependsOn = ["db": .init(condition: .healthy), "cache": .init(condition: .started)]
        var db = service("mysql:8")
        db.healthcheck = .init(test: ["CMD", "mysqladmin", "ping"], interval: .seconds(5))
        let plan = try SimulatedSwarm().plan(
            stack(["web": web, "db": db, "cache": service("redis:7")])
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

    @Test func whatAHandChangedIsPutRight() throws {
        var swarm = SimulatedSwarm()
        let stack = try stack(["web": service()])
        try swarm.deploy(stack)
        let id = try #require(swarm.services.keys.first)
        let path = ["TaskTemplate", "ContainerSpec", "Env"]
        swarm.services[id]?.spec.put(path[...], ["HAND=1"])
        let plan = try swarm.deploy(stack)
        #expect(
            texts(plan) == [
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
        let desired = try SimulatedSwarm().desired(stack(["web": service()]))
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
            SimulatedSwarm().plan(stack(["web": service()])).steps.first {
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

    @Test func tasksThatWereStartedAnewAreLeftAlone() throws {
        var swarm = SimulatedSwarm()
        let stack = try stack(["web": service()])
        try swarm.deploy(stack)
        let id = try #require(swarm.services.keys.first)
        swarm.services[id]?.spec.put(["TaskTemplate", "ForceUpdate"], 3)
        #expect(try swarm.plan(stack).isEmpty)
    }

    /// Law 9: what Gyre or policy would send otherwise changes nothing that runs.
    @Test func anotherRenderingWaits() throws {
        var swarm = SimulatedSwarm()
        let stack = try stack(["web": service()])
        try swarm.deploy(stack)
        swarm.rules.keepsPrivileges = false
        #expect(try swarm.plan(stack).isEmpty)
    }

    @Test func replicasAreChangedInPlace() throws {
        var swarm = SimulatedSwarm()
        var web = service()
        try swarm.deploy(stack(["web": web]))
        web.replicas = 3
        let plan = try swarm.plan(stack(["web": web]))
        #expect(
            texts(plan).first
                == "update service astro_gateway_web, because it has 1 replicas, and is to have 3"
        )
    }

    @Test func aRemovedServiceIsMadeAgainAndALeftOneGoesLast() throws {
        var swarm = SimulatedSwarm()
        let both = try stack(["web": service(), "other": service("redis:7")])
        try swarm.deploy(both)
        let web = try #require(swarm.services.values.first { $0.name.hasSuffix("web") })
        swarm.services[web.id] = nil
        #expect(
            texts(try swarm.deploy(both)).first
                == "create service astro_gateway_web, because there is none"
        )
        let plan = try swarm.plan(stack(["web": service("httpd:2.5")]))
        let removal = try #require(plan.steps.last)
        #expect("\(removal.operation)" == "remove service astro_gateway_other")
        let waits = plan.steps.filter { if case .settle = $0.operation { true } else { false } }
        #expect(!waits.isEmpty && waits.allSatisfy { removal.after.contains($0.id) })
    }

    @Test func aNewContentIsANewConfigAndTheOldOneGoesAfterwards() throws {
        func web(_ digest: Character) -> Service {
            var web = service()
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
        try swarm.deploy(stack(["web": web("a")]))
        let old = try #require(swarm.files.values.first?.name)
        let plan = try swarm.deploy(stack(["web": web("b")]))
        let new = try #require(swarm.files.values.first?.name)
        #expect(old != new && swarm.files.count == 1)
        let words = plan.steps.map { "\($0.operation)" }
        #expect(words.first { $0.hasPrefix("create config") } == "create config \(new)")
        #expect(words.last == "remove config \(old)")
        #expect(try swarm.plan(stack(["web": web("b")])).isEmpty)
    }

    @Test func whatIsNotOursIsNotTouched() throws {
        var swarm = SimulatedSwarm()
        let stack = try stack(["web": service()])
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
}

/// How a Swarm's service is judged.
@Suite struct ServiceJudgementTests {
    private let window = Judgement.Window(
        running: .seconds(10),
        healthy: .seconds(5),
        deadline: .seconds(60)
    )

    private func judgement(isTask: Bool = false, known: Set<String> = []) -> ServiceJudgement {
        let wanted = ServiceRef(
            name: "s_web",
            id: "s",
            spec: "1:a",
            image: "i",
            isTask: isTask,
            isChecked: false,
            known: known
        )
        return ServiceJudgement(wanted, image: "i", window: window, began: at(0))
    }

    private func at(_ seconds: Int64) -> Instant { Instant(milliseconds: seconds * 1000) }

    private func task(_ id: String, _ state: String, spec: String = "1:a") -> ObservedTask {
        ObservedTask(
            id: id,
            state: state,
            isWanted: ["running", "starting", "pending"].contains(state),
            image: "i",
            labels: [Labels.spec: spec],
            exitCode: state == "failed" ? 3 : nil,
            error: state == "failed" ? "task: non-zero exit (3)" : ""
        )
    }

    private func service(_ tasks: [ObservedTask], update: String? = nil) -> ObservedService {
        ObservedService(
            id: "s",
            version: 1,
            name: "s_web",
            spec: ["Mode": ["Replicated": ["Replicas": 2]]],
            update: update,
            message: "no",
            tasks: tasks
        )
    }

    @Test func itIsGoodWhenTheSameTasksRunThroughTheWindow() {
        var judgement = judgement()
        let one = service([task("a", "running"), task("b", "running")])
        #expect(judgement.see(one, at: at(0)) == .waiting)
        #expect(judgement.see(one, at: at(9)) == .waiting)
        let other = service([task("a", "running"), task("c", "running")])
        #expect(judgement.see(other, at: at(10)) == .waiting)
        #expect(judgement.see(other, at: at(19)) == .waiting)
        #expect(judgement.see(other, at: at(20)) == .met)
    }

    @Test func tasksOfAnotherVersionDoNotCount() {
        var judgement = judgement()
        let old = service([
            task("a", "running"), task("b", "running"), task("o", "running", spec: "1:b"),
        ])
        _ = judgement.see(old, at: at(0))
        #expect(judgement.see(old, at: at(30)) == .waiting)
        let failed = service([task("o", "failed", spec: "1:b"), task("a", "running")])
        #expect(judgement.see(failed, at: at(31)) == .waiting)
    }

    @Test func oneThatFailsSaysEnoughUnlessItFailedBefore() {
        var judgement = judgement()
        let words = "a task ended with status 3 (task: non-zero exit (3))"
        #expect(
            judgement.see(service([task("a", "failed")]), at: at(0)) == .failed(words)
        )
        var later = self.judgement(known: ["a"])
        #expect(later.see(service([task("a", "failed")]), at: at(0)) == .waiting)
    }

    @Test func whatTheSwarmGaveUpHasFailed() {
        var judgement = judgement()
        let verdict = judgement.see(service([], update: "paused"), at: at(0))
        #expect(verdict == .failed("the Swarm gave the update up: no"))
        var gone = self.judgement()
        #expect(gone.see(nil, at: at(0)) == .failed("it was removed"))
    }

    @Test func itDoesNotWaitForEver() {
        var judgement = judgement()
        var waiting = task("a", "pending")
        waiting.error = "no suitable node"
        #expect(judgement.see(service([waiting]), at: at(60)) == .waiting)
        #expect(
            judgement.see(service([waiting]), at: at(61))
                == .failed("it was not stable within 60 s: no suitable node")
        )
    }

    @Test func tasksMayEnd() {
        var judgement = judgement(isTask: true)
        let done = service([task("a", "complete"), task("b", "complete")])
        #expect(judgement.see(done, at: at(0)) == .met)
        var ended = self.judgement()
        #expect(ended.see(done, at: at(30)) == .waiting)
    }
}

extension JSON {
    fileprivate mutating func put(_ path: ArraySlice<String>, _ value: JSON) {
        guard let key = path.first else {
            self = value
            return
        }
        var members = objectValue ?? [:]
        var inner = members[key] ?? [:]
        inner.put(path.dropFirst(), value)
        members[key] = inner
        self = .object(members)
    }
}
