import Model
import Reconciliation
import Testing

@Suite("Lease")
struct LeaseTests {
    private let ours = Lease.Holder(token: "a", name: "alpha process 1")
    private let theirs = Lease.Holder(token: "b", name: "beta process 2")

    private func time(_ seconds: Double) -> Nanoseconds { Nanoseconds(Int64(seconds * 1e9)) }

    /// One that leads since 0, with its beat written.
    private func leader() -> Party {
        let lease = Party(ours)
        #expect(lease.saw(nil, at: time(-5)) == nil)
        #expect(lease.saw(nil, at: time(0)) != nil)
        lease.wrote(sent: time(0), answered: time(0.1))
        return lease
    }

    // MARK: - Laws

    @Test("Never two write at once, whatever happens", arguments: 0..<150)
    func law(_ seed: Int) {
        var world = LeaseWorld(seed: seed)
        world.run(milliseconds: 180_000)
        #expect(world.broken == [])
        // And when all is well again, one leads, and goes on leading.
        world.isCalm = true
        world.run(milliseconds: 45_000)
        let writer = world.writer
        world.run(milliseconds: 10_000)
        #expect(world.broken == [])
        #expect(world.writer?.birth == writer?.birth && writer != nil)
        #expect(world.now - (world.writer?.time ?? 0) < 100)
        #expect(world.terms > 1, "the faults never ended anybody's lead")
    }

    @Test(
        "Shorter spans break the laws, which the schedules find",
        arguments: [
            Lease.Times(patience: .seconds(2)), Lease.Times(call: .seconds(0)),
            Lease.Times(deadline: .seconds(9)),
        ]
    )
    func wrong(_ times: Lease.Times) {
        let broken = (0..<60).map { seed in
            var world = LeaseWorld(seed: seed, times: times)
            world.run(milliseconds: 180_000)
            return world.broken.count
        }
        #expect(broken.contains { $0 > 0 })
    }

    @Test("A killed leader has a successor within 13 s", arguments: 0..<40)
    func succession(_ seed: Int) {
        var world = LeaseWorld(seed: seed, isCalm: true)
        world.run(milliseconds: 30_000 + seed * 97)
        let before = world.writer?.birth
        let killed = world.now
        let hadLeader = world.killLeader()
        #expect(hadLeader)
        world.run(milliseconds: 13_000)
        #expect(world.writer?.birth != before && world.broken == [])
        #expect(world.now - killed == 13_000)
    }

    // MARK: - Examples

    @Test("The first one makes it when there is none for long, and waits a call's length then")
    func first() {
        let lease = Party(ours)
        #expect(lease.saw(nil, at: time(-20)) == nil)
        let removed = Lease.Found(.init(holder: theirs, term: 1), version: 3)
        #expect(lease.saw(removed, at: time(-10)) == nil)
        #expect(lease.saw(nil, at: time(-5)) == nil && lease.saw(nil, at: time(-0.1)) == nil)
        let move = lease.saw(nil, at: time(0))
        #expect(move == .init(record: .init(holder: ours, term: 1), version: nil))
        #expect(!lease.mayWrite(at: time(0)))
        lease.wrote(sent: time(0), answered: time(0.1))
        #expect(!lease.mayWrite(at: time(3.9)))
        let beat = Lease.Found(.init(holder: ours, term: 1), version: 7)
        #expect(lease.saw(beat, at: time(2))?.record.beat == 1)
        lease.wrote(sent: time(2), answered: time(2.1))
        #expect(lease.mayWrite(at: time(4.2)))
    }

    @Test("One that can't renew stops before anybody may take over, and goes on if nobody did")
    func pause() {
        let lease = leader()
        let found = Lease.Found(.init(holder: ours, term: 1), version: 7)
        #expect(lease.saw(found, at: time(4.5)) != nil)
        lease.wrote(sent: time(4.5), answered: time(4.6))
        #expect(lease.mayWrite(at: time(8.4)) && !lease.mayWrite(at: time(8.5)))
        // Its next write was lost; the one after it is not.
        #expect(lease.saw(found, at: time(9)) != nil)
        #expect(!lease.mayWrite(at: time(9.1)))
        #expect(lease.saw(found, at: time(10)) != nil)
        lease.wrote(sent: time(10), answered: time(10.1))
        #expect(lease.mayWrite(at: time(10.2)))
    }

    @Test("One that finds another's name, or nothing, never writes again")
    func lost() {
        for found in [Lease.Found(.init(holder: theirs, term: 2), version: 9), nil] {
            let lease = leader()
            #expect(lease.saw(found, at: time(6)) == nil)
            #expect(lease.state == .lost && !lease.mayWrite(at: time(6)))
            let own = Lease.Found(.init(holder: ours, term: 1), version: 10)
            #expect(lease.saw(own, at: time(7)) == nil && lease.state == .lost)
        }
    }

    @Test("One that stands by counts from its own first sight of a version")
    func patience() {
        let lease = Party(ours)
        func theirs(_ beat: Int, _ version: Int64) -> Lease.Found {
            Lease.Found(
                .init(holder: self.theirs, term: 3, beat: beat, isKept: true),
                version: version
            )
        }
        #expect(lease.saw(theirs(1, 11), at: time(100)) == nil)
        #expect(lease.saw(theirs(1, 11), at: time(104.9)) == nil)
        #expect(lease.saw(theirs(2, 12), at: time(104.95)) == nil)
        #expect(lease.saw(theirs(2, 12), at: time(109.9)) == nil)
        let move = lease.saw(theirs(2, 12), at: time(109.95))
        #expect(move?.version == 12)
        #expect(move?.record == .init(holder: ours, term: 4, isKept: true))
    }

    @Test("A lease without a name is taken at once, and given back only by whose it is")
    func release() {
        let lease = Party(ours)
        let free = Lease.Found(.init(holder: nil, term: 3), version: 5)
        #expect(lease.saw(free, at: time(0))?.record.term == 4)
        #expect(lease.release(free) == nil, "it doesn't lead yet")
        lease.wrote(sent: time(0), answered: time(0))
        let own = Lease.Found(.init(holder: ours, term: 4, beat: 2), version: 6)
        #expect(lease.release(own)?.record.holder == nil)
        #expect(lease.release(.init(.init(holder: theirs, term: 5), version: 7)) == nil)
    }

    @Test("A taking whose answer was lost is found to have gone well")
    func unanswered() {
        let lease = Party(ours)
        #expect(lease.saw(nil, at: time(-5)) == nil)
        #expect(lease.saw(nil, at: time(0)) != nil)
        let own = Lease.Found(.init(holder: ours, term: 1), version: 5)
        #expect(lease.saw(own, at: time(2))?.record.beat == 1)
        lease.wrote(sent: time(2), answered: time(2.1))
        #expect(!lease.mayWrite(at: time(5)))
        #expect(lease.saw(own, at: time(5)) != nil)
        lease.wrote(sent: time(5), answered: time(5.1))
        #expect(lease.mayWrite(at: time(6.2)))
    }
}

/// A lease that expectations can ask.
private final class Party {
    private var lease: Lease

    init(_ holder: Lease.Holder) { lease = Lease(holder) }

    var state: Lease.State { lease.state }
    func saw(_ found: Lease.Found?, at now: Nanoseconds) -> Lease.Move? {
        lease.saw(found, at: now)
    }
    func wrote(sent: Nanoseconds, answered: Nanoseconds) {
        lease.wrote(sent: sent, answered: answered)
    }
    func mayWrite(at now: Nanoseconds) -> Bool { lease.mayWrite(at: now) }
    func release(_ found: Lease.Found?) -> Lease.Move? { lease.release(found) }
}
