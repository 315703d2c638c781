import Testing

/// A node that is drained, of two real engines of both versions.
@Suite(.onTestbed, .timeLimit(.minutes(15)))
struct DrainTests {
    @Test func `what has no data moves, and the rest says what it waits for`() async throws {
        try await Nodes.two("drain") { stage, team, old, new in
            let data = Compose.line("volumes: ['data:/data']") + "\nvolumes: {data: {}}"
            let page = Compose.line("volumes: ['./page:/page:ro']")
            let head = try await Nodes.onOld(
                stage,
                team,
                [
                    "a/compose.yaml": Nodes.web("1.0", port: 31301, page), "a/page": "hello",
                    "b/compose.yaml": Nodes.web("1.0", data),
                    "c/compose.yaml": Nodes.web("1.0", tier: "db"),
                ]
            )
            #expect(try await Nodes.names(stage, old) == ["a-web-1", "b-web-1", "c-web-1"])
            let stays = try await old.engine.containers(labelled: stage.label)
                .filter { !$0.name.contains("_a-") }.map(\.id)
            try await Nodes.gyre(stage, "drain", "old")
            try await stage.gyre.until("the stack is there") {
                try $0.stack("a").isReady(at: head) && $0.stack("a").node == "new"
            }
            let volume = try await stage.gyre.problem("drained", "b")
            #expect(volume.message.contains("its data is there: volume \(stage.name)_b_data"))
            #expect(volume.remedy.contains("gyre undrain old"))
            let none = try await stage.gyre.problem("drained", "c")
            #expect(
                none.message.contains("new: the node new does not fit")
                    || none.message.contains("new: it does not fit"),
                "\(none.message)"
            )
            #expect(none.message.contains("old: it is drained"), "\(none.message)")
            #expect(try await Nodes.names(stage, new) == ["a-web-1"])
            #expect(
                try await new.engine.docker("exec", "\(stage.name)_a-web-1", "cat", "/page")
                    == "hello"
            )
            // What stays was not touched, and nothing of the other is left.
            let left = try await old.engine.containers(labelled: stage.label)
            #expect(Set(left.map(\.id)) == Set(stays) && left.allSatisfy(\.isRunning))

            let nodes = try await Nodes.seen(by: stage)
            #expect(nodes.map(\.drainedBy) == [nil, "root"])
            #expect(nodes.map { $0.stacks.map(\.stack) } == [["a"], ["b", "c"]])
            let again = try await stage.gyre.run("drain", "old")
            #expect(!again.isSuccess && again.err.contains("drained already, by root"))
            let unknown = try await stage.gyre.run("drain", "older", "--json")
            #expect(unknown.status == 2 && unknown.out.contains("no node older; known: new, old"))
            let log = try await stage.gyre.run("audit", "list", "--kind", "acted")
            #expect(log.out.contains("drain by root") && log.out.contains("old"), "\(log.out)")

            // It is repaired where it is, and nobody moves back.
            try await old.engine.docker("kill", "\(stage.name)_c-web-1")
            try await stage.gyre.until("it is started again") { _ in
                try await Nodes.names(stage, old).contains("c-web-1")
            }
            try await Nodes.gyre(stage, "undrain", "old")
            for name in ["a", "b", "c"] { try await stage.gyre.ready(at: head, name) }
            #expect(try await Nodes.names(stage, new) == ["a-web-1"])
        }
    }

    @Test(arguments: ["stop", "remove container", "create container"])
    func `one writer at any time, though the controller is killed`(_ step: String) async throws {
        try await Nodes.two("drainkill") { stage, team, old, new in
            let head = try await Nodes.onOld(stage, team, ["a/compose.yaml": Nodes.web("1.0")])
            let offset = Files.text(of: stage.gyre.log).utf8.count
            try await Nodes.gyre(stage, "drain", "old")
            try await stage.gyre.logs("step begins", and: step, after: offset)
            await stage.gyre.end()
            func isDouble() async throws -> Bool {
                let there = try await Nodes.names(stage, old)
                let here = try await Nodes.names(stage, new)
                return !there.isEmpty && !here.isEmpty
            }
            #expect(try await isDouble() == false)
            try await stage.gyre.start()
            try await stage.gyre.until("it is there") { status in
                #expect(try await isDouble() == false)
                let stack = try status.stack("a")
                return stack.isReady(at: head) && stack.node == "new"
            }
            #expect(try await Nodes.names(stage, new) == ["a-web-1"])
            #expect(try await old.engine.containers(labelled: stage.label).isEmpty)
        }
    }
}
