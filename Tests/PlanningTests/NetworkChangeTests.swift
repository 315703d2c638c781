import Model
import Planning
import TestSupport
import Testing

/// A network can't be changed once it is made; never is that passed over in silence.
@Suite struct NetworkChangeTests {
    @Test func whatCannotBeChangedIsRefusedWithItsPlace() throws {
        var stack = try Gateway.stack()
        var rehearsal = try Gateway.running(stack)
        #expect(try change(stack, rehearsal) == nil)
        stack.networks["default"]?.isInternal = true
        let place = SourceLocation(file: "compose.yaml", line: 7, column: 15)
        stack.places.record(place, at: FieldPath("networks", "default", "internal"))
        let finding = try #require(try change(stack, rehearsal)?.findings.first)
        #expect(finding.location == place)
        #expect(finding.code == "network-changed")
        #expect(finding.message.hasPrefix("network default was made with internal: false"))
        // What is not ours, or not known, is no reason.
        let owned = rehearsal.owned
        rehearsal.owned = []
        #expect(try change(stack, rehearsal) == nil)
        rehearsal.owned = owned
        for id in rehearsal.node.networks.keys { rehearsal.node.networks[id]?.isInternal = nil }
        #expect(try change(stack, rehearsal) == nil)
    }

    /// The way that is told instead works, and ends with the old network gone.
    @Test func anotherKeyIsAnotherNetwork() throws {
        var stack = try Gateway.stack()
        var rehearsal = try Gateway.running(stack)
        for name in ["apache", "mysql"] {
            let joined = stack.services[name]?.networks.removeValue(forKey: "default")
            stack.services[name]?.networks["default2"] = joined
        }
        stack = StackGenerator.coherent(stack)
        stack.networks["default2"]?.isInternal = true
        expectSuccess(try rehearsal.deploy(stack, commit: "2"))
        try expectSettled(rehearsal, stack, commit: "2")
    }

    @Test func newLabelsArePending() throws {
        var stack = try Gateway.stack()
        let rehearsal = try Gateway.running(stack)
        stack.networks["back"]?.labels = ["team": "astro"]
        let plan = try rehearsal.plan(stack, commit: "2")
        #expect(plan.isEmpty)
        #expect(
            plan.pending
                == ["network back gets its new labels when it is made anew, under another key"]
        )
    }

    private func change(_ stack: Stack, _ rehearsal: Rehearsal) throws -> NetworkChange? {
        NetworkChange(
            toward: try rehearsal.desired(stack, commit: "2"),
            from: rehearsal.node.observation.of(stack.id),
            owned: rehearsal.owned
        )
    }
}
