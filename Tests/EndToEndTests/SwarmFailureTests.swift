import Foundation
import Testing

/// A Swarm of three real engines of which some fail, and the controller beside them.
@Suite(.onTestbed, .timeLimit(.minutes(30)))
struct SwarmFailureTests {
    private let compose = """
        services:
          web:
            image: web:VERSION
            mem_limit: 32m
            stop_grace_period: 1s
            networks: {default: {}}
            deploy: {replicas: 3, endpoint_mode: dnsrr, update_config: {parallelism: 3}}
          asker:
            image: busybox:1.35
            command: [sleep, "1000"]
            mem_limit: 16m
            stop_grace_period: 1s
            networks: {default: {}}
            deploy: {replicas: 3, endpoint_mode: dnsrr}
        """

    private func push(_ team: Team, _ version: String) async throws -> String {
        try await team.push(compose.replacing("VERSION", with: version))
    }

    /// A stage on three nodes; Gyre knows of the managers.
    private func onThree(
        _ name: String,
        _ roles: [Swarm.Role],
        _ body: (Stage, Team, [Testbed]) async throws -> Void
    ) async throws {
        try await Swarm.nodes(roles) { nodes in
            try await Stage.run(name, on: nodes[roles.lastIndex(of: .manager) ?? 0]) { stage in
                let team = try await Team(named: "team", in: stage.folder)
                let managers = zip(roles, nodes).filter { $0.0 == .manager }.map(\.1)
                try stage.configure(swarm: managers, team)
                try await body(stage, team, nodes)
                try await stage.gyre.stop()
            }
        }
    }

    /// What the web servers answer that a task of a node finds by the service's name.
    private func answers(_ node: Testbed, _ stage: Stage) async throws -> Set<String> {
        let listed = try await node.engine.docker(
            "ps",
            "-q",
            "--filter",
            "label=com.docker.swarm.service.name=\(stage.name)_asker"
        )
        let asker = String(listed.prefix { !$0.isWhitespace })
        // The addresses one by one: a static program can't look a name up with this library.
        let script = """
            for a in $(nslookup web | sed -n 's/^Address: \\(10[.0-9]*\\)$/\\1/p'); do
              printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 2 $a 8080 | tail -n 1
              echo
            done
            """
        // What is not answered is another answer, until all that is gone is forgotten.
        let text = try? await node.engine.docker("exec", asker, "sh", "-c", script)
        return Set((text ?? "none").split(separator: "\n").map(String.init))
    }

    private func untilAnswered(
        _ version: String,
        on nodes: some Sequence<Testbed>,
        _ stage: Stage
    ) async throws {
        try await stage.gyre.until("each node reaches \(version) alone") { _ in
            for node in nodes where try await answers(node, stage) != [version] { return false }
            return true
        }
    }

    private func hosts(_ nodes: some Sequence<Testbed>) -> [String] {
        nodes.map(\.network).sorted()
    }

    /// What becomes of a node, and what ends that.
    private static let faults = [
        ("kill-engine", "start-engine"), ("freeze", "thaw"), ("unplug", "plug"),
    ]

    @Test(arguments: Environment.isLong ? faults : Array(faults.prefix(1)))
    func `a stack spans nodes and outlives one of them`(fault: (String, String)) async throws {
        try await onThree("three", [.manager, .worker, .worker]) { stage, team, nodes in
            let manager = nodes[0]
            let first = try await push(team, "1.0")
            try await stage.gyre.start()
            try await stage.gyre.ready(at: first)
            #expect(try await stage.hosts(of: "web", asking: manager) == hosts(nodes))
            try await untilAnswered("1.0", on: nodes, stage)

            // The controller dies in the middle of an update; the next one goes on from there.
            let log = Files.text(of: stage.gyre.log).utf8.count
            let second = try await push(team, "2.0")
            try await stage.gyre.logs("update service", after: log)
            await stage.gyre.end()
            try await stage.gyre.start()
            try await stage.gyre.ready(at: second)
            try await untilAnswered("2.0", on: nodes, stage)

            // The version before, by git alone.
            let third = try await team.revert()
            try await stage.gyre.ready(at: third)
            try await untilAnswered("1.0", on: nodes, stage)

            // The Swarm replaces what it loses, and Gyre sees a good version in that.
            try await nodes[2].fault(fault.0)
            try await stage.until(nodes[2], isReady: false, asking: manager)
            try await stage.gyre.until("its tasks run elsewhere") { status in
                let hosts = try await stage.hosts(of: "web", asking: manager)
                let isMoved = hosts.count == 3 && !hosts.contains(nodes[2].network)
                return try isMoved && status.stack().isReady(at: third)
            }
            try await untilAnswered("1.0", on: nodes[..<2], stage)
            // What a hand takes away is made again, on those that are left.
            try await manager.engine.docker("service", "rm", "\(stage.name)_web")
            try await stage.gyre.until("it is made again") { status in
                let hosts = try await stage.hosts(of: "web", asking: manager)
                return try hosts.count == 3 && status.stack().isReady(at: third)
            }

            try await nodes[2].fault(fault.1)
            try await stage.until(nodes[2], isReady: true, asking: manager)
            try await stage.gyre.ready(at: third)
            #expect(try await stage.gyre.plan().isEmpty)
        }
    }

    /// The versions of the web servers that a node runs.
    private func specs(_ stage: Stage, _ node: Testbed) async throws -> String {
        try await node.engine.docker(
            "ps",
            "--filter",
            "label=com.docker.swarm.service.name=\(stage.name)_web",
            "--format",
            "{{.Label \"io.gyre.spec\"}}"
        )
    }

    @Test func `a worker that starts anew in the middle of an update holds nothing`() async throws {
        try await onThree("reboot", [.manager, .worker, .worker]) { stage, team, nodes in
            let slow = compose.replacing("parallelism: 3", with: "parallelism: 1")
            let first = try await team.push(slow.replacing("VERSION", with: "1.0"))
            try await stage.gyre.start()
            try await stage.gyre.ready(at: first)
            let before = try await specs(stage, nodes[1])
            #expect(!before.isEmpty)
            let log = Files.text(of: stage.gyre.log).utf8.count
            let second = try await team.push(slow.replacing("VERSION", with: "2.0"))
            try await stage.gyre.logs("update service", after: log)
            // One that has a task of the new version, and takes it along.
            var lost: Testbed?
            try await stage.gyre.until("a worker has the new version") { _ in
                for node in nodes[1...] where try await specs(stage, node) != before {
                    lost = node
                }
                return lost != nil
            }
            #expect(try await !stage.gyre.status().stack().isReady(at: second))
            try await lost?.fault("kill-engine")
            try await lost?.fault("start-engine")
            try await stage.gyre.ready(at: second)
            #expect(try await stage.gyre.plan().isEmpty)
        }
    }

    /// One that keeps its data on a node, beside the others.
    private func withData(_ word: String) -> [String: String] {
        let data = """
              db:
                image: busybox:1.35
                command: [sh, -c, "echo \(word) >> /data/log && exec sleep 1000"]
                mem_limit: 16m
                stop_grace_period: 1s
                volumes: ["data:/data"]
                networks: {default: {}}
                deploy:
                  endpoint_mode: dnsrr
                  update_config: {order: start-first}
                  placement: {constraints: ["node.labels.data==here"]}
            volumes: {data: {}}
            """
        return ["compose.yaml": compose.replacing("VERSION", with: "1.0") + "\n" + data]
    }

    private func log(_ stage: Stage, _ node: Testbed) async throws -> [String] {
        let name = "label=com.docker.swarm.service.name=\(stage.name)_db"
        let listed = try await node.engine.docker("ps", "-q", "--filter", name)
        let id = String(listed.prefix { !$0.isWhitespace })
        guard !id.isEmpty else { return [] }
        let text = try? await node.engine.docker("exec", id, "cat", "/data/log")
        return (text ?? "").split(separator: "\n").map(String.init)
    }

    @Test func `a drained node's tasks run elsewhere, and data stays on its node`() async throws {
        try await onThree("drained", [.manager, .worker, .worker]) { stage, team, nodes in
            let (manager, last) = (nodes[0], nodes[2])
            func make(_ node: Testbed, _ change: String) async throws {
                try await manager.engine.docker("node", "update", change, node.network)
            }
            try await make(last, "--label-add=data=here")
            let first = try await team.push(withData("one"))
            try await stage.gyre.start()
            try await stage.gyre.ready(at: first)
            #expect(try await stage.hosts(of: "web", asking: manager) == hosts(nodes))

            try await make(nodes[1], "--availability=drain")
            try await stage.gyre.until("its tasks run elsewhere") { status in
                let hosts = try await stage.hosts(of: "web", asking: manager)
                let isMoved = hosts.count == 3 && !hosts.contains(nodes[1].network)
                return try isMoved && status.stack().isReady(at: first)
            }
            #expect(try await stage.gyre.plan().isEmpty)
            try await make(nodes[1], "--availability=active")

            // Another version finds the data of the one before, which has gone before it starts.
            #expect(try await log(stage, last) == ["one"])
            let second = try await team.push(withData("two"))
            try await stage.gyre.ready(at: second)
            #expect(try await log(stage, last) == ["one", "two"])

            // Where it may run nowhere else it waits, and finds its data again.
            try await make(last, "--availability=drain")
            try await stage.gyre.until("it has no node") { status in
                try status.stack().service("db")?.running == 0
            }
            try await make(last, "--availability=active")
            try await stage.gyre.until("it is back") { status in
                try await log(stage, last) == ["one", "two", "two"]
                    && status.stack().isReady(at: second)
            }
            #expect(try await stage.gyre.plan().isEmpty)
        }
    }

    /// As people do who take the majority of managers for lost; then those are back.
    @Test(arguments: [false, true])
    func `a manager of another Swarm by now says nothing of the first`(
        isShared: Bool
    ) async throws {
        try await Swarm.nodes([.manager, .manager, .manager]) { nodes in
            try await Stage.run("stranger", on: nodes[2]) { stage in
                let (one, two) = (nodes[0], nodes[1])
                let team = try await Team(named: "team", in: stage.folder)
                let settings = String(Swarm.settings([one, two]).dropLast())
                try stage.configure(
                    stage.project(stage.name, team),
                    timeouts: "{engine: 6s}",
                    swarm: settings + (isShared ? ", shared: true}" : "}")
                )
                let first = try await push(team, "1.0")
                try await stage.gyre.start()
                try await stage.gyre.ready(at: first)

                let log = Files.text(of: stage.gyre.log).utf8.count
                try await one.fault("freeze")
                try await two.engine.docker("swarm", "leave", "--force")
                try await two.engine.docker("swarm", "init", "--advertise-addr", two.host)
                try await stage.gyre.until("it says so of each manager") { status in
                    let words = try status.stack().problem("engine")?.message ?? ""
                    return words.contains("a: ") && words.contains("b: this manager is in another")
                }
                if isShared {
                    try await stage.gyre.logs("nothing is changed, as the lead", after: log)
                }
                let second = try await push(team, "2.0")
                try await remains("nothing is sent", for: .seconds(8), tail: { stage.gyre.tail }) {
                    let stack = try await stage.gyre.status().stack()
                    let made = try await made(on: two)
                    return stack.state == "unknown" && stack.has("engine") && made.isEmpty
                }

                // All goes on without a step, also of a controller that is started anew.
                try await one.fault("thaw")
                try await stage.gyre.ready(at: second)
                try await stage.gyre.stop()
                try await stage.gyre.start()
                let third = try await push(team, "1.0")
                try await stage.gyre.ready(at: third)
                #expect(try await stage.gyre.plan().isEmpty)
                #expect(try await made(on: two).isEmpty)
                #expect(!Files.text(of: stage.gyre.log).contains("the lead is lost"))
                try await stage.gyre.stop()
            }
        }
    }

    /// What a controller would make first in a Swarm, and whatever else is of that sort.
    private func made(on node: Testbed) async throws -> String {
        var made = ""
        for kind in ["service", "config", "secret"] {
            made += try await node.engine.docker(kind, "ls", "-q")
        }
        return made.filter { !$0.isWhitespace }
    }

    private static let managerFaults = [("freeze", "thaw"), ("kill-engine", "start-engine")]

    @Test(arguments: Environment.isLong ? managerFaults : Array(managerFaults.prefix(1)))
    func `managers are lost, and then most of them`(fault: (String, String)) async throws {
        let three: [Swarm.Role] = [.manager, .manager, .manager]
        try await onThree("managers", three) { stage, team, nodes in
            let last = nodes[2]
            let first = try await push(team, "1.0")
            try await stage.gyre.start()
            try await stage.gyre.ready(at: first)

            // The manager that is asked first, and leads the others.
            try await nodes[0].fault(fault.0)
            let second = try await push(team, "2.0")
            try await stage.until(nodes[0], isReady: false, asking: last)
            try await stage.gyre.ready(at: second)
            #expect(try await stage.hosts(of: "web", asking: last).count == 3)
            try await untilAnswered("2.0", on: nodes[1...], stage)
            #expect(Files.text(of: stage.gyre.log).contains("another manager of the Swarm"))

            // It is back, and has what each node has.
            try await nodes[0].fault(fault.1)
            try await stage.until(nodes[0], isReady: true, asking: last)
            try await stage.gyre.ready(at: second)
            #expect(try await stage.gyre.plan().isEmpty)

            // One of three can't decide anything: that is told, and nothing is done.
            let running = try await last.engine.docker("ps", "-q")
            for node in nodes[..<2] { try await node.fault(fault.0) }
            let problem = try await stage.gyre.problem("engine")
            try await stage.gyre.until("it says that there is no leader") { status in
                try status.stack().problem("engine")?.message.contains("has no leader") == true
            }
            #expect(problem.message.contains("the managers of the Swarm"), "\(problem.message)")
            let third = try await push(team, "1.0")
            try await remains("what runs there", for: .seconds(5), tail: { stage.gyre.tail }) {
                let stack = try await stage.gyre.status().stack()
                return stack.state == "unknown" && stack.has("engine")
            }
            #expect(try await last.engine.docker("ps", "-q") == running)
            for node in nodes[..<2] { try await node.fault(fault.1) }
            try await stage.gyre.ready(at: third)
            // Where one never failed: a Swarm moves no task to a node that is back.
            try await untilAnswered("1.0", on: [last], stage)
        }
    }
}
