import Model
import OperatorFile
import Reconciliation
import TestSupport
import Testing

/// Law 1 of `.gyre.yaml`: one that can't be read changes nothing and removes nothing.
@Suite("Tenant file", .timeLimit(.minutes(10)))
struct TenantFileTests {
    private static let sound: [String: Snapshot.Entry] = [
        ".gyre.yaml": .text("stacks: {web: {folder: apps/web}, db: {}}"),
        "apps/web/compose.yaml": .web("1.0"), "db/compose.yaml": .web("1.0"),
        "attic/compose.yaml": .web("1.0"),
    ]

    private func team() throws -> SimulatedTeam {
        try SimulatedTeam("", local: ["web:1.0", "web:2.0"])
    }

    @Test("the stacks that it names are the stacks")
    func named() async throws {
        let team = try team()
        team.repository.push(Self.sound)
        let controller = Controller(try SimulatedTeam.settings(), team.parts())
        await controller.survey()
        #expect(await controller.known().map(\.description).sorted() == ["shop/db", "shop/web"])
        #expect(try await controller.settled("shop/web").state == .ready)
        #expect(team.journal.state().places[try StackID(parsing: "shop/web")]?.folder == "apps/web")
    }

    static let breaks: [(String, Snapshot.Entry)] = [
        ("no YAML", .text("stacks: [")), ("unknown key", .text("stack: {web: {}}")),
        ("empty", .text("")), ("a folder", .submodule), ("a link", .link("/etc/passwd")),
        ("large", .omitted(byteCount: 1 << 30)), ("names none", .text("stacks: {}")),
        ("a cycle", .text("stacks: {web: {depends_on: [db]}, db: {depends_on: [web]}}")),
    ]

    @Test("a broken one freezes change, removes nothing, and is told", arguments: breaks)
    func broken(what: String, entry: Snapshot.Entry) async throws {
        let team = try team()
        let good = team.repository.push(Self.sound)
        let settings = try SimulatedTeam.settings()
        let first = Controller(settings, team.parts())
        await first.survey()
        for name in ["shop/web", "shop/db"] {
            #expect(try await first.settled(name).state == .ready)
        }
        let containers = Set(team.engine.node.containers.keys)
        // Another version, and a folder that is gone, behind a file that nobody can read.
        var entries = Self.sound
        entries[".gyre.yaml"] = entry
        entries["apps/web/compose.yaml"] = .web("2.0")
        entries["db/compose.yaml"] = nil
        let bad = team.repository.push(entries)
        // One that saw it before, and one that knows it by its journal alone.
        for controller in [first, Controller(settings, team.parts())] {
            for status in try await team.onlyRepairs(["shop/web", "shop/db"], controller) {
                let finding = try #require(status.problems.first?.diagnostics.first)
                #expect(finding.location?.file == ".gyre.yaml" && finding.fix != nil)
                #expect(status.head == bad && status.target == good.id)
            }
        }
        // Mended, the new version is taken up.
        entries[".gyre.yaml"] = Self.sound[".gyre.yaml"]
        entries["db/compose.yaml"] = .web("1.0")
        let mended = team.repository.push(entries)
        await first.survey()
        let web = try await first.settled("shop/web")
        #expect(web.state == .ready && web.good == mended.id)
        #expect(Set(team.engine.node.containers.keys) != containers)
    }

    /// A removal that somebody confirmed waits as well.
    @Test("what is gone stays while nobody can read what is there")
    func gone() async throws {
        let team = try team()
        team.repository.push(Self.sound)
        let controller = Controller(try SimulatedTeam.settings(), team.parts())
        await controller.survey()
        #expect(try await controller.settled("shop/db").state == .ready)
        var entries = Self.sound
        entries[".gyre.yaml"] = .text("stacks: {web: {folder: apps/web}}")
        team.repository.push(entries)
        await controller.survey()
        let waiting = try await controller.settled("shop/db")
        #expect(waiting.problems.map(\.kind) == [.unconfirmed])
        entries[".gyre.yaml"] = .text("stacks: [")
        team.repository.push(entries)
        await controller.survey()
        #expect(try await controller.settled("shop/db").problems.map(\.kind) == [.invalid])
        #expect(team.engine.node.containers.count == 1)
        team.repository.push(Self.sound)
        await controller.survey()
        #expect(try await controller.settled("shop/db").state == .ready)
    }

    @Test("the first commit of a project may be broken, and that is seen")
    func first() async throws {
        let team = try team()
        team.repository.push([
            ".gyre.yaml": .text("stax: {}"), "web/compose.yaml": .web("1.0"),
        ])
        let controller = Controller(try SimulatedTeam.settings(), team.parts())
        await controller.survey()
        let status = try await controller.settled("shop")
        #expect(status.problems.map(\.kind) == [.invalid])
        #expect(team.engine.node.containers.isEmpty)
        team.repository.push(Self.sound)
        await controller.survey()
        #expect(await controller.known().map(\.description).sorted() == ["shop/db", "shop/web"])
    }

    @Test("what is wrong with one stack stops that one alone")
    func alone() async throws {
        let team = try team()
        var entries = Self.sound
        entries[".gyre.yaml"] = .text(
            "stacks: {web: {folder: apps/web}, db: {folder: nowhere}, "
                + "api: {folder: db, environment: dev}}"
        )
        team.repository.push(entries)
        let text =
            "controller: test\n"
            + "projects: {shop: {repositories: [{url: /srv/shop, environments: [prod]}]}}"
        let controller = Controller(try SimulatedTeam.settings(text), team.parts())
        await controller.survey()
        #expect(try await controller.settled("shop/web").state == .ready)
        for (name, code) in [("shop/db", "no-folder"), ("shop/api", "environment-not-allowed")] {
            let status = try await controller.settled(name)
            #expect(status.problems.first?.diagnostics.map(\.code) == [code])
        }
        #expect(team.engine.node.containers.count == 1)
    }

    /// Repair needs neither the `.gyre.yaml` of the good commit nor the operator's choice of then.
    @Test("the last good version is read by the files that it was made from")
    func overlay() async throws {
        let team = try team()
        let gyre = "stacks: {web: {environments: {prod: {files: [prod.yaml]}, dev: {}}}}"
        var entries: [String: Snapshot.Entry] = [
            ".gyre.yaml": .text(gyre), "web/compose.yaml": .web("1.0"),
            "web/prod.yaml": .text("services: {web: {hostname: prod}}"),
        ]
        team.repository.push(entries)
        func settings(_ names: String) throws -> Settings {
            try SimulatedTeam.settings(
                "controller: test\nprojects: {shop: {repositories: "
                    + "[{url: /srv/shop, environments: [\(names)]}]}}"
            )
        }
        let first = Controller(try settings("prod"), team.parts())
        await first.survey()
        #expect(try await first.settled("shop/web").state == .ready)
        func hosts() -> [String] {
            team.engine.node.containers.values.map { "\($0)".contains("prod") ? "prod" : "dev" }
        }
        #expect(hosts() == ["prod"])
        entries[".gyre.yaml"] = .text("stacks: [")
        team.repository.push(entries)
        let second = Controller(try settings("dev"), team.parts())
        await second.survey()
        team.engine.change { $0.containers = [:] }
        let repaired = try await second.settled("shop/web")
        #expect(repaired.problems.map(\.kind) == [.invalid])
        #expect(hosts() == ["prod"])
        entries[".gyre.yaml"] = .text(gyre)
        team.repository.push(entries)
        await second.survey()
        #expect(try await second.settled("shop/web").state == .ready)
        #expect(hosts() == ["dev"])
    }
}
