import Model
import Testing

@Suite struct JournalStateTests {
    let stack: StackID
    let other: StackID

    init() throws {
        stack = try StackID(parsing: "astro/gateway")
        other = try StackID(parsing: "astro")
    }

    @Test func objectsAreOwnedUntilTheyAreGone() {
        let mine = object("1", stack)
        let state = JournalState([.owned(mine), .owned(object("2", other))])
        #expect(state.owned(by: stack) == ["1"])
        #expect(JournalState([.owned(mine), .gone(id: "1")]).owned.isEmpty)
        #expect(JournalState([.gone(id: "1"), .owned(mine)]).owned(by: stack) == ["1"])
    }

    @Test func aClaimLastsUntilItIsMetOrManyDecisionsLater() {
        var state = JournalState([.decided(decision(stack, claims: ["a", "b"]))])
        #expect(state.claims.mapValues(\.stack) == ["a": stack, "b": stack])
        state.apply(.owned(object("1", stack, claim: "a")))
        #expect(state.claims.mapValues(\.stack) == ["b": stack])
        state.apply(.decided(decision(other, claims: ["c"])))
        #expect(state.claims.mapValues(\.stack) == ["b": stack, "c": other])
        for number in 0..<15 { state.apply(.decided(decision(stack, claims: ["d\(number)"]))) }
        state.apply(.decided(decision(stack, claims: [])))
        #expect(
            state.claims["b"]?.stack == stack,
            "a call that was given up may still be carried out"
        )
        state.apply(.decided(decision(stack, claims: ["e"])))
        #expect(state.claims["b"] == nil && state.claims["c"]?.stack == other, "but not for ever")
    }

    @Test func volumesAreRememberedForEver() {
        var volume = object("data", stack)
        volume.kind = .volume
        volume.name = "astro_gateway_data"
        let state = JournalState([
            .owned(volume), .volumeSeen(name: "older", stack: stack), .gone(id: "data"),
            .stackRemoved(stack),
        ])
        let names = ["astro_gateway_data", "older"].map { ObjectKey($0) }
        #expect(state.volumesSeen == [names[0]: stack, names[1]: stack])
    }

    /// The last volume was all that held a stack to its node that is no more.
    @Test func aVolumeThatIsRemovedIsForgotten() {
        var volume = object("data", stack)
        volume.kind = .volume
        volume.name = "data"
        volume.node = "b"
        var state = JournalState([
            .placed(stack, node: "b"), .owned(volume), .volumeSeen(name: "data", stack: stack),
            .stackRemoved(stack),
        ])
        #expect(state.node(of: stack) == "b")
        state.apply(.volumeRemoved(name: "data", stack: stack, node: "b", by: "ann"))
        #expect(state.owned.isEmpty && state.placements.isEmpty)
        #expect(state.volumesSeen == [ObjectKey("data"): stack], "another node's is another")
        state.apply(.volumeRemoved(name: "data", stack: stack, by: "ann"))
        #expect(state.volumesSeen.isEmpty && state.node(of: stack) == nil)
    }

    @Test func aGoodVersionIsNotHeld() {
        let version = Version(commit: "1", digest: "d")
        let hold = Hold(version: version, reason: "it died")
        var state = JournalState([.held(stack, hold), .held(other, hold)])
        #expect(state.holds[stack]?["d"] == hold)
        state.apply(.good(stack, version))
        #expect(state.holds[stack]?["d"] == nil)
        #expect(state.good[stack] == version)
        state.apply(.released(other, digest: "d", by: "ann"))
        #expect(state.holds[other]?["d"] == nil)
    }

    /// A push can be no more than a commit that nobody can load, and there is no end of them.
    @Test func theLastTenCommitsThatNobodyCouldLoadAreHeld() {
        let failed = Hold(version: Version(commit: "f", digest: "f"), reason: "it died")
        var state = JournalState([.held(stack, failed)])
        func hold(_ number: Int) -> Hold {
            let version = Version(commit: "\(number)", digest: "\(number)")
            var hold = Hold(version: version, reason: "it took too long")
            hold.unread = number
            return hold
        }
        for number in 1...10 { state.apply(.held(stack, hold(number))) }
        #expect(state.holds[stack]?.count == 11)
        state.apply(.held(other, hold(1)))
        for number in 11...200 {
            state.apply(.held(stack, hold(number)))
            let kept = (number - 9...number).map { "\($0)" }
            #expect(Set(state.holds[stack]?.keys ?? [:].keys) == Set(kept + ["f"]))
        }
        #expect(state.holds[other]?.count == 1)
        // A version that failed is never tried again by itself (law 7).
        #expect(state.holds[stack]?["f"] == failed)
    }

    @Test func severalVersionsAreHeld() {
        let holds = ["a", "b"].map { Hold(version: Version(commit: $0, digest: $0), reason: "") }
        let state = JournalState(
            holds.map { .held(stack, $0) } + [
                .released(stack, digest: "a", by: "ann")
            ]
        )
        #expect(state.holds[stack].map { Array($0.keys) } == ["b"])
    }

    /// An agreement is good for the next decision about that stack, and no other.
    @Test func aConfirmationIsUsedUp() {
        var state = JournalState([
            .confirmed(stack, change: "x", by: "ann"), .decided(decision(other, claims: [])),
        ])
        #expect(state.confirmations == [stack: "x"])
        state.apply(.decided(decision(stack, claims: [], isAside: true)))
        #expect(state.confirmations == [stack: "x"], "a repair is for nobody to agree to")
        state.apply(.confirmed(stack, change: "", by: "spin"))
        #expect(state.confirmations.isEmpty, "nothing has come of it")
        state.apply(.confirmed(stack, change: "x", by: "ann"))
        state.apply(.decided(decision(stack, claims: [], agreed: ["web-2"])))
        #expect(state.confirmations.isEmpty && state.agreed == [stack: ["web-2"]])
        #expect(state.agreedIn == [stack: "r"])
        state.apply(.decided(decision(stack, claims: [], isAside: true)))
        #expect(state.agreed == [stack: ["web-2"]] && state.agreedIn == [stack: "r"])
        var rest = decision(stack, claims: [], agreed: ["web-2"])
        (rest.run, rest.agreedIn) = ("r2", "r")
        state.apply(.decided(rest))
        #expect(state.agreedIn == [stack: "r"], "who goes on with the rest has agreed to nothing")
        state.apply(.decided(decision(stack, claims: [])))
        #expect(state.agreed.isEmpty && state.agreedIn.isEmpty)
    }

    @Test func aRemovedStackIsForgotten() {
        let key = PinKey(stack: stack, service: "web", spec: "1:a")
        let kept = PinKey(stack: other, service: "web", spec: "1:a")
        let pin = ImagePin(reference: "httpd", imageID: "sha256:1", digest: nil)
        let version = Version(commit: "1", digest: "d")
        let state = JournalState([
            .pinned(key, pin), .pinned(kept, pin), .completed(key), .completed(kept),
            .good(stack, version), .good(other, version), .confirmed(stack, change: "x", by: "ann"),
            .held(stack, Hold(version: version, reason: "")), .owned(object("1", stack)),
            .decided(decision(stack, claims: ["a"])), .stackRemoved(stack),
        ])
        #expect(state.pins == [kept: pin])
        #expect(state.completed == [kept])
        #expect(state.good == [other: version])
        #expect(state.holds[stack] == nil)
        #expect(state.confirmations.isEmpty)
        #expect(state.claims.isEmpty)
        #expect(state.owned(by: stack) == ["1"])
    }

    /// The fold has no memory but its state: entries in two parts come to the same.
    @Test func entriesMayComeInParts() {
        let entries: [JournalEntry] = [
            .decided(decision(stack, claims: ["a"])), .owned(object("1", stack, claim: "a")),
            .good(stack, Version(commit: "1", digest: "d")), .gone(id: "1"),
            .recovered(objects: 1, by: "ann"),
        ]
        let whole = JournalState(entries)
        for cut in entries.indices {
            var state = JournalState(entries[..<cut])
            for entry in entries[cut...] { state.apply(entry) }
            #expect(state == whole)
        }
    }

    @Test func aStackIsWhereItWasPlaced() {
        #expect(JournalState().node(of: stack) == nil)
        let placed = JournalState([.placed(stack, node: "b")])
        #expect(placed.node(of: stack) == "b" && !placed.holdsAnything(stack))
        #expect(
            JournalState([.placed(stack, node: "b"), .stackRemoved(stack)]).node(of: stack) == nil
        )
        // What was written before there were several nodes.
        for entry in [
            .owned(object("1", stack)), .decided(decision(stack, claims: ["a"])),
            .good(stack, Version(commit: "1", digest: "d")),
            .volumeSeen(name: "data", stack: stack),
        ] as [JournalEntry] {
            #expect(JournalState([entry]).node(of: stack) == NodeName.main, "\(entry)")
        }
    }

    @Test func aVolumeKeepsItsStackWhereItIs() {
        let state = JournalState([
            .placed(stack, node: "b"), .volumeSeen(name: "data", stack: stack, node: "b"),
            .stackRemoved(stack),
        ])
        #expect(state.node(of: stack) == "b" && state.volumes(of: stack, on: "b") == ["data"])
        #expect(state.holdsAnything(stack))
    }

    @Test func whatAManagersEngineHasIsAPartOfTheSwarm() {
        let place = NodeName.manager("a", of: NodeName.main)
        var export = object("1", stack)
        export.node = place
        let state = JournalState([.volumeSeen(name: "data", stack: stack), .owned(export)])
        #expect(state.strays(of: stack).isEmpty && state.owned(by: stack).isEmpty)
        #expect(state.owned(by: stack, on: place) == ["1"])
    }

    /// Two engines may both have a volume of that name, and each is known by itself.
    @Test func namesAreOfOneNode() {
        func volume(on node: String) -> OwnedObject {
            OwnedObject(kind: .volume, id: "v", name: "v", stack: stack, claim: nil, node: node)
        }
        var state = JournalState([.owned(volume(on: "a")), .owned(volume(on: "b"))])
        #expect(state.owned(by: stack, on: "a") == ["v"] && state.owned(by: stack).isEmpty)
        state.apply(.gone(id: "v", node: "a"))
        #expect(state.owned(by: stack, on: "a").isEmpty)
        #expect(state.owned(by: stack, on: "b") == ["v"] && state.owner(of: "v", on: "b") == stack)
        // What held data is remembered where it was, and missed wherever the stack is.
        #expect(state.volumes(of: stack, on: "a") == ["v"] && state.volumes(of: stack) == ["v"])
        state.apply(.gone(id: "v"))
        #expect(state.owned(by: stack, on: "b") == ["v"], "what names no node is on main")
    }

    /// What is left on another node keeps no stack from being placed anew.
    @Test func whatIsElsewhereHoldsNothing() {
        var state = JournalState([
            .placed(stack, node: "a"), .decided(decision(stack, claims: ["t"])),
            .owned(object("1", stack, on: "a")),
        ])
        #expect(state.holdsAnything(stack) && state.claims(of: stack, on: "a") == ["t"])
        state.apply(.placed(stack, node: "b"))
        #expect(!state.holdsAnything(stack) && state.owned(by: stack, on: "a") == ["1"])
        // A call that was made there before may be carried out there late, and nowhere else.
        #expect(state.claims(of: stack, on: "a") == ["t"])
        #expect(state.claims(of: stack, on: "b").isEmpty)
    }

    @Test func aStackArrivesUntilItIsStable() {
        let version = Version(commit: "1", digest: "d")
        var state = JournalState([.placed(stack, node: "a")])
        #expect(state.arriving.isEmpty, "what never ran doesn't move")
        state.apply(.good(stack, version))
        state.apply(.placed(stack, node: "a"))
        #expect(state.arriving.isEmpty)
        state.apply(.placed(stack, node: "b"))
        #expect(state.arriving == [stack])
        state.apply(.good(stack, version))
        #expect(state.arriving.isEmpty)
    }

    @Test func whatIsLeftOnAnotherNodeIsAStray() {
        var volume = object("v", stack, on: "a")
        volume.kind = .volume
        var state = JournalState([
            .placed(stack, node: "a"), .decided(decision(stack, claims: ["t"])),
            .owned(object("1", stack, on: "a")), .owned(volume),
        ])
        #expect(state.strays(of: stack).isEmpty)
        #expect(state.strays(on: "a", counting: true).isEmpty)
        state.apply(.placed(stack, node: "b"))
        #expect(state.strays(of: stack) == ["a"])
        #expect(state.strays(on: "a", counting: false) == [stack])
        // A volume is no stray, but what was asked for before may come late.
        state.apply(.gone(id: "1", node: "a"))
        #expect(state.strays(on: "a", counting: false).isEmpty)
        #expect(state.strays(on: "a", counting: true) == [stack])
    }

    @Test func aNodeIsDrainedUntilItIsNot() {
        var state = JournalState([.drained(node: "a", by: "ann"), .drained(node: "b", by: "bob")])
        state.apply(.undrained(node: "a", by: "bob"))
        #expect(state.drained == ["b": "bob"])
    }

    private func object(
        _ id: String,
        _ stack: StackID,
        claim: String? = nil,
        on node: String = NodeName.main
    ) -> OwnedObject {
        OwnedObject(
            kind: .container,
            id: id,
            name: "name-\(id)",
            stack: stack,
            claim: claim,
            node: node
        )
    }

    /// What has begun ends when it is good, held or taken back, but not where it goes on in part.
    @Test func whatHasBegunEnds() throws {
        let stack = try StackID(parsing: "astro/web")
        let version = Version(commit: "1", digest: "d")
        func state(_ entries: JournalEntry...) -> String? {
            let begun = JournalEntry.decided(decision(stack, claims: [], begins: "b"))
            return JournalState([begun] + entries).begun[stack]
        }
        var partly = Hold(version: version, reason: "")
        #expect(state() == "b")
        #expect(state(.held(stack, partly)) == nil)
        partly.setAside = [Slot(service: "web", number: 1)]
        #expect(state(.held(stack, partly)) == "b")
        #expect(state(.good(stack, version, at: nil)) == nil)
        #expect(state(.decided(decision(stack, claims: [], isAside: true))) == "b")
        #expect(state(.decided(decision(stack, claims: []))) == nil)
        #expect(state(.stackRemoved(stack)) == nil)
    }

    /// What a pause left is of its time: where another version has been good since, it isn't.
    @Test func whatAPauseLeftEndsWithTheNextGoodVersion() throws {
        let stack = try StackID(parsing: "astro/web")
        func version(_ number: Int) -> Version { Version(commit: "\(number)", digest: "\(number)") }
        var hold = Hold(version: version(2), reason: "it died")
        hold.kept = ["web"]
        var state = JournalState([.good(stack, version(1), at: nil), .held(stack, hold)])
        state.apply(.good(stack, version(1), at: nil))
        #expect(state.holds[stack]?["2"]?.kept == ["web"])
        state.apply(.good(stack, version(3), at: nil))
        let left = state.holds[stack]?["2"]
        #expect(left?.reason == "it died" && left?.kept == nil)
    }

    private func decision(
        _ stack: StackID,
        claims: [String],
        begins: String? = nil,
        isAside: Bool? = nil,
        agreed: [String]? = nil
    ) -> Decision {
        Decision(
            stack: stack,
            commit: "1",
            version: nil,
            plan: "p",
            policy: "q",
            claims: claims,
            run: "r",
            begins: begins,
            isAside: isAside,
            agreed: agreed
        )
    }
}
