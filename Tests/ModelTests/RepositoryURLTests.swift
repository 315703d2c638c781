import Foundation
import Model
import Testing

@Suite struct RepositoryURLTests {
    @Test(arguments: [
        ("/srv/git/app.git", "/srv/git/app.git"),
        ("/srv//git/./app/", "/srv/git/app"),
        ("app", "/etc/gyre/app"),
        ("./app", "/etc/gyre/app"),
        ("../app", "/etc/gyre/../app"),
        ("file:///srv/git/app", "/srv/git/app"),
        ("FILE://localhost/srv/a%20b%25", "/srv/a b%"),
        ("/srv/a:b", "/srv/a:b"),
    ])
    func reads(_ text: String, _ path: String) throws {
        let url = try RepositoryURL(parsing: text, relativeTo: "/etc/gyre")
        #expect(url.path == path)
        #expect(
            try JSONDecoder().decode(RepositoryURL.self, from: JSONEncoder().encode(url)) == url
        )
    }

    @Test(arguments: [
        "", "https://example.org/app", "git@example.org:app", "host:app", "ssh://host/app",
        "ext::sh -c id", "file://host/app", "file://", "file:///a%", "file:///a%zz",
        "file:///a%00", "file:///a%0a", "/srv/a\nb", "/srv/\u{0}",
    ])
    func refuses(_ text: String) {
        #expect(throws: InvalidURL.self) {
            try RepositoryURL(parsing: text, relativeTo: "/etc/gyre")
        }
    }

    @Test func refusesARelativePathWithoutADirectory() {
        #expect(throws: InvalidURL.self) { try RepositoryURL(parsing: "app") }
    }

    @Test(arguments: ["https://ada:hunter2@example.org/app", "file://ada:hunter2@localhost/app"])
    func neverRepeatsAPassword(_ text: String) {
        let error = #expect(throws: InvalidURL.self) { try RepositoryURL(parsing: text) }
        #expect(error?.description.contains("credential file") == true)
        #expect(error?.description.contains("hunter2") == false)
    }
}
