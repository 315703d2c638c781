import Logging
import Model
import OperatorFile
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// Several simulated nodes, and a repository with a folder for each stack.
final class SimulatedCluster: Sendable {
    let engines: [String: SimulatedEngine]
    let repository = FakeRepository()
    let journal: FakeJournal
    let history = FakeHistory()
    /// What `nodes:` of each has besides its engine.
    private let labels: [String: String]

    init(
        _ names: String...,
        labels: [String: String] = [:],
        journal: FakeJournal = FakeJournal()
    ) {
        engines = Dictionary(
            uniqueKeysWithValues: names.map { ($0, SimulatedEngine(images: ["web"])) }
        )
        self.labels = labels
        self.journal = journal
        for (name, engine) in engines {
            engine.change { $0.name = name }
            engine.state.withLock { $0.facts.name = "host-\(name)" }
        }
    }

    subscript(name: String) -> SimulatedEngine {
        guard let engine = engines[name] else { preconditionFailure("no node \(name)") }
        return engine
    }

    /// Time that passes on all nodes alike, while somebody sleeps.
    private var clock: Reconciliation.Clock {
        let engines = Array(engines.values)
        return Reconciliation.Clock(
            now: { engines.map(\.node.time).max() ?? Instant(milliseconds: 0) },
            sleep: { span in
                try Task.checkCancellation()
                for engine in engines {
                    engine.change { $0.pass(seconds: max(1, Int(span.count / 1_000_000_000))) }
                }
                await Task.yield()
            }
        )
    }

    func push(_ stacks: [String: String]) {
        let entries = stacks.map { name, compose in
            ("\(name)/compose.yaml", Snapshot.Entry.file(Array(compose.utf8)))
        }
        repository.push(Dictionary(uniqueKeysWithValues: entries))
    }

    /// A controller without its loop; `project` is what the project has besides.
    func controller(
        _ project: String = "",
        but left: Set<String> = [],
        journal: (any JournalKeeping)? = nil
    ) async throws -> Controller {
        let names = engines.keys.filter { !left.contains($0) }
        let nodes = names.sorted().map { name in
            "  \(name): {engine: 'unix:///run/\(name).sock', labels: [\(labels[name] ?? "")]}"
        }
        let text = """
            controller: test
            nodes:
            \(nodes.joined(separator: "\n"))
            projects:
              shop:
                repositories: [{url: /srv/shop, folders: "*"}]
                grants: {ports: 1-65535}
                \(project)
            """
        let settings = try SimulatedTeam.settings(text)
        let clock = clock
        let parts = ControllerParts(
            source: repository,
            loading: LoadingHere(),
            nodes: names.map { name in
                ClusterNode(
                    name,
                    self[name],
                    labels: settings.cluster[name]?.labels ?? [:],
                    controller: "test",
                    clock: clock
                )
            },
            journal: journal ?? self.journal,
            audit: FakeAudit(),
            history: history,
            clock: clock,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        let controller = Controller(settings, parts)
        await controller.survey()
        return controller
    }

    /// The status of a stack after as many passes as it takes.
    @discardableResult
    func settle(_ name: String, _ controller: Controller) async throws -> StackStatus {
        let id = try StackID(parsing: name)
        _ = try await controller.pulling {
            try await controller.settle(id, listener: { _ in })
        }
        return try await status(name, controller)
    }

    func status(_ name: String, _ controller: Controller) async throws -> StackStatus {
        let id = try StackID(parsing: name)
        return try #require(await controller.status().stacks.first { $0.stack == id })
    }

    /// Names of containers that run, by node.
    var running: [String: Set<String>] {
        engines.mapValues { engine in
            Set(engine.node.containers.values.filter(\.isRunning).map(\.seen.name))
        }
    }
}
