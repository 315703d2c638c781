import Model
import Planning
import TestSupport
import Testing

/// Where a host and path is led while one version takes over from another.
@Suite struct IngressRoutesTests {
    private func route(_ service: String, _ host: String, port: UInt16 = 80) -> ReservedRoute {
        ReservedRoute(service: service, match: .init(host: host, port: port))
    }

    /// `host -> name` of each route, and whether anything serves there.
    private func led(
        _ wanted: [ReservedRoute],
        _ held: [ReservedRoute],
        serving: [String]
    ) throws -> [String] {
        let containers = serving.enumerated().map { index, service in
            var container = ObservedContainer(
                id: "\(index)",
                name: "\(service)-1",
                labels: [Labels.service: service, Labels.slot: "1"],
                created: Instant(milliseconds: 1)
            )
            container.addresses = ["net": "10.0.0.\(index + 1)"]
            return container
        }
        let stack = try StackID(project: "shop", stack: "web")
        return IngressRoutes(of: stack, wanted: wanted, held: held)
            .led(to: IngressTargets(containers, nil))
            .map { "\($0.match.host) -> \($0.name)\($0.targets.isEmpty ? " (nobody)" : "")" }
    }

    @Test func theWantedOneHasItWhenItServes() throws {
        let (old, new) = (route("old", "a.org"), route("new", "a.org"))
        #expect(try led([new], [old, new], serving: ["old"]) == ["a.org -> shop_web_old"])
        #expect(try led([new], [old, new], serving: ["old", "new"]) == ["a.org -> shop_web_new"])
        #expect(try led([new], [new], serving: []) == ["a.org -> shop_web_new (nobody)"])
        #expect(try led([new], [old, new], serving: []) == ["a.org -> shop_web_new (nobody)"])
    }

    @Test func whatWasLedStaysUntilTheVersionHasComeAbout() throws {
        let (old, new) = (route("web", "a.org"), route("web", "b.org"))
        let both = ["b.org -> shop_web_web", "a.org -> shop_web_web~2"]
        #expect(try led([new], [old], serving: ["web"]) == both)
        #expect(try led([], [old], serving: ["web"]) == ["a.org -> shop_web_web"])
        #expect(try led([new], [new], serving: ["web"]) == ["b.org -> shop_web_web"])
        #expect(try led([], [], serving: ["web"]) == [])
    }

    @Test func aNewPortCountsWhereSomebodyServes() throws {
        let (old, new) = (route("web", "a.org"), route("web", "a.org", port: 81))
        let stack = try StackID(project: "shop", stack: "web")
        let routes = IngressRoutes(of: stack, wanted: [new], held: [old])
        #expect(routes.led(to: IngressTargets([], nil)).map(\.match.port) == [81])
    }
}
