internal import OperatorFile
package import Model
internal import Planning

/// What a project's stacks have reserved, against what they may take together.
package struct ProjectUsage: Hashable, Codable, Sendable {
    /// One thing that is counted.
    package struct Amount: Hashable, Codable, Sendable {
        package var kind: QuotaKind
        /// Bytes of memory, billionths of CPUs, numbers of the rest.
        package var used: Int64
        /// nil where nothing bounds it.
        package var limit: Int64?

        /// What may still be asked for; nothing where the quota was lowered below what is used.
        package var left: Int64? { limit.map { max(0, $0 - used) } }
    }

    /// What one stack has of it.
    package struct Part: Hashable, Codable, Sendable {
        package var stack: StackID
        package var used: Usage
        /// Ports of the node, sorted.
        package var ports: [ReservedPort]
    }

    package var project: String
    package var amounts: [Amount]
    /// Sorted; those that have nothing are left out.
    package var stacks: [Part]

    init(_ project: String, _ quotas: Quota, _ ledger: Ledger) {
        let usages = ledger.usages(of: project)
        let total = usages.values.reduce(Usage(), +)
        self.project = project
        amounts = QuotaKind.allCases.map { kind in
            Amount(kind: kind, used: total[kind], limit: quotas[kind])
        }
        stacks = usages.filter { $0.value != Usage() }.sorted { $0.key < $1.key }
            .map { stack, used in
                Part(stack: stack, used: used, ports: ledger.reservations[stack]?.ports ?? [])
            }
    }
}

extension Controller {
    /// What each project of the configuration has reserved, by name.
    ///
    /// A volume that somebody removed by hand counts no more where the engine can be asked.
    package func usage() async -> [ProjectUsage] {
        let state = parts.journal.state()
        var ledger = parts.ledger.now(state, counting: swarm == nil ? .owned : .mounted)
        if let swarm, nodes[swarm.name]?.problem == nil {
            ledger.swarmNodes = max(1, (try? await swarm.engine.hosts().count) ?? 1)
        }
        for (name, node) in parts.nodes where node.swarm == nil && nodes[name]?.problem == nil {
            let listed = try? await node.engine.observe(
                controller: settings.controller,
                volumes: [""]
            )
            guard let volumes = listed?.volumes else { continue }
            ledger.keepVolumes(Set(volumes.map(\.name)), on: name)
        }
        return settings.projects.sorted { $0.key < $1.key }.map { name, project in
            ProjectUsage(name, project.policy.quotas, ledger)
        }
    }
}
