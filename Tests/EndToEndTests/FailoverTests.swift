import Testing

/// A node that is lost and comes back, of two real engines.
@Suite(.onTestbed, .timeLimit(.minutes(15)))
struct FailoverTests {
    private let data = Compose.line("volumes: ['data:/data']") + "\nvolumes: {data: {}}"

    /// A stack without data is made on the new node, one with a volume waits for the old one.
    private func failOver(_ stage: Stage, _ old: Testbed, _ new: Testbed) async throws {
        try await stage.gyre.until("the stack is on the other node") {
            try $0.stack("a").state == "ready" && $0.stack("a").node == "new"
        }
        let lost = try await stage.gyre.problem("lost", "b")
        #expect(lost.message.contains("its data is there: volume \(stage.name)_b_data"))
        #expect(lost.remedy.contains("gyre nodes fence old"))
        #expect(try await Nodes.names(stage, new) == ["a-web-1"])
        let nodes = try await stage.gyre.run("nodes")
        #expect(nodes.status == 5 && nodes.out.contains("lost"), "\(nodes.out)")
    }

    /// The copy is gone, what waited was not touched, and each runs once.
    private func comeBack(_ stage: Stage, _ old: Testbed, at head: String) async throws {
        for name in ["a", "b"] { try await stage.gyre.ready(at: head, name) }
        try await stage.gyre.until("the copy is taken away") { _ in
            try await old.engine.containers(labelled: stage.label).map(\.name)
                == ["\(stage.name)_b-web-1"]
        }
        #expect(try await Nodes.names(stage, old) == ["b-web-1"])
    }

    @Test(arguments: [("freeze", "thaw"), ("kill-engine", "start-engine")])
    func `a lost node's stacks without data are made elsewhere`(
        _ fault: String,
        _ end: String
    ) async throws {
        try await Nodes.two("lost", lostAfter: "6s") { stage, team, old, new in
            let head = try await Nodes.onOld(
                stage,
                team,
                ["a/compose.yaml": Nodes.web("1.0"), "b/compose.yaml": Nodes.web("1.0", data)]
            )
            try await old.fault(fault)
            try await failOver(stage, old, new)
            // Killed meanwhile, the controller has forgotten nothing that counts.
            await stage.gyre.end()
            try await stage.gyre.start()
            try await old.fault(end)
            try await comeBack(stage, old, at: head)
            #expect(try await Nodes.names(stage, new) == ["a-web-1"])
        }
    }

    @Test(arguments: [("tcp", "ssh"), ("ssh", "tcp")])
    func `nodes of other machines are kept, drained, cut off and back`(
        _ there: String,
        _ here: String
    ) async throws {
        try await Nodes.two("far", by: (there, here), lostAfter: "6s") { stage, team, old, new in
            let head = try await Nodes.onOld(
                stage,
                team,
                ["a/compose.yaml": Nodes.web("1.0"), "b/compose.yaml": Nodes.web("1.0", data)]
            )
            try await old.fault("unplug")
            try await failOver(stage, old, new)
            // There it ran on all the while.
            #expect(try await Nodes.names(stage, old) == ["a-web-1", "b-web-1"])
            try await old.fault("plug")
            try await comeBack(stage, old, at: head)
            try await Nodes.gyre(stage, "drain", "new")
            try await stage.gyre.until("it is back on the first") {
                try $0.stack("a").isReady(at: head) && $0.stack("a").node == "old"
            }
            #expect(try await Nodes.names(stage, new).isEmpty)
        }
    }

    @Test func `what an operator lets write twice moves by itself, and ends up writing once`()
        async throws
    {
        let ways = ("tcp", "ssh")
        try await Nodes.two("twice", by: ways, lostAfter: "6s", accepting: "[c]") {
            stage,
            team,
            old,
            new in
            let shared = Nodes.shared(stage)
            try await Program.check(["mkdir", shared])
            let bind = Compose.line("volumes: ['\(shared):/data']")
            let head = try await Nodes.onOld(
                stage,
                team,
                [
                    "b/compose.yaml": Nodes.web("1.0", bind),
                    "c/compose.yaml": Nodes.web("1.0", bind),
                ]
            )
            try await old.fault("unplug")
            try await stage.gyre.until("it writes on the other node") {
                try $0.stack("c").isReady(at: head) && $0.stack("c").node == "new"
            }
            // Nobody let the other one.
            let lost = try await stage.gyre.problem("lost", "b")
            #expect(lost.message.contains(shared), "\(lost)")
            #expect(try await Nodes.names(stage, old) == ["b-web-1", "c-web-1"])
            #expect(try await Nodes.names(stage, new) == ["c-web-1"])
            try await old.fault("plug")
            try await stage.gyre.until("the first writer is gone") { _ in
                try await Nodes.names(stage, old) == ["b-web-1"]
            }
            for name in ["b", "c"] { try await stage.gyre.ready(at: head, name) }
            #expect(try await Nodes.names(stage, new) == ["c-web-1"])
        }
    }

    @Test(arguments: [
        ("freeze", "thaw", "unix"), ("kill-engine", "start-engine", "unix"),
        ("unplug", "plug", "tcp"),
    ])
    func `a fenced node's writers go on elsewhere, and are stopped there first`(
        _ fault: String,
        _ end: String,
        by way: String
    ) async throws {
        let ways = (way, "unix")
        try await Nodes.two("fence", by: ways, lostAfter: "1h") { stage, team, old, new in
            // An engine that comes back starts such a one again by itself.
            let keen = Compose.line("restart: always") + "\n" + data
            let head = try await Nodes.onOld(
                stage,
                team,
                ["b/compose.yaml": Nodes.web("1.0", keen)]
            )
            let early = try await stage.gyre.run("nodes", "fence", "old")
            #expect(!early.isSuccess && early.err.contains("answers, so it is not off"))
            try await old.fault(fault)
            try await stage.gyre.until("it is silent") { try $0.stack("b").state == "unknown" }
            let fenced = try await stage.gyre.run("nodes", "fence", "old")
            #expect(fenced.isSuccess, "\(fenced.err)")
            // Law 4: nobody makes its data anew without a word.
            let waits = try await stage.gyre.problem("unconfirmed", "b")
            #expect(waits.message.contains("had data and is gone"))
            #expect(try await Nodes.names(stage, new).isEmpty)
            let change = try #require(waits.change)
            let said = try await stage.gyre.run("confirm", "\(stage.name)/b", change)
            #expect(said.isSuccess, "\(said.err)")
            try await stage.gyre.ready(at: head, "b")
            #expect(try await Nodes.names(stage, new) == ["b-web-1"])

            try await old.fault(end)
            try await stage.gyre.until("the old writer is gone") { _ in
                try await old.engine.containers(labelled: stage.label).isEmpty
            }
            let volumes = try await old.engine.docker("volume", "ls", "-q")
            #expect(volumes.contains("\(stage.name)_b_data"), "its data stays: \(volumes)")
            try await stage.gyre.ready(at: head, "b")
            // The fence ends with the question that finds nothing left, which comes later.
            try await stage.gyre.until("the fence has ended") { _ in
                try await Nodes.seen(by: stage).allSatisfy {
                    $0.problem == nil && $0.fencedBy == nil
                }
            }
            #expect(try await Nodes.names(stage, new) == ["b-web-1"])
        }
    }
}
