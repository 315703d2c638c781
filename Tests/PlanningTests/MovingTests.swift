import Admission
import Model
import Planning
import TestSupport
import Testing

/// How a stack is taken off its node because it moves, and what keeps it there.
@Suite struct MovingTests {
    private let id: StackID

    init() throws { id = try StackID(parsing: "shop") }

    private func stack(_ services: [String: Service]) -> Stack {
        Stack(id: id, files: ["compose.yaml"], services: services)
    }

    private func service(
        _ dependencies: String...,
        edit: (inout Service) -> Void = { _ in }
    )
        -> Service
    {
        var service = Service(image: "web")
        for name in dependencies { service.dependsOn[name] = Service.Dependency() }
        edit(&service)
        return service
    }

    private func container(_ service: String) -> ObservedContainer {
        let labels = [Labels.service: service, Labels.slot: "1"]
        return ObservedContainer(id: "id-\(service)", name: "shop-\(service)-1", labels: labels)
    }

    @Test func whatNeedsAnotherStopsBeforeIt() {
        let whole = stack([
            "web": service("api"), "api": service("db"), "db": service(), "log": service(),
        ])
        let seen = ["api", "db", "gone", "log", "web"].map(container)
        let plan = Plan(
            moving: whole,
            to: "beta",
            observed: Observation(time: Instant(milliseconds: 0), containers: seen),
            owned: Set(seen.map(\.id).filter { $0 != "id-log" })
        )
        let stops = plan.steps.compactMap { step -> String? in
            if case .stop(let container, _) = step.operation { container.name } else { nil }
        }
        #expect(stops == ["shop-gone-1", "shop-web-1", "shop-api-1", "shop-db-1"])
        for (index, name) in stops.enumerated() where index > 0 {
            let step = plan.steps.first { step in
                if case .stop(let container, _) = step.operation {
                    container.name == name
                } else {
                    false
                }
            }
            #expect(step?.after.isEmpty == false, "\(name) waits for who needs it")
        }
        #expect(plan.steps.count == 8, "what is not ours stays: \(plan)")
        #expect("\(plan)".contains("because the stack moves to node beta"))
        // Law 5: nobody has to agree, since all of it comes up elsewhere.
        let observed = Observation(time: Instant(milliseconds: 0), containers: seen)
        #expect(Confirmation(of: plan, running: observed, owned: Set(seen.map(\.id))) == nil)
    }

    @Test func dataTiesItToItsNode() throws {
        func ties(
            _ service: Service,
            volumes: [String: Stack.Volume] = [:],
            image: [String] = []
        ) throws -> [String] {
            var stack = stack(["web": service])
            stack.volumes = volumes
            let admitted = try Policy(TenantPolicy(profile: .privileged)).admit(stack)
            let pin = ImagePin(
                reference: "web",
                imageID: "sha256:1",
                digest: nil,
                config: ImageConfig(volumes: image)
            )
            return Desired(admitted: admitted, commit: "", pins: ["web": pin]).ties
        }
        func mount(_ source: Mount.Source, readOnly: Bool = false) -> Service {
            service { $0.volumes = [Mount(source: source, target: "/d", readOnly: readOnly)] }
        }
        #expect(try ties(service()).isEmpty)
        #expect(try ties(mount(.bind(path: "/srv"), readOnly: true)).isEmpty)
        #expect(try ties(mount(.memory(size: nil, mode: nil)), image: ["/d"]).isEmpty)
        #expect(try ties(mount(.bind(path: "/srv"))) == ["/srv, which web writes"])
        #expect(try ties(mount(.anonymous)) == ["the volume of web at /d"])
        #expect(
            try ties(service(), image: ["/d"]) == ["the volume that the image of web has at /d"]
        )
        let data = ["data": Stack.Volume(name: "shop_data")]
        let read = mount(.volume(key: "data"), readOnly: true)
        #expect(try ties(read, volumes: data, image: ["/d"]) == ["volume shop_data"])
    }
}
