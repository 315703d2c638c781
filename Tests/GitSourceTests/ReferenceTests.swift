import GitSource
import Model
import Testing

@Suite struct ReferenceTests {
    private func range(_ text: String) throws -> GitReference {
        .versions(try #require(VersionRange(text)))
    }

    @Test func followsATag() async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        let first = try app.commit("one")
        try app.git("tag", "light")
        try app.git("tag", "-a", "-m", "heavy", "team/heavy")
        let second = try app.commit("two")
        for tag in ["light", "team/heavy"] {
            #expect(try await fixture.source.head(of: .tag(tag), at: app.url).id == first)
            #expect(try await fixture.source.lastFetched(.tag(tag), at: app.url)?.id == first)
        }
        try app.git("tag", "-f", "-a", "-m", "moved", "team/heavy")
        #expect(try await fixture.source.head(of: .tag("team/heavy"), at: app.url).id == second)
        try app.git("tag", "-d", "light")
        await expectError(.tagMissing) {
            try await fixture.source.head(of: .tag("light"), at: app.url)
        }
        #expect(try await fixture.source.lastFetched(.tag("light"), at: app.url)?.id == first)
        await expectError(.invalidBranch) {
            try await fixture.source.head(of: .tag("a b"), at: app.url)
        }
    }

    @Test func takesTheHighestVersion() async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        var ids: [String: String] = [:]
        for tag in ["v1.9.0", "v1.10.0", "2.0.0-rc.1", "v2.0.0", "nightly"] {
            ids[tag] = try app.commit(tag)
            try app.git("tag", "-a", "-m", tag, tag)
        }
        func head(_ text: String) async throws -> String {
            try await fixture.source.head(of: try range(text), at: app.url).id
        }
        #expect(try await head("1.x") == ids["v1.10.0"])
        #expect(try await head("*") == ids["v2.0.0"])
        #expect(try await head("<2.0.0-rc.2 >=1.0.0") == ids["2.0.0-rc.1"])
        await expectError(.tagMissing) { try await head("3.x") }
    }

    @Test func aDeletedTagNeverDowngrades() async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        try app.commit("one")
        try app.git("tag", "v1.0.0")
        let second = try app.commit("two")
        try app.git("tag", "v1.1.0")
        let all = try range("1.x")
        #expect(try await fixture.source.head(of: all, at: app.url).id == second)
        try app.git("tag", "-d", "v1.1.0")
        try app.git("reset", "-q", "--hard", "HEAD~1")
        try app.git("reflog", "expire", "--expire=now", "--all")
        try app.git("gc", "-q", "--prune=now")
        #expect(try await fixture.source.head(of: all, at: app.url).id == second)
        try app.git("tag", "-d", "v1.0.0")
        #expect(try await fixture.source.head(of: all, at: app.url).id == second)
        #expect(try await fixture.source.lastFetched(all, at: app.url)?.id == second)
        // Another range has no such memory, and a higher version is taken as ever.
        await expectError(.tagMissing) {
            try await fixture.source.head(of: try range("~1.0"), at: app.url)
        }
        let third = try app.commit("three")
        try app.git("tag", "v1.2.0")
        #expect(try await fixture.source.head(of: all, at: app.url).id == third)
    }
}
