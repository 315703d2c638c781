import Foundation
import Glibc
import Testing

/// Two controllers, each with a state of its own, that share a Swarm of three real engines.
@Suite(.onTestbed, .timeLimit(.minutes(30)))
struct SwarmLeaderTests {
    private static let services = ["a", "b", "c", "d"]

    /// Services that are updated one after the other.
    private func compose(_ version: String) -> String {
        var text = "services:\n"
        for (index, name) in Self.services.enumerated() {
            let before = index == 0 ? "" : "    depends_on: [\(Self.services[index - 1])]\n"
            text += "  \(name):\n    image: web:\(version)\n    mem_limit: 32m\n"
            text += "    stop_grace_period: 1s\n    deploy: {endpoint_mode: dnsrr}\n\(before)"
        }
        return text
    }

    /// What a test works with.
    private struct Pair {
        let stage: Stage
        let team: Team
        let second: Gyre
        let nodes: [Testbed]
        let relay: Relay
        /// Where the writes of services are written down, and who does.
        let written: String
        let writer: pid_t

        var first: Gyre { stage.gyre }
    }

    /// Two controllers; the first one reaches the managers by a way that can be cut.
    private func run(_ name: String, _ body: (Pair) async throws -> Void) async throws {
        try await Swarm.nodes([.manager, .manager, .manager]) { nodes in
            try await Stage.run(name, on: nodes[2]) { stage in
                let relay = try await Relay(to: nodes, in: stage.folder)
                let team = try await Team(named: "team", in: stage.folder)
                let elsewhere = "\(stage.folder)/second"
                try Files.makeFolder(elsewhere)
                let second = try Gyre(in: elsewhere)
                let settings = Swarm.settings(nodes).dropLast() + ", shared: true}"
                let project = stage.project(stage.name, team)
                try stage.configure(project, timeouts: "{engine: 6s}", swarm: String(settings))
                var text = Files.text(of: stage.gyre.configuration)
                    .replacing("socket: \(stage.folder)", with: "socket: \(elsewhere)")
                    .replacing("state: \(stage.folder)", with: "state: \(elsewhere)")
                try Files.write(text, to: second.configuration)
                text = Files.text(of: stage.gyre.configuration)
                for (node, address) in zip(nodes, relay.addresses) {
                    text = text.replacing(node.engine.address, with: address)
                }
                try Files.write(text, to: stage.gyre.configuration)
                let written = "\(stage.folder)/written.log"
                let pair = Pair(
                    stage: stage,
                    team: team,
                    second: second,
                    nodes: nodes,
                    relay: relay,
                    written: written,
                    writer: try writeDown(nodes[2], to: written)
                )
                try await ended(pair) { try await body(pair) }
            }
        }
    }

    /// Runs `body`, and ends all that was started whatever comes.
    private func ended(_ pair: Pair, _ body: () async throws -> Void) async throws {
        var failure: (any Error)?
        do {
            try await body()
        } catch {
            failure = error
            print("second:\n\(pair.second.tail)\nfirst:\n\(pair.first.tail)")
        }
        await pair.second.end()
        await pair.first.end()
        await pair.relay.end()
        kill(pair.writer, SIGTERM)
        _ = try await Program.end(of: pair.writer)
        if let failure { throw failure }
    }

    /// Brings a first version up, with the second controller standing by.
    private func begin(_ pair: Pair) async throws {
        let commit = try await pair.team.push(compose("1.0"))
        try await pair.first.start()
        try await pair.first.ready(at: commit)
        try await pair.second.serve(with: "--standby")
        try await pair.second.logs("stands by", and: "leads", after: 0)
    }

    /// How often each service was given another image since `start`.
    private func updates(_ pair: Pair, since start: Int) -> [String: Int] {
        var counts: [String: Int] = [:]
        for line in Files.text(of: pair.written).split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 3, Int(words[0]) ?? 0 >= start else { continue }
            let name = words[1].drop { $0 != "_" }.dropFirst()
            if words[2].contains("@sha256:") { counts[String(name), default: 0] += 1 }
        }
        return counts
    }

    private func wroteOnce(_ pair: Pair, since start: Int) {
        let counts = updates(pair, since: start)
        #expect(counts == Self.once, "since \(start):\n\(Files.text(of: pair.written))")
    }

    /// Writes down each write of a service as a manager tells it.
    ///
    /// Asked afterwards it has the last 256 events of any kind, the renewals of the lease included.
    private func writeDown(_ node: Testbed, to log: String) throws -> pid_t {
        let format =
            "{{.Time}} {{.Actor.Attributes.name}} {{index .Actor.Attributes \"image.new\"}}"
        return try Program.start(
            ["docker", "-H", node.engine.address, "events", "--filter", "type=service"]
                + ["--filter", "event=update", "--format", format],
            log: log
        )
    }

    private static let once = Dictionary(uniqueKeysWithValues: services.map { ($0, 1) })

    /// The version of each of the stack's services, which any write changes; the Swarm's own, by
    /// which it ends an update, is waited for.
    private func versions(_ pair: Pair) async throws -> String {
        var names: [String] = []
        for service in Self.services { names.append("\(pair.stage.name)_\(service)") }
        let format = "{{.Spec.Name}} {{.Version.Index}} {{with .UpdateStatus}}{{.State}}{{end}}"
        let address = pair.nodes[2].engine.address
        while true {
            let text = try await Program.check(
                ["docker", "-H", address, "service", "inspect", "--format", format] + names
            )
            if !text.contains("updating") { return text }
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    private func now() -> Int { Int(Date().timeIntervalSince1970) }

    /// Tells how long it took; how fast the machine of a test is must fail nothing.
    private func taken(_ what: String, since start: ContinuousClock.Instant) {
        let span = ContinuousClock.now - start
        print("takeover: \(what): \(span)")
        #expect(span < .seconds(60))
    }

    @Test func `a killed leader's work is taken up by another machine's controller`() async throws {
        try await run("leader") { pair in
            try await begin(pair)
            // Who only asks is answered, and told who leads; what the leader must do is not done.
            let seen = try await pair.second.run("status")
            #expect(seen.isSuccess && seen.out.contains("ready"), "\(seen)")
            #expect(seen.err.contains(" leads, term 1"), "\(seen)")
            let sync = try await pair.second.run("sync")
            #expect(sync.status == 1 && sync.err.contains(" leads, term 1"), "\(sync)")

            let start = now()
            let log = Files.text(of: pair.first.log).utf8.count
            let commit = try await pair.team.push(compose("2.0"))
            try await pair.first.logs("step begins", and: "update service", after: log)
            let killed = ContinuousClock.now
            await pair.first.end()
            try await pair.second.logs("gyre serves", after: 0)
            taken("killed", since: killed)
            try await pair.second.ready(at: commit)
            wroteOnce(pair, since: start)
            #expect(try await pair.second.plan().isEmpty)
            let audit = try await pair.second.run("audit", "verify")
            #expect(audit.isSuccess, "\(audit)")

            // What the first one fetched when it led is old by now.
            let newer = try await pair.team.push(compose("1.0"))
            try await pair.second.ready(at: newer)

            // The other way round, and in order: nobody has to wait for the lease to run out.
            try await pair.first.serve(with: "--standby")
            try await pair.first.logs("stands by", after: log)
            let quiet = now() + 1
            try await Task.sleep(for: .seconds(1))
            let stopped = ContinuousClock.now
            let mark = Files.text(of: pair.first.log).utf8.count
            try await pair.second.stop()
            try await pair.first.logs("gyre serves", after: mark)
            taken("stopped", since: stopped)
            try await pair.first.ready(at: newer)
            #expect(updates(pair, since: quiet).isEmpty, "\(Files.text(of: pair.written))")
            let last = try await pair.team.push(compose("2.0"))
            try await pair.first.ready(at: last)
        }
    }

    /// The frozen one does not lead the managers: where that one is lost, nobody can write before
    /// the others have elected another, which takes the Swarm 10 s and more.
    @Test func `a killed leader's work is taken up with a manager frozen besides`() async throws {
        try await run("besides") { pair in
            try await begin(pair)
            let start = now()
            let log = Files.text(of: pair.first.log).utf8.count
            let commit = try await pair.team.push(compose("2.0"))
            try await pair.first.logs("step begins", and: "update service", after: log)
            try await pair.nodes[1].fault("freeze")
            let killed = ContinuousClock.now
            await pair.first.end()
            try await pair.second.logs("gyre serves", after: 0)
            taken("killed, with a manager frozen", since: killed)
            try await pair.nodes[1].fault("thaw")
            try await pair.second.ready(at: commit)
            wroteOnce(pair, since: start)
        }
    }

    @Test func `a leader that was frozen for long writes nothing when it wakes`() async throws {
        try await run("frozen") { pair in
            try await begin(pair)
            let start = now()
            let log = Files.text(of: pair.first.log).utf8.count
            let second = try await pair.team.push(compose("2.0"))
            try await pair.first.logs("step begins", and: "update service", after: log)
            let frozen = ContinuousClock.now
            await pair.first.send(SIGSTOP)
            try await pair.second.logs("gyre serves", after: 0)
            taken("frozen", since: frozen)
            try await pair.second.ready(at: second)
            wroteOnce(pair, since: start)
            let next = now() + 1
            try await Task.sleep(for: .seconds(2))
            let third = try await pair.team.push(compose("1.0"))
            try await pair.second.ready(at: third)

            let before = try await versions(pair)
            await pair.first.send(SIGCONT)
            #expect(try await pair.first.ended() == 1, "\(pair.first.tail)")
            #expect(pair.first.tail.contains(" leads, term 2"), "\(pair.first.tail)")
            try await Task.sleep(for: .seconds(3))
            #expect(try await versions(pair) == before)
            wroteOnce(pair, since: next)
            try await pair.second.ready(at: third)
        }
    }

    @Test func `a leader that is cut off stops, and the other one takes over`() async throws {
        try await run("cut") { pair in
            try await begin(pair)
            let start = now()
            let log = Files.text(of: pair.first.log).utf8.count
            let commit = try await pair.team.push(compose("2.0"))
            try await pair.first.logs("step begins", and: "update service", after: log)
            await pair.relay.cut()
            let cut = ContinuousClock.now
            try await pair.first.logs("nothing is changed, as the lead", after: log)
            try await pair.second.logs("gyre serves", after: 0)
            taken("cut off", since: cut)
            try await pair.second.ready(at: commit)
            wroteOnce(pair, since: start)
            let last = try await pair.team.push(compose("1.0"))
            try await pair.second.ready(at: last)
            let before = try await versions(pair)
            await pair.relay.mend()
            #expect(try await pair.first.ended() == 1, "\(pair.first.tail)")
            #expect(Files.text(of: pair.first.log).contains("the lead is lost"))
            #expect(try await versions(pair) == before)
        }
    }

    @Test func `without most managers nobody leads, and with them one does again`() async throws {
        try await run("quorum") { pair in
            try await begin(pair)
            for node in pair.nodes[..<2] { try await node.fault("freeze") }
            try await pair.first.logs("nothing is changed, as the lead", after: 0)
            let commit = try await pair.team.push(compose("2.0"))
            try await remains("nobody else leads", for: .seconds(8), tail: { pair.second.tail }) {
                !Files.text(of: pair.second.log).contains("gyre serves")
            }
            for node in pair.nodes[..<2] { try await node.fault("thaw") }
            // Either may be the faster one.
            try await eventually("one of them brings 2.0 up", tail: { pair.second.tail }) {
                for gyre in [pair.first, pair.second] {
                    guard let status = try? await gyre.status() else { continue }
                    if try status.stack().isReady(at: commit) { return true }
                }
                return false
            }
        }
    }

    @Test func `who may not lead is told why`() async throws {
        try await run("refused") { pair in
            let commit = try await pair.team.push(compose("1.0"))
            try await pair.first.start()
            try await pair.first.ready(at: commit)
            // Without --standby it doesn't wait, and says who leads.
            let apply = try await pair.second.run("apply")
            #expect(apply.status == 1 && apply.err.contains(" leads, term 1"), "\(apply)")
            // One that takes no turns must not work beside those that do.
            let text = Files.text(of: pair.second.configuration)
            try Files.write(
                text.replacing(", shared: true", with: ""),
                to: pair.second.configuration
            )
            let alone = try await pair.second.run("apply")
            #expect(alone.status == 1 && alone.err.contains("share this Swarm"), "\(alone)")
            // A config of that name that is somebody else's.
            let name = "other\(pair.stage.name)"
            try Files.write(
                text.replacing("controller: ", with: "controller: other"),
                to: pair.second.configuration
            )
            let manager = pair.nodes[2].engine
            try await manager.docker("config", "create", "\(name).lease", "/etc/hostname")
            let strange = try await pair.second.run("apply")
            #expect(strange.status == 1 && strange.err.contains("no lease of"), "\(strange)")
            try await manager.docker("config", "rm", "\(name).lease")
            try await pair.first.ready(at: commit)
        }
    }
}
