import Model
import OperatorFile
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// Law 1: what stands in the place of a stack's folder, and is none, removes nothing.
@Suite("Folders that lead nowhere", .timeLimit(.minutes(10)))
struct UnreadableFolderTests {
    /// Where a stack is, and which part of that path stops being a folder.
    struct Place: Sendable, CustomTestStringConvertible {
        var keys: String
        var stack: String
        var folder: String
        var broken: String

        var testDescription: String { "\(keys): \(broken) of \(folder)" }
    }

    static let places = [
        Place(keys: ", folder: deploy", stack: "shop", folder: "deploy", broken: "deploy"),
        Place(keys: ", folder: a/b, stack: web", stack: "shop/web", folder: "a/b", broken: "a"),
        Place(keys: "", stack: "shop/web", folder: "web", broken: "web"),
        Place(keys: ", folder: a", stack: "shop/web", folder: "a/web", broken: "a/web"),
        Place(keys: ", folder: a", stack: "shop/web", folder: "a/web", broken: "a"),
        Place(keys: ", folders: a/*/d", stack: "shop/web", folder: "a/web/d", broken: "a/web/d"),
        Place(keys: ", folders: a/*/d", stack: "shop/web", folder: "a/web/d", broken: "a/web"),
        Place(keys: ", folders: a/*/d", stack: "shop/web", folder: "a/web/d", broken: "a"),
    ]

    static let obstacles: [Snapshot.Entry] = [
        .submodule, .file([]), .lfsPointer, .link("nowhere"), .link("/etc"), .link("../../x"),
        .link("README.md"), .link("other"),
    ]

    private static let file = Snapshot.Entry.file(
        Array("services:\n  web:\n    image: web:1.0\n".utf8)
    )

    /// Beside every stack: a file, and a link to itself.
    private static let rest: [String: Snapshot.Entry] = [
        "README.md": .file([]), "other": .link("other"), "a/other": .link("other"),
        "a/web/other": .link("other"),
    ]

    private func settings(_ repositories: String) throws -> Settings {
        let text = "controller: test\nprojects: {shop: {repositories: [\(repositories)]}}"
        return try SimulatedTeam.settings(text)
    }

    @Test(
        "what is in its place is told, and what runs stays until it is deleted",
        arguments: places
    )
    func told(place: Place) async throws {
        let id = try StackID(parsing: place.stack)
        let settings = try settings("{url: /srv/shop\(place.keys)}")
        let sound = Self.rest.filter { !$0.key.hasPrefix("\(place.folder)/") }
            .merging(["\(place.folder)/compose.yaml": Self.file]) { $1 }
        for obstacle in Self.obstacles {
            let team = try SimulatedTeam("", local: ["web:1.0"])
            let good = team.repository.push(sound)
            let first = Controller(settings, team.parts())
            await first.survey()
            #expect(try await first.settled(id).state == .ready)
            let container = try #require(team.engine.node.containers.keys.first)

            let broken = sound.filter { !$0.key.hasPrefix("\(place.broken)/") }
                .merging([place.broken: obstacle]) { $1 }
            let bad = team.repository.push(broken)
            // The one that saw it before, and one that knows it by its journal alone.
            for controller in [first, Controller(settings, team.parts())] {
                await controller.survey()
                team.engine.change { $0.containers[container]?.seen.state = .exited }
                let status = try await controller.settled(id)
                #expect(status.problems.map(\.kind) == [.invalid], "\(obstacle): \(status)")
                let finding = try #require(status.problems.first?.diagnostics.first)
                #expect(
                    ["in-submodule", "unreadable-folder", "file-outside"].contains(finding.code)
                )
                #expect(finding.location?.file == place.broken && finding.fix != nil)
                #expect(status.head == bad && status.target == good.id, "\(obstacle)")
                #expect(team.engine.node.containers[container]?.isRunning == true)
            }

            team.repository.push(["README.md": .file([])])
            await first.survey()
            #expect(try await first.settled(id).problems.map(\.kind) == [.unconfirmed])
            team.repository.push(broken)
            await first.survey()
            #expect(try await first.settled(id).problems.map(\.kind) == [.invalid])
            team.repository.push(sound)
            await first.survey()
            #expect(try await first.settled(id).state == .ready)
            #expect(Array(team.engine.node.containers.keys) == [container])
        }
    }

    @Test("a folder that never was one is told, and forgotten when it is mended")
    func never() async throws {
        let team = try SimulatedTeam("")
        team.repository.push(["deploy": .submodule])
        let controller = Controller(
            try settings("{url: /srv/shop, folder: deploy}"),
            team.parts()
        )
        await controller.survey()
        #expect(try await controller.settled(team.shop).problems.map(\.kind) == [.invalid])
        team.repository.push(["deploy/a/compose.yaml": Self.file])
        await controller.survey()
        #expect(await controller.known().map(\.stack) == ["a"])
        team.repository.push(["README.md": Self.file])
        await controller.survey()
        #expect(await controller.known() == [], "nothing of it ever ran")
    }

    @Test("a stack that moved is where it is found")
    func moved() async throws {
        let team = try SimulatedTeam("", local: ["web:1.0"])
        let id = try StackID(parsing: "shop/web")
        team.repository.push(["a/web/compose.yaml": Self.file])
        let controller = Controller(
            try settings("{url: /srv/shop, folder: a}, {url: /srv/shop, folder: b}"),
            team.parts()
        )
        await controller.survey()
        #expect(try await controller.settled(id).state == .ready)
        team.repository.push(["a/web": .submodule, "b/web/compose.yaml": Self.file])
        await controller.survey()
        #expect(try await controller.settled(id).state == .ready)
        team.repository.push(["a/web": .submodule])
        await controller.survey()
        #expect(try await controller.settled(id).problems.map(\.kind) == [.unconfirmed])
    }

    @Test("a stack that moved and can't be loaded there has its good version where it was")
    func movedAstray() async throws {
        let team = try SimulatedTeam("", local: ["web:1.0"])
        let id = try StackID(parsing: "shop/web")
        let good = team.repository.push(["a/web/compose.yaml": Self.file])
        let settings = try settings("{url: /srv/shop, folder: a}, {url: /srv/shop, folder: b}")
        let first = Controller(settings, team.parts())
        await first.survey()
        #expect(try await first.settled(id).state == .ready)
        let broken = Snapshot.Entry.file(Array("services: [".utf8))
        team.repository.push(["b/web/compose.yaml": broken])
        for controller in [first, Controller(settings, team.parts())] {
            await controller.survey()
            team.engine.change { $0.containers = [:] }
            let status = try await controller.settled(id)
            #expect(status.problems.map(\.kind) == [.invalid], "\(status)")
            #expect(status.target == good.id)
            #expect(team.engine.node.containers.values.map(\.isRunning) == [true])
            await #expect(throws: NotPossible.self) {
                try await controller.rollback(id, RollbackDemand(), by: "op")
            }
        }
        team.repository.push(["b/web/compose.yaml": Self.file])
        await first.survey()
        #expect(try await first.settled(id).state == .ready)
        #expect(team.journal.state().places[id]?.folder == "b/web")
    }

    @Test(
        "one that was never good, or whose mark is lost, is looked for where it would be",
        arguments: [places[0], places[2], places[3], places[5]]
    )
    func unmarked(place: Place) async throws {
        let team = try SimulatedTeam("", local: ["web:1.0"])
        let id = try StackID(parsing: place.stack)
        let settings = try settings("{url: /srv/shop\(place.keys)}")
        team.repository.push(["\(place.folder)/compose.yaml": Self.file])
        let first = Controller(settings, team.parts())
        await first.survey()
        #expect(try await first.settled(id).state == .ready)
        team.repository.state.withLock { $0.good = nil }
        team.repository.push([place.broken: .submodule])
        let second = Controller(settings, team.parts())
        await second.survey()
        #expect(try await second.settled(id).problems.map(\.kind) == [.invalid])
        #expect(team.engine.node.containers.count == 1)
    }

    @Test("a file elsewhere with the stack's name doesn't stand in its place")
    func namesake() async throws {
        let team = try SimulatedTeam("", local: ["web:1.0"])
        let id = try StackID(parsing: "shop/web")
        let settings = try settings("{url: /srv/shop, folders: '**'}")
        team.repository.push(["apps/web/compose.yaml": Self.file, "bin/web": .file([])])
        let controller = Controller(settings, team.parts())
        await controller.survey()
        #expect(try await controller.settled(id).state == .ready)
        team.repository.push(["bin/web": .file([]), "lib": .submodule])
        for controller in [controller, Controller(settings, team.parts())] {
            await controller.survey()
            #expect(try await controller.settled(id).problems.map(\.kind) == [.unconfirmed])
        }
    }
}
