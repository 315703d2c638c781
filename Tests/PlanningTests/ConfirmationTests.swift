import Model
import Planning
import TestSupport
import Testing

@Suite struct ConfirmationTests {
    /// Law 5, for every number of services that stay and go.
    @Test(arguments: 0...8, 0...8)
    func removalsAreConfirmed(staying: Int, going: Int) throws {
        guard staying + going > 0 else { return }
        let (plan, observation) = try removal(staying: staying, going: going)
        let isAsked = Confirmation(of: plan, running: observation) != nil
        #expect(isAsked == (going >= 5 && going > staying))
    }

    @Test func replacedContainersDoNotCount() throws {
        let (plan, observation) = try removal(staying: 8, going: 0, isEdited: true)
        #expect(!plan.isEmpty)
        #expect(Confirmation(of: plan, running: observation) == nil)
    }

    @Test func whatIsAskedForNamesWhatGoes() throws {
        let (plan, observation) = try removal(staying: 1, going: 6)
        let confirmation = try #require(Confirmation(of: plan, running: observation))
        #expect(confirmation.why == "it removes 6 of 7 containers without replacement")
        #expect(confirmation.names == (1...6).map { "gateway/go\($0)" })
        #expect(confirmation.isNamed(by: confirmation.names + ["other/x"]))
        #expect(!confirmation.isNamed(by: Array(confirmation.names.dropLast())))
        #expect(!confirmation.isNamed(by: []))
        #expect(confirmation.change.count == 12)
    }

    /// An agreement is good for no other removal.
    @Test func anotherRemovalIsAnotherChange() throws {
        let (plan, seen) = try removal(staying: 1, going: 6)
        let (other, otherSeen) = try removal(staying: 1, going: 7)
        let change = Confirmation(of: plan, running: seen)?.change
        #expect(change == Confirmation(of: plan, running: seen)?.change)
        #expect(change != Confirmation(of: other, running: otherSeen)?.change)
    }

    @Test func aStackIsNeverRemovedUnasked() throws {
        var rehearsal = Rehearsal()
        let stack = try stack(staying: 1, going: 0)
        try rehearsal.deploy(stack, commit: "1")
        let seen = rehearsal.node.observation
        let plan = Plan(removing: stack.id, observed: seen, owned: rehearsal.owned)
        let confirmation = try #require(Confirmation(of: plan, running: seen))
        #expect(confirmation.why == "it removes the whole stack")
        #expect(confirmation.names == ["gateway"])
    }

    @Test func aLostVolumeIsNotMadeAnewUnasked() throws {
        var rehearsal = Rehearsal()
        var stack = try stack(staying: 1, going: 0)
        stack.services["stay1"]?.volumes = [.init(source: .volume(key: "data"), target: "/data")]
        stack = StackGenerator.coherent(stack)
        try rehearsal.deploy(stack, commit: "1")
        rehearsal.node.befall(.removed, "astro_gateway-stay1-1")
        rehearsal.node.volumes = [:]
        let plan = try rehearsal.plan(stack, commit: "1")
        let confirmation = Confirmation(of: plan, running: rehearsal.node.observation)
        #expect(
            confirmation?.why
                == "volume astro_gateway_data had data and is gone; it would be created anew "
                + "and empty"
        )
        #expect(confirmation?.names == ["gateway"])
    }

    private func stack(staying: Int, going: Int) throws -> Stack {
        var stack = Stack(id: try StackID(project: "astro", stack: "gateway"))
        for number in 0..<staying { stack.services["stay\(number + 1)"] = Service(image: "httpd") }
        for number in 0..<going { stack.services["go\(number + 1)"] = Service(image: "httpd") }
        return stack
    }

    private func removal(
        staying: Int,
        going: Int,
        isEdited: Bool = false
    ) throws -> (Plan, Observation) {
        var rehearsal = Rehearsal()
        try rehearsal.deploy(try stack(staying: staying, going: going), commit: "1")
        var after = try stack(staying: staying, going: 0)
        if isEdited {
            for name in after.services.keys { after.services[name]?.environment = ["A": "1"] }
        }
        return (try rehearsal.plan(after, commit: "2"), rehearsal.node.observation)
    }
}
