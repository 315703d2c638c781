import Testing

@Suite struct ImportTests {
    @Test("Each module imports what the architecture lets it, and nothing else")
    func imports() {
        for file in Tree.sources {
            guard let module = file.module else { continue }
            let allowed = HouseRules.imports[module, default: []]
            for (index, line) in file.code.enumerated() {
                guard let imported = Self.imported(line), !allowed.contains(imported) else {
                    continue
                }
                report(["\(file.place(index)): \(module) may not import \(imported)"])
            }
        }
    }

    @Test("Each import says who sees it")
    func visibility() {
        for file in Tree.sources {
            for (index, line) in file.code.enumerated() where line.hasPrefix("import ") {
                report(["\(file.place(index)): write `internal import` or `package import`"])
            }
        }
    }

    @Test("Every module of the tree has its line in the table, and every line its module")
    func table() {
        #expect(Set(Tree.modules) == Set(HouseRules.imports.keys))
    }

    @Test("Pure modules read no clock, file, environment or chance")
    func purity() {
        for file in Tree.sources where HouseRules.pure.contains(file.module ?? "") {
            for (index, line) in file.code.enumerated() {
                for phrase in HouseRules.impure where line.holds(phrase) {
                    report(["\(file.place(index)): a pure module uses \(phrase)"])
                }
            }
        }
    }

    /// The module that a line imports: `GRDB` of `internal import struct GRDB.Row`.
    static func imported(_ line: String) -> String? {
        let words = line.split(separator: " ")
        guard let place = words.firstIndex(of: "import"), place <= 2,
            words[..<place].allSatisfy({ accesses.contains($0) || $0.hasPrefix("@") })
        else { return nil }
        let rest = words[(place + 1)...].drop { kinds.contains($0) }
        return rest.first?.split(separator: ".").first.map(String.init)
    }

    private static let accesses: Set<Substring> = [
        "public", "package", "internal", "fileprivate", "private",
    ]
    private static let kinds: Set<Substring> = [
        "struct", "class", "enum", "protocol", "func", "var", "let", "typealias",
    ]
}

extension String {
    /// Whether `phrase` stands in it, not as the end of a longer word.
    func holds(_ phrase: String) -> Bool {
        var rest = self[...]
        while let range = rest.firstRange(of: phrase) {
            let before = self[..<range.lowerBound].last
            let isLonger = before.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false
            if !isLonger || phrase.first == "." { return true }
            rest = rest[range.upperBound...]
        }
        return false
    }
}
