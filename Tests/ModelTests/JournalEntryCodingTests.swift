import Foundation
import Model
import Testing

@Suite struct JournalEntryCodingTests {
    @Test("Each kind has its golden line, and is written as it is read")
    func golden() throws {
        let entries = try lines.map { try JournalEntry(line: $0) }
        #expect(Set(entries.map(\.kind)) == Set(JournalEntry.Kind.allCases))
        for (entry, line) in zip(entries, lines) { #expect(try entry.line == line) }
    }

    @Test("What it reads is what was meant")
    func meaning() throws {
        let stack = try StackID(parsing: "astro/web")
        let version = Version(commit: "4f0c", digest: "cc")
        let entries = try lines.map { try JournalEntry(line: $0) }
        #expect(entries.contains(.gone(id: "c1", node: NodeName.main)))
        #expect(entries.contains(.gone(id: "c1", node: "node-2")))
        #expect(entries.contains(.held(stack, Hold(version: version, reason: "exited 1"))))
        #expect(entries.contains(.released(stack, digest: "cc", by: "ada")))
        #expect(entries.contains(.volumeSeen(name: "astro_data", stack: stack)))
        #expect(entries.contains(.recovered(objects: 7, by: "ada")))
        let place = VersionPlace(
            repository: try RepositoryURL(parsing: "https://git.example.org/shop.git"),
            folder: "web",
            access: RepositoryAccess(
                credentials: .password(user: "gyre", .file("/etc/gyre/shop.token")),
                authorities: "/etc/gyre/ca.pem",
                certificate: .init(file: "/etc/gyre/gyre.crt", key: "/etc/gyre/gyre.key")
            )
        )
        #expect(entries.contains(.good(stack, version, at: place)))
    }

    @Test(
        "By what a repository is entered is what it was",
        arguments: [
            nil, .token(.variable("T")), .token(.file("/t")), .key("/k"),
            .password(user: "u", .variable("P")),
        ] as [RepositoryAccess.Credentials?]
    )
    func access(credentials: RepositoryAccess.Credentials?) throws {
        let access = RepositoryAccess(credentials: credentials)
        let url = try RepositoryURL(parsing: "/srv/shop.git")
        let place = VersionPlace(repository: url, folder: "", access: access)
        #expect(place.access == access && place.repository == url)
    }

    /// One that has nothing of it is written as it was before there was any.
    @Test("By what files a version was read, and what it came after")
    func chosen() throws {
        let url = try RepositoryURL(parsing: "/srv/shop.git")
        let files = ChosenFiles(files: ["a.yaml", "b.yaml"], environmentFiles: ["p.env"])
        let place = VersionPlace(repository: url, folder: "w", chosen: files, dependencies: ["db"])
        let bytes = try JSONEncoder().encode(place)
        let read = try JSONDecoder().decode(VersionPlace.self, from: bytes)
        #expect(read == place && read.chosen == files && read.dependencies == ["db"])
        let plain = VersionPlace(repository: url, folder: "w")
        let text = String(decoding: try JSONEncoder().encode(plain), as: UTF8.self)
        #expect(!text.contains("iles") && !text.contains("after"))
        let old = try JSONDecoder().decode(VersionPlace.self, from: Data(text.utf8))
        #expect(old == plain && old.chosen.isEmpty && old.dependencies == [])
    }

    @Test("A state that is handed on is what it was")
    func state() throws {
        let state = JournalState(try lines.map { try JournalEntry(line: $0) })
        let read = try JournalEntry(line: try JournalEntry.inherited(state).line)
        #expect(read == .inherited(state) && state != JournalState())
        var other = JournalState([.drained(node: "a", by: "ada")])
        other.apply(read)
        #expect(other == state)
    }

    @Test(
        "What it does not know is refused",
        arguments: [
            #"{"format":1,"kind":"inherited"}"#,
            #"{"format":0,"id":"c1","kind":"gone"}"#,
            #"{"format":1,"kind":"gone"}"#,
            #"{"id":"c1","kind":"gone"}"#,
            #"{"format":1,"id":7,"kind":"gone"}"#,
        ]
    )
    func unknown(line: String) {
        #expect(throws: DecodingError.self) { try JournalEntry(line: line) }
    }

    @Test(
        "What a newer version wrote is told from what nobody did",
        arguments: [
            #"{"format":1,"kind":"inherited","state":{"drained":{},"elsewhere":{}}}"#,
            #"{"format":2,"id":"c1","kind":"gone"}"#,
            #"{"format":1,"id":"c1","kind":"elsewhere"}"#,
        ]
    )
    func newer(line: String) {
        #expect(throws: NewerJournal.self) { try JournalEntry(line: line) }
    }
}

/// One line for each kind of entry, as some version wrote it.
///
/// Lines are only added: each must be read for ever.
private let lines = [
    #"""
    {"format":1,"kind":"inherited","state":{"drained":{"node-2":"ada"},"good":[{\#
    "project":"astro","stack":"web"},{"commit":"4f0c","digest":"cc"}]}}
    """#,
    #"""
    {"decision":{"claims":["t1"],"commit":"4f0c","plan":"aa","policy":"bb","run":"r1",\#
    "stack":{"project":"astro","stack":"web"},"version":"cc"},"format":1,"kind":"decided"}
    """#,
    #"""
    {"decision":{"begins":"dd","claims":[],"commit":"4f0c","plan":"aa","policy":"bb","run":"r1",\#
    "stack":{"project":"astro","stack":"web"},"version":"cc"},"format":1,"kind":"decided"}
    """#,
    #"""
    {"decision":{"agreed":["astro_job-2"],"begins":"dd","claims":[],"commit":"4f0c","plan":"aa",\#
    "policy":"bb","run":"r1","stack":{"project":"astro","stack":"job"},\#
    "untried":{"c1":1800000000000},"version":"cc"},"format":1,"kind":"decided"}
    """#,
    #"""
    {"decision":{"agreed":["astro_job-2"],"agreedIn":"r1","begins":"dd","claims":[],\#
    "commit":"4f0c","plan":"aa","policy":"bb","run":"r2",\#
    "stack":{"project":"astro","stack":"job"},"version":"cc"},"format":1,"kind":"decided"}
    """#,
    #"""
    {"decision":{"claims":["t1"],"isAside":true,"plan":"aa","policy":"bb","run":"r1",\#
    "stack":{"project":"astro","stack":"web"}},"format":1,"kind":"decided"}
    """#,
    #"""
    {"format":1,"kind":"owned","object":{"claim":"t1","id":"c1","kind":"container",\#
    "name":"astro_web-1","stack":{"project":"astro","stack":"web"}}}
    """#,
    #"""
    {"format":1,"kind":"owned","object":{"id":"c2","kind":"container","labels":{\#
    "io.gyre.slot":"1"},"name":"old-web-1","stack":{"project":"astro","stack":"web"}}}
    """#,
    #"""
    {"format":1,"id":"t2","kind":"claimed","stack":{"project":"astro","stack":"web"}}
    """#,
    #"""
    {"format":1,"id":"t3","kind":"claimed","node":"node-2","stack":{"project":"astro",\#
    "stack":"web"}}
    """#,
    #"""
    {"format":1,"kind":"adopted","name":"old","stack":{"project":"astro","stack":"web"}}
    """#,
    #"""
    {"format":1,"id":"c1","kind":"gone"}
    """#,
    #"""
    {"format":1,"key":{"service":"web","spec":"dd","stack":{"project":"astro","stack":"web"}},\#
    "kind":"pinned","pin":{"config":{"hasHealthcheck":true,"labels":{"a":"b"},"user":"1000",\#
    "volumes":["/data"]},"digest":"httpd@sha256:ee","imageID":"sha256:ff",\#
    "reference":"httpd:2"}}
    """#,
    #"""
    {"format":1,"key":{"service":"web","spec":"ee","stack":{"project":"astro","stack":"web"}},\#
    "kind":"pinned","pin":{"config":{"checkInterval":1,"hasHealthcheck":true,"labels":{},\#
    "startInterval":2,"user":"","volumes":[],"workingDirectory":"/srv"},"imageID":"sha256:ff",\#
    "reference":"httpd:2"}}
    """#,
    #"""
    {"format":1,"key":{"service":"job","spec":"dd","stack":{"project":"astro","stack":"web"}},\#
    "kind":"completed"}
    """#,
    #"""
    {"format":1,"kind":"volume-seen","name":"astro_data","stack":{"project":"astro",\#
    "stack":"web"}}
    """#,
    #"""
    {"format":1,"kind":"good","stack":{"project":"astro","stack":"web"},"version":{\#
    "commit":"4f0c","digest":"cc"}}
    """#,
    #"""
    {"format":1,"hold":{"reason":"exited 1","version":{"commit":"4f0c","digest":"cc"}},\#
    "kind":"held","stack":{"project":"astro","stack":"web"}}
    """#,
    #"""
    {"format":1,"hold":{"kept":["c1"],"reason":"exited 1","version":{"commit":"4f0c",\#
    "digest":"cc"}},"kind":"held","stack":{"project":"astro","stack":"web"}}
    """#,
    #"""
    {"format":1,"hold":{"reason":"exited 1","setAside":[{"number":2,"service":"web"}],\#
    "version":{"commit":"4f0c","digest":"cc"}},"kind":"held","stack":{"project":"astro",\#
    "stack":"web"}}
    """#,
    #"""
    {"by":"ada","digest":"cc","format":1,"kind":"released","stack":{"project":"astro",\#
    "stack":"web"}}
    """#,
    #"""
    {"by":"spin","change":"","format":1,"kind":"confirmed","stack":{"project":"astro",\#
    "stack":"web"}}
    """#,
    #"""
    {"by":"ada","change":"gg","format":1,"kind":"confirmed","stack":{"project":"astro",\#
    "stack":"web"}}
    """#,
    #"""
    {"format":1,"kind":"stack-removed","stack":{"project":"astro","stack":"web"}}
    """#,
    #"""
    {"by":"ada","format":1,"kind":"recovered","objects":7}
    """#,
    #"""
    {"format":1,"kind":"good","place":{"entry":{"ca":"/etc/gyre/ca.pem","certificate_file":\#
    "/etc/gyre/gyre.crt","certificate_key_file":"/etc/gyre/gyre.key","password_file":\#
    "/etc/gyre/shop.token","username":"gyre"},"folder":"web","repository":\#
    "https://git.example.org/shop.git"},"stack":{"project":"astro","stack":"web"},"version":{\#
    "commit":"4f0c","digest":"cc"}}
    """#,
    #"""
    {"demand":{"by":"ada","policy":"bb","stops":["web"]},"format":1,"kind":"enforced","stack":{\#
    "project":"astro","stack":"web"}}
    """#,
    #"""
    {"format":1,"kind":"enforced","stack":{"project":"astro","stack":"web"}}
    """#,
    #"""
    {"format":1,"kind":"reserved","reservation":{"names":[{"kind":"alias","name":"api","network":\#
    "shop_net"},{"kind":"container","name":"shop-db"}],"shares":[],"volumes":[]},"stack":{\#
    "project":"astro","stack":"web"}}
    """#,
    #"""
    {"format":1,"kind":"reserved","reservation":{"routes":[{"match":{"host":"www.example.org",\#
    "path":"/api","port":8080},"service":"web"}],"shares":[],"volumes":[]},"stack":{\#
    "project":"astro","stack":"web"}}
    """#,
    #"""
    {"format":1,"kind":"reserved","reservation":{"shares":[],"subnets":[{"isChosen":true,\#
    "network":"astro_web_default","subnet":"10.200.3.64/26"}],"volumes":[]},"stack":{\#
    "project":"astro","stack":"web"}}
    """#,
    #"""
    {"format":1,"kind":"reserved","reservation":{"shares":[{"isTask":true,"memory":0,\#
    "nanoCPUs":0,"pids":0,"ports":[{"isChosen":true,"number":31007,"place":{"address":"127.0.0.1",\#
    "protocol":"tcp","service":"web","slot":1,"target":80}}],"replicas":1,"service":"web",\#
    "spec":"1:dd"}],"volumes":[]},"stack":{"project":"astro","stack":"web"}}
    """#,
    #"""
    {"format":1,"kind":"reserved","reservation":{"shares":[{"isTask":false,"memory":1024,\#
    "nanoCPUs":5,"pids":7,"replicas":2,"service":"web","spec":"1:dd"}],"volumes":["astro_data"]},\#
    "stack":{"project":"astro","stack":"web"}}
    """#,
    #"""
    {"format":1,"kind":"placed","node":"node-2","stack":{"project":"astro","stack":"web"}}
    """#,
    #"""
    {"format":1,"kind":"owned","object":{"claim":"t1","id":"c1","kind":"container",\#
    "name":"astro_web-1","node":"node-2","stack":{"project":"astro","stack":"web"}}}
    """#,
    #"""
    {"format":1,"id":"c1","kind":"gone","node":"node-2"}
    """#,
    #"""
    {"by":"ada","format":1,"kind":"drained","node":"node-2"}
    """#,
    #"""
    {"by":"ada","format":1,"kind":"undrained","node":"node-2"}
    """#,
    #"""
    {"by":"ada","format":1,"kind":"fenced","node":"node-2"}
    """#,
    #"""
    {"format":1,"kind":"unfenced","node":"node-2"}
    """#,
    #"""
    {"format":1,"id":"e1","kind":"engine-known"}
    """#,
    #"""
    {"by":"ada","format":1,"id":"e2","kind":"engine-known","node":"node-2"}
    """#,
    #"""
    {"format":1,"kind":"volume-seen","name":"astro_data","node":"node-2","stack":{"project":\#
    "astro","stack":"web"}}
    """#,
    #"""
    {"by":"ada","format":1,"kind":"volume-removed","name":"astro_data","node":"node-2","stack":{\#
    "project":"astro","stack":"web"}}
    """#,
    #"""
    {"by":"ada","format":1,"kind":"volume-removed","name":"astro_data","stack":{"project":\#
    "astro","stack":"web"}}
    """#,
    #"""
    {"format":1,"id":"sha256:a1","kind":"image-brought","name":"httpd:2.4"}
    """#,
    #"""
    {"format":1,"id":"sha256:a1","kind":"image-unused","node":"node-2","since":1800000000000}
    """#,
    #"""
    {"format":1,"id":"sha256:a1","kind":"image-unused"}
    """#,
    #"""
    {"format":1,"id":"sha256:a1","kind":"image-gone","node":"node-2"}
    """#,
]

extension JournalEntry {
    fileprivate init(line: String) throws {
        self = try JSONDecoder().decode(JournalEntry.self, from: Data(line.utf8))
    }

    fileprivate var line: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }
}
