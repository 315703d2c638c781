import Foundation
import Testing

@Suite struct PageTests {
    @Test("Each page has one title")
    func titles() {
        for page in Tree.pages {
            let count = page.titles.count
            if count != 1 { report(["\(page.path): \(count) titles"]) }
        }
    }

    @Test("Each module says in a short page what goes in, what comes out, what it may not do")
    func modules() {
        for module in Tree.modules {
            let path = "Sources/\(module)/README.md"
            guard let page = Tree.pages.first(where: { $0.path == path }) else {
                report(["\(path) is missing"])
                continue
            }
            let count = page.lines.count - 1
            if count > HouseRules.linesOfReadme { report(["\(path): \(count) lines"]) }
        }
    }

    @Test("Each module has its tests")
    func tests() {
        for module in Tree.modules where module != "gyre" {
            let folder = "Tests/\(module)Tests/"
            let hasTests = Tree.swift.contains { $0.path.hasPrefix(folder) }
            if !hasTests { report(["\(folder) has no test"]) }
        }
    }

    /// What a page says is shown by a test must not lose it.
    @Test("Tests that the page about security names are there")
    func shownByTests() throws {
        let page = try #require(Tree.pages.first { $0.path == "Docs/Security.md" })
        let named = page.text.matches(of: /`(\w+Tests)(?:\.(\w+))?`/)
        #expect(named.count > 40)
        for match in named {
            let homes = Tree.swift.filter { file in
                file.path.hasPrefix("Tests/")
                    && file.lines.contains { $0.contains("struct \(match.1)") }
            }
            let isThere = homes.contains { home in
                match.2.map { name in
                    home.lines.contains { $0.contains("func \(name)(") }
                } ?? true
            }
            if !isThere { report(["\(page.path): there is no \(match.0)"]) }
        }
    }

    @Test("What the page about the matrix names is there, and make test-long runs it")
    func matrix() throws {
        let page = try #require(Tree.pages.first { $0.path == "Docs/Matrix.md" })
        let rules = try #require(Tree.files.first { $0.path == "Makefile" }).lines
        let rule = try #require(rules.first { $0.hasPrefix("MATRIX := ") })
        let (start, end) = try (
            #require(rule.firstIndex(of: "(")), #require(rule.lastIndex(of: ")"))
        )
        let run = Set(rule[rule.index(after: start)..<end].split(separator: "|").map(String.init))
        let table = page.lines.prefix { $0 != "## Results" }.filter { $0.hasPrefix("|") }
        let named = Set(table.flatMap { $0.matches(of: /`(\w+)Tests`/) }.map { String($0.1) })
        #expect(named.count > 10)
        for name in named.union(run).sorted() {
            let place = "Tests/EndToEndTests/\(name)Tests.swift"
            let isThere = Tree.swift.contains { $0.path == place }
            if !isThere { report(["\(page.path): there is no \(place)"]) }
            if !run.contains(name) { report(["\(page.path): make test-long runs no \(name)Tests"]) }
        }
    }

    @Test("The changelog has a place for what is not released yet")
    func changelog() {
        let page = Tree.pages.first { $0.path == "CHANGELOG.md" }
        #expect(page?.lines.contains("## Unreleased") == true)
    }

    @Test("No note to oneself is left behind")
    func unfinished() {
        for file in Tree.files {
            for (index, line) in file.lines.enumerated() where line.contains(where: \.isUppercase) {
                for word in HouseRules.unfinished where String(line).holdsWord(word) {
                    report(["\(file.path):\(index + 1): \(word)"])
                }
            }
        }
    }

    @Test("The files speak of the project alone")
    func workplace() {
        for file in Tree.files {
            let text = file.text.lowercased()
            for word in HouseRules.workplace where text.contains(word.lowercased()) {
                report(["\(file.path): holds \"\(word)\""])
            }
        }
    }
}

extension TextFile {
    /// The lines that are headings of the first rank, outside fenced code.
    var titles: [Substring] {
        var fence: Substring?
        return lines.filter { line in
            let marks = line.drop { $0 == " " }.prefix { $0 == "`" || $0 == "~" }
            if let open = fence {
                if marks.hasPrefix(open) { fence = nil }
                return false
            }
            if marks.count >= 3 { fence = marks }
            return line.hasPrefix("# ")
        }
    }
}

extension String {
    /// Whether `word` stands in it as a word of its own.
    func holdsWord(_ word: String) -> Bool {
        guard let range = firstRange(of: word) else { return false }
        let after = self[range.upperBound...].first
        return holds(word) && !(after.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false)
    }
}
