import Testing

/// Volumes of a Swarm of two real engines, of which Gyre reaches the manager.
@Suite(.onTestbed, .timeLimit(.minutes(30)))
struct SwarmVolumeTests {
    /// A service that writes its name into a volume of one node.
    private func service(_ name: String, at place: String) -> String {
        """
          \(name):
            image: busybox:1.35
            command: [sh, -c, "echo \(name) >/data/a && exec sleep 1000"]
            mem_limit: 16m
            stop_grace_period: 1s
            volumes: ["\(name):/data"]
            networks: {default: {}}
            deploy:
              endpoint_mode: dnsrr
              placement: {constraints: ["node.labels.place==\(place)"]}

        """
    }

    /// A stack with a volume on each of the two, whose nodes are told apart by labels.
    private func deploy(_ stage: Stage, _ team: Team, _ nodes: [Testbed]) async throws {
        for (node, place) in zip(nodes, ["here", "there"]) {
            let label = "--label-add=place=\(place)"
            try await nodes[0].engine.docker("node", "update", label, node.network)
        }
        let services = service("near", at: "here") + service("far", at: "there")
        let compose = "services:\n\(services)volumes: {near: {}, far: {}}\n"
        let head = try await team.push(["web/compose.yaml": compose])
        try await stage.gyre.start()
        try await stage.gyre.ready(at: head, "web")
    }

    private func remove(_ stage: Stage, _ team: Team, from nodes: [Testbed]) async throws {
        try await team.push(["README": "none"], "Remove web\n\nGyre-Remove: web")
        try await stage.gyre.until("it is gone") { status in
            !status.stacks.contains { $0.stack.stack == "web" }
        }
        // A Swarm takes the containers of tasks away when these have ended.
        let label = "label=com.docker.stack.namespace=\(stage.name)_web"
        try await eventually("its containers are gone", tail: { stage.gyre.tail }) {
            for node in nodes {
                let left = try await node.engine.docker("ps", "-aq", "--filter", label)
                guard left.isEmpty else { return false }
            }
            return true
        }
    }

    private func has(_ volume: String, _ node: Testbed) async throws -> Bool {
        try await node.engine.docker("volume", "ls", "-q").split(separator: "\n")
            .contains { $0 == volume }
    }

    /// What is in the file `a` of the archive that is written to a file of that name.
    private func copy(
        of volume: String,
        as name: String,
        _ stage: Stage
    ) async throws -> String {
        let file = "\(stage.folder)/\(name).tar"
        let id = "\(stage.name)/web"
        let done = try await stage.gyre.run("volumes", "export", id, volume, "-o", file)
        #expect(done.isSuccess, "\(done)")
        return try await Program.check(["tar", "-xOf", file, "./a"])
    }

    /// Asks for the end of a volume, agrees, and gives what was said before.
    private func end(_ volume: String, _ stage: Stage) async throws -> String {
        let id = "\(stage.name)/web"
        let offer = try await stage.gyre.run("volumes", "rm", id, volume)
        #expect(offer.status == 3, "\(offer)")
        let words = offer.out.split(whereSeparator: \.isWhitespace).map(String.init)
        let place = try #require(words.firstIndex(of: "--confirm"), "\(offer)")
        let change = try #require(words.dropFirst(place + 1).first)
        let done = try await stage.gyre.run("volumes", "rm", id, volume, "--confirm", change)
        #expect(done.isSuccess, "\(done)")
        return offer.out
    }

    @Test func `a manager's is copied and removed, also of a stack that is gone`() async throws {
        try await Swarm.nodes([.manager, .worker]) { nodes in
            try await Stage.run("swarmvolumes", on: nodes[0]) { stage in
                let team = try await Team(named: "team", in: stage.folder)
                try stage.configure(swarm: [nodes[0]], team)
                try await deploy(stage, team, nodes)
                let (near, far) = ("\(stage.name)_web_near", "\(stage.name)_web_far")
                #expect(try await copy(of: near, as: "near", stage) == "near\n")
                let used = try await stage.gyre.run("volumes", "rm", "\(stage.name)/web", near)
                #expect(used.status == 1 && used.err.contains("mounted by \(near)"), "\(used)")

                // On the worker it is a person's to do, who is told where and how.
                let refused = try await stage.gyre.run(
                    "volumes",
                    "export",
                    "\(stage.name)/web",
                    far,
                    "-o",
                    "\(stage.folder)/far.tar"
                )
                let place = "\(far) is on \(nodes[1].network), which gyre.yaml doesn't name"
                #expect(!refused.isSuccess && refused.err.contains(place), "\(refused)")
                #expect(refused.err.contains("docker run --rm -v \(far):/volume:ro"))
                #expect(!Files.names(in: stage.folder).contains { $0.hasPrefix("far") })

                try await remove(stage, team, from: nodes)
                #expect(try await has(near, nodes[0]))
                #expect(try await copy(of: near, as: "gone", stage) == "near\n")
                let offer = try await end(near, stage)
                #expect(offer.contains("gyre volumes export \(stage.name)/web \(near)"))
                let forgotten = try await end(far, stage)
                #expect(forgotten.contains("it is forgotten, and stays"), "\(forgotten)")
                #expect(try await !has(near, nodes[0]))
                #expect(try await has(far, nodes[1]))

                let listed = try await stage.gyre.run("volumes")
                #expect(listed.out.contains("there are no volumes"), "\(listed)")
                let label = "label=io.gyre.content=export"
                #expect(try await nodes[0].engine.docker("ps", "-aq", "--filter", label).isEmpty)
                try await stage.gyre.stop()
            }
        }
    }
}
