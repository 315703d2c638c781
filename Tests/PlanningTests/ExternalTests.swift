import Model
import Planning
import TestSupport
import Testing

/// Networks and volumes that somebody else makes: used, and nothing else.
@Suite struct ExternalTests {
    private static func stack() throws -> Stack {
        var stack = try Gateway.stack()
        stack.networks["back"]?.name = "astro_shared"
        stack.networks["back"]?.isExternal = true
        stack.volumes["data"]?.name = "astro_store"
        stack.volumes["data"]?.isExternal = true
        return stack
    }

    /// A node that has them, made by hand.
    private static func rehearsal() -> Rehearsal {
        var rehearsal = Rehearsal()
        let network = ObservedNetwork(id: SHA256Hex.of("shared"), name: "astro_shared")
        rehearsal.node.networks[network.id] = network
        rehearsal.node.volumes["astro_store"] = ObservedVolume(name: "astro_store")
        return rehearsal
    }

    @Test func areJoinedAndNeverMadeChangedOrRemoved() throws {
        let stack = try Self.stack()
        var rehearsal = Self.rehearsal()
        expectSuccess(try rehearsal.deploy(stack, commit: "1"))
        try expectSettled(rehearsal, stack, commit: "1")
        let names = rehearsal.node.networks.values.map(\.name).sorted()
        #expect(names == ["astro_gateway_default", "astro_shared"])
        let mysql = try #require(rehearsal.node.id(named: "astro_gateway-mysql-1"))
        let seen = try #require(rehearsal.node.containers[mysql]?.seen)
        #expect(seen.networks["astro_shared"] == SHA256Hex.of("shared"))
        #expect(seen.volumes == ["astro_store"])

        var less = stack
        less.services["mysql"]?.networks = ["default": .init()]
        less.services["mysql"]?.volumes = []
        less.networks["back"] = nil
        less.volumes = [:]
        expectSuccess(try rehearsal.deploy(less, commit: "2"))
        let seenNow = rehearsal.node.observation
        let end = Plan(removing: stack.id, observed: seenNow, owned: rehearsal.owned)
        expectSuccess(rehearsal.perform(end))
        #expect(rehearsal.node.networks.values.map(\.name) == ["astro_shared"])
        #expect(rehearsal.node.volumes.keys.contains("astro_store"))
        #expect(rehearsal.offences == [])
    }

    /// Somebody made the network anew under its name while nothing ran on it.
    @Test func aNetworkMadeAnewIsJoinedByNewContainers() throws {
        let stack = try Self.stack()
        var rehearsal = Self.rehearsal()
        expectSuccess(try rehearsal.deploy(stack, commit: "1"))
        rehearsal.node.befall(.killed, "astro_gateway-mysql-1")
        rehearsal.node.networks[SHA256Hex.of("shared")] = nil
        let again = ObservedNetwork(id: SHA256Hex.of("again"), name: "astro_shared")
        rehearsal.node.networks[again.id] = again
        expectSuccess(try rehearsal.deploy(stack, commit: "1"))
        let mysql = try #require(rehearsal.node.id(named: "astro_gateway-mysql-1"))
        #expect(rehearsal.node.containers[mysql]?.seen.networks["astro_shared"] == again.id)
    }

    /// Else another project's services would find ours by the names of theirs.
    @Test func aGuestAnswersToNoNameOfAService() throws {
        var stack = try Self.stack()
        stack.services["mysql"]?.networks["back"]?.aliases = []
        func aliases() throws -> [String] {
            let joined = ContainerSpec.attachments(of: "mysql", in: stack)
            return try #require(joined.first { $0.network == stack.networks["back"]?.name }).aliases
        }
        #expect(try aliases() == ["mysql"])
        stack.networks["back"]?.name = "bio_shared"
        #expect(try aliases() == [])
        stack.services["mysql"]?.networks["back"]?.aliases = ["astro-db"]
        stack.services["mysql"]?.containerName = "astro-mysql"
        #expect(try aliases() == ["astro-mysql", "astro-db"])
    }

    /// What the stack made itself stays when the file calls it external, and nothing restarts.
    @Test func whatWasOursMayBecomeExternal() throws {
        let stack = try Gateway.stack()
        var rehearsal = try Gateway.running(stack)
        var other = stack
        other.networks["back"]?.isExternal = true
        other.volumes["data"]?.isExternal = true
        #expect(try rehearsal.plan(other, commit: "2").isEmpty)
        let desired = try rehearsal.desired(other, commit: "2")
        let seen = rehearsal.node.observation.of(stack.id)
        #expect(NetworkChange(toward: desired, from: seen, owned: rehearsal.owned) == nil)
        expectSuccess(try rehearsal.deploy(other, commit: "2"))
    }
}
