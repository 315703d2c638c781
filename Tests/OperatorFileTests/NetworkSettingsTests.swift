import Model
import OperatorFile
import Testing

/// The pool of subnets in `gyre.yaml`.
@Suite struct NetworkSettingsTests {
    private func settings(_ text: String) throws -> Settings {
        try Settings(parsing: Array((text + "\nprojects: {}").utf8), directory: "/")
    }

    private func findings(_ text: String) -> [String] {
        do {
            return try settings(text).warnings.map(\.code)
        } catch let rejection as Rejection {
            return rejection.diagnostics.map(\.code)
        } catch {
            return ["\(error)"]
        }
    }

    @Test func readsIt() throws {
        #expect(try settings("").subnets == nil)
        let usual = try settings("networks: {pool: 10.200.0.0/14}").subnets
        #expect(usual == SubnetPool("10.200.0.0/14", size: 26))
        let other = try settings("networks: {pool: 10.200.0.0/14, size: 24}").subnets
        #expect(other == SubnetPool("10.200.0.0/14", size: 24))
    }

    @Test(arguments: [
        ("{pool: 10.200.0.1/14}", ["invalid-pool"]), ("{pool: fd00::/64}", ["invalid-pool"]),
        ("{pool: 10.200.0.0/27, size: 26}", ["invalid-pool"]),
        ("{pool: 10.200.0.0/14, size: 31}", ["invalid-value"]),
        ("{pool: 10.200.0.0/14, size: 7}", ["invalid-value"]), ("{pool: x}", ["invalid-value"]),
        ("{size: 26}", ["missing-key"]), ("{pool: 10.0.0.0/26, size: 26}", []),
    ])
    func refusesWhatIsNone(text: String, codes: [String]) {
        #expect(findings("networks: \(text)") == codes)
    }

    /// A running controller takes up another one: only new networks get anything of it.
    @Test func itCanChange() throws {
        let (one, other) = (
            try settings("networks: {pool: 10.200.0.0/14}"),
            try settings("networks: {pool: 10.1.0.0/16}")
        )
        #expect(other.fixedKeys(changedSince: one).isEmpty)
    }

    @Test func aGrantOfThePoolIsTold() throws {
        let text = """
            networks: {pool: 10.200.0.0/14}
            projects:
              shop: {repositories: [{url: /srv/shop}], grants: {subnets: [10.201.0.0/16]}}
              bio: {repositories: [{url: /srv/bio}], grants: {subnets: [10.100.0.0/16]}}
            """
        let settings = try Settings(parsing: Array(text.utf8), directory: "/")
        #expect(settings.warnings.map(\.code) == ["granted-pool"])
        #expect(settings.warnings.first?.message.contains("project shop") == true)
    }

    /// First come keeps a subnet, so that one of two could take all that both were granted.
    @Test(arguments: [
        ("10.1.0.0/16", "10.1.0.0/16", true), ("10.1.2.0/24", "10.1.0.0/16", true),
        ("10.0.0.0/15", "10.1.0.0/16", true), ("10.2.0.0/16", "10.1.0.0/16", false),
    ])
    func twoGrantsOfOneSubnetAreTold(bio: String, shop: String, isTold: Bool) throws {
        let text = """
            projects:
              shop: {repositories: [{url: /srv/shop}], grants: {subnets: [10.9.0.0/16, \(shop)]}}
              bio: {repositories: [{url: /srv/bio}], grants: {subnets: [\(bio)]}}
            """
        let settings = try Settings(parsing: Array(text.utf8), directory: "/")
        #expect(settings.warnings.map(\.code) == (isTold ? ["shared-subnet"] : []))
        guard isTold else { return }
        let warning = try #require(settings.warnings.first)
        #expect(warning.location?.line == 2 && warning.message.contains("\"bio\""))
        #expect(warning.field == FieldPath("projects", "shop", "grants", "subnets")[1])
    }
}
