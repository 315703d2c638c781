import Model
import OperatorFile
import Reconciliation
import TestSupport
import Testing

/// One place has so many stacks and no more; what is beyond that changes nothing (law 1).
@Suite("Many stacks", .timeLimit(.minutes(10)))
struct ManyStacksTests {
    /// Folders `s0`, `s1` and so on, each with a compose file.
    private func folders(_ count: Int, _ file: Snapshot.Entry) -> [String: Snapshot.Entry] {
        let paths = (0..<count).map { "s\($0)/compose.yaml" }
        return Dictionary(uniqueKeysWithValues: paths.map { ($0, file) })
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
        let good = team.repository.push(folders(2, .web("1.0")))
        let first = Controller(settings, team.parts())
        await first.survey()
        for name in ["shop/s0", "shop/s1"] {
            #expect(try await first.settled(name).state == .ready)
        }
        // One that runs is gone from it, and the other has a new version.
        var many = folders(202, .web("2.0"))
        many["s1/compose.yaml"] = nil
        team.repository.push(many)
        // One that saw it before, and one that knows it by its journal alone.
        for controller in [first, Controller(settings, team.parts())] {
            for status in try await team.onlyRepairs(["shop/s0", "shop/s1"], controller) {
                let finding = try #require(status.problems.first?.diagnostics.first)
                #expect(finding.code == "too-many-stacks" && finding.fix != nil)
                for part in ["/srv/shop", "201", "200"] {
                    #expect(finding.message.contains(part), "\(finding.message)")
                }
                #expect(status.target == good.id)
            }
            let known = await controller.known().map(\.description).sorted()
            #expect(known == ["shop/s0", "shop/s1"])
        }
        team.repository.push(folders(200, .web("1.0")))
        await first.survey()
        #expect(await first.known().count == 200)
        #expect(try await first.settled("shop/s1").state == .ready)
    }

    @Test("a project whose first commit has too many says so")
    func first() async throws {
        let team = try SimulatedTeam("", local: ["web:1.0"])
        team.repository.push(folders(50_000, .web("1.0")))
        let controller = Controller(try settings(", folders: '*'"), team.parts())
        await controller.survey()
        #expect(await controller.known().map(\.description) == ["shop/shop"])
        let status = try await controller.settled("shop")
        #expect(status.problems.first?.diagnostics.map(\.code) == ["too-many-stacks"])
        #expect(team.engine.node.containers.isEmpty)
    }

    /// 50,000 folders without a compose file, each asked for four names.
    @Test("many folders without a stack are looked through in passing")
    func empty() async throws {
        let team = try SimulatedTeam("", local: ["web:1.0"])
        var entries: [String: Snapshot.Entry] = ["app/compose.yaml": .web("1.0")]
        for index in 0..<50_000 { entries["d\(index)/x"] = .file([]) }
        team.repository.push(entries)
        let controller = Controller(try settings(""), team.parts())
        await controller.survey()
        #expect(await controller.known().map(\.description) == ["shop/app"])
        #expect(try await controller.settled("shop/app").state == .ready)
    }
}
