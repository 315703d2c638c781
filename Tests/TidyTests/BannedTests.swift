import Testing

@Suite struct BannedTests {
    @Test("No call that ends the process, escapes its task or switches off a check")
    func calls() {
        for file in Tree.sources {
            for (index, line) in file.code.enumerated() {
                for (phrase, exceptions) in HouseRules.banned
                where line.holds(phrase) && !exceptions.contains(file.module ?? "") {
                    report(["\(file.place(index)): \(phrase) has no place here"])
                }
            }
        }
    }

    @Test("No shell is called")
    func shells() {
        for file in Tree.sources {
            for (index, line) in file.lines.enumerated() {
                for phrase in HouseRules.shells where line.contains(phrase) {
                    report(["\(file.place(index)): \(phrase) reads a line of commands"])
                }
            }
        }
    }

    @Test("No value is taken out of an optional by force")
    func force() {
        for file in Tree.sources {
            for (index, line) in file.code.enumerated() where line.takesByForce {
                report(["\(file.place(index)): `!` takes a value by force"])
            }
        }
    }

    @Test("What switches off a check for C says why it is safe")
    func proofs() {
        let phrases = [HouseRules.unchecked, HouseRules.unsafe]
        for file in Tree.sources {
            for (index, line) in file.code.enumerated()
            where phrases.contains(where: line.contains) {
                let around = file.lines[max(index - 1, 0)...index]
                guard !around.contains(where: { $0.contains("//") }) else { continue }
                report(["\(file.place(index)): no comment says why this is safe"])
            }
        }
    }

    @Test("No name that says nothing")
    func names() {
        for file in Tree.sources {
            for declaration in file.declarations
            where Declaration.types.contains(declaration.keyword)
                && HouseRules.emptyNames.contains(where: declaration.name.hasSuffix)
            {
                report(["\(file.place(declaration.line)): \(declaration.name) says nothing"])
            }
        }
    }
}

extension String {
    /// Whether a `!` follows a name or a closing bracket: `a!`, `f()!`, `a[0]!`, `T!`.
    var takesByForce: Bool {
        zip(zip(self, dropFirst()), Array(dropFirst(2)) + [" "]).contains { pair, next in
            let isAfterValue = pair.0.isLetter || pair.0.isNumber || "_)]\"`".contains(pair.0)
            return isAfterValue && pair.1 == "!" && next != "="
        }
    }
}
