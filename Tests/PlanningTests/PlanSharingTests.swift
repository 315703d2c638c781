import Model
import Planning
import TestSupport
import Testing

/// What can be only one's at a time: ports of the node, data that is written, names.
@Suite struct PlanSharingTests {
    /// In either order of starting, there and back.
    @Test(arguments: [nil, "a", "b"])
    func aPortMovesToAnotherService(first: String?) throws {
        let before = try stack("a", published: ["a": 8080], first: first)
        let after = try stack("a", published: ["b": 8080], first: first)
        var rehearsal = try Gateway.running(before)
        for (number, stack) in [after, before].enumerated() {
            expectSuccess(try rehearsal.deploy(stack, commit: "\(number)"))
            try expectSettled(rehearsal, stack, commit: "\(number)")
        }
    }

    @Test(arguments: [nil, "a", "b"])
    func twoServicesSwapTheirPorts(first: String?) throws {
        let before = try stack("a", published: ["a": 8080, "b": 8081], first: first)
        let after = try stack("a", published: ["a": 8081, "b": 8080], first: first)
        var rehearsal = try Gateway.running(before)
        expectSuccess(try rehearsal.deploy(after, commit: "2"))
        try expectSettled(rehearsal, after, commit: "2")
    }

    /// Law 6: the one that took the port does not come up, and lets it go again.
    @Test func aPortComesBack() throws {
        let before = try stack("a", published: ["a": 8080])
        var sick = try stack("a", published: ["b": 8080])
        sick.services["b"]?.image = "httpd:sick"
        var rehearsal = try Gateway.running(before)
        let old = rehearsal.node.id(named: "astro_gateway-b-1")
        rehearsal.node.behaviours[SimulatedNode.pin("httpd:sick").imageID] = .sickens
        #expect(!(try rehearsal.deploy(sick, commit: "2").isSuccess))
        expectSuccess(try rehearsal.deploy(before, commit: "1"))
        #expect(rehearsal.node.id(named: "astro_gateway-b-1") == old)
        try expectSettled(rehearsal, before, commit: "1")
    }

    /// With nothing shared the old one runs until the new one is known to.
    @Test func whatIsRenamedServesUntilTheNewOneIsStable() throws {
        var rehearsal = try Gateway.running(try stack("old"))
        let old = rehearsal.node.id(named: "astro_gateway-old-1")
        var sick = try stack("new")
        sick.services["new"]?.image = "httpd:sick"
        rehearsal.node.behaviours[SimulatedNode.pin("httpd:sick").imageID] = .exits(1)
        let outcome = try rehearsal.deploy(sick, commit: "2") { now, _, _ in
            #expect(old.flatMap { now.node.containers[$0] }?.isRunning == true)
        }
        #expect(!outcome.isSuccess)
        expectSuccess(try rehearsal.deploy(try stack("old"), commit: "1"))
        #expect(rehearsal.node.id(named: "astro_gateway-old-1") == old)
        let outcomeOfWell = try rehearsal.deploy(try stack("new"), commit: "3")
        expectSuccess(outcomeOfWell)
        #expect(try removal(outcomeOfWell.plan).reason == .serviceRemoved)
        try expectSettled(rehearsal, try stack("new"), commit: "3")
    }

    /// And where something is shared, the plan says what.
    @Test(arguments: [
        ("port", "its port 8080/tcp"), ("volume", "what it mounts, astro_gateway_data"),
        ("reader", "what it mounts, astro_gateway_data"), ("alias", "its name old on"),
        ("alias of the old one", "its name front on"), ("readers", nil),
    ]) func whatIsSharedGoesFirst(thing: String, why: String?) throws {
        var (before, after) = (try stack("old"), try stack("new"))
        switch thing {
        case "port":
            before.services["old"]?.ports = [PortMapping(published: 8080, target: 80)]
            after.services["new"]?.ports = [PortMapping(published: 8080, target: 81)]
        case "alias": after.services["new"]?.networks["default"] = .init(aliases: ["old"])
        case "alias of the old one":
            before.services["old"]?.networks["default"] = .init(aliases: ["front"])
            after.services["new"]?.networks["default"] = .init(aliases: ["front"])
        default:
            func mount(readOnly: Bool) -> [Mount] {
                [Mount(source: .volume(key: "data"), target: "/data", readOnly: readOnly)]
            }
            before.services["old"]?.volumes = mount(readOnly: thing == "readers")
            after.services["new"]?.volumes = mount(readOnly: thing != "volume")
        }
        (before, after) = (StackGenerator.coherent(before), StackGenerator.coherent(after))
        var rehearsal = try Gateway.running(before)
        let outcome = try rehearsal.deploy(after, commit: "2")
        expectSuccess(outcome)
        let plan = outcome.plan
        let text = try removal(plan).reason.description
        if let why {
            #expect(text.hasPrefix("the file wants it no more, and new needs \(why)"))
            let stop = try #require(plan.steps.first { $0.isStop })
            let start = try #require(plan.steps.first { $0.isStart })
            #expect(start.after.contains(stop.id), "\(plan)")
        } else {
            #expect(try removal(plan).reason == .serviceRemoved)
        }
        try expectSettled(rehearsal, after, commit: "2")
    }

    /// Law 6 for what goes: whatever the edit, it goes at once only for a reason.
    @Test(arguments: 0..<100)
    func whatGoesWaitsForWhatComes(seed: Int) throws {
        var scene = try Scene(seed: seed)
        var generator = StackGenerator(seed: seed + 5000)
        let renamed = generator.edited(scene.first, by: .renamed)
        var done: Set<Step.ID> = []
        var missing: [Step] = []
        let plan = try scene.rehearsal.plan(renamed, commit: "2")
        let outcome = try scene.rehearsal.deploy(renamed, commit: "2") { _, step, _ in
            done.insert(step.id)
            guard step.isStop, step.reason == .serviceRemoved else { return }
            missing += plan.steps.filter { $0.isProof && !done.contains($0.id) }
        }
        expectSuccess(outcome)
        #expect(missing.isEmpty, "\(plan)")
        try expectSettled(scene.rehearsal, renamed, commit: "2")
    }

    private func removal(_ plan: Plan) throws -> Step {
        try #require(plan.steps.last { if case .remove = $0.operation { true } else { false } })
    }

    /// A service called `name` and one called `b`, which publish and depend as told.
    private func stack(
        _ name: String,
        published: [String: UInt16] = [:],
        first: String? = nil
    ) throws -> Stack {
        var services: [String: Service] = [:]
        for name in [name, "b"] {
            var service = Service(image: "httpd:1")
            service.networks = ["default": .init()]
            service.ports = published[name].map { [PortMapping(published: $0, target: 80)] } ?? []
            if let first, first != name { service.dependsOn = [first: .init()] }
            services[name] = service
        }
        return try Gateway.stack(services)
    }
}

extension Step {
    fileprivate var isStop: Bool { if case .stop = operation { true } else { false } }
    fileprivate var isStart: Bool { if case .start = operation { true } else { false } }
    fileprivate var isProof: Bool { if case .wait(_, .stable) = operation { true } else { false } }
}
