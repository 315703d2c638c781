import Logging
import Model
import OperatorFile
@testable import Reconciliation
import Synchronization
import TestSupport
import Testing

/// Several simulated nodes, and a repository with a folder for each stack.
final class SimulatedCluster: Sendable {
    let engines: [String: SimulatedEngine]
    let repository = FakeRepository()
    let journal: FakeJournal
    let history = FakeHistory()
    let audit = FakeAudit()
    /// What ends controllers of it.
    let doom: Doom
    /// Calls that changed something, with their nodes, and stacks that ran on two at once.
    let seen = Mutex<(calls: [String], doubles: Set<StackID>)>(([], []))
    /// What `nodes:` of each has besides its engine.
    private let labels: [String: String]

    init(
        _ names: String...,
        labels: [String: String] = [:],
        journal: FakeJournal? = nil
    ) {
        doom = Doom()
        engines = Dictionary(
            uniqueKeysWithValues: names.map { ($0, SimulatedEngine(images: ["web"])) }
        )
        self.labels = labels
        self.journal = journal ?? FakeJournal(doom: doom)
        for (name, engine) in engines {
            engine.change { $0.name = name }
            engine.state.withLock { [doom] state in
                state.facts.name = "host-\(name)"
                state.doom = doom
                state.onSent = { [weak self] in self?.note($0, on: name) }
            }
        }
    }

    subscript(name: String) -> SimulatedEngine {
        guard let engine = engines[name] else { preconditionFailure("no node \(name)") }
        return engine
    }

    private func note(_ action: EngineRequest.Action, on node: String) {
        let homes = homes
        seen.withLock { seen in
            seen.calls.append("\(node) \(action)")
            seen.doubles.formUnion(homes.filter { $0.value.count > 1 }.keys)
        }
    }

    /// The nodes that each stack runs on.
    var homes: [StackID: Set<String>] {
        engines.reduce(into: [:]) { homes, engine in
            for container in engine.value.node.containers.values where container.isRunning {
                let labels = container.seen.labels
                guard let project = labels[Labels.project], let stack = labels[Labels.stack],
                    let id = try? StackID(project: project, stack: stack)
                else { continue }
                homes[id, default: []].insert(engine.key)
            }
        }
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
        grants: String = "{ports: 1-65535}",
        but left: Set<String> = [],
        named: String = "shop",
        looks: Bool = true,
        top: String = "",
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
            \(top)
            projects:
              \(named):
                repositories: [{url: /srv/shop, folders: "*"}]
                grants: \(grants)
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
            audit: audit,
            history: history,
            clock: clock,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        let controller = Controller(settings, parts)
        if looks { await controller.survey() }
        return controller
    }

    /// Lets a controller ask a node again and again for so long.
    func ask(_ node: String, _ controller: Controller, for seconds: Int) async {
        for _ in 0...(seconds / 10) {
            await controller.keepAskingEngine(of: node)
            for engine in engines.values { engine.change { $0.pass(seconds: 10) } }
        }
    }

    /// Nobody reaches a node, until it is back; what runs there runs on.
    func cutOff(_ node: String) {
        self[node].state.withLock { $0.failure = NoAnswer() }
    }

    func bringBack(_ node: String) { self[node].state.withLock { $0.failure = nil } }

    /// The status of a stack after as many passes as it takes.
    @discardableResult
    func settle(_ name: String, _ controller: Controller) async throws -> StackStatus {
        try await controller.settled(name)
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
