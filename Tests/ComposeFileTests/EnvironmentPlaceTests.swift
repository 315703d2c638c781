import ComposeFile
import Model
import Testing

/// What an environment file may not do: name the project, or lead out of the repository.
@Suite struct EnvironmentPlaceTests {
    @Test(arguments: [
        ("COMPOSE_PROJECT_NAME=bio", "app/.env:1:1 error project-name"),
        ("A=1\n  export COMPOSE_PROJECT_NAME='bio'", "app/.env:2:3 error project-name"),
        ("COMPOSE_PROJECT_NAME=app\nCOMPOSE_PROJECT_NAME=bio", "app/.env:2:1 error project-name"),
        ("COMPOSE_PROJECT_NAME=$COMPOSE_PROJECT_NAME", nil), ("COMPOSE_PROJECT_NAME=app", nil),
        ("COMPOSE_PROJECT_NAME=", nil), ("COMPOSE_PROJECT_NAMES=bio", nil),
    ])
    func theProjectsNameIsNotTheTenants(text: String, finding: String?) {
        let findings = Sample(service: "user: '1'", [".env": text]).findings()
        #expect(findings == (finding.map { [$0] } ?? []))
    }

    /// Absolute, above the root, and through a folder that is a link; each as `.env` and as
    /// `env_file`, required or not.
    @Test(arguments: [
        ["x.env": "/etc/os-release"], ["x.env": "../../_neighbour/x"], ["d": "/etc"],
    ])
    func aLinkOutOfTheTreeIsNeverMissing(links: [String: String]) {
        let file = links["d"] == nil ? "x.env" : "d/x.env"
        for form in ["env_file: \(file)", "env_file: [{path: \(file), required: false}]"] {
            #expect(codes("    \(form)\n", links) == ["env-file-outside"])
        }
        guard let target = links["x.env"] else { return }
        #expect(codes("", [".env": target]) == ["env-file-outside"])
    }

    /// One that leads nowhere inside it is, as one that isn't there.
    @Test func aLinkInsideTheTreeMayBeBroken() {
        #expect(codes("", [".env": "gone"]) == [])
        #expect(codes("    env_file: x.env\n", ["x.env": "gone"]) == ["env-file-missing"])
    }

    private func codes(_ attribute: String, _ links: [String: String]) -> [String] {
        let compose = "services:\n  s:\n    image: i\n" + attribute
        var entries: [String: Snapshot.Entry] = [
            "app/compose.yaml": .file(Array(compose.utf8))
        ]
        for (name, target) in links { entries["app/\(name)"] = .link(target) }
        let commit = Commit(id: "0", author: "", seconds: 0, message: "")
        do {
            let snapshot = Snapshot(commit: commit, entries: entries)
            return try Stack(reading: snapshot, at: "app", id: .of("app")).warnings.map(\.code)
        } catch {
            return error.diagnostics.map(\.code)
        }
    }
}
