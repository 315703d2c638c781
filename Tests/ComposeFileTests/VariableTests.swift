import ComposeFile
import Model
import Testing

/// Interpolation and `.env`, seen through the labels of a service.
@Suite struct VariableTests {
    private func label(_ text: String, env: String = "SET=val\nEMPTY=\nN=8080") throws -> String? {
        let quoted = text.replacing("'", with: "''")
        return try Sample(service: "labels: {v: '\(quoted)'}", [".env": env]).service().labels["v"]
    }

    @Test(arguments: [
        ("$SET ${SET}", "val val"), ("${U:-d} ${EMPTY:-d} ${SET:-d}", "d d val"),
        ("${U-d} ${EMPTY-d} ${SET-d}", "d  val"),
        ("[${U:+a}] [${EMPTY:+a}] [${SET:+a}]", "[] [] [a]"),
        ("[${U+a}] [${EMPTY+a}] [${SET+a}]", "[] [a] [a]"), ("[${EMPTY?m}] ${SET:?m}", "[] val"),
        ("${U:-${V:-${SET}}}", "val"), ("${U:-a${SET}b${EMPTY:-c}d}e", "avalbcde"),
        ("$$SET $${SET} $$$SET $$$$", "$SET ${SET} $val $$"), ("cost $", "cost $"),
        ("a $ b", "a $ b"),
        ("$1 x", "$1 x"), ("${A-B-C}", "B-C"), ("${U:-a-b:-c?d+e}", "a-b:-c?d+e"),
        ("${U:-what?}", "what?"), ("${U:-{}}", "{}"),
        ("${U:-{\"a\":{\"b\":1}}}", "{\"a\":{\"b\":1}}"),
        ("${U:-'q'}", "'q'"), ("${U:- x }", " x "), ("${U:-$$x}", "$x"), ("$(SET)", "$(SET)"),
        ("${U:-x}${U:-y} ${U-z}", "xy z"), ("${U:-http://h:80/p?q=1}", "http://h:80/p?q=1"),
        ("${COMPOSE_PROJECT_NAME}", "app"), ("${U:-{x}", "{x"), ("é${U:-✓}", "é✓"),
    ])
    func expressions(text: String, expected: String) throws {
        #expect(try label(text) == expected)
    }

    @Test(arguments: [
        "${}", "${ SET }", "${1A}", "${SET", "${SET:-abc", "${SET:foo}", "${SET/x/y}", "${#SET}",
        "${SET^^}",
    ])
    func expressionsThatAreNone(text: String) throws {
        let finding = try Sample(service: "labels: {v: '\(text)'}").finding()
        #expect(finding.code == "invalid-interpolation")
        #expect(finding.message == "\(text) is no variable")
        #expect(finding.field?.description == "services.s.labels.v")
    }

    @Test func requiredVariables() throws {
        let finding = try Sample(
            service: "labels: {v: '${U:?need $SET or ${N}}'}",
            [".env": "SET=val\nN=8080"]
        ).finding()
        #expect(finding.message == "the variable U must be set: need val or 8080")
        #expect(finding.fix == "set U in app/.env")
        let nested = try Sample(service: "labels: {v: '${U:?${V:?inner}}'}").finding()
        #expect(nested.message == "the variable V must be set: inner")
    }

    @Test func onlyTheFolderIsAsked() throws {
        #expect(try label("${PATH-none} ${HOME-none} ${PWD-none}") == "none none none")
    }

    @Test func composeVariablesAreData() throws {
        let env = "COMPOSE_PROJECT_NAME=app\nCOMPOSE_PROFILES=p"
        #expect(try label("$COMPOSE_PROJECT_NAME $COMPOSE_PROFILES", env: env) == "app p")
    }

    @Test func keysAreLeftAndValuesAreNotReadAgain() throws {
        let service = try Sample(
            service: "labels: {\"$A\": x}\ncommand: $A",
            [".env": "A='[x, y]: {z: 1}'"]
        ).service()
        #expect(service.labels == ["$A": "x"])
        #expect(service.command == ["[x,", "y]:", "{z:", "1}"])
    }

    @Test(arguments: [
        ("A=v", "v"), ("A = v", "v"), ("A: v", "v"), ("export A=v", "v"), ("export\tA=v", "v"),
        ("A=", ""),
        ("A=a b  c   ", "a b  c"), ("A=x # c", "x"), ("A=x#y", "x#y"), ("A= # c", "# c"),
        ("A=\"m # n\" # o", "m # n"), ("A='$X \\n'", "$X \\n"), ("A='it\\'s'", "it's"),
        ("A=\"a\\tb\\n\\\"c\\\"\\\\\"", "a\tb\n\"c\"\\"),
        ("A=\"\\0101 \\101 \\q\\c\"", "A \\101 \\q\\c"),
        ("A=\"a\\0b \\08 \\012 \\0777 \\01234\"", "a\\b \\8 \\12 \\777 S4"),
        ("A=\"\\$B $$B\"", "$B $B"), ("B=1\nA=\"$B-${C:-d}\"", "1-d"), ("A=\\$B\nB=1", "\\"),
        ("A=$(x) `y`", "$(x) `y`"), ("A=\"1\n2\"", "1\n2"), ("A=1\nA=2", "2"), ("A=1;B=2", "1;B=2"),
        ("\u{FEFF}# x\n\nA=1\r\nB=2\r\n", "1"), ("A=\"x\"y\nB=2", "x"), ("B=$A\nA=1", "1"),
        ("A", "none"),
        ("export A", "none"), ("COMPOSE_PROJECT_NAME\nA=$COMPOSE_PROJECT_NAME", "app"),
    ])
    func environmentFiles(text: String, expected: String) throws {
        #expect(try label("${A-none}", env: text) == expected)
    }

    @Test(arguments: [
        ("B!D=2", "1:2 error env-file-syntax"), ("A B=1", "1:4 error env-file-syntax"),
        ("A=1\n=x", "2:1 error env-file-syntax"),
        ("X=1\nA=\"abc\nB=2", "2:3 error env-file-syntax"),
        ("A=\"x\" \"y\"", "1:7 error env-file-syntax"),
        ("A=1\nB=${A", "2:1 error invalid-interpolation"),
        ("A=${NOPE:?needed}", "1:1 error required-variable"),
        ("A=$NOPE", "1:1 warning unset-variable"),
    ])
    func environmentFilesThatAreWrong(text: String, expected: String) {
        #expect(Sample("services: {}", [".env": text]).findings() == ["app/.env:\(expected)"])
    }

    @Test func everyWrongLineIsTold() {
        let sample = Sample("services: {}", [".env": "A=1\nB 2\nC=3\nD!=4\nE=\"x\nF=1\n"])
        #expect(
            sample.findings() == [
                "app/.env:2:4 error env-file-syntax", "app/.env:4:2 error env-file-syntax",
                "app/.env:5:3 error env-file-syntax",
            ]
        )
    }

    @Test func rawFiles() throws {
        let text = "\u{A0}A=1 \r\n\u{C} B=\r\r\nC\u{85}=x\nD:\r#=2\r"
        let sample = Sample(service: "env_file: [{path: e, format: raw}]", ["e": text])
        let environment = try sample.config()["services"]?["s"]?["environment"]
        #expect(environment == ["A": "1 ", "B": "\r", "C\u{85}": "x", "D:\r#": "2"])
    }

    @Test func rawFilesThatAreWrong() {
        let sample = Sample(
            service: "env_file: [{path: e, format: raw}]",
            ["e": "A=1\n export B=2\n#\n=x\nD"]
        )
        #expect(
            sample.findings() == [
                "app/e:2:2 error env-file-syntax", "app/e:4:1 error env-file-syntax",
            ]
        )
    }
}
