import Model
import Testing
import YAMLTree

/// What the composer makes of files that are right.
@Suite struct ParseTests {
    private func parse(_ text: String) throws -> Node {
        try #require(try parseYAML(Array(text.utf8), file: "f.yaml").first)
    }

    /// The tree as one line: keys, values by kind, without places.
    private func shape(_ node: Node) -> String {
        switch node.content {
        case .scalar(let text, let style): style == .plain ? text : "'\(text)'"
        case .sequence(let elements): "[\(elements.map(shape).joined(separator: ", "))]"
        case .mapping(let entries):
            "{\(entries.map { "\($0.key): \(shape($0.value))" }.joined(separator: ", "))}"
        }
    }

    @Test func everyNodeKnowsItsPlace() throws {
        let node = try parse("a: 1\nb:\n  - x\n  -   y: z\n")
        #expect(node.location.description == "f.yaml:1:1")
        #expect(node.entries?[1].location.description == "f.yaml:2:1")
        #expect(node["b"]?.elements?[0].location.description == "f.yaml:3:5")
        #expect(node["b"]?.elements?[1]["y"]?.location.description == "f.yaml:4:10")
    }

    @Test func aliasKeepsThePlaceOfItsAnchor() throws {
        let node = try parse("a: &x {k: v}\nb: *x\n")
        #expect(node["b"] == node["a"])
        #expect(node["b"]?["k"]?.location.description == "f.yaml:1:11")
    }

    @Test(arguments: [
        ("<<: {a: 1}\nb: 2", "{b: 2, a: 1}"),
        ("a: 0\n<<: {a: 1, c: 3}", "{a: 0, c: 3}"),
        ("<<: {a: 1}\na: 0", "{a: 0}"),
        ("<<: [{a: 1}, {a: 2, b: 2}]", "{a: 1, b: 2}"),
        ("l: &l [{a: 1}, {b: 2}]\nm: {<<: *l}", "{l: [{a: 1}, {b: 2}], m: {a: 1, b: 2}}"),
        ("\"<<\": x", "{<<: x}"),
        ("x: &x {<<: {a: 1}}\ny: {<<: *x, b: 2}", "{x: {a: 1}, y: {b: 2, a: 1}}"),
    ])
    func mergeKeys(text: String, expected: String) throws {
        #expect(shape(try parse(text)) == expected)
    }

    @Test(arguments: [
        ("\u{FEFF}a: 1", "{a: 1}"), ("a: 1\r\nb: >\r\n  x\r\n  y\r\n", "{a: 1, b: 'x y\n'}"),
        ("a: !foo bar", "{a: bar}"), ("a: [x, \"y\", 'z']", "{a: [x, 'y', 'z']}"),
        ("yes: 1\non: 2\ny: 3", "{yes: 1, on: 2, y: 3}"), ("{}", "{}"), ("hello", "hello"),
    ])
    func forms(text: String, expected: String) throws {
        #expect(shape(try parse(text)) == expected)
    }

    /// As Docker Compose 5.6 reads them.
    @Test(arguments: [
        ("a: {b:, c:d:, e: [f:, {g:}, h]}", "{a: {b: , c:d: , e: [{f: }, {g: }, h]}}"),
        ("{a:,\n  b:\n  , c:\n  }", "{a: , b: , c: }"), ("{a::, b: c}", "{a:: , b: c}"),
        ("[&x a:, !!str b:]", "[{a: }, {b: }]"),
        ("{a:, b: \"c:,d\", e: 'f:}'}", "{a: , b: 'c:,d', e: 'f:}'}"),
        ("{a: \"b:,\"}", "{a: 'b:,'}"), ("\u{FEFF}{é:, ✓:}", "{é: , ✓: }"),
        ("- {a:}\n- {b:}\n- b:,c", "[{a: }, {b: }, b:,c]"),
    ])
    func keysWithoutValues(text: String, expected: String) throws {
        #expect(shape(try parse(text)) == expected)
    }

    @Test func placesBehindKeysWithoutValues() throws {
        let node = try parse("é: {b:, c: {d:}, e: f}\n'x:,': {y: z}\n")
        #expect(node["é"]?["c"]?.location.description == "f.yaml:1:12")
        #expect(node["é"]?["e"]?.location.description == "f.yaml:1:21")
        #expect(node["é"]?.entries?[2].location.description == "f.yaml:1:18")
        #expect(node["x:,"]?["y"]?.location.description == "f.yaml:2:12")
    }

    @Test func tagsAreKept() throws {
        let node = try parse("a: !reset []\nb: !!str 12\nc: !override {}\n")
        #expect(node["a"]?.tag == "!reset")
        #expect(node["b"]?.tag == "tag:yaml.org,2002:str")
        #expect(node["c"]?.tag == "!override")
        #expect(node["a"]?.location.description == "f.yaml:1:4")
    }

    @Test(arguments: [
        ("aGVsbG8=", "hello"), ("''", ""), ("YQ==", "a"), ("YWI=", "ab"), ("YWJj", "abc"),
        ("\"YW\\nJj\"", "abc"), ("/w==", "\u{FFFD}"),
    ])
    func base64IsRead(text: String, expected: String) throws {
        #expect(try parse("a: !!binary \(text)")["a"]?.scalar == .string(expected))
    }

    @Test(arguments: [
        "!!binary YQ", "!!binary YQ=a", "!!binary ====", "!!binary 'Y Q='", "!!null x",
        "!!int 5.0", "!!bool 'yes'", "!!float x", "!!int ''",
    ])
    func tagsBindTheirTexts(text: String) {
        #expect(throws: Rejection.self) { try parse("a: \(text)") }
    }

    @Test func documents() throws {
        #expect(try parseYAML(Array("# only this\n".utf8), file: "f").isEmpty)
        #expect(try parseYAML([], file: "f").isEmpty)
        #expect(try parseYAML(Array("a: &x 1\n---\nb: 2\n".utf8), file: "f").count == 2)
        #expect(throws: Rejection.self) {
            try parseYAML(Array("a: &x 1\n---\nb: *x\n".utf8), file: "f")
        }
    }

    @Test func columnsCountCharacters() throws {
        let node = try parse("é✓: {a: 1}\n")
        #expect(node["é✓"]?.location.description == "f.yaml:1:5")
    }
}
