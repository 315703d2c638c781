import ComposeFile
import Testing

/// What Docker Compose 5.6 was seen to print for the same values.
@Suite struct YAMLTextTests {
    /// As Docker Compose 5.6 prints networks of these names.
    @Test func keysAreInTheOrderOfGo() throws {
        let names = ["n10", "n2", "n1", "front", "n02", "a-1", "a1", "aa"]
        let text =
            "services: {s: {image: i, networks: [\(names.joined(separator: ", "))]}}\n"
            + "networks: {\(names.map { "\($0): " }.joined(separator: ", "))}"
        let printed = try Sample(text).configYAML()
        let networks = try #require(printed.split(separator: "\nnetworks:\n").last)
        let keys = networks.split(separator: "\n").filter { $0.hasSuffix(":") }
            .map { $0.dropLast().drop { $0 == " " } }
        #expect(keys == ["a-1", "a1", "aa", "front", "n1", "n2", "n02", "n10"])
    }

    @Test(arguments: [
        ("", "\"\""), ("yes", "'yes'"), ("y", "'y'"), ("N", "'N'"), ("Off", "'Off'"),
        ("1", "\"1\""), ("1.", "\"1.\""), ("1e", "1e"), ("-0x1", "\"-0x1\""), ("0o", "0o"),
        ("08", "\"08\""), ("1__0", "\"1__0\""), ("_1", "_1"), ("1,000", "1,000"), ("~", "\"~\""),
        ("Null", "\"Null\""), ("FALSE", "\"FALSE\""), ("NaN", "NaN"), (".NaN", "\".NaN\""),
        ("-.INF", "\"-.INF\""), ("30s", "30s"), ("1e5", "\"1e5\""), ("+.5", "\"+.5\""),
        (".", "."), ("0x", "0x"), ("0xg", "0xg"), ("0b12", "0b12"), ("1.2.3", "1.2.3"),
        ("2001-01-01 1:2:3 x", "2001-01-01 1:2:3 x"), ("2001-01-01x", "2001-01-01x"),
        ("2001-01-01 1:2:3", "\"2001-01-01 1:2:3\""), ("2001-02-30", "2001-02-30"),
        ("2001-01-01 00:00:00 +0000 UTC", "2001-01-01 00:00:00 +0000 UTC"),
        ("2001-01-01T1:2:3+01:00", "\"2001-01-01T1:2:3+01:00\""),
        ("2001-123-1", "2001-123-1"), ("1:60", "1:60"), ("1:5:9.", "'1:5:9.'"), ("1:", "'1:'"),
        ("1:234", "1:234"), ("1_0:7", "'1_0:7'"), ("2001-1-1", "\"2001-1-1\""), ("1:30", "'1:30'"),
        ("<<", "'<<'"),
        ("=", "="), ("a: b", "'a: b'"), ("key:", "'key:'"), (":v", ":v"), ("a #b", "'a #b'"),
        ("a#b", "a#b"), ("-", "'-'"), ("-x", "-x"), ("?", "'?'"), ("?x", "?x"), ("x]", "x]"),
        ("[x]", "'[x]'"), ("it's", "it's"), ("'q'", "'''q'''"), ("---", "'---'"),
        ("--flag=1", "--flag=1"), (" lead", "' lead'"), ("tail ", "'tail '"), ("é", "é"),
        ("tab\there", "\"tab\\there\""), ("a\tb: c", "\"a\\tb: c\""), ("a\r\nb", "\"a\\r\\nb\""),
        ("🎉", "\"\\U0001F389\""), ("\u{1}", "\"\\x01\""), ("\u{FEFF}", "\"\\uFEFF\""),
        ("\n", "\"\\n\""), ("a \nb", "\"a \\nb\""), ("\\", "\\"), ("a\nb", "|-\n  a\n  b"),
        ("a\n", "|\n  a"), ("a\n\n", "|+\n  a\n"), (" a\nb", "|2-\n   a\n  b"),
        ("\n\na", "|-\n\n\n  a"), ("1e309", "1e309"), ("-1e400", "-1e400"),
        ("1e-400", "\"1e-400\""),
        (".5_", ".5_"), (".5_5", "\".5_5\""), ("._5", "._5"), (".5e1_000", ".5e1_000"),
        ("1.5_", "\"1.5_\""),
        ("0xffffffffffffffff", "\"0xffffffffffffffff\""),
        ("-0xffffffffffffffff", "-0xffffffffffffffff"),
        ("0xfffffffffffffffff", "0xfffffffffffffffff"),
        ("99999999999999999999", "\"99999999999999999999\""),
        ("\t\n", "\"\\t\\n\""), ("\n \t", "\"\\n \\t\""), ("\u{A0}\n", "\"\u{A0}\\n\""),
        ("\u{2028}\n", "\"\\L\\n\""), ("a\u{2028} b", "\"a\\L b\""),
        ("a\u{2028}b", "'a\u{2028}  b'"),
        ("a\n\u{2029}b", "|-\n  a\n\u{2029}  b"), ("a\n\u{A0}b", "|-\n  a\n  \u{A0}b"),
        ("\u{2028}", "'\u{2028}'"),
    ])
    func texts(value: String, expected: String) {
        #expect(YAMLText(value, indent: 2, column: 4).text == expected)
    }

    @Test func longTextsAreFolded() {
        let text = Array(repeating: "long", count: 22).joined(separator: " ")
        let lines = YAMLText(text, indent: 8, column: 8).text.split(separator: "\n")
        #expect(lines.map(\.count) == [74, 42])
    }
}
