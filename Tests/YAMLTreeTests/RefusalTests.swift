import Model
import Testing
import YAMLTree

/// What the composer refuses, with code and place.
@Suite(.timeLimit(.minutes(10))) struct RefusalTests {
    private func findings(_ bytes: [UInt8], _ bounds: YAMLBounds = .standard) -> [Diagnostic] {
        do {
            _ = try parseYAML(bytes, file: "f", bounds: bounds)
            return []
        } catch {
            return error.diagnostics
        }
    }

    private func places(_ text: String) -> [String] {
        findings(Array(text.utf8)).map { "\($0.location?.description ?? "") \($0.code)" }
    }

    @Test(arguments: [
        ("a: 1\na: 2\n", "f:2:1 yaml-duplicate-key"),
        ("<<: {a: 1}\n<<: {b: 1}\n", "f:2:1 yaml-duplicate-key"),
        ("a:\n\tb: 1\n", "f:2:1 yaml-syntax"), ("a: b: c\n", "f:1:5 yaml-syntax"),
        ("{a:, b: c:}", "f:1:10 yaml-syntax"), ("{a:, b:, b:}", "f:1:10 yaml-duplicate-key"),
        ("{a:[b]}", "f:1:3 yaml-syntax"), ("{a:, b:{c: d}}", "f:1:7 yaml-syntax"),
        ("a: [1, 2\n", "f:1:4 yaml-syntax"), ("a: *nope\n", "f:1:4 yaml-unknown-alias"),
        ("a: &a [*a]\n", "f:1:8 yaml-recursive-alias"),
        ("a: &x 1\nb: {<<: *x}\n", "f:2:9 yaml-merge"),
        ("<<: [x]\n", "f:1:5 yaml-merge"), ("~: x\n", "f:1:1 yaml-key"),
        ("a: {1: x}\n", "f:1:5 yaml-key"), ("? [a]\n: b\n", "f:1:3 yaml-key"),
        ("a: \"\u{0}\"\n", "f:1:5 yaml-control-character"),
        ("a: b\r\nc: \u{7}\r\n", "f:2:4 yaml-control-character"),
    ])
    func places(text: String, expected: String) {
        #expect(places(text) == [expected])
    }

    @Test func duplicateKeysNameBothLines() throws {
        let finding = try #require(findings(Array("x: 1\ny: 2\nx: 3\nx: 4\n".utf8)).first)
        #expect(finding.message == #"the key "x" stands here and in line 1 of one mapping"#)
        #expect(places("x: 1\ny: 2\nx: 3\nx: 4\n").count == 2)
    }

    @Test func invalidUTF8HasAPlace() {
        let finding = findings(Array("a: b\nc: caf".utf8) + [0xE9, 0x0A]).first
        #expect(finding?.code == "yaml-encoding")
        #expect(finding?.location?.description == "f:2:7")
    }

    @Test func tabsAreExplained() {
        let finding = findings(Array("a:\n\tb: 1\n".utf8)).first
        #expect(finding?.fix == "indent with spaces; YAML allows no tab there")
    }

    @Test(arguments: [
        ("a: 1\nb: \"2\nc: 3\n", "2:4", "the quote that opens here is never closed"),
        ("a: 1\nb: '2\nc: 3\n", "2:4", "the quote that opens here is never closed"),
        ("a: \"1\nb:\n  - \"c\"\n", "1:4", "the quote that opens here closes in line 3"),
        ("a: [1, [2]\nb: 3\n", "1:4", "the bracket that opens here is not closed before line 2"),
        ("a: [1, [2\nb: 3\n", "1:8", "the bracket that opens here is not closed"),
        ("a: {b: [1]\nc:\n  - 2\n", "1:4", "the bracket that opens here is not closed"),
        ("a: [1, 2\nb:\n  - 3\n", "1:4", "the bracket that opens here is not closed"),
        // Where the mistake itself is, nothing else is blamed.
        ("a: [1, \"2\" 3]\n", "1:12", "while parsing a flow sequence"),
        ("a: {b: 1,\n  c: \"\\q\"}\n", "2:7", "while parsing a quoted scalar"),
        ("a: \"1\n  2\" 3\n", "2:6", "while parsing a block mapping"),
    ])
    func `what was left open is where it opens`(
        _ text: String,
        _ place: String,
        _ message: String
    ) throws {
        let finding = try #require(findings(Array(text.utf8)).first)
        #expect(finding.location?.description == "f:\(place)")
        #expect(finding.message.hasPrefix(message), "\(finding.message)")
    }

    @Test func findingsBeforeASyntaxErrorAreKept() {
        #expect(places("a: 1\na: 2\nb: [\n") == ["f:2:1 yaml-duplicate-key", "f:3:4 yaml-syntax"])
    }

    @Test func aliasBombIsRefusedAtTheAlias() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...12 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        let found = findings(Array(text.utf8))
        #expect(found.map(\.code) == ["yaml-alias-budget"])
        #expect(found.first?.location?.line == 7)
    }

    @Test func mergesCountAgainstTheBudget() {
        let keys = (0..<100).map { "k\($0): 1" }.joined(separator: ", ")
        var text = "a: &a {\(keys)}\n"
        for index in 0..<100 { text += "m\(index): {<<: *a}\n" }
        let bounds = YAMLBounds(bytes: 1 << 20, levels: 64, nodes: 10_000)
        #expect(findings(Array(text.utf8), bounds).map(\.code) == ["yaml-alias-budget"])
    }

    @Test(arguments: ["[", "{a: ", "- "])
    func deepNestingIsRefused(opener: String) {
        let text = String(repeating: opener, count: 100_000)
        #expect(findings(Array(text.utf8)).map(\.code) == ["yaml-too-deep"])
    }

    @Test func nestingThroughAliasesCounts() {
        var text = "a0: &a0 [x]\n"
        for level in 1...70 { text += "a\(level): &a\(level) [*a\(level - 1)]\n" }
        #expect(findings(Array(text.utf8)).map(\.code) == ["yaml-too-deep"])
    }

    @Test func sixtyFourLevelsAreFine() {
        let text = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(findings(Array(text.utf8)).isEmpty)
        #expect(findings(Array("[\(text)]".utf8)).map(\.code) == ["yaml-too-deep"])
    }

    @Test func largeFiles() {
        let scalar = [UInt8](repeating: UInt8(ascii: "x"), count: 15 << 20)
        #expect(findings(Array("a: ".utf8) + scalar).isEmpty)
        let large = [UInt8](repeating: UInt8(ascii: "#"), count: (16 << 20) + 1)
        #expect(findings(large).map(\.code) == ["yaml-too-large"])
        let many = Array(String(repeating: "-\n", count: 1_000_001).utf8)
        #expect(findings(many).map(\.code) == ["yaml-too-many-nodes"])
    }

    @Test func blanksAreBounded() {
        let keys = (0..<20_000).map { "k\($0):," }.joined()
        #expect(places("{\(keys)}").map { $0.suffix(11) } == ["yaml-syntax"])
        let few = (0..<200).map { "k\($0):," }.joined()
        #expect(places("{\(few)}").isEmpty)
    }

    @Test func findingsAreBounded() {
        let text = String(repeating: "a: 1\n", count: 10_000)
        #expect(findings(Array(text.utf8)).count == YAMLBounds.standard.findings)
    }
}
