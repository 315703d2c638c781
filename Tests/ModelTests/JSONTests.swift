import Model
import TestSupport
import Testing

@Suite struct JSONTests {
    @Test func theTextIsCanonical() {
        let value: JSON = [
            "b": [1, true, "x"], "a": .null, "é": .double(0.5), "Z": [:], "list": [],
        ]
        #expect(value.text == #"{"Z":{},"a":null,"b":[1,true,"x"],"list":[],"é":0.5}"#)
    }

    @Test func controlCharactersAreEscaped() {
        let value = JSON.string("\u{0}\u{1F}\n\r\t\"\\/\u{7F}\u{2028}😀")
        #expect(value.text == "\"\\u0000\\u001f\\n\\r\\t\\\"\\\\/\u{7F}\u{2028}😀\"")
    }

    /// What was written is read as the same value, and written as the same text again.
    @Test(arguments: 0..<200)
    func theTextIsReadBack(seed: Int) throws {
        var random = SplitMix64(seed: seed)
        let value = JSON.random(depth: 4, &random)
        let read = try JSON(parsing: value.text.utf8)
        #expect(read == value)
        #expect(read.text == value.text)
    }

    /// Keys are bytes: two spellings of one letter are two keys, in the order of their bytes.
    @Test func keysAreOrderedByBytes() {
        let value: JSON = ["a": 1, "B": 2, "aa": 3, "a-": 4, "ä": 5, "z": 6]
        #expect(value.text == #"{"B":2,"a":1,"a-":4,"aa":3,"z":6,"ä":5}"#)
    }

    @Test(arguments: ["", "{", "{}x", "nul", "'a'", "[1 2]", "\"\u{1}\""])
    func otherTextIsRefused(text: String) {
        #expect(throws: (any Error).self) { try JSON(parsing: text.utf8) }
    }

    @Test func integersStayIntegers() throws {
        for number in [Int64.min, -1, 0, 1, 9_007_199_254_740_993, Int64.max] {
            #expect(try JSON(parsing: "\(number)".utf8) == .int(number))
        }
    }

    @Test func membersThatAreNilAreLeftOut() {
        #expect(JSON.members(["a": nil, "b": 1]).text == #"{"b":1}"#)
    }
}

extension JSON {
    static func random(depth: Int, _ random: inout SplitMix64) -> JSON {
        switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &random) {
        case 0: .null
        case 1: .bool(random.chance(50))
        case 2: .int(Int64.random(in: .min ... .max, using: &random))
        case 3: .double(Double.random(in: -1e6...1e6, using: &random))
        case 4: .string(text(&random))
        case 5: .array((0..<3).map { _ in .random(depth: depth - 1, &random) })
        default:
            .object(
                Dictionary((0..<3).map { _ in (text(&random), .random(depth: depth - 1, &random)) })
                {
                    first,
                    _ in first
                }
            )
        }
    }

    private static func text(_ random: inout SplitMix64) -> String {
        let scalars: [Unicode.Scalar] = ["a", "\"", "\\", "/", "\n", "\u{0}", "é", "😀", "\u{301}"]
        var text = ""
        for _ in 0..<Int.random(in: 0...5, using: &random) {
            text.unicodeScalars.append(random.pick(scalars))
        }
        return text
    }
}
