import Foundation
import GitSource
import Model
import Testing

@Suite struct HeadTests {
    @Test func readsTheTip() async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        try app.write("services: {}\n", to: "compose.yaml")
        let id = try app.commit("Begin\n\nA body.\n\nGyre-Remove: shop/web")
        let commit = try await fixture.source.head(of: "main", at: app.url)
        #expect(commit.id == id)
        #expect(commit.author == "Ada <ada@example.org>")
        #expect(commit.seconds == 1_700_000_000)
        #expect(commit.subject == "Begin")
        #expect(commit.trailers("Gyre-Remove") == ["shop/web"])
        #expect(try await fixture.source.lastFetched(branch: "main", at: app.url) == commit)
        #expect(try await fixture.source.commit(id, at: app.url) == commit)
    }

    @Test func neverFetchedIsNil() async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        #expect(try await fixture.source.lastFetched(branch: "main", at: app.url) == nil)
    }

    @Test func fetchesOnlyWhenTheTipMoved() async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        let first = try app.commit("one")
        #expect(try await fixture.source.head(of: "main", at: app.url).id == first)
        let packs = try fixture.packs()
        #expect(packs.count == 1)

        // The objects of the tip are taken away: only a fetch could notice.
        let name = "\(first.prefix(2))/\(first.dropFirst(2))"
        let object = "\(app.path)/.git/objects/\(name)"
        try FileManager.default.moveItem(atPath: object, toPath: object + ".away")
        #expect(try await fixture.source.head(of: "main", at: app.url).id == first)
        try FileManager.default.moveItem(atPath: object + ".away", toPath: object)
        #expect(try fixture.packs() == packs)

        let second = try app.commit("two")
        #expect(try await fixture.source.head(of: "main", at: app.url).id == second)
        #expect(try fixture.packs().count == 2)
    }

    @Test func aPathAndItsFileURLAreOneMirror() async throws {
        let fixture = try Fixture()
        let app = try fixture.repository("a b:c%é")
        try app.commit("one")
        let encoded = try #require(
            app.path.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(["/"]))
        )
        let url = try RepositoryURL(parsing: "file://" + encoded)
        #expect(try await fixture.source.head(of: "main", at: app.url).subject == "one")
        #expect(try await fixture.source.head(of: "main", at: url).subject == "one")
        #expect(try fixture.mirrors().count == 1)
    }

    @Test func followsARewrittenBranch() async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        try app.commit("one")
        let lost = try app.commit("two")
        #expect(try await fixture.source.head(of: "main", at: app.url).id == lost)
        try app.git("reset", "-q", "--hard", "HEAD~1")
        let rewritten = try app.commit("other")
        #expect(try await fixture.source.head(of: "main", at: app.url).id == rewritten)
        try app.git("reset", "-q", "--hard", lost)
        #expect(try await fixture.source.head(of: "main", at: app.url).id == lost)
    }

    @Test func aBranchMayBecomeAFolderOfBranches() async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        try app.commit("one")
        try app.git("branch", "team")
        _ = try await fixture.source.head(of: "team", at: app.url)
        try app.git("branch", "-D", "team")
        try app.git("branch", "team/web")
        try app.git("branch", "team%2Fweb")
        try app.git("checkout", "-q", "team%2Fweb")
        let other = try app.commit("two")
        #expect(try await fixture.source.head(of: "team/web", at: app.url).subject == "one")
        #expect(try await fixture.source.head(of: "team%2Fweb", at: app.url).id == other)
        #expect(try await fixture.source.head(of: "team/web", at: app.url).subject == "one")
    }

    @Test func readsABareRepositoryAndPackedRefs() async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        let id = try app.commit("one")
        try app.git("gc", "-q")
        try app.git("clone", "-q", "--bare", ".", fixture.root + "/bare.git")
        let url = try RepositoryURL(parsing: fixture.root + "/bare.git")
        #expect(try await fixture.source.head(of: "main", at: url).id == id)
    }

    @Test func manyRepositoriesAtOnce() async throws {
        let fixture = try Fixture()
        var ids: [RepositoryURL: String] = [:]
        for index in 0..<12 {
            let app = try fixture.repository("app\(index)")
            try app.write("\(index)", to: "file")
            ids[try app.url] = try app.commit("commit \(index)")
        }
        for _ in 0..<3 {
            let found = try await withThrowingTaskGroup(
                of: (RepositoryURL, String).self
            ) { group in
                for url in ids.keys {
                    for _ in 0..<4 {
                        group.addTask {
                            (url, try await fixture.source.head(of: "main", at: url).id)
                        }
                    }
                }
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            #expect(found == ids)
        }
        #expect(try fixture.packs().count == 12)
    }

    @Test func whoIsCancelledLeavesTheLine() async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        let id = try app.commit("one")
        let url = try app.url
        for _ in 0..<20 {
            let outcomes = await withTaskGroup(of: Bool?.self) { group in
                for index in 0..<40 {
                    group.addTask {
                        if index % 2 == 1 { withUnsafeCurrentTask { $0?.cancel() } }
                        do {
                            return try await fixture.source.head(of: "main", at: url).id == id
                        } catch is CancellationError {
                            return nil
                        } catch {
                            return false
                        }
                    }
                }
                return await group.reduce(into: [Bool?]()) { $0.append($1) }
            }
            #expect(outcomes.count { $0 == true } >= 20)
            #expect(!outcomes.contains(false))
        }
    }
}
