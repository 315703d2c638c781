import Testing

/// One life of four stacks on three real engines of both versions; the matrix of several nodes.
@Suite(.onTestbed, .timeLimit(.minutes(15)))
struct NodeMatrixTests {
    /// The stacks, where each is to be, and what is asked about them.
    private struct Life {
        var stage: Stage
        var nodes: [String: Testbed]

        /// The node of each stack, as Gyre says it.
        func homes() async throws -> [String: String] {
            try await stage.gyre.status().stacks.reduce(into: [:]) {
                $0[$1.stack.stack] = $1.node
            }
        }

        /// The containers of each stack that run, by their nodes.
        func running() async throws -> [String: [(node: String, container: Container)]] {
            var found: [String: [(String, Container)]] = [:]
            for (name, node) in nodes.sorted(by: { $0.key < $1.key }) {
                for container in try await node.engine.containers(labelled: stage.label)
                where container.isRunning {
                    let stack = container.name.dropFirst(stage.name.count + 1).prefix(1)
                    found[String(stack), default: []].append((name, container))
                }
            }
            return found
        }

        /// Waits until each stack runs once, at home, with this version of its image.
        func runs(_ versions: [String: String]) async throws {
            try await stage.gyre.until("they run \(versions.sorted { $0.key < $1.key })") {
                status in
                guard status.stacks.allSatisfy({ $0.state == "ready" }) else { return false }
                let (homes, running) = try await (homes(), running())
                return running.count == versions.count
                    && running.allSatisfy { stack, there in
                        there.count == 1 && there[0].node == homes[stack]
                            && there[0].container.variable("VERSION") == versions[stack]
                    }
            }
        }

        func container(of stack: String) async throws -> (node: Testbed, container: Container) {
            let there = try #require(try await running()[stack]?.first)
            return (try #require(nodes[there.node]), there.container)
        }
    }

    private let stateless = ["a", "b", "c"]

    /// Three web servers, and with `data` one more that writes a volume.
    private func files(_ version: String, data: Bool = true) -> [String: String] {
        var files: [String: String] = [:]
        for stack in stateless { files["\(stack)/compose.yaml"] = Nodes.web(version) }
        let volume = Compose.line("volumes: ['data:/data']") + "\nvolumes: {data: {}}"
        if data { files["d/compose.yaml"] = Nodes.web(version, volume) }
        return files
    }

    private func all(_ version: String) -> [String: String] {
        Dictionary(uniqueKeysWithValues: ["a", "b", "c", "d"].map { ($0, version) })
    }

    @Test func `stacks live on three nodes through all that may happen`() async throws {
        try await Nodes.three("matrix", lostAfter: "6s") { stage, team, nodes in
            let life = Life(stage: stage, nodes: nodes)
            let first = try await deploy(life, team)
            let homes = try await life.homes()
            try await update(life, team)
            try await goBack(life, team, to: first)
            try await drift(life)
            #expect(try await life.homes() == homes, "nobody moves unasked")
            try await loseNode(life)
        }
    }

    /// Spread by load: one on each, and the fourth beside one of them.
    private func deploy(_ life: Life, _ team: Team) async throws -> String {
        try await team.push(files("1.0", data: false))
        try await life.stage.gyre.start()
        try await life.runs(all("1.0").filter { $0.key != "d" })
        #expect(try await Set(life.homes().values) == Set(life.nodes.keys))
        let head = try await team.push(files("1.0"))
        try await life.runs(all("1.0"))
        return head
    }

    /// The controller is killed with its hands on an update, and started again.
    private func update(_ life: Life, _ team: Team) async throws {
        let gyre = life.stage.gyre
        let offset = Files.text(of: gyre.log).utf8.count
        try await team.push(files("2.0"))
        try await gyre.logs("step begins", and: "create container", after: offset)
        await gyre.end()
        let between = try await life.running().values.flatMap { $0 }
        #expect(between.contains { $0.container.variable("VERSION") == "1.0" })
        try await gyre.start()
        try await life.runs(all("2.0"))
    }

    /// A bad version is held and reverted; then `gyre rollback` brings back an old one.
    private func goBack(_ life: Life, _ team: Team, to first: String) async throws {
        let gyre = life.stage.gyre
        let good = try await life.container(of: "a").container
        let check = Compose.line("healthcheck: {test: [CMD, /none], interval: 1s, retries: 2}")
        let bad = ["a/compose.yaml": Nodes.web("1.0", check)]
        try await team.push(files("2.0").merging(bad) { $1 })
        _ = try await gyre.problem("held", "a")
        try await gyre.until("the good one serves on") { _ in
            try await life.container(of: "a").container.id == good.id
        }
        let back = try await team.revert()
        try await gyre.ready(at: back, "a")
        #expect(try await life.container(of: "a").container.id == good.id)
        try await life.runs(all("2.0"))

        let start = String(first.prefix(8))
        let output = try await gyre.run("rollback", "\(life.stage.name)/a", "--to", start)
        #expect(output.isSuccess, "\(output.out)\(output.err)")
        try await life.runs(all("2.0").merging(["a": "1.0"]) { $1 })
    }

    /// What hands do on each node is put right there.
    private func drift(_ life: Life) async throws {
        let removed = try await life.container(of: "a")
        let changed = try await life.container(of: "b")
        let cut = try await life.container(of: "c")
        let killed = try await life.container(of: "d")
        try await removed.node.engine.docker("rm", "-f", removed.container.name)
        try await changed.node.engine.docker(
            "update",
            "--memory",
            "96m",
            "--memory-swap",
            "96m",
            changed.container.name
        )
        let network = try #require(cut.container.networks.keys.first)
        try await cut.node.engine.docker(
            "network",
            "disconnect",
            network,
            cut.container.name
        )
        try await killed.node.engine.docker("kill", killed.container.name)
        try await life.stage.gyre.until("all is as it was") { _ in
            let running = try await life.running()
            guard let a = running["a"]?.first, let b = running["b"]?.first,
                let c = running["c"]?.first, running["d"] != nil
            else { return false }
            return a.container.id != removed.container.id && b.container.memory == 32 << 20
                && c.container.networks.keys.contains(network)
        }
        try await life.runs(all("2.0").merging(["a": "1.0"]) { $1 })
    }

    /// A node dies: what has no data there moves, the rest waits, and nobody else is touched.
    private func loseNode(_ life: Life) async throws {
        let gyre = life.stage.gyre
        let before = try await life.running()
        let homes = try await life.homes()
        let lost = try #require(homes["d"])
        let moving = try #require(stateless.first { homes[$0] == lost })
        let node = try #require(life.nodes[lost])
        let volumes = try await node.engine.volumes(labelled: life.stage.label).map(\.claim)
        try await node.fault("kill-engine")
        try await gyre.until("\(moving) is on another node") {
            let stack = try $0.stack(moving)
            return stack.state == "ready" && stack.node != lost
        }
        let waits = try await gyre.problem("lost", "d")
        #expect(waits.message.contains("its data is there: volume \(life.stage.name)_d_data"))

        await gyre.end()
        try await gyre.start()
        try await node.fault("start-engine")
        try await life.runs(all("2.0").merging(["a": "1.0"]) { $1 })
        #expect(try await node.engine.volumes(labelled: life.stage.label).map(\.claim) == volumes)
        let after = try await life.running()
        for stack in stateless where stack != moving {
            #expect(after[stack]?.map(\.container.id) == before[stack]?.map(\.container.id))
        }
        let ends = try await life.homes()
        #expect(ends["d"] == lost && ends[moving] != lost)
    }
}
