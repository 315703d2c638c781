import Model
import Planning
import TestSupport
import Testing

/// In which order a whole stack goes.
@Suite struct RemovalOrderTests {
    private let id: StackID

    init() throws { id = try StackID(parsing: "shop") }

    /// By name the database would go first.
    private func files(_ dependencies: [String: [String]]) -> Stack {
        let services = dependencies.mapValues { needed in
            var service = Service(image: "web")
            for name in needed { service.dependsOn[name] = Service.Dependency() }
            return service
        }
        return Stack(id: id, files: ["compose.yaml"], services: services)
    }

    private func observation(_ services: [String]) -> Observation {
        Observation(
            time: Instant(milliseconds: 0),
            containers: services.map { service in
                let labels = [Labels.service: service, Labels.slot: "1"]
                return ObservedContainer(id: service, name: "shop-\(service)-1", labels: labels)
            }
        )
    }

    private func swarm(_ services: [String]) -> Observation {
        let found = services.map { service in
            ObservedService(
                id: service,
                version: 1,
                name: "shop_\(service)",
                labels: [Labels.service: service],
                spec: [:]
            )
        }
        let network = ObservedNetwork(id: "net", name: "shop_default")
        return Observation(
            time: Instant(milliseconds: 0),
            networks: [network],
            swarm: ObservedSwarm(services: found)
        )
    }

    /// What stops or goes, each with all that it waits for in the end.
    private func ends(_ plan: Plan) -> [String: Set<String>] {
        var waits: [Step.ID: Set<String>] = [:]
        var ends: [String: Set<String>] = [:]
        for step in plan.steps {
            let before = step.after.reduce(into: Set<String>()) { $0.formUnion(waits[$1] ?? []) }
            waits[step.id] = before
            let name: String? =
                switch step.operation {
                case .stop(let container, _): container.slot.service
                case .change(let change): change.id
                default: nil
                }
            guard let name else { continue }
            ends[name] = before
            waits[step.id] = before.union([name])
        }
        return ends
    }

    private let chain = ["web": ["cache", "api"], "cache": ["adb"], "api": ["adb"], "adb": []]
    private let order: [String: Set<String>] = [
        "web": [], "api": ["web"], "cache": ["web"], "adb": ["web", "api", "cache"],
    ]

    @Test func whatNeedsAnotherStopsBeforeIt() {
        let seen = observation(["adb", "api", "cache", "web"])
        let owned: Set<String> = ["adb", "api", "cache", "web"]
        let plan = Plan(removing: id, as: files(chain), observed: seen, owned: owned)
        #expect(ends(plan) == order, "\(plan)")
        #expect(plan.steps.count == 8)
    }

    @Test func servicesOfASwarmGoInThatOrderToo() {
        let seen = swarm(["adb", "api", "cache", "web"])
        let owned: Set<String> = ["adb", "api", "cache", "web", "net"]
        let plan = Plan(removing: id, as: files(chain), observed: seen, owned: owned)
        #expect(ends(plan) == order, "\(plan)")
        let last = plan.steps.last
        #expect(last?.operation.description == "remove network shop_default")
        #expect(last?.after == [1, 2, 3, 4])
    }

    /// What nothing runs of is in nobody's way, and what it stands between keeps its order.
    @Test func anEmptyServiceBetweenTwoIsSteppedOver() {
        for seen in [observation(["adb", "web"]), swarm(["adb", "web"])] {
            let plan = Plan(removing: id, as: files(chain), observed: seen, owned: ["adb", "web"])
            #expect(ends(plan) == ["web": [], "adb": ["web"]], "\(plan)")
        }
    }

    @Test func whatTheFilesDontHaveGoesFirst() {
        for seen in [observation(["adb", "zoo"]), swarm(["adb", "zoo"])] {
            let plan = Plan(removing: id, as: files(chain), observed: seen, owned: ["adb", "zoo"])
            #expect(ends(plan) == ["zoo": [], "adb": ["zoo"]], "\(plan)")
        }
    }

    @Test func withoutFilesAllGoAtOnce() {
        for seen in [observation(["adb", "web"]), swarm(["adb", "web"])] {
            let plan = Plan(removing: id, observed: seen, owned: ["adb", "web"])
            #expect(ends(plan) == ["adb": [], "web": []], "\(plan)")
        }
    }

    /// Whatever depends on what, nothing that still runs loses what it needs.
    @Test(arguments: 0..<60)
    func law(seed: Int) {
        var random = SplitMix64(seed: seed)
        let names = (0..<8).map { "s\($0)" }.shuffled(using: &random)
        var needs: [String: [String]] = [:]
        for (index, name) in names.enumerated() {
            needs[name] = names[..<index].filter { _ in Int.random(in: 0...2, using: &random) == 0 }
        }
        let there = names.filter { _ in Int.random(in: 0...3, using: &random) > 0 }
        func needed(by name: String) -> Set<String> {
            (needs[name] ?? []).reduce(into: []) { $0.formUnion(needed(by: $1).union([$1])) }
        }
        for seen in [observation(there), swarm(there)] {
            let plan = Plan(removing: id, as: files(needs), observed: seen, owned: Set(there))
            let ends = ends(plan)
            #expect(Set(ends.keys) == Set(there))
            for name in there {
                let users = there.filter { needed(by: $0).contains(name) }
                #expect(ends[name] == Set(users), "\(name): \(plan)")
            }
        }
    }
}
