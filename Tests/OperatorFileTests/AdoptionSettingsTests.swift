import Model
import OperatorFile
import Testing

/// What `gyre.yaml` says of what stacks are taken over from.
@Suite struct AdoptionSettingsTests {
    private func settings(_ shop: String, _ more: String = "") throws -> Settings {
        let text = """
            \(more)
            projects:
              blog: {repositories: [{url: /srv/blog.git}]}
              shop: {repositories: [{url: /srv/shop.git}], adopt: \(shop)}
            """
        return try Settings(parsing: Array(text.utf8), file: "g", directory: "/etc/gyre")
    }

    private func codes(_ shop: String, _ more: String = "") -> [String] {
        do {
            _ = try settings(shop, more)
            return []
        } catch {
            return (error as? Rejection)?.diagnostics.map(\.code) ?? ["\(error)"]
        }
    }

    @Test func namesWhatAStackIsTakenOverFrom() throws {
        let shop = try settings("{web: {compose: old_web}, shop: {compose: shop}}").projects["shop"]
        #expect(shop?.adoptions == ["web": "old_web", "shop": "shop"])
    }

    @Test func namesWhatMovesFromLostNodes() throws {
        let shop = try settings("{}, failover: [web, db]").projects["shop"]
        #expect(shop?.failover == ["web", "db"])
        #expect(try settings("{}").projects["shop"]?.failover == [])
        let swarm = "swarm: {managers: {a: {engine: 'unix:///run/a.sock'}}}"
        #expect(codes("{}, failover: [web]", swarm).contains("contradiction"))
    }

    @Test(
        arguments: [
            ("{web: {compose: old}, api: {compose: old}}", "duplicate-name"),
            ("{web: {compose: blog}}", "taken-name"),
            ("{web: {compose: blog_web}}", "taken-name"),
            ("{web: {compose: blog-old}}", "taken-name"),
            ("{web: {compose: blo}, api: {compose: blog-x_y}}", "taken-name"),
            ("{web: {}}", "missing-key"),
            ("{web: {stack: old}}", "contradiction"),
            ("{web: {compose: old, stack: old}}", "contradiction"),
        ]
    )
    func refusesWhatCannotBe(shop: String, code: String) {
        #expect(codes(shop).contains(code), "\(codes(shop))")
    }

    /// What is granted to one project may not be what another's stack is taken over under.
    @Test(arguments: [("old_", true), ("old-web", true), ("ol", true), ("older_", false)])
    func refusesGrantsOfItsNames(granted: String, isRefused: Bool) throws {
        let text = """
            projects:
              blog: {repositories: [{url: /srv/blog.git}], grants: {names: [\(granted)]}}
              shop: {repositories: [{url: /srv/shop.git}], adopt: {shop: {compose: old}}}
            """
        var codes: [String] = []
        do {
            _ = try Settings(parsing: Array(text.utf8), directory: "/")
        } catch {
            codes = error.diagnostics.map(\.code)
        }
        #expect(codes == (isRefused ? ["foreign-names"] : []))
    }

    @Test func projectsKnowWhatOthersStacksAreTakenOverUnder() throws {
        let text = """
            projects:
              blog: {repositories: [{url: /srv/blog.git}], adopt: {blog: {compose: app}}}
              shop: {repositories: [{url: /srv/shop.git}], adopt: {shop: {compose: app-db}}}
            """
        let projects = try Settings(parsing: Array(text.utf8), directory: "/").projects
        #expect(projects["blog"]?.policy.neighbours == ["app-db"])
        #expect(projects["shop"]?.policy.neighbours == [])
    }

    @Test(arguments: ["Old", "-old", "_old", "old.web", "../old", ""])
    func refusesWhatComposeCallsNothing(name: String) {
        #expect(!codes("{web: {compose: \"\(name)\"}}").isEmpty)
    }

    private static let swarm = "swarm: {managers: {a: {engine: unix:///run/a.sock}}}"

    @Test func ofASwarmItIsADockerStack() throws {
        let shop = try settings("{web: {stack: old_web}}", Self.swarm).projects["shop"]
        #expect(shop?.adoptions == ["web": "old_web"])
    }

    @Test(
        arguments: [
            ("{web: {compose: old}}", "contradiction"), ("{web: {}}", "missing-key"),
            ("{web: {compose: old, stack: old}}", "contradiction"),
            ("{web: {stack: blog_web}}", "taken-name"),
            ("{web: {stack: old}, api: {stack: old}}", "duplicate-name"),
        ]
    )
    func ofASwarmTheSameIsRefused(shop: String, code: String) {
        #expect(codes(shop, Self.swarm) == [code])
    }
}
