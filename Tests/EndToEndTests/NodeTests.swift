import Testing

/// Stacks of one controller on two real engines, of both versions, each with a network of its own.
@Suite(.onTestbed, .timeLimit(.minutes(15)))
struct NodeTests {
    @Test func `stacks run where their labels say, and a port is had on each node`() async throws {
        try await Nodes.two("nodes") { stage, team, old, new in
            let two = [
                "a/compose.yaml": Nodes.web("1.0", tier: "web", port: 31300),
                "b/compose.yaml": Nodes.web("1.0", tier: "db", port: 31300),
            ]
            try await team.push(two)
            let first = try await team.head()
            try await stage.gyre.start()
            try await stage.gyre.ready(at: first, "a")
            try await stage.gyre.ready(at: first, "b")
            // Each node has the port once, so a third finds none.
            let third = ["c/compose.yaml": Nodes.web("1.0", port: 31300)]
            try await team.push(two.merging(third) { $1 })
            let problem = try await stage.gyre.problem("unplaced", "c")
            #expect(problem.message.contains("new: taken there: host port 31300/tcp; old: taken"))
            #expect(try await Nodes.names(stage, new) == ["a-web-1"])
            #expect(try await Nodes.names(stage, old) == ["b-web-1"])
            let nodes = try await Nodes.seen(by: stage)
            #expect(nodes.map(\.name) == ["new", "old"])
            #expect(nodes.map { $0.stacks.map(\.stack) } == [["a"], ["b"]])
            #expect(nodes.allSatisfy { $0.problem == nil && ($0.memory ?? 0) > 1 << 28 })
            #expect(
                nodes[0].labels["tier"] == "web" && nodes[1].version?.hasPrefix("20.10") == true
            )

            // What is given back on a node lets the third in there.
            try await team.push([
                "a/compose.yaml": Nodes.web("1.0", tier: "web", port: 31301),
                "b/compose.yaml": Nodes.web("1.0", tier: "db", port: 31300),
                "c/compose.yaml": Nodes.web("1.0", port: 31300),
            ])
            let second = try await team.head()
            try await stage.gyre.ready(at: second, "c")
            #expect(try await Nodes.names(stage, new) == ["a-web-1", "c-web-1"])

            // Killed behind its back, it is up again where it was; another controller agrees.
            try await new.engine.docker("kill", "\(stage.name)_c-web-1")
            try await stage.gyre.until("it is started again") { _ in
                try await Nodes.names(stage, new).contains("c-web-1")
            }
            let before = try await new.engine.containers(labelled: stage.label).map(\.id)
            try await stage.gyre.stop()
            try await stage.gyre.start()
            for name in ["a", "b", "c"] { try await stage.gyre.ready(at: second, name) }
            #expect(try await new.engine.containers(labelled: stage.label).map(\.id) == before)
        }
    }

    @Test(arguments: ["freeze", "kill-engine"])
    func `a node that is silent holds up its own stacks alone`(_ fault: String) async throws {
        try await Nodes.two("silent") { stage, team, old, new in
            func push(_ version: String, _ more: [String: String] = [:]) async throws -> String {
                let files = [
                    "a/compose.yaml": Nodes.web(version, tier: "web"),
                    "b/compose.yaml": Nodes.web(version, tier: "db"),
                ]
                try await team.push(files.merging(more) { $1 })
                return try await team.head()
            }
            let first = try await push("1.0")
            try await stage.gyre.start()
            for name in ["a", "b"] { try await stage.gyre.ready(at: first, name) }
            let there = try await old.engine.containers(labelled: stage.label).map(\.id)

            try await old.fault(fault)
            try await stage.gyre.until("the node is said not to answer") {
                try $0.stack("b").state == "unknown"
            }
            let second = try await push("2.0", ["c/compose.yaml": Nodes.web("1.0")])
            for name in ["a", "c"] { try await stage.gyre.ready(at: second, name) }
            #expect(try await Nodes.names(stage, new) == ["a-web-1", "c-web-1"])
            let status = try await stage.gyre.status()
            #expect(try status.stack("b").state == "unknown" && status.stack("b").node == "old")
            let output = try await stage.gyre.run("nodes")
            #expect(output.status == 5 && output.out.contains("does not answer"), "\(output.out)")

            try await old.fault(fault == "freeze" ? "thaw" : "start-engine")
            try await stage.gyre.ready(at: second, "b")
            let after = try await old.engine.containers(labelled: stage.label)
            #expect(after.count == 1 && after.map(\.id) != there)
        }
    }
}
