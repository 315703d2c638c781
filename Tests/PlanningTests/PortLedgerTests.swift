import Admission
import Model
import Planning
import TestSupport
import Testing

/// Ports of a node: who may have which, and which Gyre chooses.
@Suite struct PortLedgerTests {
    private static func id(_ text: String) -> StackID {
        guard let id = try? StackID(parsing: text) else { preconditionFailure("\(text)") }
        return id
    }

    private static let shop = id("shop")

    private func desired(
        _ services: [String: [PortMapping]],
        replicas: Int = 1,
        isForSwarm: Bool = false
    ) throws -> Desired {
        var stack = Stack(id: Self.shop, files: ["compose.yaml"])
        stack.isForSwarm = isForSwarm
        for (name, ports) in services {
            var service = Service(image: "httpd")
            service.ports = ports
            service.replicas = replicas
            stack.services[name] = service
        }
        let tenant = TenantPolicy(profile: .privileged)
        let admitted = try Policy(tenant).admit(stack)
        return Desired(admitted: admitted, commit: "", pins: [:])
    }

    private func reservation(_ ports: (String, UInt16)..., address: String? = nil) -> Reservation {
        Reservation(
            ports.map { service, number in
                let place = ReservedPort.Place(
                    service: service,
                    slot: 1,
                    target: 80,
                    address: address
                )
                return Reservation.Share(
                    service: service,
                    spec: "1:x",
                    replicas: 1,
                    ports: [ReservedPort(place, number)]
                )
            }
        )
    }

    private func objections(
        _ desired: Desired,
        _ held: [StackID: Reservation] = [:],
        bound: [BoundPort] = [],
        ranges: [ClosedRange<Int>] = []
    ) -> [Diagnostic] {
        let needed = Reservation(of: desired)
        var question = LedgerQuestion(
            desired.admitted.stack,
            needs: needed,
            wants: needed,
            in: Ledger(held),
            under: Quota()
        )
        question.bound = bound
        question.ranges = ranges
        return question.objections
    }

    @Test func aPortOfAnotherNodeIsFree() throws {
        let desired = try desired(["web": [PortMapping(published: 8080, target: 80)]])
        let other = Self.id("shop/api")
        let needed = Reservation(of: desired)
        let taken = ["a", "b"].map { node in
            let held = [other: reservation(("gate", 8080))]
            let ledger = Ledger(held, nodes: [other: "a", Self.shop: node])
            return LedgerQuestion(
                desired.admitted.stack,
                needs: needed,
                wants: needed,
                in: ledger,
                under: Quota()
            )
            .objections.map(\.code)
        }
        #expect(taken == [["port-taken"], []])
    }

    @Test func aPortOfTheProjectsOwnStackIsNamedAndAnothersIsNot() throws {
        let desired = try desired(["web": [PortMapping(published: 8080, target: 80)]])
        let own = try #require(
            objections(desired, [Self.id("shop/api"): reservation(("gate", 8080))]).first
        )
        #expect(own.code == "port-taken" && own.field == FieldPath("services", "web", "ports")[0])
        #expect(own.message == "host port 8080/tcp is held by stack shop/api, for its service gate")
        let foreign = try #require(
            objections(desired, [Self.id("bio/api"): reservation(("gate", 8080))]).first
        )
        let stranger = try #require(
            objections(desired, bound: [BoundPort("0.0.0.0", 8080, container: "x")]).first
        )
        #expect(foreign.message == "host port 8080/tcp is taken on this node")
        #expect(foreign == stranger)
    }

    @Test func addressesAndProtocolsCount() throws {
        var port = PortMapping(published: 8080, target: 80)
        port.hostIP = "10.0.0.2"
        let desired = try desired(["web": [port]])
        let other = Self.id("bio/api")
        func isRefused(_ held: Reservation) -> Bool { !objections(desired, [other: held]).isEmpty }
        #expect(isRefused(reservation(("gate", 8080))))
        #expect(isRefused(reservation(("gate", 8080), address: "0.0.0.0")))
        #expect(!isRefused(reservation(("gate", 8080), address: "10.0.0.1")))
        #expect(!isRefused(reservation(("gate", 8080), address: "::")))
        #expect(!isRefused(reservation(("gate", 8081))))
        #expect(objections(desired, bound: [BoundPort(nil, 8080, "udp")]) == [])
    }

    @Test func whatTheStackHasIsNotRefused() throws {
        let desired = try desired(["web": [PortMapping(published: 8080, target: 80)]])
        let held = [
            Self.shop: reservation(("web", 8080)), Self.id("bio/api"): reservation(("gate", 8080)),
        ]
        #expect(objections(desired, held) == [])
    }

    @Test func twoOfItsOwnServicesOrReplicasAreToldApart() throws {
        let port = PortMapping(published: 8080, target: 80)
        let two = objections(try desired(["a": [port], "b": [port]]))
        #expect(two.map(\.message) == ["host port 8080/tcp is published by a and by b"])
        let replicas = objections(try desired(["a": [port]], replicas: 3))
        #expect(
            replicas.map(\.message)
                == ["host port 8080/tcp can be had once, and a has several replicas"]
        )
        let same = objections(
            try desired(["a": [port, PortMapping(published: 8080, target: 81)]])
        )
        #expect(same.map(\.message) == ["host port 8080/tcp is published for two ports of a"])
        let apart = objections(
            try desired([
                "a": [port], "b": [PortMapping(published: 8080, target: 80, protocol: "udp")],
            ])
        )
        #expect(apart == [])
    }

    /// A Swarm leads a port to whichever tasks there are, and has it for the service though there
    /// are none.
    @Test(arguments: [0, 1, 3])
    func aServiceOfASwarmHasItsPortOnce(replicas: Int) throws {
        let port = PortMapping(published: 8080, target: 80)
        let desired = try desired(["web": [port]], replicas: replicas, isForSwarm: true)
        #expect(objections(desired) == [])
        #expect(Reservation(of: desired).ports.map(\.number) == [8080])
        #expect(Reservation(of: desired).usage.ports == 1)
        let other = [Self.id("shop/api"): reservation(("gate", 8080))]
        #expect(objections(desired, other).map(\.code) == ["port-taken"])
        let open = try self.desired(
            ["web": [PortMapping(target: 80)]],
            replicas: replicas,
            isForSwarm: true
        )
        let (ports, unmet) = choose(open, from: 31000...31000)
        #expect(ports == [31000] && unmet == 0)
    }

    /// The Swarm's scheduler keeps tasks apart that want one port of a node.
    @Test func servicesOfASwarmMayHaveOnePortOnDifferentNodes() throws {
        func found(_ first: String?, _ second: String?, isOne: Bool = false) throws -> [String] {
            var (a, b) = (
                PortMapping(published: 8080, target: 80), PortMapping(published: 8080, target: 81)
            )
            (a.mode, b.mode) = (first, second)
            let services = isOne ? ["a": [a, b]] : ["a": [a], "b": [b]]
            return objections(try desired(services, isForSwarm: true)).map(\.message)
        }
        #expect(try found("host", "host") == [])
        let twice = ["host port 8080/tcp is published by a and by b"]
        #expect(try found("host", nil) == twice && found(nil, "ingress") == twice)
        #expect(
            try found("host", "host", isOne: true)
                == ["host port 8080/tcp is published for two ports of a"]
        )
    }

    // MARK: Choosing

    private func choose(
        _ desired: Desired,
        from range: ClosedRange<Int>?,
        before: Reservation = Reservation(),
        containers: [ObservedContainer] = [],
        taken: Set<UInt16> = []
    ) -> (ports: [UInt16], unmet: Int) {
        let result = PortChoosing(
            from: range.map { [$0] } ?? [],
            before: before,
            containers: containers,
            isTaken: { taken.contains($0.number) }
        ).ports(for: desired)
        return (result.ports.sorted { $0.key < $1.key }.map(\.value), result.unmet.count)
    }

    @Test func eachReplicaGetsAPortOfItsOwn() throws {
        let desired = try desired(["web": [PortMapping(target: 80)]], replicas: 4)
        let (ports, unmet) = choose(desired, from: 31000...31003)
        #expect(Set(ports) == [31000, 31001, 31002, 31003] && unmet == 0)
        #expect(choose(desired, from: 31000...31002).unmet == 1)
        #expect(choose(desired, from: 31000...31003, taken: [31001]).unmet == 1)
        #expect(choose(desired, from: 31000...31003).ports == ports)
    }

    @Test func aChoiceIsKeptByTheJournalAndByWhatRuns() throws {
        let desired = try desired(["web": [PortMapping(target: 80)]])
        let place = ReservedPort.Place(service: "web", slot: 1, target: 80)
        let before = Reservation([
            Reservation.Share(
                service: "web",
                spec: "1:old",
                replicas: 1,
                ports: [ReservedPort(place, 31005, isChosen: true)]
            )
        ])
        #expect(choose(desired, from: 31000...31009, before: before).ports == [31005])
        let running = ObservedContainer(
            id: "c1",
            name: "shop-web-1",
            labels: [Labels.service: "web", Labels.slot: "1", Labels.spec: "1:old"],
            bindings: [PortBinding(80, number: 31006)]
        )
        let kept = choose(desired, from: 31000...31009, before: before, containers: [running])
        #expect(kept.ports == [31006])
        // Replaced by another spec, and not granted any more: another port.
        #expect(choose(desired, from: 32000...32000, containers: [running]).ports == [32000])
        var same = running
        same.labels[Labels.spec] = desired.specs["web"]
        #expect(choose(desired, from: 32000...32000, containers: [same]).ports == [31006])
    }

    @Test func theFileMayNarrowTheRange() throws {
        var port = PortMapping(target: 80)
        port.candidates = "31004-31005"
        let desired = try desired(["web": [port]], replicas: 2)
        #expect(Set(choose(desired, from: 31000...31009).ports) == [31004, 31005])
    }

    /// A range of granted ports is chosen from though nothing else is Gyre's to choose, and what
    /// another has of it is not.
    @Test func aRangeOfTheFileIsChosenFrom() throws {
        var port = PortMapping(target: 80)
        port.candidates = "30000-30002"
        let desired = try desired(["web": [port]], replicas: 3)
        #expect(Set(choose(desired, from: nil).ports) == [30000, 30001, 30002])
        #expect(choose(desired, from: nil, taken: [30001]).unmet == 1)
        #expect(Set(choose(desired, from: 31000...31009).ports) == [30000, 30001, 30002])
        let more = try self.desired(["web": [port]], replicas: 4)
        #expect(choose(more, from: nil).unmet == 1)
    }

    @Test func aChoiceIsNoPartOfTheSpec() throws {
        let plain = try desired(["web": [PortMapping(target: 80)]])
        var chosen = plain
        chosen.chosen = [ReservedPort.Place(service: "web", slot: 1, target: 80): 31000]
        #expect(chosen.specs == plain.specs && chosen.version == plain.version)
        let slot = Slot(service: "web", number: 1)
        let spec = ContainerSpec(slot: slot, name: "shop-web-1", of: chosen, owner: "test")
        let bindings = spec.body["HostConfig"]?["PortBindings"]?["80/tcp"]
        #expect(bindings == [["HostPort": "31000"]])
    }

    /// Stacks come and go in any order: no port has two owners, nothing that is granted is taken
    /// back, and when all is given back all can be had again.
    @Test(arguments: 0..<60)
    func law(seed: Int) throws {
        var random = SplitMix64(seed: seed)
        let range = 31000...31007
        let isForSwarm = seed.isMultiple(of: 2)
        var held: [StackID: Reservation] = [:]
        for _ in 0..<40 {
            let project = "p\(Int.random(in: 0..<3, using: &random))"
            let id = Self.id("\(project)/s\(Int.random(in: 0..<4, using: &random))")
            if Int.random(in: 0..<3, using: &random) == 0 {
                held[id] = nil
                continue
            }
            var stack = Stack(id: id, files: ["compose.yaml"])
            stack.isForSwarm = isForSwarm
            var service = Service(image: "httpd")
            let number = UInt16.random(in: 31000...31007, using: &random)
            let isOpen = Bool.random(using: &random)
            service.ports = [PortMapping(published: isOpen ? nil : number, target: 80)]
            service.ports[0].hostIP = [nil, "10.0.0.1", "::1"].randomElement(using: &random) ?? nil
            service.replicas =
                isOpen || isForSwarm
                ? Int.random(in: isForSwarm ? 0...3 : 1...3, using: &random) : 1
            stack.services["web"] = service
            let admitted = try Policy(TenantPolicy(profile: .privileged)).admit(stack)
            var desired = Desired(admitted: admitted, commit: "", pins: [:])
            let before = held[id] ?? Reservation()
            let theirs = held.filter { $0.key != id }.values.flatMap(\.ports)
            let choice = PortChoosing(
                from: [range],
                before: before,
                containers: [],
                isTaken: { port in theirs.contains { $0.bound.overlaps(port) } }
            ).ports(for: desired)
            desired.chosen = choice.ports
            let needed = Reservation(of: desired)
            var question = LedgerQuestion(
                stack,
                needs: needed,
                wants: needed.union(before),
                in: Ledger(held),
                under: Quota()
            )
            question.unmet = choice.unmet
            // What nobody else has is not refused, however many tasks there are to be.
            if isForSwarm, !isOpen, !theirs.contains(where: { $0.number == number }) {
                #expect(question.objections == [])
            }
            if question.objections.isEmpty {
                held[id] = needed.union(before)
                // The same again is the same (law 8).
                let again = PortChoosing(
                    from: [range],
                    before: needed.union(before),
                    containers: [],
                    isTaken: { _ in true }
                ).ports(for: desired)
                #expect(again.ports == choice.ports)
            }
            for (stack, reservation) in held {
                for (other, theirs) in held where other != stack {
                    let both = reservation.ports.filter { port in
                        theirs.ports.contains { $0.overlaps(port) }
                    }
                    #expect(both == [], "\(stack) and \(other)")
                }
            }
        }
        let all = try desired(["web": [PortMapping(target: 80)]], replicas: 8)
        #expect(choose(all, from: range).unmet == 0)
    }
}
