import Testing

/// The tests of this target find only what their reading of Swift finds, so it is tested too.
@Suite struct ReadingTests {
    @Test(
        "Comments and strings are no code; interpolations are",
        arguments: [
            (#"let a = "try! x" // try! y"#, #"let a = "      "          "#),
            (#"f("\(try! g("b"))")"#, #"f(" (try! g(" "))")"#),
            (##"f(#"a"b\(c)"# + "\#(d)")"##, ##"f(#"       "# + "     ")"##),
            (#"a /* b /* c */ "d */ + e"#, "a                    + e"),
            (#"f("a\"b") // c"#, #"f("    ")     "#),
            ("\"\"\"\nfatalError(\"\"\n\"\"\" + a", "\"\"\"\n             \n\"\"\" + a"),
        ]
    )
    func mask(text: String, code: String) {
        #expect(SwiftMask.code(of: text) == code)
    }

    @Test(
        "Declarations are seen with their modifiers",
        arguments: [
            ("    package static func f() {", "func", "f", true),
            ("package final class A: B {", "class", "A", true),
            ("    package private(set) var a = 1", "var", "a", true),
            ("    @discardableResult package func g<T>(_ a: T)", "func", "g", true),
            ("    package static func < (a: A, b: A) -> Bool { true }", "func", "<", true),
            ("extension A.B: C {", "extension", "A.B", false),
            ("    package init?(a: Int) {", "init", "init", true),
            ("    package var `protocol`: String", "var", "protocol", true),
            ("    class func h()", "func", "h", false),
        ]
    )
    func declarations(line: String, keyword: String, name: String, isPackage: Bool) throws {
        let declaration = try #require(Declaration(line, line: 0))
        #expect(declaration.keyword == keyword)
        #expect(declaration.name == name)
        #expect(declaration.isPackage == isPackage)
    }

    @Test(
        "Calls are no declarations",
        arguments: [
            "        self.init(a)", "    return function()", "    initial(a)", "    letter = 1", "",
        ]
    )
    func calls(line: String) { #expect(Declaration(line, line: 0) == nil) }

    @Test("Functions are measured from signature to closing brace")
    func lengths() {
        let source = SwiftSource(
            path: "a.swift",
            text: """
                protocol P {
                    func a() -> Int
                    func b(
                        _ c: Int
                    ) throws
                }
                func d(
                    e: (Int) -> Void = { _ in }
                ) -> Int
                where T: P {
                    if true { "}" }
                    return 1
                }
                """
        )
        let lengths = source.declarations.filter { $0.keyword == "func" }.map { declaration in
            source.length(from: declaration.line)
        }
        #expect(lengths == [nil, nil, 7])
    }

    @Test("A doc comment is found past attributes, and what a protocol asks for counts")
    func comments() {
        let source = SwiftSource(
            path: "a.swift",
            text: """
                /// A. b
                ///
                /// C.
                @MainActor
                package protocol P {
                    func a()
                }
                struct S { func b() {} }
                """
        )
        #expect(source.visible.map(\.name) == ["P", "a"])
        #expect(source.comment(above: 4) == ["A. b", "", "C."])
        #expect(source.comment(above: 5).isEmpty)
    }

    @Test(
        "Force is told from negation and comparison",
        arguments: [
            ("a!", true), ("f()!.b", true), ("a[0]!", true), ("let a: T!", true),
            ("!a", false), ("a != b", false), ("a!=b", false), ("if (!a)", false),
        ]
    )
    func force(line: String, takes: Bool) { #expect(line.takesByForce == takes) }

    @Test("Phrases are told from the ends of longer words")
    func phrases() {
        #expect("Task { }".holds("Task {"))
        #expect(!"group.addTask { }".holds("Task {"))
        #expect("addTask { Task { } }".holds("Task {"))
        #expect(ImportTests.imported("package import struct GRDB.Row") == "GRDB")
        #expect(ImportTests.imported("@testable import Store") == "Store")
        #expect(ImportTests.imported("let important = import_") == nil)
    }
}
