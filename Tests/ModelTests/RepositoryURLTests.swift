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

    /// The same place has one text, and that text reads as itself.
    @Test(arguments: [
        ("https://example.org/app", "https://example.org/app"),
        ("HTTPS://Example.ORG:443/app.git/", "https://example.org/app.git"),
        ("https://example.org:8443/a%20b", "https://example.org:8443/a%20b"),
        ("http://127.0.0.1:80/app", "http://127.0.0.1/app"),
        ("https://[::1]:3000/app", "https://[::1]:3000/app"),
        ("ssh://git@example.org:22/srv/app", "ssh://git@example.org/srv/app"),
        ("ssh://example.org:2222/~/app", "ssh://example.org:2222/~/app"),
        ("git@Example.org:team/app.git", "git@example.org:team/app.git"),
        ("git@example.org:/srv/app", "ssh://git@example.org/srv/app"),
        ("host:app", "host:app"),
        ("[fe80::1]:app", "[fe80::1]:app"),
    ])
    func hasOneText(_ text: String, _ canonical: String) throws {
        let url = try RepositoryURL(parsing: text)
        #expect(url.text == canonical)
        #expect(!url.isLocal)
        #expect(try RepositoryURL(parsing: canonical) == url)
    }

    @Test func tellsTheParts() throws {
        let short = try RepositoryURL(parsing: "git@example.org:team/app.git")
        #expect(short.scheme == .ssh && short.user == "git" && short.host == "example.org")
        #expect(short.path == "team/app.git" && short.port == nil)
        let long = try RepositoryURL(parsing: "https://[::1]:3000/app")
        #expect(long.host == "[::1]" && long.port == 3000 && long.path == "/app")
    }

    @Test(arguments: [
        "", "ext::sh -c id", "file://host/app", "file://", "file:///a%", "file:///a%zz",
        "file:///a%00", "file:///a%0a", "/srv/a\nb", "/srv/\u{0}", "git://example.org/app",
        "ftp://example.org/app", "https://", "https:///app", "https://example.org",
        "https://example.org/", "https://example.org:0/app", "https://example.org:65536/app",
        "https://example.org:+1/app", "https://ex ample.org/app", "https://example.org/a?b",
        "https://example.org/a#b", "https://example.org/../a", "https://example.org/a b",
        "https://example.org\\@evil.org/a", "https://token@example.org/app",
        "ssh://-oProxyCommand=x/app", "ssh://git:secret@host/app", "ssh://-l@host/app",
        "-oProxyCommand=x:app", "host:-app", "host:", "ssh://host/", "host:a/../b",
        "https://exämple.org/app", "ssh://[::1/app", "ssh://[app]/app",
    ])
    func refuses(_ text: String) {
        #expect(throws: InvalidURL.self) {
            try RepositoryURL(parsing: text, relativeTo: "/etc/gyre")
        }
    }

    @Test func refusesARelativePathWithoutADirectory() {
        #expect(throws: InvalidURL.self) { try RepositoryURL(parsing: "app") }
    }

    @Test(arguments: [
        "https://ada:hunter2@example.org/app", "file://ada:hunter2@localhost/app",
        "ssh://ada:hunter2@example.org/app", "ada:hunter2@example.org:app",
    ])
    func neverRepeatsAPassword(_ text: String) {
        let error = #expect(throws: InvalidURL.self) { try RepositoryURL(parsing: text) }
        #expect(error?.description.contains("credentials") == true)
        #expect(error?.description.contains("hunter2") == false)
    }
}
