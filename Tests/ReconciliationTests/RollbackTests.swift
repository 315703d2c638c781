import Model
import OperatorFile
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// What is asked of a repository when an earlier version is wanted back.
@Suite("Rollback", .timeLimit(.minutes(10)))
struct RollbackTests {
    private let world = FakeWorld()
    private let shop: StackID

    init() throws { shop = try StackID(parsing: "shop") }

    private func controller(_ more: String = "", _ git: String = "{}") async throws -> Controller {
        let text = """
            controller: test
            git: \(git)
            projects: {shop: {repositories: [{url: /srv/shop\(more)}]}}
            """
        let settings = try Settings(parsing: Array(text.utf8), directory: "/")
        let controller = Controller(settings, world.parts())
        await controller.survey()
        return controller
    }

    @Test("the last good version comes back, in the bot's name and with a reason")
    func lastGood() async throws {
        world.state.withLock { $0.good = FakeWorld.commit("7") }
        let controller = try await controller("", "{author: Bot <bot@example.org>}")
        let rollback = try await controller.rollback(shop, RollbackDemand(), by: "ada")
        let (restoration, isPushed) = try #require(world.state.withLock { $0.restorations.first })
        #expect(isPushed && rollback.restored.commit == FakeWorld.commit("9"))
        #expect(restoration.path == "" && restoration.branch == "main")
        #expect(restoration.source == FakeWorld.commit("7"))
        #expect(restoration.author.name == "Bot" && restoration.author.email == "bot@example.org")
        #expect(restoration.author.seconds == 1_800_000_000)
        let written = Commit(id: "", author: "", seconds: 0, message: restoration.message)
        #expect(written.subject == "Roll back shop/shop to 77777777")
        #expect(written.trailers("Gyre-Rollback") == ["shop/shop"])
        #expect(written.trailers("Gyre-Restores") == [FakeWorld.commit("7").id])
        #expect(written.trailers("Gyre-Asked-By") == ["ada"])
    }

    @Test("a dry run pushes nothing, and another commit can be named")
    func dryRun() async throws {
        let controller = try await controller()
        let demand = RollbackDemand(to: "3f2a", message: "Back", dryRun: true)
        let rollback = try await controller.rollback(shop, demand, by: "ada")
        #expect(rollback.dryRun && rollback.restored.commit == nil)
        #expect(rollback.source == FakeWorld.commit("3"))
        #expect(world.state.withLock { $0.restorations.map(\.isPushed) } == [false])
    }

    @Test("trailers of a person's own words still count")
    func trailers() async throws {
        let controller = try await controller()
        let words = "Back to 1.4\n\nIt failed.\n\nGyre-Remove: shop/new\n"
        let demand = RollbackDemand(to: "3f2a", message: words)
        _ = try await controller.rollback(shop, demand, by: "ada")
        let message = try #require(world.state.withLock { $0.restorations.first?.0.message })
        let written = Commit(id: "", author: "", seconds: 0, message: message)
        #expect(written.trailers("Gyre-Remove") == ["shop/new"])
        #expect(written.trailers("Gyre-Rollback") == ["shop/shop"])
        #expect(message.contains("\n\nIt failed.\n\n"))
    }

    @Test("folders of others that lie in the stack's own stay as they are")
    func folders() async throws {
        world.state.withLock { $0.good = FakeWorld.commit("7") }
        let others =
            "}, {url: /srv/shop, folder: apps/b, stack: b}, "
            + "{url: /srv/shop, folder: apps/c, branch: dev, stack: c}, {url: /srv/else, folder: d"
        let controller = try await controller(others)
        _ = try await controller.rollback(shop, RollbackDemand(), by: "ada")
        #expect(world.state.withLock { $0.restorations.first?.0.except } == ["apps/b"])
    }

    @Test("where there is no branch, or nothing was ever good, it says what to do")
    func refusals() async throws {
        let onTag = try await controller(", tag: v1")
        let tag = await failure { try await onTag.rollback(shop, RollbackDemand(), by: "ada") }
        #expect(tag.contains("follows tag v1 and no branch"))
        let onBranch = try await controller()
        let good = await failure { try await onBranch.rollback(shop, RollbackDemand(), by: "ada") }
        #expect(good.contains("name a commit with --to"))
        let other = try StackID(parsing: "else")
        let unknown = await failure { try await onBranch.rollback(other, .init(), by: "ada") }
        #expect(unknown.contains("no stack else"))
        #expect(world.state.withLock { $0.restorations.isEmpty })
    }

    private func failure(_ body: () async throws -> some Sendable) async -> String {
        do {
            return "no error but \(try await body())"
        } catch {
            return "\(error)"
        }
    }
}
