import Testing
import YAMLTree

/// The types of plain scalars, as go-yaml v4 has them.
@Suite struct ScalarTests {
    @Test(arguments: [
        ("", Scalar.null), ("~", .null), ("null", .null), ("NULL", .null),

        ("nUll", .string("nUll")),
        ("true", .bool(true)), ("False", .bool(false)), ("TRUE", .bool(true)),
        ("yes", .string("yes")), ("off", .string("off")), ("y", .string("y")),
        ("12", .int(12)), ("+12", .int(12)), ("-12", .int(-12)), ("0777", .int(511)),
        ("0o777", .int(511)), ("-0o17", .int(-15)), ("0x1F", .int(31)), ("0X1f", .int(31)),
        ("1_000", .int(1000)), ("0b101", .int(5)), ("0", .int(0)), ("00", .int(0)),
        ("12345678901234567890", .int(12_345_678_901_234_567_890)),
        ("123456789012345678901", .double(0x1.ac53a7e04bcdap66)),
        ("1.50", .double(1.5)), ("1e3", .double(1000)), (".5", .double(0.5)), ("1.", .double(1)),
        ("08", .double(8)), ("-.5", .double(-0.5)), ("-0", .double(-0.0)),
        (".inf", .double(.infinity)),
        ("-.INF", .double(-.infinity)), ("1e999", .string("1e999")), (".", .string(".")),
        ("22:22", .string("22:22")), ("2020-01-02", .string("2020-01-02")),
        ("1.2.3", .string("1.2.3")), ("0x", .string("0x")), ("0xZ", .string("0xZ")),
        ("--5", .string("--5")), ("1e", .string("1e")), ("_1", .string("_1")),
    ])
    func plain(text: String, expected: Scalar) {
        #expect(Scalar(text, style: .plain) == expected)
    }

    @Test func notANumberIsADouble() {
        guard case .double(let value) = Scalar(".nan", style: .plain) else {
            Issue.record("not a double")
            return
        }
        #expect(value.isNaN)
    }

    @Test func quotesAndTagsDecide() {
        #expect(Scalar("12", style: .quoted) == .string("12"))
        #expect(Scalar("12", style: .plain, tag: "tag:yaml.org,2002:str") == .string("12"))
        #expect(Scalar("12", style: .quoted, tag: "tag:yaml.org,2002:int") == .int(12))
        #expect(Scalar("12", style: .plain, tag: "!foo") == .int(12))
        #expect(Scalar("", style: .quoted) == .string(""))
    }
}
