import Foundation
import Testing

/// Subnets of a pool, on real engines.
@Suite(.onTestbed, .timeLimit(.minutes(15)))
struct SubnetTests {
    private static let pool = "{pool: 10.213.0.0/20, size: 26}"

    /// Names and subnets of this controller's networks.
    private func subnets(_ stage: Stage) async throws -> [String: String] {
        let ids = try await stage.engine.docker(
            "network",
            "ls",
            "-q",
            "--filter",
            "label=\(stage.label)"
        )
        let names = ids.split(separator: "\n").map(String.init)
        guard !names.isEmpty else { return [:] }
        let format = "{{.Name}} {{range .IPAM.Config}}{{.Subnet}}{{end}}"
        let text = try await Program.check(
            ["docker", "-H", stage.engine.address, "network", "inspect", "-f", format] + names
        )
        let pairs = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        return Dictionary(uniqueKeysWithValues: pairs.map { ($0[0], $0.count > 1 ? $0[1] : "") })
    }

    private func compose(_ networks: [String], subnet: String = "") -> String {
        let ipam = subnet.isEmpty ? "{}" : "{ipam: {config: [{subnet: \(subnet)}]}}"
        return """
            services:
              web:
                image: web:1.0
                stop_grace_period: 1s
                networks: [\(networks.joined(separator: ", "))]
            networks: {\(networks.map { "\($0): \(ipam)" }.joined(separator: ", "))}
            """
    }

    private func configure(_ stage: Stage, _ team: Team, pool: String?) throws {
        let grants = "{subnets: [10.213.0.0/16], quota: {networks: 11}}"
        let project = stage.project(stage.name, team, grants: grants)
        try stage.configure(project, networks: pool)
    }

    @Test func `forty networks of several stacks get parts of the pool, and keep them`()
        async throws
    {
        try await Stage.run("subnets") { stage in
            let team = try await Team(named: "team", in: stage.folder)
            // A stranger's is in the way of some.
            try await stage.engine.docker(
                "network",
                "create",
                "--label",
                stage.mark,
                "--subnet",
                "10.213.4.0/22",
                "\(stage.name)-lan"
            )
            try configure(stage, team, pool: SubnetTests.pool)
            var stacks: [String: String] = [:]
            for stack in ["a", "b", "c", "d"] {
                stacks["\(stack)/compose.yaml"] = compose((0..<10).map { "n\($0)" })
            }
            let first = try await team.push(stacks)
            try await stage.gyre.start()
            for stack in ["a", "b", "c", "d"] { try await stage.gyre.ready(at: first, stack) }
            let all = try await subnets(stage)
            #expect(all.count == 40 && Set(all.values).count == 40)
            #expect(
                all.values.allSatisfy { subnet in
                    let parts = subnet.split(separator: ".").compactMap { Int($0) }
                    return subnet.hasPrefix("10.213.") && subnet.hasSuffix("/26")
                        && parts.count == 3 && parts[2] < 16 && !(4..<8).contains(parts[2])
                },
                "\(all)"
            )

            // Law 9: what is there stays, with another pool, with none, and after a kill.
            let ids = try await stage.containers().map(\.id)
            await stage.gyre.end()
            try configure(stage, team, pool: nil)
            try await stage.gyre.start()
            try await stage.gyre.ready(at: first, "a")
            #expect(try await subnets(stage) == all)
            #expect(try await stage.containers().map(\.id) == ids)
            try configure(stage, team, pool: SubnetTests.pool)
            await stage.gyre.reload()

            // A stack whose network somebody takes away has the same again; a new one gets another.
            stacks["a/compose.yaml"] = compose((0..<11).map { "n\($0)" })
            let second = try await team.push(stacks)
            try await stage.gyre.ready(at: second, "a")
            let grown = try await subnets(stage)
            #expect(grown.count == 41 && Set(grown.values).count == 41)
            #expect(grown.filter { all[$0.key] != nil } == all)
            #expect(grown["\(stage.name)_a_n10"]?.hasPrefix("10.213.") == true)
            try await stage.gyre.stop()
            _ = try? await stage.engine.docker("network", "rm", "\(stage.name)-lan")
        }
    }

    @Test func `of two files that overlap the second is refused before anything is made`()
        async throws
    {
        try await Stage.run("overlap") { stage in
            let team = try await Team(named: "team", in: stage.folder)
            try configure(stage, team, pool: SubnetTests.pool)
            let one = ["a/compose.yaml": compose(["lan"], subnet: "10.213.64.0/20")]
            let first = try await team.push(one)
            try await stage.gyre.start()
            try await stage.gyre.ready(at: first, "a")
            let both = one.merging([
                "b/compose.yaml": compose(["lan"], subnet: "10.213.65.0/24")
            ]) { $1 }
            try await team.push(both)
            let refused = try await stage.gyre.problem("taken", "b")
            #expect(refused.message.contains("subnet 10.213.65.0/24 overlaps 10.213.64.0/20"))
            #expect(refused.message.contains("\(stage.name)/a"), "\(refused)")
            let finding = try #require(refused.diagnostics.first)
            #expect(finding.code == "subnet-taken")
            #expect(finding.location?.file == "b/compose.yaml", "\(refused)")
            #expect(try await subnets(stage).count == 1)
            #expect(try await stage.containers().count == 1)
            // Without it, Gyre chooses.
            let open = one.merging(["b/compose.yaml": compose(["lan"])]) { $1 }
            let third = try await team.push(open)
            try await stage.gyre.ready(at: third, "b")
            let subnet = try await subnets(stage)["\(stage.name)_b_lan"]
            #expect(subnet?.hasSuffix("/26") == true)
        }
    }

    @Test func `a network of a Swarm gets its subnet too`() async throws {
        try await Swarm.nodes([.manager]) { nodes in
            try await Stage.run("swarmnet", on: nodes[0]) { stage in
                let team = try await Team(named: "team", in: stage.folder)
                try stage.configure(swarm: nodes, team, networks: SubnetTests.pool)
                let file = """
                    services:
                      web:
                        image: web:1.0
                        mem_limit: 32m
                        stop_grace_period: 1s
                        networks: [default]
                        deploy: {endpoint_mode: dnsrr}
                    """
                let commit = try await team.push(["a/compose.yaml": file, "b/compose.yaml": file])
                try await stage.gyre.start()
                for stack in ["a", "b"] { try await stage.gyre.ready(at: commit, stack) }
                let all = try await subnets(stage)
                #expect(all.count == 2 && Set(all.values).count == 2)
                #expect(
                    all.values.allSatisfy { $0.hasPrefix("10.213.") && $0.hasSuffix("/26") },
                    "\(all)"
                )
                try await stage.gyre.stop()
            }
        }
    }
}
