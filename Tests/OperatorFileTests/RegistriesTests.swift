import Model
import OperatorFile
import Testing

@Suite struct RegistriesTests {
    private func settings(_ text: String) throws -> Settings {
        try Settings(parsing: Array(text.utf8), directory: "/etc/gyre")
    }

    private static let file = """
        registries:
          - {host: docker.io, username: all, password_file: hub}
          - {host: open.example.org}
        defaults: {pulls: 7}
        projects:
          shop:
            repositories: []
            registries:
              - {host: "registry.example.org:5000", username: shop, password_variable: SHOP_TOKEN}
              - {host: index.docker.io, username: shop, password_file: /run/hub}
            grants: {registries: ["registry.example.org:5000/shop", docker.io/library]}
          blog: {repositories: []}
        """

    @Test func aProjectsOwnEntryComesFirst() throws {
        let settings = try settings(Self.file)
        #expect(settings.warnings.isEmpty)
        #expect(settings.defaults.pulls == 7)
        let shop = settings.registries(of: "shop")
        let private_ = try #require(ImageReference("registry.example.org:5000/shop/web"))
        #expect(
            shop.access(to: private_)
                == RegistryAccess(
                    host: "registry.example.org:5000",
                    credentials: .init(username: "shop", password: .variable("SHOP_TOKEN")),
                    place: "projects.shop.registries[0]"
                )
        )
        let hub = try #require(ImageReference("httpd"))
        #expect(shop.access(to: hub)?.credentials?.password == .file("/run/hub"))
        let blog = settings.registries(of: "blog")
        #expect(blog.access(to: hub)?.credentials?.password == .file("/etc/gyre/hub"))
        #expect(blog.access(to: hub)?.place == "registries[0]")
    }

    @Test func whatIsAnothersIsClosedToAll() throws {
        let settings = try settings(Self.file)
        let theirs = try #require(ImageReference("registry.example.org:5000/shop/web"))
        let blog = settings.registries(of: "blog")
        #expect(blog.access(to: theirs) == nil)
        #expect(blog.isClosed(theirs))
        for (image, isClosed) in [
            ("httpd", true), ("open.example.org/a", true), ("quay.example.org/a", false),
            ("registry.example.org/shop/web", false),
        ] {
            #expect(blog.isClosed(try #require(ImageReference(image))) == isClosed, "\(image)")
        }
    }

    @Test(
        arguments: [
            ("{host: r.example.org/team}", "invalid-value"),
            ("{host: 'https://r.example.org'}", "invalid-value"),
            ("{username: a, password_file: b}", "missing-key"),
            ("{host: r.example.org, username: a}", "missing-key"),
            ("{host: r.example.org, password_file: a}", "missing-key"),
            (
                "{host: r.example.org, username: a, password_file: b, password_variable: C}",
                "two-passwords"
            ),
            ("{host: r.example.org, username: 'a:b', password_file: b}", "invalid-value"),
            ("{host: r.example.org, username: a, password_variable: 1A}", "invalid-value"),
            ("{host: r.example.org, username: a, password: hunter2}", "unknown-key"),
            ("{host: r.example.org}, {host: r.example.org}", "duplicate-registry"),
            ("{host: docker.io}, {host: index.docker.io}", "duplicate-registry"),
        ]
    )
    func refuses(entry: String, code: String) {
        let text = "projects: {}\nregistries: [\(entry)]"
        let error = #expect(throws: Rejection.self) { try settings(text) }
        #expect(error?.diagnostics.contains { $0.code == code } == true, "\(entry)")
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test func warnsOfARegistryThatNoGrantCovers() throws {
        let text = "projects: {a: {repositories: [], registries: [{host: r.example.org}]}}"
        #expect(try settings(text).warnings.map(\.code) == ["unused-registry"])
    }
}
