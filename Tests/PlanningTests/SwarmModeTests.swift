import Admission
import Model
import TestSupport
import Testing

@testable import Planning

/// What a service's mode on a Swarm means for its way there.
@Suite struct SwarmModeTests {
    /// Whose policy lets a service have a task on each node.
    private func swarm() -> SimulatedSwarm {
        var swarm = SimulatedSwarm()
        swarm.policy = Policy(TenantPolicy(profile: .baseline))
        return swarm
    }

    private func service(_ mode: String?, replicas: Int = 1) -> Service {
        var service = Service.ofSwarm("tool:1")
        service.deployment?.mode = mode
        service.replicas = replicas
        return service
    }

    /// With a service that it depends on, and one that depends on it.
    private func stack(_ mode: String?, replicas: Int = 1) throws -> Stack {
        var web = service(nil)
        web.dependsOn = ["tool": .init(condition: .completed)]
        var tool = service(mode, replicas: replicas)
        tool.dependsOn = ["db": .init(condition: .healthy)]
        var db = service(nil)
        db.healthcheck = .init(test: ["CMD", "true"], interval: .seconds(5))
        return try Stack.ofSwarm(["web": web, "tool": tool, "db": db])
    }

    private func step(_ plan: Plan, _ words: String) throws -> Step {
        try #require(plan.steps.first { "\($0.operation)" == words }, "\(plan)")
    }

    private static let modes = ["replicated", "global", "replicated-job", "global-job"]

    /// A Swarm refuses to do it in place.
    @Test(arguments: modes, modes)
    func anotherModeIsARemovalAndACreation(before: String, after: String) throws {
        var swarm = swarm()
        try swarm.deploy(stack(before))
        let former = try #require(
            swarm.services.values.first { $0.name == "astro_gateway_tool" }
        )
        #expect(former.mode == before)
        let changed = try stack(after)
        let plan = try swarm.plan(changed)
        guard before != after else {
            #expect(plan.isEmpty)
            return
        }
        #expect(!plan.steps.contains { "\($0.operation)" == "update service astro_gateway_tool" })
        let why =
            "its mode changed from \(before) to \(after), for which a Swarm needs it made anew"
        let removal = try step(plan, "remove service astro_gateway_tool")
        let creation = try step(plan, "create service astro_gateway_tool")
        #expect("\(removal.reason)" == why && "\(creation.reason)" == why)
        let db = try step(plan, "wait until service astro_gateway_db is stable")
        #expect(removal.after.contains(db.id) && creation.after == [removal.id])
        let proof = try step(plan, "wait until service astro_gateway_tool is stable")
        #expect(proof.after == [creation.id])
        guard case .settle(let wanted) = proof.operation else { return }
        #expect(wanted.id == nil && wanted.known.isEmpty, "another service, by another id")
        try swarm.deploy(changed)
        let successor = swarm.services.values.first { $0.name == former.name }
        #expect(successor?.id != former.id && successor?.mode == after)
        #expect(try swarm.plan(changed).isEmpty)
    }

    /// A version that nothing is wrong with but the mode has its image, files and networks first.
    @Test func theImageIsThereBeforeTheServiceGoes() throws {
        var swarm = swarm()
        try swarm.deploy(stack("global"))
        var changed = try stack("replicated")
        changed.services["tool"]?.image = "tool:2"
        let plan = try swarm.plan(changed)
        let pull = try #require(
            plan.steps.first { if case .pullImage = $0.operation { true } else { false } }
        )
        let removal = try step(plan, "remove service astro_gateway_tool")
        #expect(removal.after.contains(pull.id), "\(plan)")
    }

    /// A run that ends between the two leaves the rest of the plan to the next one.
    @Test func whatWasRemovedIsMadeByTheNextPlan() throws {
        var swarm = swarm()
        try swarm.deploy(stack("replicated"))
        let old = try #require(swarm.services.values.first { $0.name.hasSuffix("_tool") })
        swarm.services[old.id] = nil
        for mode in ["global", "replicated"] {
            let words = try swarm.plan(stack(mode)).words
            #expect(words.contains("create service astro_gateway_tool, because there is none"))
            #expect(!words.contains { $0.hasPrefix("remove service") })
        }
    }

    /// A version that is gone back to had its job done.
    @Test func aJobThatIsDoneIsNotRunAgainByAnotherMode() throws {
        var swarm = swarm()
        let jobs = try stack("replicated-job")
        try swarm.deploy(jobs)
        try swarm.deploy(stack("replicated"))
        var input = try swarm.input(jobs)
        let spec = try #require(SpecHash.all(of: jobs)["tool"])
        input.completed = [PinKey(stack: jobs.id, service: "tool", spec: spec)]
        let plan = Plan(from: input)
        let removal = try step(plan, "remove service astro_gateway_tool")
        #expect(!plan.words.contains { $0.hasPrefix("create service") }, "\(plan)")
        let observed = swarm.observation
        #expect(Confirmation(of: plan, running: observed, owned: swarm.owned) == nil)
        guard case .change(let change) = removal.operation, let id = change.id else { return }
        swarm.services[id] = nil
        input = try swarm.input(jobs)
        input.completed = [PinKey(stack: jobs.id, service: "tool", spec: spec)]
        #expect(Plan(from: input).isEmpty)
    }

    /// Law 5: what is made anew doesn't go, but tasks that nothing replaces do.
    @Test(arguments: [
        ("replicated", 8, "global", 8, false), ("replicated", 8, "replicated-job", 8, false),
        ("replicated", 8, "replicated-job", 1, true), ("replicated", 4, "replicated-job", 1, false),
        ("global", 8, "replicated", 8, false), ("global", 8, "replicated", 1, true),
    ])
    func tasksThatNothingReplacesHaveToBeConfirmed(
        before: String,
        tasks: Int,
        after: String,
        replicas: Int,
        isAsked: Bool
    ) throws {
        func stack(_ mode: String, _ replicas: Int) throws -> Stack {
            try Stack.ofSwarm(["tool": service(mode, replicas: replicas)])
        }
        var swarm = swarm()
        try swarm.deploy(stack(before, before == "global" ? 1 : tasks))
        let id = try #require(swarm.services.keys.first)
        swarm.services[id]?.tasks = (0..<tasks).map { ObservedTask(id: "\($0)", state: "running") }
        let plan = try swarm.plan(stack(after, replicas))
        let observed = swarm.observation
        let asked = Confirmation(of: plan, running: observed, owned: swarm.owned)
        #expect((asked != nil) == isAsked, "\(asked?.why ?? "nothing")")
        #expect(asked.map { $0.names == ["gateway/tool"] } ?? true)
        let back = Confirmation(
            of: plan,
            running: observed,
            owned: swarm.owned,
            leadsToGood: true
        )
        #expect(back == nil)
    }

    /// Who agreed to lose one service has not agreed to lose another that was only changed then.
    @Test(arguments: modes, modes)
    func aServiceThatGoesIsNoneThatChanges(before: String, after: String) throws {
        let web = service(nil)
        var swarm = swarm()
        try swarm.deploy(.ofSwarm(["web": web, "tool": service(before)]))
        let removal = try swarm.plan(.ofSwarm(["web": web]))
        #expect(removal.losses.count == 1)
        var changed = service(after)
        changed.environment = ["A": "1"]
        let change = try swarm.plan(.ofSwarm(["web": web, "tool": changed]))
        #expect(!change.isEmpty && Set(change.losses).isDisjoint(with: removal.losses))
    }

    /// How many it is to have tells one change of a service from another.
    @Test(arguments: [
        ("replicated", "replicated"), ("replicated", "replicated-job"),
        ("replicated-job", "replicated"),
    ])
    func fewerTasksAreAnotherLoss(before: String, after: String) throws {
        var swarm = swarm()
        try swarm.deploy(.ofSwarm(["tool": service(before, replicas: 8)]))
        let losses = try [2, 1].map { count in
            try swarm.plan(.ofSwarm(["tool": service(after, replicas: count)])).losses
        }
        #expect(losses.allSatisfy { $0.count == 1 } && losses[0] != losses[1], "\(losses)")
    }

    /// The Swarm replaces nothing by it, so nothing runs beside.
    @Test func nothingRunsBesideWhatIsMadeAnew() throws {
        func stack(_ mode: String?) throws -> Stack {
            var web = service(mode, replicas: 4)
            web.rollout = Service.Rollout()
            web.rollout?.order = .startFirst
            web.deployment?.update = Service.Update()
            web.deployment?.update?.order = "start-first"
            return try Stack.ofSwarm(["web": web])
        }
        var swarm = swarm()
        try swarm.deploy(stack(nil))
        #expect(try swarm.input(stack("replicated-job")).surges.isEmpty)
    }

    /// Of a job on each node, those count on which it had a task.
    @Test func aJobOnEachNodeThatIsDoneIsNotRunAgain() throws {
        var swarm = swarm()
        let stack = try Stack.ofSwarm(["tool": service("global-job")])
        try swarm.deploy(stack)
        let id = try #require(swarm.services.keys.first)
        let spec = try #require(swarm.services[id]?.labels[Labels.spec])
        func completed(_ tasks: [(node: String, state: String)]) throws -> Set<PinKey> {
            swarm.services[id]?.tasks = tasks.enumerated().map { number, task in
                var found = ObservedTask(
                    id: "\(number)",
                    state: task.state,
                    isWanted: task.state == "running",
                    labels: [Labels.spec: spec]
                )
                found.node = task.node
                return found
            }
            let desired = try swarm.desired(stack)
            return desired.completedTasks(in: swarm.observation, owned: swarm.owned)
        }
        #expect(try completed([]).isEmpty)
        #expect(try completed([("a", "failed")]).isEmpty)
        #expect(try completed([("a", "complete"), ("b", "running")]).isEmpty)
        #expect(try completed([("a", "complete"), ("b", "failed")]).isEmpty)
        let done = try completed([("a", "complete"), ("b", "failed"), ("b", "complete")])
        #expect(done == [PinKey(stack: stack.id, service: "tool", spec: spec)])
        swarm.services = [:]
        var input = try swarm.input(stack)
        #expect(!Plan(from: input).isEmpty)
        input.completed = done
        #expect(Plan(from: input).isEmpty)
    }

    /// An adopted service is what its file says only in the file's mode.
    @Test func modesThatSayNoMoreAreToldApart() {
        let sent: JSON = ["Name": "web", "Mode": ["GlobalJob": [:]]]
        func fields(_ mode: JSON) -> [String] {
            ServiceForm.differences(of: ["Name": "web", "Mode": mode], from: sent, networks: [:])
        }
        #expect(fields(["GlobalJob": [:]]).isEmpty)
        #expect(fields(["Global": [:]]) == ["Mode.Global", "Mode.GlobalJob"])
        #expect(fields(["Replicated": ["Replicas": 1]]) == ["Mode.GlobalJob", "Mode.Replicated"])
    }

    private typealias Seen = (node: String, state: String, round: Int64)

    /// One try on each node, as with replicas: no number says how many tasks there are to be.
    @Test func whatFailedOnSomeNodeIsRunOnceMore() throws {
        var once = service("global")
        once.restart = .no
        let stack = try Stack.ofSwarm(["once": once])
        var swarm = swarm()
        try swarm.deploy(stack)
        swarm.proven = []
        let id = try #require(swarm.services.keys.first)
        let labels = [Labels.spec: try #require(swarm.taskLabel(of: id))]
        func plan(_ tasks: [Seen]) throws -> Plan {
            swarm.services[id]?.tasks = tasks.enumerated().map { number, task in
                let isOver = task.state != "running"
                var found = ObservedTask(
                    id: "t\(number)",
                    state: task.state,
                    isWanted: !isOver,
                    labels: labels
                )
                (found.node, found.round) = (task.node, task.round)
                return found
            }
            var input = try swarm.input(stack)
            input.untried = ["t0"]
            return Plan(from: input)
        }
        func tries(_ tasks: [Seen]) throws -> JSON? {
            let steps = try plan(tasks).steps
            let bodies = steps.compactMap { step -> JSON? in
                guard case .change(let change) = step.operation else { return nil }
                return change.body["TaskTemplate"]?["ForceUpdate"]
            }
            return bodies.first
        }
        #expect(try tries([("a", "failed", 0)]) == 1)
        let beside: [Seen] = [("a", "failed", 0), ("b", "complete", 0)]
        #expect(try tries(beside) == 1, "another node's is not its own")
        #expect(try tries([("a", "failed", 0), ("a", "running", 0)]) == nil)
        #expect(try tries([("a", "failed", 0), ("a", "complete", 0)]) == nil)
        #expect(try tries([("a", "failed", 0), ("a", "failed", 1)]) == nil, "it was tried")

        // What ended on the other node before proves nothing of the try.
        let settled = try #require(try plan(beside).steps.last?.operation)
        guard case .settle(let wanted) = settled else {
            Issue.record("\(settled)")
            return
        }
        #expect(wanted.isAnew && wanted.known == ["t0", "t1"])

        // Written once for it, also where a node gets no task any more.
        swarm.services[id]?.spec.put(["TaskTemplate", "ForceUpdate"], 1)
        #expect(try tries([("a", "failed", 0), ("b", "complete", 1)]) == nil)
    }
}

extension SimulatedSwarm {
    /// By which tasks that it would make of a service are told from those before.
    fileprivate func taskLabel(of id: String) -> String? {
        let spec = services[id]?.spec["TaskTemplate"]?["ContainerSpec"]
        return spec?["Labels"]?[Labels.spec]?.stringValue
    }
}
