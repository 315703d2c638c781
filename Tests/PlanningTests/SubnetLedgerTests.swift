import Admission
import Model
import Planning
import TestSupport
import Testing

/// Subnets of a cluster: who may have which, and which Gyre chooses.
@Suite struct SubnetLedgerTests {
    private static func id(_ text: String) -> StackID {
        guard let id = try? StackID(parsing: text) else { preconditionFailure("\(text)") }
        return id
    }

    private static let shop = id("shop")
    private static let pool = SubnetPool("10.9.8.0/24", size: 27)

    /// A stack with networks by key; nil leaves the addresses open.
    private func stack(_ networks: [String: String?], _ id: StackID = shop) -> Stack {
        var stack = Stack(id: id, files: ["compose.yaml"])
        stack.services["web"] = Service(image: "httpd")
        for (key, subnet) in networks {
            var network = Stack.Network(name: "\(id.composeProjectName)_\(key)")
            if let subnet { network.addressing.pools = [.init(subnet: subnet)] }
            stack.networks[key] = network
        }
        return stack
    }

    private func desired(_ stack: Stack, _ subnets: [String: String] = [:]) throws -> Desired {
        let admitted = try Policy(TenantPolicy(profile: .privileged)).admit(stack)
        var desired = Desired(admitted: admitted, commit: "", pins: [:])
        desired.subnets = subnets
        return desired
    }

    private func choose(
        _ stack: Stack,
        before: Reservation = Reservation(),
        networks: [ObservedNetwork] = [],
        taken: [String] = [],
        from pool: SubnetPool? = pool
    ) -> SubnetChoosing.Result {
        SubnetChoosing(
            from: pool,
            before: before,
            networks: networks,
            taken: taken.compactMap(Subnet.init)
        ).subnets(for: stack)
    }

    private func objections(
        _ stack: Stack,
        _ held: [StackID: Reservation] = [:],
        strangers: [String] = [],
        made: [String] = []
    ) throws -> [Diagnostic] {
        let needed = Reservation(of: try desired(stack))
        var question = LedgerQuestion(
            stack,
            needs: needed,
            wants: needed,
            in: Ledger(held),
            under: Quota()
        )
        question.strangers = strangers.compactMap(Subnet.init)
        question.networks = made.map { ObservedNetwork(id: $0, name: $0) }
        question.pool = Self.pool
        return question.objections
    }

    private func holding(_ subnet: String, _ network: String) -> Reservation {
        Reservation(subnets: [ReservedSubnet(network, subnet)])
    }

    @Test func theSameStackGetsTheSame() {
        let first = choose(stack(["a": nil, "b": nil]))
        #expect(first.subnets.count == 2 && first.unmet.isEmpty)
        #expect(Set(first.subnets.values).count == 2)
        #expect(choose(stack(["b": nil, "a": nil])).subnets == first.subnets)
        #expect(choose(stack(["a": nil]), from: nil).subnets.isEmpty)
    }

    @Test func whatTheFileOrTheDriverSaysIsLeftAlone() {
        var all = stack(["a": "10.1.0.0/24", "b": nil, "c": nil, "d": nil, "e": nil, "f": nil])
        all.networks["b"]?.isExternal = true
        all.networks["c"]?.driver = "macvlan"
        all.networks["d"]?.addressing.options = ["x": "y"]
        all.networks["e"]?.hasIPv4 = false
        all.networks["f"]?.isInternal = true
        #expect(Array(choose(all).subnets.keys) == ["shop_f"])
        all.networks["c"]?.addressing.pools = [.init(subnet: "192.168.1.0/24")]
        #expect(all.networks["c"]?.namedSubnets == [])
    }

    @Test func whatWasReservedIsKeptUnlessSomebodyHasIt() throws {
        let free = try #require(choose(stack(["a": nil])).subnets["shop_a"])
        let other = free == "10.9.8.0/27" ? "10.9.8.32/27" : "10.9.8.0/27"
        let before = Reservation(subnets: [ReservedSubnet("shop_a", other, isChosen: true)])
        #expect(choose(stack(["a": nil]), before: before).subnets == ["shop_a": other])
        // Somebody made a network there meanwhile, or the operator gave another pool.
        let moved = choose(stack(["a": nil]), before: before, taken: [other])
        #expect(moved.subnets == ["shop_a": free])
        let elsewhere = SubnetPool("10.7.0.0/24", size: 26)
        let given = choose(stack(["a": nil]), before: before, from: elsewhere).subnets["shop_a"]
        #expect(given.map(elsewhere.offers) == true)
    }

    /// Law 9: whatever a network has that is there, it is not made anew for another subnet.
    @Test func aNetworkThatIsThereHasWhatItHas() {
        func made(_ subnets: String...) -> [ObservedNetwork] {
            [ObservedNetwork(id: "n", name: "shop_a", subnets: subnets)]
        }
        let open = stack(["a": nil])
        #expect(choose(open, networks: made("172.18.0.0/16")).subnets.isEmpty)
        #expect(choose(open, networks: made("172.18.0.0/16")).unmet.isEmpty)
        // As after a lost journal: what lies in the pool is of the pool.
        let mine = choose(open, networks: made("10.9.8.96/27")).subnets
        #expect(mine == ["shop_a": "10.9.8.96/27"])
        // What is another's by now is not this one's too.
        let late = choose(open, networks: made("10.9.8.96/27"), taken: ["10.9.8.96/27"])
        #expect(late.subnets.isEmpty && late.unmet.isEmpty)
        let before = Reservation(
            subnets: [ReservedSubnet("shop_a", "10.1.1.0/26", isChosen: true)]
        )
        // Of a pool that the operator has replaced.
        let old = choose(open, before: before, networks: made("10.1.1.0/26")).subnets
        #expect(old == ["shop_a": "10.1.1.0/26"])
    }

    @Test func aChoiceGoesAroundWhatFilesName() {
        let mixed = stack(["a": "10.9.8.0/25", "b": nil, "c": nil])
        let chosen = choose(mixed).subnets.values.compactMap(Subnet.init)
        let named = Subnet("10.9.8.0/25")
        #expect(chosen.count == 2)
        #expect(chosen.allSatisfy { subnet in named.map { !$0.overlaps(subnet) } ?? false })
    }

    /// Also where the engine's own pools and that of the operator have addresses in common.
    @Test func aChoiceGoesAroundTheStacksOwnNetworks() throws {
        let made = [ObservedNetwork(id: "n", name: "shop_a", subnets: ["10.9.8.0/25"])]
        let all = stack(["a": nil, "b": nil, "c": nil, "d": nil, "e": nil])
        let choice = choose(all, networks: made)
        #expect(
            Set(choice.subnets.values) == Set([128, 160, 192, 224].map { "10.9.8.\($0)/27" })
        )
        #expect(choice.subnets["shop_a"] == nil && choice.unmet.isEmpty)
        let asking = stack(["a": nil, "b": "10.9.8.64/26"])
        let needed = Reservation(of: try desired(asking))
        var question = LedgerQuestion(
            asking,
            needs: needed,
            wants: needed,
            in: Ledger(),
            under: Quota()
        )
        question.networks = made
        #expect(question.objections.map(\.code) == ["subnet-taken"])
    }

    @Test func anOverlapNamesBothAndNothingOfAnotherProject() throws {
        let asking = stack(["a": "10.1.0.0/16"])
        let own = try #require(
            objections(asking, [Self.id("shop/api"): holding("10.1.2.0/24", "shop_api_back")]).first
        )
        #expect(own.code == "subnet-taken")
        #expect(
            own.field
                == FieldPath("networks", "a", "ipam", "config")[0] / "subnet"
        )
        #expect(
            own.message
                == "subnet 10.1.0.0/16 overlaps 10.1.2.0/24, which stack shop/api has for its "
                + "network shop_api_back"
        )
        let foreign = try #require(
            objections(asking, [Self.id("bio/api"): holding("10.1.2.0/24", "bio_back")]).first
        )
        #expect(foreign.message == "subnet 10.1.0.0/16 overlaps another project's")
        let stranger = try #require(objections(asking, strangers: ["10.1.9.0/24"]).first)
        #expect(stranger.message.hasSuffix("overlaps that of another network of the node"))
        #expect(try objections(asking, strangers: ["10.2.0.0/24"]).isEmpty)
        let twins = try objections(stack(["a": "10.1.0.0/16", "b": "10.1.9.0/24"]))
        #expect(twins.map(\.code) == ["subnet-taken", "subnet-taken"])
        #expect(twins.first?.message.contains("network shop_b of this stack") == true)
    }

    /// What the pool has given to one stack is not another's by its file.
    @Test func aFileGetsNothingThatThePoolHasGiven() throws {
        let given = Reservation(
            subnets: [ReservedSubnet("bio_a", "10.9.8.32/27", isChosen: true)]
        )
        let asking = stack(["a": "10.9.8.0/24"])
        #expect(try objections(asking, [Self.id("bio"): given]).map(\.code) == ["subnet-taken"])
        #expect(try objections(stack(["a": "10.9.8.64/27"]), [Self.id("bio"): given]).isEmpty)
    }

    @Test func firstComeKeeps() throws {
        let asking = stack(["a": "10.1.0.0/16"])
        let other = [Self.id("bio"): holding("10.1.0.0/16", "bio_a")]
        let had = other.merging([Self.shop: holding("10.1.0.0/16", "shop_a")]) { $1 }
        #expect(try objections(asking, had).isEmpty)
        // A network that is there is not asked for again, whatever an older journal knows.
        #expect(try objections(asking, other, made: ["shop_a"]).isEmpty)
        #expect(try !objections(asking, other).isEmpty)
    }

    @Test func aPoolThatIsUsedUpIsToldWithTheFix() throws {
        let small = SubnetPool("10.9.8.0/26", size: 27)
        let asking = stack(["a": nil, "b": nil, "c": nil])
        let choice = choose(asking, from: small)
        #expect(choice.subnets.count == 2 && choice.unmet == ["c"])
        let needed = Reservation(of: try desired(asking, choice.subnets))
        var question = LedgerQuestion(
            asking,
            needs: needed,
            wants: needed,
            in: Ledger(),
            under: Quota()
        )
        question.pool = small
        question.unmetNetworks = choice.unmet
        let finding = try #require(question.objections.first)
        #expect(finding.code == "subnet-pool" && finding.field == FieldPath("networks", "c"))
        #expect(finding.message.contains("10.9.8.0/26 in parts of /27"))
        #expect(finding.fix?.contains("networks.pool") == true)
    }

    /// The choice is in the body, and in no label by which anything is made anew.
    @Test func theNetworkIsMadeWithIt() throws {
        let open = stack(["a": nil])
        func plan(_ subnets: [String: String]) throws -> NetworkSpec {
            let input = PlanningInput(
                desired: try desired(open, subnets),
                observation: Observation(time: Instant(milliseconds: 0), volumes: []),
                owned: [],
                controller: "c"
            )
            let specs = Plan(from: input).steps.compactMap { step in
                if case .createNetwork(let spec) = step.operation { spec } else { nil }
            }
            return try #require(specs.first)
        }
        let (with, without) = (try plan(["shop_a": "10.9.8.32/27"]), try plan([:]))
        #expect(with.network.subnets == ["10.9.8.32/27"] && without.network.subnets == [])
        #expect(with.network.labels == without.network.labels)
        let step = "\(Operation.createNetwork(with))"
        #expect(step == "create network shop_a with 10.9.8.32/27")
        let request = EngineRequest(.createNetwork(with), in: StepContext(controller: "c"))
        let body = try JSON(parsing: try #require(request?.body))
        #expect(body["IPAM"] == ["Config": [["Subnet": "10.9.8.32/27"]]])
        let version = try desired(open, ["shop_a": "10.9.8.32/27"]).version
        #expect(try desired(open).version == version)
    }

    @Test func whatIsGivenBackIsWhatNoNetworkHas() {
        let both = Reservation(
            subnets: [
                ReservedSubnet("shop_a", "10.9.8.0/27", isChosen: true),
                ReservedSubnet("shop_b", "10.1.0.0/16"),
            ]
        )
        let kept = both.kept(by: [], [ObservedNetwork(id: "n", name: "shop_b")])
        #expect(kept.subnets.map(\.network) == ["shop_b"])
        #expect(both.kept(by: [], []).isEmpty)
    }

    /// Stacks come and go in any order: no address has two owners, nothing that is granted is taken
    /// back, and when all is given back all can be had again.
    @Test(arguments: 0..<60)
    func law(seed: Int) throws {
        var random = SplitMix64(seed: seed)
        var held: [StackID: Reservation] = [:]
        for _ in 0..<40 {
            let project = "p\(Int.random(in: 0..<3, using: &random))"
            let id = Self.id("\(project)/s\(Int.random(in: 0..<4, using: &random))")
            if Int.random(in: 0..<3, using: &random) == 0 {
                held[id] = nil
                continue
            }
            let written = [
                "10.9.8.\(Int.random(in: 0..<8, using: &random) * 32)/27", "10.9.8.0/25",
            ]
            var networks: [String: String?] = [:]
            for key in ["a", "b"] where Bool.random(using: &random) {
                networks[key] = .some(Bool.random(using: &random) ? nil : written.randomElement())
            }
            let stack = stack(networks, id)
            let before = held[id] ?? Reservation()
            let others = held.filter { $0.key != id }.values.flatMap(\.subnets).map(\.subnet)
            let choice = choose(stack, before: before, taken: others)
            let needed = Reservation(of: try desired(stack, choice.subnets))
            var question = LedgerQuestion(
                stack,
                needs: needed,
                wants: needed,
                in: Ledger(held),
                under: Quota()
            )
            question.unmetNetworks = choice.unmet
            guard question.objections.isEmpty else { continue }
            held[id] = needed
            // The same again is the same (law 8), whoever else has what meanwhile.
            #expect(choose(stack, before: needed, taken: others).subnets == choice.subnets)
            let all = held.values.flatMap(\.subnets).compactMap { Subnet($0.subnet) }
            for (index, subnet) in all.enumerated() {
                #expect(!all[..<index].contains { $0.overlaps(subnet) }, "\(held)")
            }
        }
        let keys = (0..<8).map { ("n\($0)", String?.none) }
        let whole = choose(stack(Dictionary(uniqueKeysWithValues: keys)))
        #expect(whole.unmet.isEmpty && Set(whole.subnets.values).count == 8)
    }
}
