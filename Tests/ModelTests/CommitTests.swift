import Model
import Testing

@Suite struct CommitTests {
    @Test func trailersAreInTheLastParagraph() {
        let commit = commit(
            "Remove web\n\nGyre-Remove: not here\n\nGyre-Remove: a/web\nSigned-off-by: A\n"
                + "gyre-remove:   a/db\n"
        )
        #expect(commit.trailers("Gyre-Remove") == ["a/web", "a/db"])
        #expect(commit.trailers("signed-off-by") == ["A"])
        #expect(commit.trailers("Reviewed-by") == [])
    }

    /// A subject alone is no trailer, as git has it: it says what a commit does.
    @Test func theSubjectIsNoTrailer() {
        #expect(commit("Gyre-Remove: a/web").trailers("Gyre-Remove") == [])
        #expect(commit("Gyre-Remove: a/web\n\n").trailers("Gyre-Remove") == [])
    }

    @Test(arguments: ["Gyre-Remove:", "Gyre-Remove:  ", "Gyre-Remove", ": a/web", " x: y"])
    func linesThatSayNothing(line: String) {
        #expect(commit("Subject\n\n\(line)").trailers("Gyre-Remove") == [])
    }

    @Test func trailersSurviveTheLineEndingsOfWindows() {
        let commit = commit("Remove web\r\n\r\nGyre-Remove: a/web\r\nGyre-Remove: a/db\r\n")
        #expect(commit.trailers("Gyre-Remove") == ["a/web", "a/db"])
        #expect(commit.subject == "Remove web")
    }

    @Test func aSubjectIsShort() {
        #expect(commit("One\nTwo").subject == "One")
        #expect(commit("").subject == "")
        #expect(commit(String(repeating: "x", count: 100)).subject.count == 72)
        #expect(commit("Fix").description == "01234567 \"Fix\"")
    }

    private func commit(_ message: String) -> Commit {
        Commit(id: "0123456789abcdef", author: "A", seconds: 0, message: message)
    }
}
