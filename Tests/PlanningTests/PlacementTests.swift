import Admission
import Model
import Planning
import TestSupport
import Testing

/// Which node a stack is given, and why no other.
@Suite struct PlacementTests {
    private static let gibibyte: Int64 = 1 << 30

    private func stack(_ edit: (inout Service) -> Void = { _ in }) throws -> Stack {
        var service = Service(image: "httpd")
        edit(&service)
        return Stack(
            id: try StackID(parsing: "shop"),
            files: ["compose.yaml"],
            services: ["web": service]
        )
    }

    private func desired(_ stack: Stack) throws -> Desired {
        let admitted = try Policy(TenantPolicy(profile: .privileged)).admit(stack)
        return Desired(admitted: admitted, commit: "", pins: [:])
    }

    private func node(
        _ name: String,
        _ stack: Stack,
        _ known: Desired? = nil,
        labels: [String: String] = [:],
        memory: Int64 = 0,
        cpus: Int64 = 0
    ) throws -> Placement.Node {
        let facts = NodeFacts(
            name: "host-\(name)",
            os: "linux",
            architecture: "amd64",
            labels: labels,
            memory: memory,
            nanoCPUs: cpus * 1_000_000_000
        )
        return Placement.Node(name, .facts(facts, try known ?? desired(stack)))
    }

    private func choice(
        _ stack: Stack,
        _ nodes: [Placement.Node],
        home: String? = nil
    ) throws -> String {
        try Placement(of: stack.id, among: nodes, home: home).choice().node
    }

    private func reasons(_ stack: Stack, _ nodes: [Placement.Node]) -> [String: String] {
        do {
            return ["chosen": try choice(stack, nodes)]
        } catch {
            return (error as? NoNodeFits)?.reasons ?? ["thrown": "\(error)"]
        }
    }

    @Test func labelsAndHostNamesChoose() throws {
        let stack = try stack { $0.placement = ["node.labels.disk == ssd"] }
        let nodes = [
            try node("a", stack, labels: ["disk": "hdd"]),
            try node("b", stack, labels: ["disk": "ssd"]), try node("c", stack),
        ]
        #expect(try choice(stack, nodes) == "b")
        #expect(
            reasons(stack, [nodes[0], nodes[2]]) == [
                "a": "it does not fit: its node.labels.disk is another, and ssd is wanted",
                "c": "it does not fit: it has no node.labels.disk, and ssd is wanted",
            ]
        )
        let named = try self.stack { $0.placement = ["node.hostname == host-c"] }
        #expect(try choice(named, ["a", "b", "c"].map { try node($0, named) }) == "c")
    }

    @Test func whatCannotTakeItIsSaidNodeByNode() throws {
        let stack = try stack { service in
            service.ports = [PortMapping(published: 8080, target: 80)]
            service.resources.memory = ByteCount(2 * Self.gibibyte)
            service.resources.nanoCPUs = 1_000_000_000
        }
        var drained = try node("a", stack)
        drained.isDrained = true
        let silent = Placement.Node("b", .silent("connection refused"))
        let denied = Placement.Node("c", .denied(Rejection(Diagnostic(code: "x", "x"))))
        var busy = try node("d", stack)
        busy.ports = [BoundPort("0.0.0.0", 8080)]
        var full = try node("e", stack, memory: 4 * Self.gibibyte, cpus: 2)
        full.held.memory = 3 * Self.gibibyte
        full.held.nanoCPUs = 1_500_000_000
        let nodes = [drained, silent, denied, busy, full]
        #expect(
            reasons(stack, nodes) == [
                "a": "it is drained", "b": "it does not answer: connection refused",
                "c": "policy denies the stack there", "d": "taken there: host port 8080/tcp",
                "e": "it has 1 GiB of 4 GiB of memory left, and 2 GiB is wanted; "
                    + "it has 0.5 of 2 CPUs left, and 1 is wanted",
            ]
        )
        let text = "\(NoNodeFits(stack: stack.id, reasons: reasons(stack, [drained, silent])))"
        #expect(
            text == "no node fits: a: it is drained; b: it does not answer: connection refused"
        )
    }

    @Test func aPortOfAnotherAddressIsFree() throws {
        let stack = try stack { service in
            var port = PortMapping(published: 8080, target: 80)
            port.hostIP = "10.0.0.1"
            service.ports = [port]
        }
        var node = try node("a", stack)
        node.ports = [BoundPort("10.0.0.2", 8080), BoundPort(nil, 8080, "udp")]
        #expect(try choice(stack, [node]) == "a")
    }

    @Test func gyresOwnPortsHaveToBeLeft() throws {
        let stack = try stack { $0.ports = [PortMapping(target: 80)] }
        var full = try node("a", stack)
        full.ports = [BoundPort(nil, 31000)]
        var roomy = try node("b", stack)
        roomy.stacks = 9
        let placement = Placement(of: stack.id, among: [full, roomy], ranges: [31000...31000])
        let choice = try placement.choice()
        #expect(choice.node == "b" && choice.reservation.ports.map(\.number) == [31000])
        #expect(throws: NoNodeFits.self) {
            try Placement(of: stack.id, among: [full], ranges: [31000...31000]).choice()
        }
    }

    @Test func theLeastLoadedThenTheEmptiest() throws {
        let stack = try stack { $0.resources.memory = ByteCount(Self.gibibyte) }
        var a = try node("a", stack, memory: 8 * Self.gibibyte)
        var b = try node("b", stack, memory: 8 * Self.gibibyte)
        a.held.memory = 2 * Self.gibibyte
        b.held.memory = Self.gibibyte
        b.stacks = 5
        #expect(try choice(stack, [a, b]) == "b")
        // The same part of both.
        b.held.memory = a.held.memory
        #expect(try choice(stack, [a, b]) == "a")
        // The larger one has the smaller part taken.
        let large = try node("c", stack, memory: 64 * Self.gibibyte)
        #expect(try choice(stack, [a, b, large]) == "c")
    }

    @Test func replicasCountEach() throws {
        let stack = try stack { service in
            service.replicas = 3
            service.resources.memory = ByteCount(Self.gibibyte)
        }
        let small = try node("a", stack, memory: 2 * Self.gibibyte)
        let large = try node("b", stack, memory: 3 * Self.gibibyte)
        #expect(try choice(stack, [small, large]) == "b")
    }

    @Test func equalsAreSpread() throws {
        let names = ["a", "b", "c"]
        let chosen = try (0..<30).map { number in
            var stack = try stack()
            stack.id = try StackID(parsing: "shop/s\(number)")
            return try choice(stack, names.map { try node($0, stack) })
        }
        for name in names { #expect(chosen.count { $0 == name } > 3, "\(name)") }
    }

    @Test("Whatever the nodes: the choice fits, is the least loaded, and hangs on no order")
    func law() throws {
        var random = SplitMix64(seed: 18)
        var placed = 0
        for _ in 0..<200 {
            let stack = try stack { service in
                service.replicas = Int.random(in: 1...3, using: &random)
                service.resources.memory = ByteCount(
                    Int64.random(in: 1...3, using: &random) * Self.gibibyte
                )
                if Bool.random(using: &random) {
                    service.placement = ["node.labels.tier == web"]
                }
                if service.replicas == 1, Bool.random(using: &random) {
                    service.ports = [PortMapping(published: 8080, target: 80)]
                }
            }
            let desired = try desired(stack)
            let nodes = try (0..<Int.random(in: 0...5, using: &random)).map { number in
                try generated("n\(number)", stack, desired, &random)
            }
            let result = reasons(stack, nodes)
            #expect(reasons(stack, nodes.shuffled(using: &random)) == result)
            guard let name = result["chosen"] else {
                #expect(Set(result.keys) == Set(nodes.map(\.name)))
                for node in nodes { #expect(try !fits(stack, node), "\(node.name)") }
                continue
            }
            placed += 1
            let chosen = try #require(nodes.first { $0.name == name })
            #expect(try fits(stack, chosen))
            for node in nodes where try fits(stack, node) {
                #expect(load(stack, chosen) <= load(stack, node))
                // Sticky: each that fits is kept, whatever the others are.
                #expect(try choice(stack, nodes, home: node.name) == node.name)
            }
        }
        #expect(placed > 50 && placed < 195)
    }

    private func generated(
        _ name: String,
        _ stack: Stack,
        _ desired: Desired,
        _ random: inout SplitMix64
    ) throws -> Placement.Node {
        if Int.random(in: 0..<8, using: &random) == 0 {
            return Placement.Node(name, .silent("gone"))
        }
        var node = try node(
            name,
            stack,
            desired,
            labels: Bool.random(using: &random) ? ["tier": "web"] : [:],
            memory: Int64.random(in: 0...10, using: &random) * Self.gibibyte
        )
        node.isDrained = Int.random(in: 0..<8, using: &random) == 0
        node.held.memory = Int64.random(in: 0...4, using: &random) * Self.gibibyte
        node.stacks = Int.random(in: 0...3, using: &random)
        if Int.random(in: 0..<3, using: &random) == 0 { node.ports = [BoundPort(nil, 8080)] }
        return node
    }

    /// The same said once more, and plainly.
    private func fits(_ stack: Stack, _ node: Placement.Node) throws -> Bool {
        guard case .facts(let facts, _) = node.answer, !node.isDrained else { return false }
        let service = try #require(stack.services["web"])
        if !service.placement.isEmpty, facts.labels["tier"] != "web" { return false }
        if !service.ports.isEmpty, !node.ports.isEmpty { return false }
        let wanted = wanted(stack)
        return wanted == 0 || facts.memory == 0 || node.held.memory + wanted <= facts.memory
    }

    private func wanted(_ stack: Stack) -> Int64 {
        stack.services.values.reduce(0) { sum, service in
            sum + (service.resources.memory?.bytes ?? 0) * Int64(service.replicas)
        }
    }

    private func load(_ stack: Stack, _ node: Placement.Node) -> Double {
        guard case .facts(let facts, _) = node.answer, facts.memory > 0 else { return 0 }
        return Double(node.held.memory + wanted(stack)) / Double(facts.memory)
    }
}
