import Admission
import Model
import Planning
import Testing

/// Names that files choose, and that two stacks would have.
@Suite struct NameLedgerTests {
    private static func id(_ text: String) -> StackID {
        guard let id = try? StackID(parsing: text) else { preconditionFailure("\(text)") }
        return id
    }

    private func stack(_ id: StackID, _ change: (inout Stack) -> Void) -> Stack {
        var stack = Stack(id: id, files: ["compose.yaml"])
        stack.services["web"] = Service(image: "httpd")
        change(&stack)
        return stack
    }

    private func desired(_ stack: Stack, called name: String? = nil) throws -> Desired {
        var tenant = TenantPolicy(profile: .privileged)
        tenant.adopted[stack.id.stack] = name
        tenant.grants.names = ["x", "la"]
        tenant.grants.hosts = ["example.org"]
        tenant.grants.routes = "r"
        return Desired(admitted: try Policy(tenant).admit(stack), commit: "", pins: [:])
    }

    /// What stands against `second` where `first` came before.
    private func objections(_ second: Stack, after first: Stack) throws -> [Diagnostic] {
        let needed = Reservation(of: try desired(second))
        let held = [first.id: Reservation(of: try desired(first))]
        return LedgerQuestion(
            second,
            needs: needed,
            wants: needed,
            in: Ledger(held),
            under: Quota()
        ).objections
    }

    private static let edits: [(name: String, edit: @Sendable (inout Stack) -> Void)] = [
        (
            "container x-db",
            { $0.services["web"]?.containerName = "x-db" }
        ),
        (
            "network x-net",
            { $0.networks["net"] = Stack.Network(name: "x-net") }
        ),
        (
            "volume x-data",
            { $0.volumes["data"] = Stack.Volume(name: "x-data") }
        ),
        (
            "alias p-api on lan",
            { stack in
                stack.networks["lan"] = Stack.Network(name: "lan")
                stack.networks["lan"]?.isExternal = true
                stack.services["web"]?.networks["lan"] = .init(aliases: ["p-api"])
            }
        ),
        (
            "router r-web",
            {
                $0.services["web"]?.labels["traefik.http.routers.r-web.rule"] =
                    "Host(`example.org`) && Path(`/\($0.id)`)"
            }
        ),
        (
            "route www.example.org/api",
            {
                $0.services["web"]?.ingress =
                    .init(host: "www.example.org", port: 80, path: "/api")
            }
        ),
    ]

    @Test(arguments: edits.indices)
    func firstComeKeepsAndTheSecondIsTold(index: Int) throws {
        let (name, edit) = Self.edits[index]
        let first = stack(Self.id("p"), edit)
        let own = try objections(stack(Self.id("p/two"), edit), after: first)
        #expect(own.map(\.code) == ["name-taken"])
        #expect(own.map(\.message) == ["\(name) is held by stack p/p"])
        let foreign = try objections(stack(Self.id("other"), edit), after: first)
        #expect(foreign.map(\.message) == ["\(name) is taken"])
        #expect(foreign.first?.field != nil)
        // The same stack again, and one that names nothing.
        #expect(try objections(first, after: first) == [])
        #expect(try objections(stack(Self.id("p/two")) { _ in }, after: first) == [])
    }

    /// What one router takes a second may not take too, however it is spelled; one that Traefik
    /// tries before or after it may.
    @Test(
        arguments: [
            ("Host(\"Example.org\" )", [:], ["Host(`example.org`)"]),
            ("Host(`a.example.org`) || Host(`example.org`)", [:], ["Host(`example.org`)"]),
            (
                "Path(`/A b`)&&Host(`x.example.org`)", [:],
                ["Host(`x.example.org`) && Path(`/A b`)"]
            ),
            ("Host(`example.org`) && Path(`/x`)", [:], []), ("Host(`b.example.org`)", [:], []),
            ("Host(`x.example.org`) && Path(`/a b`)", [:], []),
            ("Host(`example.org`)", ["priority": "7"], []),
            ("Host(`example.org`)", ["entrypoints": "web"], []),
            ("Host(`y.example.org`)", ["entrypoints": "b, web"], ["Host(`y.example.org`) at web"]),
        ] as [(String, [String: String], [String])]
    )
    func oneRouteIsOneStacks(rule: String, settings: [String: String], taken: [String]) throws {
        let first = stack(Self.id("p")) {
            $0.services["web"]?.labels = [
                "traefik.http.routers.r1.rule": "Host(`example.org`)",
                "traefik.http.routers.r2.rule": "Host(`x.example.org`) && Path(`/A b`)",
                "traefik.http.routers.r3.rule": "Host(`y.example.org`)",
                "traefik.http.routers.r3.entrypoints": "web",
            ]
        }
        let second = stack(Self.id("p/two")) { stack in
            var labels = ["traefik.HTTP.routers.r9.rule": rule]
            for (key, value) in settings { labels["traefik.http.routers.r9.\(key)"] = value }
            // The same twice in one service is one route.
            labels["traefik.http.routers.r10.rule"] = "Host(`z.example.org`)"
            labels["traefik.http.routers.r11.rule"] = "Host(`z.example.org`)"
            stack.services["web"]?.labels = labels
        }
        let found = try objections(second, after: first)
        #expect(found.map(\.message) == taken.map { "route \($0) is held by stack p/p" })
        #expect(found.allSatisfy { $0.field?.description.hasSuffix("r9.rule") == true })

        // On a Swarm an ingress reads those of `deploy`, which reach no container of an engine.
        func deploying(_ stack: Stack, isForSwarm: Bool = true) -> Stack {
            var stack = stack
            stack.isForSwarm = isForSwarm
            var deployment = Service.Deployment()
            deployment.labels = stack.services["web"]?.labels ?? [:]
            stack.services["web"]?.labels = [:]
            stack.services["web"]?.deployment = deployment
            return stack
        }
        for held in [first, deploying(first)] {
            let found = try objections(deploying(second), after: held)
            #expect(found.map(\.message) == taken.map { "route \($0) is held by stack p/p" })
            let place = "services.web.deploy.labels."
            #expect(found.allSatisfy { $0.field?.description.hasPrefix(place) == true })
        }
        #expect(try objections(deploying(second, isForSwarm: false), after: first) == [])
    }

    @Test func derivedNamesAndServicesThatDoNotRunAreNotReserved() throws {
        let plain = stack(Self.id("p")) { stack in
            stack.networks["net"] = Stack.Network(name: "p_net")
            stack.volumes["data"] = Stack.Volume(name: "p_data")
            stack.services["off"] = Service(image: "httpd")
            stack.services["off"]?.replicas = 0
            stack.services["off"]?.containerName = "x-off"
        }
        #expect(Reservation(of: try desired(plain)).names == [])
        // Of one that was taken over they begin with what it was called.
        let adopted = stack(Self.id("p")) { stack in
            stack.adoptedName = "old"
            stack.networks["net"] = Stack.Network(name: "old_net")
            stack.volumes["data"] = Stack.Volume(name: "old_data")
            stack.volumes["chosen"] = Stack.Volume(name: "p_chosen")
        }
        let names = Reservation(of: try desired(adopted, called: "old")).names
        #expect(names.map(\.description) == ["volume p_chosen"])
    }

    @Test func namesGoWithTheLastOfTheContainers() throws {
        let reservation = Reservation(of: try desired(stack(Self.id("p"), Self.edits[0].edit)))
        #expect(reservation.names.map(\.description) == ["container x-db"])
        #expect(reservation.kept(by: [], []).names == [])
        let left = [ObservedContainer(id: "c", name: "x-db")]
        #expect(reservation.kept(by: left, []).names.count == 1)
    }
}
