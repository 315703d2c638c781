import Model
import Planning
import TestSupport
import Testing

/// Only what Gyre pulled, nothing is made of and goes by no other name is removed, and not soon.
@Suite struct ImageCollectionTests {
    private static let now = Instant(milliseconds: 1_800_000_000_000)
    private static let day = Nanoseconds.seconds(86_400)

    private static func id(_ letter: String) -> String {
        "sha256:" + String(repeating: letter, count: 64)
    }

    private func collection(
        _ brought: [String: BroughtImage],
        _ present: [NodeImage],
        used: Set<String> = [],
        at now: Instant = now
    ) -> ImageCollection {
        ImageCollection(
            of: brought,
            present: present,
            used: used,
            on: "main",
            keeping: Self.day,
            at: now
        )
    }

    private let web = Self.id("a")
    private let digest = "httpd@sha256:" + String(repeating: "d", count: 64)

    @Test func `its days count from when somebody saw that nothing is made of it`() {
        let present = [NodeImage(id: web, names: ["httpd:2.4", digest])]
        var known = BroughtImage(names: ["httpd:2.4"])
        let first = collection([web: known], present)
        #expect(first.facts == [.imageUnused(id: web, node: "main", since: Self.now)])
        #expect(first.removals.isEmpty)

        known.unusedSince = Self.now
        let almost = Instant(milliseconds: Self.now.adding(Self.day).milliseconds - 1)
        #expect(collection([web: known], present, at: almost) == collection([:], []))
        let due = collection([web: known], present, at: Self.now.adding(Self.day))
        #expect(due.removals == present)
        #expect(due.facts.isEmpty)
    }

    @Test func `one that a container is made of stays, and counts anew`() {
        let present = [NodeImage(id: web, names: ["httpd:2.4"])]
        let since = Self.now.adding(Nanoseconds(-10 * Self.day.count))
        let known = BroughtImage(names: ["httpd:2.4"], unusedSince: since)
        let found = collection([web: known], present, used: [web])
        #expect(found.facts == [.imageUnused(id: web, node: "main", since: nil)])
        #expect(found.removals.isEmpty)
    }

    @Test(arguments: [
        "httpd:mine", "mine:1", "registry.example.org/httpd:2.4", "<odd>",
        "mine@sha256:" + String(repeating: "d", count: 64),
    ])
    func `one with a name that Gyre didn't pull it by stays`(name: String) {
        let since = Self.now.adding(Nanoseconds(-10 * Self.day.count))
        let known = BroughtImage(names: ["httpd:2.4"], unusedSince: since)
        let named = NodeImage(id: web, names: ["httpd:2.4", digest, name])
        #expect(collection([web: known], [named]).removals.isEmpty)
        let unnamed = NodeImage(id: web, names: [digest])
        #expect(collection([web: known], [unnamed]).removals == [unnamed])
    }

    @Test func `one that two repositories have stays, as an engine would want force`() {
        let since = Self.now.adding(Nanoseconds(-10 * Self.day.count))
        let known = BroughtImage(names: ["httpd:1", "redis:1"], unusedSince: since)
        let image = NodeImage(id: web, names: ["httpd:1", "redis:1"])
        #expect(collection([web: known], [image]).removals.isEmpty)
    }

    @Test func `latest is the tag of a name without one`() {
        let since = Self.now.adding(Nanoseconds(-10 * Self.day.count))
        let image = NodeImage(id: web, names: ["httpd:latest"])
        for name in ["httpd", "docker.io/library/httpd:latest"] {
            let known = BroughtImage(names: [name], unusedSince: since)
            #expect(collection([web: known], [image]).removals == [image])
        }
    }

    @Test func `what the node has no more is forgotten`() {
        let found = collection([web: BroughtImage(names: ["httpd"])], [])
        #expect(found.facts == [.imageGone(id: web, node: "main")])
        #expect(found.removals.isEmpty)
    }

    @Test("Whatever is brought, used, named and lost, nobody else's image goes", arguments: 0..<50)
    func law(seed: Int) {
        var random = SplitMix64(seed: seed)
        let ids = ["a", "b", "c", "d", "e"].map(Self.id)
        let names = ["httpd:2.4", "redis:7", "httpd", "mine:1"]
        var state = JournalState()
        var removed: Set<String> = []
        var now = Self.now
        var lastUse: [String: Instant] = [:]
        var pulled: [String: Set<String>] = [:]
        var node: [String: Set<String>] = [:]
        for _ in 0..<200 {
            let id = ids.randomElement(using: &random)!
            let name = names.randomElement(using: &random)!
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                // Gyre pulls what isn't there, or what it has brought already.
                guard node[id] == nil || pulled[id] != nil, name != "mine:1" else { break }
                node[id, default: []].insert(name == "httpd" ? "httpd:latest" : name)
                pulled[id, default: []].insert(name)
                lastUse[id] = now
                state.apply(.imageBrought(id: id, node: "main", name: name))
            case 1:
                // Somebody else pulls or names one.
                node[id, default: []].insert(name == "httpd" ? "httpd:latest" : name)
            case 2: now = now.adding(.seconds(Int64.random(in: 0..<100_000, using: &random)))
            default: break
            }
            let used = Set(ids.filter { _ in Int.random(in: 0..<6, using: &random) == 0 })
            for id in used where pulled[id] != nil { lastUse[id] = now }
            let found = collection(
                state.images(on: "main"),
                node.map { NodeImage(id: $0.key, names: $0.value) },
                used: used.intersection(node.keys),
                at: now
            )
            for fact in found.facts { state.apply(fact) }
            for image in found.removals {
                #expect(pulled[image.id] != nil && !used.contains(image.id))
                #expect(!image.names.contains("mine:1"))
                #expect(lastUse[image.id].map { now.since($0) >= Self.day } == true)
                node[image.id] = nil
                pulled[image.id] = nil
                removed.insert(image.id)
                state.apply(.imageGone(id: image.id, node: "main"))
            }
        }
        #expect(seed > 0 || !removed.isEmpty)
    }
}
