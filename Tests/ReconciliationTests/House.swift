import Model
import Reconciliation
import TestSupport
import Testing

/// Stacks of several projects in folders of one repository, on one simulated node.
struct House {
    let team: SimulatedTeam

    init() throws { team = try SimulatedTeam("services: {}", local: ["web"]) }

    /// Pushes the folders with what they hold.
    func push(_ stacks: [String: String]) {
        let entries = stacks.map { name, compose in
            ("\(name)/compose.yaml", Snapshot.Entry.file(Array(compose.utf8)))
        }
        team.repository.push(Dictionary(uniqueKeysWithValues: entries))
    }

    /// A controller with a gyre.yaml of this text, which has asked the repository.
    func controller(
        configured text: String,
        journal: (any JournalKeeping)? = nil
    ) async throws -> Controller {
        let settings = try SimulatedTeam.settings(text)
        let controller = Controller(settings, team.parts(journal: journal))
        await controller.survey()
        return controller
    }

    /// The projects `bio` and `shop`, each with these grants, and each with its folder.
    static func projects(granted grants: String) -> String {
        let projects = ["bio", "shop"].map { name in
            """
              \(name):
                repositories: [{url: /srv/shop, folders: "\(name)/*"}]
                grants: {\(grants)}
            """
        }
        return "projects:\n" + projects.joined(separator: "\n")
    }

    /// The status of a stack after as many passes as it takes.
    @discardableResult
    func settle(_ name: String, _ controller: Controller) async throws -> StackStatus {
        try await controller.settled(name)
    }
}
