import Model
import Planning
import TestSupport
import Testing

/// What only one service of a Swarm can have, and which others let go of first.
@Suite struct SwarmHandoverTests {
    /// Law 6 wherever a run ends, on the way there and back, in any order that a plan allows.
    ///
    /// No service that comes writes beside one that goes, and none is to have a port that another
    /// has, which a Swarm refuses. What is as it should be is not touched.
    @Test(arguments: 0..<150)
    func nothingIsHadTwice(seed: Int) throws {
        var generator = StackGenerator(seed: seed)
        var random = SplitMix64(seed: seed + 7000)
        var swarm = SimulatedSwarm()
        var stack = generator.stack()
        stack.isForSwarm = true
        try swarm.deploy(stack)
        for round in 0..<4 {
            var next = generator.edited(stack, by: .renamed)
            let edits: [StackGenerator.Edit] = [.volume, .replicas, .removed, .added, .image]
            next = generator.edited(next, by: random.pick(edits))
            if random.chance(50) { next = generator.edited(next, by: .portMoved) }
            // What no order of steps has a Swarm do.
            if swaps(stack, next) { continue }
            let plan = try swarm.plan(next)
            for (name, service) in stack.services where next.services[name] == service {
                #expect(!plan.writes(name), "round \(round): \(name) is as it was; \(plan)")
            }
            let end = random.chance(50) ? Int.random(in: 0...plan.steps.count, using: &random) : nil
            var problems = try swarm.deploy(next, in: &random, atMost: end)
            let target = random.chance(40) ? stack : next
            let rest = try swarm.plan(target)
            problems += try swarm.deploy(target, in: &random)
            #expect(problems.isEmpty, "round \(round): \(problems) \(plan) \(rest)")
            #expect(try swarm.plan(target).isEmpty)
            stack = target
        }
    }

    /// Whether two services that stay have given each other a port.
    private func swaps(_ before: Stack, _ after: Stack) -> Bool {
        func ports(_ stack: Stack, _ name: String) -> Set<UInt16> {
            Set((stack.services[name]?.ports ?? []).compactMap(\.published))
        }
        return before.services.keys.contains { one in
            before.services.keys.contains { other in
                one < other && !ports(before, one).isDisjoint(with: ports(after, other))
                    && !ports(before, other).isDisjoint(with: ports(after, one))
            }
        }
    }

    /// And where something is shared, the plan says what.
    @Test(arguments: [
        ("port", "its port 8080/tcp"), ("volume", "what it mounts, astro_gateway_data"),
        ("folder", "what it mounts, /srv/astro/a"),
        ("reader", "what it mounts, astro_gateway_data"),
        ("alias", "its name old on astro_gateway_default"),
        ("alias of the old one", "its name front on astro_gateway_default"), ("readers", nil),
        ("idle", nil), ("nothing", nil),
    ]) func whatIsSharedGoesFirst(thing: String, why: String?) throws {
        var (old, new) = (Service.ofSwarm(), Service.ofSwarm("httpd:2.5"))
        func mount(readOnly: Bool) -> [Mount] {
            [Mount(source: .volume(key: "data"), target: "/data", readOnly: readOnly)]
        }
        switch thing {
        case "port":
            old.ports = [PortMapping(published: 8080, target: 80)]
            new.ports = [PortMapping(published: 8080, target: 81)]
        case "folder":
            old.volumes = [Mount(source: .bind(path: "/srv/astro/a"), target: "/a")]
            new.volumes = [Mount(source: .bind(path: "/srv/astro/a/b"), target: "/b")]
        case "alias": new.networks["default"] = .init(aliases: ["old"])
        case "alias of the old one":
            old.networks["default"] = .init(aliases: ["front"])
            new.networks["default"] = .init(aliases: ["front"])
        case "nothing": break
        default:
            old.volumes = mount(readOnly: thing == "readers")
            new.volumes = mount(readOnly: thing != "volume" && thing != "idle")
            if thing == "idle" { old.replicas = 0 }
        }
        var swarm = SimulatedSwarm()
        try swarm.deploy(Stack.ofSwarm(["old": old]))
        let plan = try swarm.plan(Stack.ofSwarm(["new": new]))
        let removal = try step(plan, "remove service astro_gateway_old")
        let creation = try step(plan, "create service astro_gateway_new")
        if let why {
            let words = "the file wants it no more, and new needs \(why)"
            #expect("\(removal.reason)" == words)
            #expect(creation.after.contains(removal.id), "\(plan)")
            // All that the new one needs is there by then.
            let pull = try step(plan, "pull image httpd:2.5")
            #expect(removal.after.contains(pull.id), "\(plan)")
        } else {
            #expect(removal.reason == .serviceRemoved)
            let proof = try step(plan, "wait until service astro_gateway_new is stable")
            #expect(removal.after.contains(proof.id), "\(plan)")
        }
    }

    /// Nobody comes to have anything by its going.
    @Test func whatWasSharedBeforeGoesLast() throws {
        var (a, b) = (Service.ofSwarm(), Service.ofSwarm())
        a.volumes = [Mount(source: .volume(key: "data"), target: "/data")]
        b.volumes = a.volumes
        var swarm = SimulatedSwarm()
        try swarm.deploy(Stack.ofSwarm(["a": a, "b": b]))
        b.image = "httpd:2.5"
        let removal = try step(try swarm.plan(.ofSwarm(["b": b])), "remove service astro_gateway_a")
        #expect(removal.reason == .serviceRemoved)
    }

    /// What needs what it has waits for its own dependencies before that goes.
    @Test func nothingGoesBeforeItsSuccessorsDependenciesAreUp() throws {
        var (old, new) = (Service.ofSwarm(), Service.ofSwarm())
        old.volumes = [Mount(source: .volume(key: "data"), target: "/data")]
        new.volumes = old.volumes
        new.dependsOn = ["cache": .init(condition: .healthy)]
        var swarm = SimulatedSwarm()
        try swarm.deploy(Stack.ofSwarm(["old": old]))
        var cache = Service.ofSwarm("redis:7")
        cache.healthcheck = .init(test: ["CMD", "redis-cli", "ping"], interval: .seconds(5))
        let plan = try swarm.plan(.ofSwarm(["new": new, "cache": cache]))
        let proof = try step(plan, "wait until service astro_gateway_cache is stable")
        let removal = try step(plan, "remove service astro_gateway_old")
        #expect(removal.after.contains(proof.id), "\(plan)")
        // Unless these need what goes themselves.
        cache.volumes = old.volumes
        let other = try swarm.plan(.ofSwarm(["new": new, "cache": cache]))
        let first = try step(other, "remove service astro_gateway_old")
        let second = try step(other, "create service astro_gateway_cache")
        #expect(second.after.contains(first.id), "\(other)")
    }

    /// Each gives its port to the next one, which it depends on.
    @Test(arguments: 0..<10)
    func portsAreHandedOn(seed: Int) throws {
        func stack(_ ports: [String: UInt16]) throws -> Stack {
            var services: [String: Service] = [:]
            for (name, next) in [("a", "b"), ("b", "c"), ("c", nil)] {
                var service = Service.ofSwarm()
                service.ports = ports[name].map { [PortMapping(published: $0, target: 80)] } ?? []
                if let next { service.dependsOn = [next: .init(condition: .started)] }
                services[name] = service
            }
            return try Stack.ofSwarm(services)
        }
        var random = SplitMix64(seed: seed)
        var swarm = SimulatedSwarm()
        let (before, after) = (
            try stack(["a": 8001, "b": 8002]), try stack(["b": 8001, "c": 8002])
        )
        try swarm.deploy(before)
        for stack in [after, before] {
            #expect(try swarm.deploy(stack, in: &random).isEmpty)
            #expect(try swarm.plan(stack).isEmpty)
        }
    }

    /// It has the port of one that is to be as it was.
    @Test func whatAPauseLeftKeepsWhatItHas() throws {
        var (old, new) = (Service.ofSwarm(), Service.ofSwarm())
        old.volumes = [Mount(source: .volume(key: "data"), target: "/data")]
        new.volumes = old.volumes
        var swarm = SimulatedSwarm()
        let good = try Stack.ofSwarm(["old": old])
        try swarm.deploy(good)
        try swarm.deploy(Stack.ofSwarm(["new": new]))
        let left = try #require(swarm.services.values.first?.standing)
        let plan = try swarm.plan(good, Setback(isRollback: true, left: [left]))
        #expect(plan.isEmpty, "\(plan)")
        let words =
            "service old is left as it is: it needs what astro_gateway_new has, which a "
            + "pause left: what it mounts, astro_gateway_data"
        #expect(plan.pending.contains(words), "\(plan)")
        #expect(try swarm.plan(good).words.first?.hasPrefix("remove") == true)
    }

    private func step(_ plan: Plan, _ words: String) throws -> Step {
        try #require(plan.steps.first { "\($0.operation)" == words }, "\(plan)")
    }
}

extension Plan {
    /// Whether it makes, changes or removes a service.
    fileprivate func writes(_ service: String) -> Bool {
        steps.contains { step in
            guard case .change(let change) = step.operation else { return false }
            return change.kind == .service && change.name.hasSuffix("_\(service)")
        }
    }
}

extension SimulatedSwarm {
    /// Does what the plan says in some order that it allows, as far as `most` steps, and tells what
    /// two services had at once that one of them came to have.
    fileprivate mutating func deploy(
        _ stack: Stack,
        in random: inout SplitMix64,
        atMost most: Int? = nil
    ) throws -> [String] {
        let plan = try plan(stack)
        let before = clashes(of: stack)
        var ids: [String: String] = [:]
        var done: Set<Step.ID> = []
        var problems: Set<String> = []
        while done.count < min(most ?? .max, plan.steps.count) {
            let ready = plan.steps.filter { step in
                !done.contains(step.id) && step.after.allSatisfy(done.contains)
            }
            let step = random.pick(ready)
            try perform(step, of: stack, &ids)
            done.insert(step.id)
            problems.formUnion(clashes(of: stack).subtracting(before))
        }
        if done.count == plan.steps.count { proven.insert(try desired(stack).version.digest) }
        return problems.sorted()
    }

    /// Ports that two services have, and what one that goes and one that stays mount, where one of
    /// the two writes it.
    private func clashes(of stack: Stack) -> Set<String> {
        let wanted = Set(stack.services.keys.map { "\(stack.composeProjectName)_\($0)" })
        var clashes: Set<String> = []
        for one in services.values {
            for other in services.values where one.id < other.id {
                let ports = Set(one.ports).intersection(other.ports)
                clashes.formUnion(ports.map { "\(one.name) and \(other.name) have \($0)" })
                guard wanted.contains(one.name) != wanted.contains(other.name) else { continue }
                for (source, readOnly) in one.mounted {
                    for (also, reads) in other.mounted where !(readOnly && reads) {
                        let isWithin = "\(also)/".hasPrefix("\(source)/")
                        guard isWithin || "\(source)/".hasPrefix("\(also)/") else { continue }
                        clashes.insert("\(one.name) and \(other.name) mount \(source)")
                    }
                }
            }
        }
        return clashes
    }
}

extension ObservedService {
    fileprivate var ports: [Int64] {
        (spec["EndpointSpec"]?["Ports"]?.arrayValue ?? []).compactMap {
            $0["PublishedPort"]?.intValue
        }
    }

    fileprivate var mounted: [(source: String, readOnly: Bool)] {
        guard replicas != 0 else { return [] }
        let mounts = spec["TaskTemplate"]?["ContainerSpec"]?["Mounts"]?.arrayValue ?? []
        return mounts.compactMap { mount in
            mount["Source"]?.stringValue.map { ($0, mount["ReadOnly"] == true) }
        }
    }
}
