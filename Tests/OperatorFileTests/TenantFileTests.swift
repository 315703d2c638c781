import Model
import OperatorFile
import Testing

/// What a repository's `.gyre.yaml` may say, and what is said of one that is wrong.
@Suite("Tenant file") struct TenantFileTests {
    private func read(_ text: String) throws -> TenantFile {
        try TenantFile(parsing: Array(text.utf8))
    }

    private func findings(_ text: String) -> [Diagnostic] {
        do throws(Rejection) {
            _ = try TenantFile(parsing: Array(text.utf8))
            return []
        } catch {
            return error.diagnostics
        }
    }

    @Test("all that it can say")
    func whole() throws {
        let file = try read(
            """
            x-note: [anything]
            stacks:
              db:
              web:
                folder: ./apps/web/
                files: [compose.yaml, ../shared.yaml]
                env_files: [base.env]
                environment: prod
                environments:
                  prod: {files: [compose.prod.yaml], env_files: [prod.env]}
                  dev: {}
                depends_on: [db]
            """.replacing("db:\n", with: "db: {}\n")
        )
        #expect(file.stacks.keys.sorted() == ["db", "web"])
        let web = try #require(file.stacks["web"])
        #expect(web.folder.text == "apps/web" && web.folder.place.line == 5)
        #expect(web.files.map(\.text) == ["compose.yaml", "../shared.yaml"])
        #expect(web.environmentFiles.map(\.text) == ["base.env"])
        #expect(web.environment?.text == "prod")
        #expect(web.environments?["prod"]?.files.map(\.text) == ["compose.prod.yaml"])
        #expect(web.environments?["dev"] == .init())
        #expect(web.dependencies.map(\.text) == ["db"])
        #expect(web.dependencies.first?.place.description == ".gyre.yaml:12:18")
        #expect(file.stacks["db"]?.folder.text == "db")
        #expect(file.stacks["db"]?.environments == nil)
    }

    /// What the controller works out with each poll is bounded by what one file can name.
    @Test("many stacks, and many dependencies of one, are refused once")
    func excess() {
        func file(_ count: Int, _ needs: Int) -> String {
            let names = (0..<count).map { "s\($0)" }
            let needed = names.prefix(needs).joined(separator: ", ")
            let stacks = names.map { "\($0): {}" } + ["web: {depends_on: [\(needed)]}"]
            return "stacks: {\(stacks.joined(separator: ", "))}"
        }
        #expect(findings(file(199, 50)).isEmpty)
        #expect(findings(file(200, 1)).map(\.code) == ["too-many-stacks"])
        #expect(findings(file(20_000, 0)).map(\.code) == ["too-many-stacks"])
        #expect(findings(file(199, 51)).map(\.code) == ["too-many-dependencies"])
    }

    /// Each of them is looked for in the commit.
    @Test("many files are refused once, wherever they are named")
    func files() {
        func file(_ counts: Int...) -> String {
            let lists = counts.map { count in
                "[\((0..<count).map { "f\($0)" }.joined(separator: ", "))]"
            }
            return "stacks: {a: {files: \(lists[0]), env_files: \(lists[1]), environments: "
                + "{p: {files: \(lists[2])}, q: {env_files: \(lists[3])}}}}"
        }
        #expect(findings(file(2000, 1000, 1000, 1000)).isEmpty)
        for counts in [(2001, 1000, 1000, 1000), (0, 0, 5001, 0), (1, 0, 0, 5000)] {
            let text = file(counts.0, counts.1, counts.2, counts.3)
            #expect(findings(text).map(\.code) == ["too-many-files"])
        }
    }

    /// Every mistake has its place and a way out.
    @Test(
        "mistakes are told with place and fix",
        arguments: [
            ("", "wrong-document 1:1"), ("stacks: {a: {}}\n---\nb: 1", "wrong-document 1:1"),
            ("stacks: [", "yaml"), ("- a", "wrong-type 1:1"), ("{}", "missing-key 1:1"),
            ("stacks: {}", "no-stacks 1:9"), ("stacks: web", "wrong-type 1:9"),
            ("stacks: {We_b: {}}", "invalid-name 1:10"),
            ("stax: {}\nstacks: {a: {}}", "unknown-key 1:1"),
            ("stacks: {a: {depend_on: [b]}}", "unknown-key 1:14"),
            ("stacks: {a: {folder: ../b}}", "invalid-value 1:22"),
            ("stacks: {a: {folder: /etc}}", "invalid-value 1:22"),
            ("stacks: {a: {files: /etc/passwd}}", "wrong-type 1:21"),
            ("stacks: {a: {files: [/etc/passwd]}}", "invalid-value 1:22"),
            ("stacks: {a: {env_files: [b/]}}", "invalid-value 1:26"),
            ("stacks: {a: {environment: Prod}}", "invalid-value 1:27"),
            ("stacks: {a: {environments: {p_d: {}}}}", "invalid-name 1:29"),
            ("stacks: {a: {environments: {dev: {file: [x]}}}}", "unknown-key 1:35"),
            (
                "stacks: {a: {environment: pord, environments: {prod: {}}}}",
                "unknown-environment 1:27"
            ),
            ("stacks: {a: {depends_on: [b, c, b]}}", "duplicate-name 1:33"),
            ("stacks: {a: {depends_on: [a]}}", "dependency-cycle 1:27"),
            ("stacks: {a: {}, a: {}}", "yaml-duplicate-key"),
        ]
    )
    func mistakes(text: String, expected: String) throws {
        let found = findings(text)
        #expect(!found.isEmpty)
        let first = try #require(found.first)
        let place = first.location.map { "\($0.line):\($0.column)" } ?? "nowhere"
        #expect("\(first.code) \(place)".hasPrefix(expected), "\(first)")
        #expect(found.allSatisfy { $0.fix != nil && $0.location?.file == ".gyre.yaml" }, "\(found)")
    }

    @Test("a key that was nearly right is told")
    func nearly() throws {
        let found = findings("stacks: {a: {depend_on: [b]}}")
        #expect(found.first?.message.contains("did you mean \"depends_on\"?") == true)
    }

    @Test("a cycle is told at each of its places, with all members")
    func cycle() throws {
        let found = findings(
            """
            stacks:
              a: {depends_on: [b]}
              b: {depends_on: [c]}
              c: {depends_on: [d, a]}
              d: {depends_on: [a]}
              e: {depends_on: [a]}
            """
        )
        #expect(found.map { $0.location?.line } == [2, 3, 4, 4, 5])
        for finding in found {
            #expect(finding.code == "dependency-cycle")
            #expect(finding.message.contains(" -> "))
            for line in [2, 3] { #expect(finding.message.contains(".gyre.yaml:\(line):")) }
        }
    }

    @Test("it is bounded")
    func bounded() throws {
        let long = "stacks: {a: {}}\n#" + String(repeating: "x", count: 1 << 20)
        #expect(!findings(long).isEmpty)
        let deep = "stacks: " + String(repeating: "[", count: 200)
        #expect(!findings(deep).isEmpty)
        let bomb = """
            x-a: &a [1, 2, 3, 4, 5, 6, 7, 8, 9]
            x-b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]
            x-c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]
            x-d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c]
            x-e: [*d, *d, *d, *d, *d, *d, *d, *d, *d]
            stacks: {a: {}}
            """
        #expect(!findings(bomb).isEmpty)
    }

    @Test("whatever is pushed, it is read or refused with places")
    func hostile() {
        let words = [
            "stacks", "a", "folder", "files", "{", "}", "[", "]", ": ", ", ", "\n", "  ", "- ",
            "depends_on", "environments",
            "&x", "*x", "<<", "\u{0}", "é", "'", "\"", "|", "~", "!t",
        ]
        for seed in 0..<2000 {
            var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
            func next(_ count: Int) -> Int {
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                return Int(state % UInt64(count))
            }
            let text = (0..<(next(30) + 1)).map { _ in words[next(words.count)] }.joined()
            for finding in findings(text) {
                #expect(finding.location != nil && finding.fix != nil, "\(text): \(finding)")
            }
        }
    }
}
