import Testing

/// Published ports of a service with several tasks, on a real Swarm of three engines.
///
/// Engines take ports of the whole Swarm here, but lead nobody there (see ``Swarm``).
@Suite(.onTestbed, .timeLimit(.minutes(30)))
struct SwarmPortTests {
    private func compose(_ version: String, _ replicas: Int, mode: String) -> String {
        """
        services:
          web:
            image: web:\(version)
            mem_limit: 32m
            stop_grace_period: 1s
            ports: [{target: 8080, published: 31400, mode: \(mode)}]
            networks: {default: {}}
            deploy:
              replicas: \(replicas)
              endpoint_mode: \(mode == "host" ? "dnsrr" : "vip")
              update_config: {order: \(mode == "host" ? "stop" : "start")-first}

        """
    }

    /// What listens at the port of each node, by the node's host name.
    private func answers(_ nodes: [Testbed]) async throws -> [String: String] {
        var answers: [String: String] = [:]
        for node in nodes {
            let url = "http://\(node.host):31400/"
            let answer = try await Program.run(["curl", "-sSm", "2", url])
            if answer.isSuccess { answers[node.network] = answer.out.filter { $0 != "\n" } }
        }
        return answers
    }

    /// Where the version runs that is pushed, when it is good.
    private func push(
        _ version: String,
        _ replicas: Int,
        mode: String,
        _ stage: Stage,
        _ team: Team,
        _ nodes: [Testbed]
    ) async throws -> [String] {
        let compose = compose(version, replicas, mode: mode)
        let words = replicas == 0 ? "None\n\nGyre-Remove: a" : "Change"
        let head = try await team.push(["a/compose.yaml": compose], words)
        try await stage.gyre.ready(at: head, "a")
        #expect(try await stage.gyre.plan().isEmpty)
        let status = try await stage.gyre.status().stack("a")
        #expect(status.service("web")?.running == replicas, "\(status)")
        #expect(status.ports.map(\.number) == [31400])
        return try await stage.hosts(of: "a_web", asking: nodes[0])
    }

    private func onThree(
        _ name: String,
        _ body: (Stage, Team, [Testbed]) async throws -> Void
    ) async throws {
        try await Swarm.nodes([.manager, .worker, .worker]) { nodes in
            try await Stage.run(name, on: nodes[0]) { stage in
                let team = try await Team(named: "team", in: stage.folder)
                try stage.configure(swarm: [nodes[0]], team)
                try await team.push(["README": "nothing yet"])
                try await stage.gyre.start()
                try await body(stage, team, nodes)
                try await stage.gyre.stop()
            }
        }
    }

    @Test func `each task has the port of its node, also where no node is free`() async throws {
        try await onThree("hostports") { stage, team, nodes in
            for (version, replicas) in [("1.0", 2), ("2.0", 2), ("2.0", 3), ("1.0", 3)] {
                let hosts = try await push(version, replicas, mode: "host", stage, team, nodes)
                #expect(Set(hosts).count == replicas && hosts.count == replicas, "\(hosts)")
                let answers = try await answers(nodes)
                #expect(answers.keys.sorted() == hosts && Set(answers.values) == [version])
            }
        }
    }

    @Test func `a port of the Swarm is had once by all tasks of a service`() async throws {
        try await onThree("ports") { stage, team, nodes in
            for (version, replicas) in [("1.0", 2), ("2.0", 2), ("2.0", 4), ("2.0", 0)] {
                let hosts = try await push(version, replicas, mode: "ingress", stage, team, nodes)
                #expect(hosts.count == replicas, "\(hosts)")
                let told = try await nodes[0].engine.docker(
                    "service",
                    "inspect",
                    "\(stage.name)_a_web",
                    "--format",
                    "{{json .Endpoint.Ports}}"
                )
                #expect(told.contains("\"PublishedPort\":31400"), "\(told)")
            }
            // It has it without tasks, too.
            try await team.push([
                "a/compose.yaml": compose("2.0", 0, mode: "ingress"),
                "b/compose.yaml": compose("1.0", 1, mode: "ingress"),
            ])
            let problem = try await stage.gyre.problem("taken", "b")
            #expect(problem.message.contains("held by stack \(stage.name)/a"), "\(problem)")
        }
    }
}
