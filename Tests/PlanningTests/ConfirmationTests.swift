import Model
import Planning
import TestSupport
import Testing

@Suite struct ConfirmationTests {
    /// Law 5, for every number of services that stay and go: the whole stack, or more than half
    /// and at least five.
    @Test(arguments: 0...8, 0...8)
    func removalsAreConfirmed(staying: Int, going: Int) throws {
        guard staying + going > 0 else { return }
        let found = try removal(staying: staying, going: going).confirmation
        let isWhole = staying == 0
        #expect((found != nil) == (isWhole || going >= 5 && going > staying))
        // Of what the good version never had, nothing is lost.
        #expect(try removal(staying: staying, going: going, toGood: true).confirmation == nil)
        if isWhole { #expect(found?.why.hasPrefix("it removes the whole stack: ") == true) }
    }

    /// The same of a stack that moves, of which nothing is there yet to be taken away.
    @Test(arguments: 0...8, 0...8)
    func removalsByTheWayAreConfirmed(staying: Int, going: Int) throws {
        guard staying + going > 0 else { return }
        let before = try stack(staying: staying, going: going)
        let after = try stack(staying: staying, going: 0)
        let here = try removal(staying: staying, going: going).confirmation
        let there = Confirmation(from: before, to: after)
        #expect(there?.names == here?.names && there?.why == here?.why)
    }

    /// The same where services stay and have fewer replicas.
    @Test(arguments: 0...8, 0...8)
    func scalingDownIsConfirmed(staying: Int, going: Int) throws {
        guard staying + going > 0 else { return }
        var stack = try stack(staying: 1, going: 0)
        stack.services["stay1"]?.replicas = staying + going
        var rehearsal = Rehearsal()
        try rehearsal.deploy(stack, commit: "1")
        stack.services["stay1"]?.replicas = staying
        let found = try rehearsal.confirmation(stack)
        let isAsked = going > 0 && (staying == 0 || going >= 5 && going > staying)
        #expect((found != nil) == isAsked)
        #expect(try rehearsal.confirmation(stack, leadsToGood: true) == nil)
    }

    @Test func replacedContainersDoNotCount() throws {
        let change = try removal(staying: 8, going: 0, isEdited: true)
        #expect(!change.plan.isEmpty)
        #expect(change.confirmation == nil)
    }

    /// A stack of one service under another name goes on; nobody is asked.
    @Test func aRenamedServiceIsNoRemoval() throws {
        var rehearsal = Rehearsal()
        try rehearsal.deploy(try stack(staying: 1, going: 0), commit: "1")
        #expect(try rehearsal.confirmation(try stack(staying: 0, going: 1)) == nil)
        // But five of six are many.
        try rehearsal.deploy(try stack(staying: 5, going: 0), commit: "2")
        #expect(try rehearsal.confirmation(try stack(staying: 0, going: 1)) != nil)
    }

    /// What others labelled does not make a removal smaller.
    @Test func whatIsNotOursDoesNotCount() throws {
        var rehearsal = Rehearsal()
        let whole = try stack(staying: 1, going: 0)
        try rehearsal.deploy(whole, commit: "1")
        rehearsal.node.addForeigners(bearing: [
            Labels.controller: Rehearsal.controller, Labels.project: "astro",
            Labels.stack: "gateway", Labels.service: "stay1", Labels.slot: "2",
        ])
        var nothing = whole
        nothing.services["stay1"]?.replicas = 0
        #expect(
            try rehearsal.confirmation(nothing)?.why
                == "it removes the whole stack: its file leaves no container"
        )
    }

    @Test func whatIsAskedForNamesWhatGoes() throws {
        let confirmation = try #require(try removal(staying: 1, going: 6).confirmation)
        #expect(confirmation.why == "it removes 6 of 7 containers without replacement")
        #expect(confirmation.names == (1...6).map { "gateway/go\($0)" })
        #expect(confirmation.isNamed(by: confirmation.names + ["other/x"]))
        #expect(!confirmation.isNamed(by: Array(confirmation.names.dropLast())))
        #expect(!confirmation.isNamed(by: []))
        #expect(confirmation.change.count == 12)
    }

    /// An agreement is good for no other removal.
    @Test func anotherRemovalIsAnotherChange() throws {
        let change = try removal(staying: 1, going: 6).confirmation?.change
        #expect(change == (try removal(staying: 1, going: 6).confirmation?.change))
        #expect(change != (try removal(staying: 1, going: 7).confirmation?.change))
    }

    @Test func aStackIsNeverRemovedUnasked() throws {
        var rehearsal = Rehearsal()
        let stack = try stack(staying: 1, going: 0)
        try rehearsal.deploy(stack, commit: "1")
        let seen = rehearsal.node.observation
        let plan = Plan(removing: stack.id, observed: seen, owned: rehearsal.owned)
        let confirmation = try #require(
            Confirmation(of: plan, running: seen, owned: rehearsal.owned)
        )
        #expect(
            confirmation.why
                == "it removes the whole stack: no compose file declares it any more"
        )
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
        let confirmation = try rehearsal.confirmation(stack)
        #expect(
            confirmation?.why
                == "volume astro_gateway_data had data and is gone; it would be created anew "
                + "and empty"
        )
        #expect(confirmation?.names == ["gateway"])
        #expect(try rehearsal.confirmation(stack, leadsToGood: true) == confirmation)
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
        isEdited: Bool = false,
        toGood: Bool = false
    ) throws -> (plan: Plan, confirmation: Planning.Confirmation?) {
        var rehearsal = Rehearsal()
        try rehearsal.deploy(try stack(staying: staying, going: going), commit: "1")
        var after = try stack(staying: staying, going: 0)
        if isEdited {
            for name in after.services.keys { after.services[name]?.environment = ["A": "1"] }
        }
        let found = try rehearsal.confirmation(after, leadsToGood: toGood)
        return (try rehearsal.plan(after, commit: "2"), found)
    }
}

extension Rehearsal {
    /// What going to `stack` would have to be confirmed for.
    fileprivate func confirmation(
        _ stack: Stack,
        leadsToGood: Bool = false
    ) throws -> Planning.Confirmation? {
        let plan = try plan(stack, commit: "2")
        return Confirmation(
            of: plan,
            running: node.observation.of(stack.id),
            owned: owned,
            leadsToGood: leadsToGood
        )
    }
}
