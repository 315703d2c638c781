import Logging
import Model
import OperatorFile
import Reconciliation

extension SimulatedTeam {
    /// A controller of the same whose stacks run on `swarm`, and that has asked the repository.
    func controller(
        on swarm: SwarmEngine,
        project: String = "repositories: [{url: /srv/shop}]",
        defaults: String = "{parallelism: 8}",
        managers: [String: SimulatedEngine] = [:],
        journal: (any JournalKeeping)? = nil,
        audit: (any AuditKeeping)? = nil,
        lost: String? = nil
    ) async throws -> Controller {
        let settings = try SimulatedTeam.settings(
            "controller: test\ndefaults: \(defaults)\n"
                + "swarm: {managers: {a: {engine: 'unix:///run/a.sock'}}, "
                + "encrypted: false, no_new_privileges: true}\nprojects: {shop: {\(project)}}"
        )
        let parts = ControllerParts(
            source: repository,
            loading: LoadingHere(),
            nodes: [
                ClusterNode(
                    "main",
                    swarm,
                    controller: "test",
                    clock: engine.clock,
                    swarm: settings.swarm?.rules,
                    managers: managers
                )
            ],
            journal: journal ?? self.journal,
            audit: audit ?? self.audit,
            history: history,
            clock: engine.clock,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        let controller = Controller(settings, parts, lost: lost)
        await controller.survey()
        return controller
    }
}
