import Testing

@Suite struct DocumentationTests {
    @Test("What other modules can see says what it is")
    func documented() {
        for file in Tree.sources {
            for declaration in file.visible where !isExempt(declaration, file) {
                let comment = file.comment(above: declaration.line)
                let place = file.place(declaration.line)
                let subject = "\(declaration.keyword) \(declaration.name)"
                if comment.isEmpty { report(["\(place): \(subject) has no doc comment"]) }
            }
        }
    }

    @Test("A doc comment begins with a sentence")
    func sentences() {
        for file in Tree.sources {
            for declaration in file.visible {
                let comment = file.comment(above: declaration.line)
                guard let last = comment.prefix(while: { !$0.isEmpty }).last,
                    !last.hasSuffix("."), !last.hasSuffix(":")
                else { continue }
                let place = file.place(declaration.line)
                report(["\(place): the comment's first paragraph does not end with a full stop"])
            }
        }
    }

    private func isExempt(_ declaration: Declaration, _ file: SwiftSource) -> Bool {
        HouseRules.mayBeUndocumented(declaration, depth: file.depths[declaration.line])
    }
}

extension SwiftSource {
    /// The declarations that other modules can see: those marked `package`, and what a
    /// protocol or extension so marked holds.
    var visible: [Declaration] {
        let all = declarations
        var inherited: Set<Int> = []
        for owner in all where owner.isPackage && ["protocol", "extension"].contains(owner.keyword)
        {
            let end = owner.line + (length(from: owner.line) ?? 1)
            inherited.formUnion(
                (owner.line + 1..<max(end, owner.line + 1)).filter { line in
                    depths[line] == depths[owner.line] + 1
                }
            )
        }
        let hidden: Set = ["private", "fileprivate", "internal"]
        return all.filter { declaration in
            declaration.isPackage
                || inherited.contains(declaration.line)
                    && hidden.isDisjoint(with: declaration.modifiers)
        }
    }

    /// The lines of the doc comment above line `index`, without `///`; attributes may stand
    /// between.
    func comment(above index: Int) -> [String] {
        var comment: [String] = []
        for line in lines[..<index].reversed() {
            let text = line.drop { $0 == " " }
            if text.hasPrefix("///") {
                comment.append(String(text.dropFirst(3).drop { $0 == " " }))
            } else if !text.hasPrefix("@") || !comment.isEmpty {
                break
            }
        }
        return comment.reversed()
    }
}
