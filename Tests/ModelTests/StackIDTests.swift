import Model
import Testing

@Suite struct StackIDTests {
    @Test func aStackThatBearsItsProjectsNameIsTheProject() throws {
        #expect(try StackID(project: "astro", stack: "astro").composeProjectName == "astro")
        #expect(try StackID(parsing: "astro").composeProjectName == "astro")
    }

    @Test func anyOtherStackIsNamedAfterBoth() throws {
        let id = try StackID(parsing: "astro/gateway")
        #expect(id.composeProjectName == "astro_gateway")
        #expect(id.description == "astro/gateway")
        #expect(try StackID(parsing: id.description) == id)
    }

    /// No name has a `_`, so the names of two stacks are never one.
    @Test func noTwoStacksShareAName() throws {
        let names = ["a", "b", "a-b", "b-a", "a-b-a", "ab"]
        var seen: [String: StackID] = [:]
        for project in names {
            for stack in names {
                let id = try StackID(project: project, stack: stack)
                #expect(seen.updateValue(id, forKey: id.composeProjectName) == nil)
            }
        }
    }

    @Test(arguments: [
        "", "/", "a/", "/a", "a/b/c", "A", "a_b", "a b", "-a", "a-", "a.b", "ä", "a\n", "a\u{0}",
        "а", String(repeating: "a", count: 64),
    ])
    func otherNamesAreRefused(text: String) {
        #expect(throws: InvalidName.self) { try StackID(parsing: text) }
    }

    @Test(arguments: ["a", "0", "a-0", "a--b", String(repeating: "a", count: 63)])
    func theseAreNames(text: String) {
        #expect(Name.isValid(text))
    }

    @Test func theyAreInOrder() throws {
        let ids = try ["a/b", "a/a", "b/a", "a-a/z"].map { try StackID(parsing: $0) }
        #expect(ids.sorted().map(\.description) == ["a/a", "a/b", "a-a/z", "b/a"])
    }
}
