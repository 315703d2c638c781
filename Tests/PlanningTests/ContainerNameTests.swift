import Model
import Planning
import TestSupport
import Testing

/// `container_name`, and how it goes with a new container's being there before the old one goes.
@Suite struct ContainerNameTests {
    private static func stack(_ names: [String: String?], image: String = "httpd:1") throws -> Stack
    {
        try Gateway.stack(
            names.mapValues { name in
                var service = Service(image: image)
                service.containerName = name
                service.networks = ["default": .init()]
                return service
            }
        )
    }

    private static func names(_ rehearsal: Rehearsal) -> [String] {
        rehearsal.node.containers.values.map(\.seen.name).sorted()
    }

    @Test func isTheContainersNameAndAnAlias() throws {
        let stack = try Self.stack(["web": "astro_gateway-portal"])
        var rehearsal = Rehearsal()
        expectSuccess(try rehearsal.deploy(stack, commit: "1"))
        try expectSettled(rehearsal, stack, commit: "1")
        #expect(Self.names(rehearsal) == ["astro_gateway-portal"])
        let id = try #require(rehearsal.node.id(named: "astro_gateway-portal"))
        let aliases = rehearsal.node.containers[id]?.seen.details?.aliases
        #expect(aliases == ["web", "astro_gateway-portal"])
        // Somebody's other name for it is taken back.
        rehearsal.node.befall(.renamed, "astro_gateway-portal")
        expectSuccess(try rehearsal.deploy(stack, commit: "1"))
        #expect(rehearsal.node.id(named: "astro_gateway-portal") == id)
    }

    /// Beside the old container the new one has another name until it is proven.
    @Test func isTakenOverWhenTheNewContainerIsProven() throws {
        var stack = try Self.stack(["web": "astro_gateway-portal"])
        var rehearsal = Rehearsal()
        expectSuccess(try rehearsal.deploy(stack, commit: "1"))
        let before = rehearsal.node.id(named: "astro_gateway-portal")
        stack.services["web"]?.image = "httpd:2"
        rehearsal.node.behaviours[SimulatedNode.pin("httpd:2").imageID] = .exits(1)
        #expect(!(try rehearsal.deploy(stack, commit: "2").isSuccess))
        #expect(rehearsal.node.id(named: "astro_gateway-portal") == before)
        stack.services["web"]?.image = "httpd:3"
        expectSuccess(try rehearsal.deploy(stack, commit: "3"))
        try expectSettled(rehearsal, stack, commit: "3")
        #expect(Self.names(rehearsal) == ["astro_gateway-portal"])
        #expect(rehearsal.node.id(named: "astro_gateway-portal") != before)
    }

    /// A service is renamed and keeps the name of its container; two exchange theirs; a name comes
    /// and goes.
    @Test(
        arguments: [
            (["web": "astro_gateway-a"], ["portal": "astro_gateway-a"]),
            (
                ["one": "astro_gateway-a", "two": "astro_gateway-b"],
                ["one": "astro_gateway-b", "two": "astro_gateway-a"]
            ),
            (["web": nil], ["web": "astro_gateway-a"]), (["web": "astro_gateway-a"], ["web": nil]),
            (["web": nil], ["portal": "astro_gateway-web-1"]),
        ] as [([String: String?], [String: String?])]
    )
    func movesWithTheFile(from: [String: String?], to: [String: String?]) throws {
        for seed in 0..<20 {
            var rehearsal = Rehearsal(seed: seed)
            expectSuccess(try rehearsal.deploy(try Self.stack(from), commit: "1"))
            let after = try Self.stack(to)
            expectSuccess(try rehearsal.deploy(after, commit: "2"))
            #expect(rehearsal.offences == [])
            try expectSettled(rehearsal, after, commit: "2")
        }
    }

    /// Without a file to go by, what ran before a candidate came is told by the names.
    @Test func theFormerContainerIsStartedAgain() throws {
        let stack = try Self.stack(["web": "astro_gateway-portal"])
        var rehearsal = Rehearsal()
        expectSuccess(try rehearsal.deploy(stack, commit: "1"))
        let id = try #require(rehearsal.node.id(named: "astro_gateway-portal"))
        rehearsal.node.befall(.killed, "astro_gateway-portal")
        let candidate = SHA256Hex.of("candidate")
        rehearsal.node.containers[candidate] = rehearsal.node.containers[id]
        rehearsal.node.containers[candidate]?.seen.id = candidate
        rehearsal.node.containers[candidate]?.seen.name = "astro_gateway-portal.01234567"
        let plan = Plan(startingAgain: stack.id, observed: rehearsal.node.observation)
        #expect(plan.steps.map(\.operation.description) == ["start astro_gateway-portal"])
    }
}
