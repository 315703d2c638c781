import Model
import Synchronization
import TestSupport
import Testing

@testable import Reconciliation

@Suite("Shared journal")
struct SharedJournalTests {
    private let records = FakeRecords()
    private let stack: StackID
    private let time = Instant(milliseconds: 1_800_000_000_000)

    init() throws { stack = try StackID(project: "astro", stack: "web") }

    /// One controller, on a machine of its own.
    private struct Party {
        let lead: FakeLead
        let local: FullableJournal
        let journal: SharedJournal
        let lost: String?

        var state: JournalState { local.state() }
    }

    private func leader(
        _ term: Int,
        over own: FullableJournal? = nil,
        isKept: Bool = true,
        lost: String? = nil
    ) async throws -> Party {
        let lead = FakeLead(term)
        let local = own ?? FullableJournal()
        // One that has worked alone before.
        if own == nil, !isKept {
            try await local.append([.drained(node: "old", by: "ada")], at: time)
        }
        let (journal, lost) = try await SharedJournal.open(
            over: local,
            lost: lost,
            isKept: isKept,
            in: records,
            led: lead,
            at: time
        )
        return Party(lead: lead, local: local, journal: journal, lost: lost)
    }

    private func owned(_ number: Int) -> JournalEntry {
        .owned(
            OwnedObject(
                kind: .service,
                id: "s\(number)",
                name: "astro_web\(number)",
                stack: stack,
                claim: nil
            )
        )
    }

    private func decided() -> JournalEntry {
        .decided(
            Decision(
                stack: stack,
                commit: "c",
                version: "v",
                plan: "p",
                policy: "q",
                claims: [],
                run: "r"
            )
        )
    }

    private func add(_ numbers: Range<Int>, to party: Party) async throws {
        for number in numbers { try await party.journal.append([owned(number)], at: time) }
    }

    /// What a new leader would read.
    private func shared() throws -> JournalState {
        let state = SharedRecords(records.all, of: "spin").state()
        guard case .sound(let found) = state else {
            Issue.record("\(state)")
            return JournalState()
        }
        return found
    }

    @Test("The next leader knows what the one before knew, and nothing else")
    func inherits() async throws {
        let own = FullableJournal()
        try await own.append([owned(100)], at: time)
        let first = try await leader(1, over: own, isKept: false)
        #expect(first.lead.isKept && first.lost == nil)
        try await add(0..<3, to: first)
        let stale = FullableJournal()
        try await stale.append([owned(200)], at: time)
        let second = try await leader(2, over: stale, lost: "it was broken")
        #expect(second.lost == nil)
        #expect(second.state == first.state)
        #expect(second.state.owned(by: stack) == ["s100", "s0", "s1", "s2"])
    }

    @Test("What is in the Swarm first is written to the disk before anything new")
    func disk() async throws {
        let first = try await leader(1, isKept: false)
        first.local.fill(true)
        await #expect(throws: (any Error).self) { try await add(0..<1, to: first) }
        #expect(try shared().owned(by: stack) == ["s0"])
        #expect(first.state.owned(by: stack) == [])
        await #expect(throws: (any Error).self) { try await add(1..<2, to: first) }
        first.local.fill(false)
        try await add(2..<3, to: first)
        #expect(first.state.owned(by: stack) == ["s0", "s2"])
        #expect(try shared() == first.state)
    }

    @Test(
        "A write without an answer is made again with the same bytes",
        arguments: [FakeRecords.Fate.unansweredBefore, .unansweredAfter]
    )
    func unanswered(fate: FakeRecords.Fate) async throws {
        let first = try await leader(1, isKept: false)
        records.next(fate)
        await #expect(throws: FakeRecords.Unanswered.self) { try await add(0..<1, to: first) }
        #expect(first.state.owned(by: stack) == [])
        try await add(1..<2, to: first)
        #expect(first.state.owned(by: stack) == ["s0", "s1"])
        #expect(try shared() == first.state)
    }

    @Test("What the Swarm refuses is not there, and keeps nothing out after it")
    func refused() async throws {
        let first = try await leader(1, isKept: false)
        records.next(.refused)
        await #expect(throws: FakeRecords.Unanswered.self) { try await add(0..<1, to: first) }
        let long = String(repeating: "x", count: SwarmRecord.maximumBytes)
        await #expect(throws: StepFailure.self) {
            try await first.journal.append([.confirmed(stack, change: long, by: "ada")], at: time)
        }
        first.lead.open(for: 0)
        await #expect(throws: NotLeading.self) { try await add(1..<2, to: first) }
        first.lead.open(for: .max)
        try await add(2..<3, to: first)
        #expect(first.state.owned(by: stack) == ["s2"])
        #expect(try shared() == first.state)
    }

    /// It had looked at the lease before it was stopped, so nothing of its own holds it back.
    @Test("One that was stopped for long finds its number taken, and ends")
    func thawed() async throws {
        let first = try await leader(1, isKept: false)
        try await add(0..<2, to: first)
        let second = try await leader(2)
        await #expect(throws: StepFailure.self) { try await add(2..<3, to: first) }
        #expect(first.lead.loss?.contains("record") == true)
        #expect(first.state.owned(by: stack) == ["s0", "s1"])
        try await add(3..<4, to: second)
        await #expect(throws: NotLeading.self) { try await add(4..<5, to: first) }
        #expect(try shared().owned(by: stack) == ["s0", "s1", "s3"])
    }

    @Test("A lead that ends between two calls leaves nothing that is acknowledged and forgotten")
    func between() async throws {
        let first = try await leader(1, isKept: false)
        first.lead.open(for: 1)
        await #expect(throws: NotLeading.self) { try await add(0..<1, to: first) }
        #expect(first.state.owned(by: stack) == [])
        // Nobody has led meanwhile, so it goes on, with all that the Swarm has.
        first.lead.open(for: .max)
        try await add(1..<2, to: first)
        #expect(first.state.owned(by: stack) == ["s0", "s1"])
        #expect(try shared() == first.state)
    }

    @Test("What there is of it stays bounded, and adds up to the same")
    func bounded() async throws {
        let first = try await leader(1, isKept: false)
        var most = 0
        for number in 0..<950 {
            try await add(number..<number + 1, to: first)
            if number % 3 == 0 {
                try await first.journal.append([.gone(id: "s\(number)")], at: time)
            }
            most = max(most, records.all.count)
        }
        #expect(most < 2 * RecordLog.appendsPerState)
        #expect(try shared() == first.state)
        let second = try await leader(2)
        #expect(second.state == first.state)
        try await add(950..<1300, to: second)
        #expect(records.all.count < 2 * RecordLog.appendsPerState)
        #expect(try shared() == second.state)
    }

    @Test("A state of many parts is read whole or not at all")
    func parts() async throws {
        let first = try await leader(1, isKept: false)
        for number in 0..<(RecordLog.appendsPerState + 1) {
            let reason = String(repeating: "r", count: 5000)
            let hold = Hold(version: Version(commit: "c", digest: "\(number)"), reason: reason)
            try await first.journal.append([.held(stack, hold)], at: time)
        }
        let states = records.all.filter { $0.name.contains(".state.") }
        #expect(states.count > 2)
        #expect(try shared() == first.state)
        let part = try #require(states.last)
        records.drop(try #require(RecordName(part.name, of: "spin")))
        let second = try await leader(2)
        #expect(second.lost != nil && second.state == JournalState())
    }

    @Test("A record that is missing is a lost journal, until a person has recovered it")
    func missing() async throws {
        let first = try await leader(1, isKept: false)
        try await add(0..<5, to: first)
        records.drop(.journal(4))
        let second = try await leader(2, over: first.local)
        #expect(second.lost?.contains("record 4") == true)
        #expect(second.state == JournalState(), "what it knew is of an earlier time")
        // What it writes while nothing is trusted doesn't make it sound.
        try await second.journal.append([.drained(node: "main", by: "ada")], at: time)
        let third = try await leader(3, over: second.local)
        #expect(third.lost != nil)
        try await third.journal.append([owned(0), .recovered(objects: 1, by: "ada")], at: time)
        let fourth = try await leader(4)
        #expect(fourth.lost == nil && fourth.state == third.state)
    }

    @Test(
        "What a newer version wrote is neither lost nor taken: this one doesn't lead",
        arguments: [
            #"{"format":1,"kind":"inherited","state":{"drained":{"a":"ada"},"x":{}}}"#,
            #"{"format":1,"kind":"elsewhere"}"#,
        ]
    )
    func newer(text: String) async throws {
        let first = try await leader(1, isKept: false)
        try await add(0..<2, to: first)
        let state = try #require(records.all.first { $0.name.contains(".state.") })
        let name = try #require(RecordName(state.name, of: "spin"))
        records.drop(name)
        var labels = state.labels
        labels[Labels.Record.digest] = SHA256Hex.of(text)
        _ = try await records.create(name, labels, Array(text.utf8))
        let own = FullableJournal()
        try await own.append([owned(50)], at: time)
        let refusal = await #expect(throws: StepFailure.self) { try await leader(2, over: own) }
        #expect(refusal?.message.contains("newer Gyre") == true, "\(String(describing: refusal))")
        #expect(own.state().owned(by: stack) == ["s50"])
    }

    @Test("No journal beside a lease that had one is a lost one")
    func gone() async throws {
        let own = FullableJournal()
        try await own.append([owned(1)], at: time)
        let party = try await leader(3, over: own)
        #expect(party.lost?.contains("no journal any more") == true)
        #expect(party.state == JournalState())
        // A person has recovered it, and the first decision begins it anew.
        try await party.journal.append([decided()], at: time)
        #expect(try await leader(4).lost == nil)
    }

    @Test("What is left of an earlier sharing takes no journal's place")
    func sharedAgain() async throws {
        let first = try await leader(1, isKept: false)
        try await add(0..<1, to: first)
        let own = FullableJournal()
        try await own.append([owned(50)], at: time)
        await #expect(throws: StepFailure.self) {
            try await leader(1, over: own, isKept: false)
        }
        #expect(own.state().owned(by: stack) == ["s50"])
        #expect(try await leader(1, over: first.local, isKept: false).lead.isKept)
    }

    @Test("A machine without a journal that leads first shares none")
    func emptyFirst() async throws {
        let fresh = try await leader(1, over: FullableJournal(), isKept: false)
        #expect(!fresh.lead.isKept)
        let own = FullableJournal()
        try await own.append([owned(50)], at: time)
        let second = try await leader(2, over: own, isKept: false)
        #expect(second.state.owned(by: stack) == ["s50"])
        #expect(try shared() == second.state)
    }

    @Test("A leader whose disk takes nothing for long makes way")
    func fullDisk() async throws {
        let first = try await leader(1, isKept: false)
        first.local.fill(true)
        for number in 0..<5 {
            #expect(first.lead.loss == nil)
            await #expect(throws: (any Error).self) {
                try await add(number..<number + 1, to: first)
            }
        }
        #expect(first.lead.loss?.contains("disk") == true)
    }

    @Test("A first leader whose own journal is lost shares nothing before it is recovered")
    func lost() async throws {
        let first = try await leader(1, isKept: false, lost: "it was broken")
        #expect(first.lost == "it was broken" && !first.lead.isKept)
        let second = try await leader(2, isKept: false)
        #expect(second.lost == nil && second.lead.isKept)
    }

    @Test("All make digests with the first one's key, and nobody's name for it is passed over")
    func key() async throws {
        let (first, second) = (ContentKey([1, 2]), ContentKey([3, 4]))
        #expect(try await records.sharedKey(else: first) == first)
        #expect(try await records.sharedKey(else: second) == first)
        records.drop(.key)
        records.hasForeignKey.withLock { $0 = true }
        let failure = await #expect(throws: StepFailure.self) {
            try await records.sharedKey(else: second)
        }
        #expect(failure?.message.contains("spin.key") == true, "\(String(describing: failure))")
        #expect(failure?.remedy?.hasPrefix("docker config rm spin.key") == true)
    }

    // MARK: - Law

    @Test("Nothing that was acknowledged is lost, whoever leads", arguments: 0..<60)
    func law(_ seed: Int) async throws {
        var random = SplitMix64(seed: seed)
        var acknowledged: Set<String> = []
        var party = try await leader(1, isKept: false)
        var before: Party?
        for number in 0..<300 {
            if random.chance(20) {
                records.next(
                    random.pick([.unansweredBefore, .unansweredAfter]),
                    random.pick([.well, .unansweredBefore, .unansweredAfter])
                )
            }
            party.local.fill(random.chance(5))
            let writer = random.chance(10) ? before ?? party : party
            if (try? await add(number..<number + 1, to: writer)) != nil {
                acknowledged.insert("s\(number)")
            }
            guard random.chance(3) else { continue }
            records.next()
            // It is stopped at some call, for which it has looked at the lease.
            before = party
            party.lead.open(for: Int.random(in: 0...1, using: &random))
            // On the same machine again, or on another one.
            party.local.fill(false)
            party = try await leader(number + 2, over: random.chance(30) ? party.local : nil)
            #expect(party.lost == nil)
            #expect(acknowledged.isSubset(of: party.state.owned(by: stack)))
        }
        records.next()
        party.local.fill(false)
        try await add(1000..<1001, to: party)
        #expect(try shared() == party.state)
        #expect(acknowledged.isSubset(of: party.state.owned(by: stack)))
    }
}
