import Testing

@Suite struct ShapeTests {
    @Test("The tree is read")
    func tree() {
        #expect(Tree.sources.count > 50)
        #expect(Tree.modules.contains("Model"))
        #expect(Tree.pages.contains { $0.path == "README.md" })
    }

    @Test("No file is longer than a reader's patience")
    func files() {
        report(
            Tree.swift.compactMap { file in
                let count = file.lines.count - 1
                guard count > HouseRules.linesOfFile else { return nil }
                return "\(file.path): \(count) lines, at most \(HouseRules.linesOfFile)"
            }
        )
    }

    @Test("No function is longer than a page")
    func functions() {
        for file in Tree.swift {
            for declaration in file.declarations {
                let keywords = Declaration.functions.union(["var"])
                guard keywords.contains(declaration.keyword),
                    declaration.keyword != "var" || !file.code[declaration.line].contains("="),
                    let count = file.length(from: declaration.line),
                    count > HouseRules.linesOfFunction
                else { continue }
                let most = HouseRules.linesOfFunction
                let place = file.place(declaration.line)
                report(["\(place): \(declaration.name) has \(count) lines, at most \(most)"])
            }
        }
    }

    @Test("No line is wider than two fit side by side")
    func columns() {
        for file in Tree.swift {
            for (index, line) in file.lines.enumerated() where line.count > HouseRules.columns {
                report([
                    "\(file.place(index)): \(line.count) columns, at most \(HouseRules.columns)"
                ])
            }
        }
    }

    @Test("Each text file ends with one newline and has no spaces at the ends of lines")
    func ends() {
        for file in Tree.swift {
            let lines = file.lines
            let endsWell = lines.last == "" && lines.dropLast().last != ""
            if !endsWell { report(["\(file.path): does not end with one newline"]) }
            for (index, line) in lines.enumerated() where line.last == " " || line.contains("\t") {
                report(["\(file.place(index)): a tab, or a space at the end of the line"])
            }
        }
    }
}

/// Records each finding as an issue of its own.
func report(_ findings: [String]) {
    for finding in findings { Issue.record(Comment(rawValue: finding)) }
}
