import Model
import OperatorFile
import Reconciliation
import TestSupport
import Testing

/// One place has so many stacks and no more; what is beyond that changes nothing (law 1).
@Suite("Many stacks", .timeLimit(.minutes(10)))
struct ManyStacksTests {
    private static let compose = Snapshot.Entry.file(
        Array("services: {web: {image: 'web:1.0'}}\n".utf8)
    )
    private static let next = Snapshot.Entry.file(
        Array("services: {web: {image: 'web:2.0'}}\n".utf8)
    )

    /// Folders `s0`, `s1` and so on, each with a compose file.
    private func folders(_ count: Int, _ file: Snapshot.Entry) -> [String: Snapshot.Entry] {
        let paths = (0..<count).map { "s\($0)/compose.yaml" }
        return Dictionary(uniqueKeysWithValues: paths.map { ($0, file) })
    }

    private func settle(_ name: String, _ controller: Controller) async throws -> StackStatus {
        let id = try StackID(parsing: name)
        _ = try await controller.pulling {
            try await controller.settle(id, listener: { _ in })
        }
        let found = await controller.status().stacks.first { $0.stack == id }
        return try #require(found)
    }

    private static let places = ["", ", folders: '*'", ", folders: '**'"]

    private func settings(_ place: String) throws -> Settings {
        try SimulatedTeam.settings(
            "controller: test\nprojects: {shop: {repositories: [{url: /srv/shop\(place)}]}}"
        )
    }

    @Test("200 are taken, and 201 freeze change and remove nothing", arguments: places)
    func bound(place: String) async throws {
        let team = try SimulatedTeam("", local: ["web:1.0", "web:2.0"])
        let settings = try settings(place)
        let good = team.repository.push(folders(2, Self.compose))
        let first = Controller(settings, team.parts())
        await first.survey()
        for name in ["shop/s0", "shop/s1"] {
            #expect(try await settle(name, first).state == .ready)
        }
        let containers = Set(team.engine.node.containers.keys)
        // One that runs is gone from it, and the other has a new version.
        var many = folders(202, Self.next)
        many["s1/compose.yaml"] = nil
        team.repository.push(many)
        // One that saw it before, and one that knows it by its journal alone.
        for controller in [first, Controller(settings, team.parts())] {
            await controller.survey()
            let known = await controller.known().map(\.description).sorted()
            #expect(known == ["shop/s0", "shop/s1"])
            for id in containers {
                team.engine.change { $0.containers[id]?.seen.state = .exited }
            }
            for name in ["shop/s0", "shop/s1"] {
                let status = try await settle(name, controller)
                #expect(status.problems.map(\.kind) == [.invalid], "\(status)")
                let finding = try #require(status.problems.first?.diagnostics.first)
                #expect(finding.code == "too-many-stacks" && finding.fix != nil)
                for part in ["/srv/shop", "201", "200"] {
                    #expect(finding.message.contains(part), "\(finding.message)")
                }
                #expect(status.target == good.id)
            }
            #expect(Set(team.engine.node.containers.keys) == containers)
            #expect(team.engine.node.containers.values.allSatisfy { $0.isRunning })
        }
        team.repository.push(folders(200, Self.compose))
        await first.survey()
        #expect(await first.known().count == 200)
        #expect(try await settle("shop/s1", first).state == .ready)
    }

    @Test("a project whose first commit has too many says so")
    func first() async throws {
        let team = try SimulatedTeam("", local: ["web:1.0"])
        team.repository.push(folders(50_000, Self.compose))
        let controller = Controller(try settings(", folders: '*'"), team.parts())
        await controller.survey()
        #expect(await controller.known().map(\.description) == ["shop/shop"])
        let status = try await settle("shop", controller)
        #expect(status.problems.first?.diagnostics.map(\.code) == ["too-many-stacks"])
        #expect(team.engine.node.containers.isEmpty)
    }

    /// 50,000 folders without a compose file, each asked for four names.
    @Test("many folders without a stack are looked through in passing")
    func empty() async throws {
        let team = try SimulatedTeam("", local: ["web:1.0"])
        var entries: [String: Snapshot.Entry] = ["app/compose.yaml": Self.compose]
        for index in 0..<50_000 { entries["d\(index)/x"] = .file([]) }
        team.repository.push(entries)
        let controller = Controller(try settings(""), team.parts())
        await controller.survey()
        #expect(await controller.known().map(\.description) == ["shop/app"])
        #expect(try await settle("shop/app", controller).state == .ready)
    }
}
