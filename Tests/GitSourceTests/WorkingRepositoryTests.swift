import Foundation
import GitSource
import Model
import Testing

/// What a folder held in another commit of the repository that it lies in.
@Suite struct WorkingRepositoryTests {
    @Test func readsTheFolderOfARevision() throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        try app.write("1", to: "deploy/web/compose.yaml")
        try app.write("root", to: "compose.yaml")
        let first = try app.commit("one")
        try app.write("2", to: "deploy/web/compose.yaml")
        try app.commit("two")
        try app.write("3", to: "deploy/web/compose.yaml")
        let folder = app.path + "/deploy/web"
        for revision in ["HEAD~1", first, String(first.prefix(9)), "main^"] {
            let snapshot = try WorkingRepository.snapshot(of: folder, at: revision)
            #expect(snapshot.entries == ["compose.yaml": .file(Array("1".utf8))])
            #expect(snapshot.commit.id == first)
        }
        // As a merge request's job has it.
        try app.git("branch", "before", "main~1")
        try app.git("fetch", "-q", ".", "before")
        let fetched = try WorkingRepository.snapshot(of: folder, at: "FETCH_HEAD")
        #expect(fetched.commit.id == first)
        let now = try WorkingRepository.snapshot(of: folder + "/../web", at: "main")
        #expect(try now.read("compose.yaml") == Array("2".utf8))
        let root = try WorkingRepository.snapshot(of: app.path, at: "main")
        #expect(root.entries.count == 2)
    }

    @Test func aFolderThatIsNewWasEmpty() throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        try app.write("1", to: "a/compose.yaml")
        try app.commit("one")
        try app.write("1", to: "b/compose.yaml")
        let snapshot = try WorkingRepository.snapshot(of: app.path + "/b", at: "main")
        #expect(snapshot.entries.isEmpty)
    }

    /// Nothing but a commit will do, and no option is read.
    @Test(arguments: ["none", "HEAD:a", "--all", "", "HEAD^{tree}", "@{u}"])
    func refusesWhatIsNoCommit(revision: String) throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        try app.write("1", to: "a")
        try app.commit("one two")
        #expect(throws: GitError.self) {
            try WorkingRepository.snapshot(of: app.path, at: revision)
        }
    }

    @Test func refusesAFolderOfNoRepository() throws {
        let fixture = try Fixture()
        #expect(throws: GitError.self) {
            try WorkingRepository.snapshot(of: fixture.root, at: "main")
        }
    }
}
