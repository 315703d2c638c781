import Admission
import Model
import Testing
import TestSupport

/// Laws of the gate over generated bodies and spoiled bytes.
@Suite struct GateLawTests {
    /// Objects whose keys a tenant or a number decides.
    private static let freeKeys: Set<String> = [
        "Labels", "Volumes", "ExposedPorts", "Tmpfs", "PortBindings", "EndpointsConfig",
    ]

    @Test func anyKeyAddedOrRespelledIsRefused() {
        var count = 0
        for (path, object) in objects(of: GateFixture.body, at: []) {
            let keys = object.keys.filter { _ in !Self.freeKeys.contains(path.last ?? "") }
            let added = ["Unknown", "", "\u{0}", "HostConfig ", "Privileged\u{301}"]
            for key in added where !Self.freeKeys.contains(path.last ?? "") {
                expectRefused(path + [key], to: "x")
                count += 1
            }
            for key in keys {
                for other in respelled(key) {
                    expectRefused(path + [other], to: object[key])
                    count += 1
                }
            }
        }
        #expect(count > 200)
    }

    @Test func anyValueOfAnotherTypeIsRefused() {
        for path in leaves(of: GateFixture.body, at: []) {
            for value: JSON in [.null, .double(1.5), ["x": ["y": []]], [[["x"]]]] {
                expectRefused(path, to: value)
            }
        }
    }

    @Test(arguments: 0..<200)
    func spoiledBytesNeverPassAsAnotherBody(seed: Int) {
        var random = SplitMix64(seed: seed)
        var request = GateFixture.create(GateFixture.body)
        let original = request.body ?? []
        var bytes = original
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let index = Int.random(in: bytes.indices, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: bytes[index] = UInt8.random(in: .min ... .max, using: &random)
            case 1: bytes.remove(at: index)
            default: bytes.insert(random.pick(Array("{}[]\",:\\0ue".utf8)), at: index)
            }
        }
        request.body = bytes
        guard GateFixture.refusal(of: request) == nil else { return }
        // It passed, so it must be a body that means what the gate thinks: canonical, and with
        // all that confines a container still there.
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains(#""CapDrop":["ALL"]"#))
        #expect(text.contains(#""no-new-privileges:true""#))
        #expect(text.contains(#""Privileged":false"#))
        #expect(!text.contains("docker.sock"))
    }

    @Test(arguments: [
        #"{"a":1,"a":1}"#, #"{"Image":"x","Image":"y"}"#, "{} ", " {}", "{}{}", "", "[]", "null",
        #"{"\u0049mage":1,"Image":2}"#, #"{"é":1,"é":2}"#, #"{"a":01}"#, #"{"a":1.0}"#,
        #"{"a":1e3}"#, #"{"a":-0}"#, #"{"a":9223372036854775808}"#, #"{"a":"\ud800"}"#,
        #"{"a":"\u0000"}"#, "{\"a\":\"\u{1}\"}", #"{"a":tru}"#, #"{"a":"b}"#, #"{"a":1,}"#,
        #"{a:1}"#, #"{"a":'b'}"#, #"{"a":1 }"#, "\u{FEFF}{}", #"{"a":"\x41"}"#, "{\"a\":\n1}",
    ])
    func refusesTextsThatTwoReadersCouldReadDifferently(text: String) {
        var request = GateFixture.create(GateFixture.body)
        request.body = Array(text.utf8)
        #expect(GateFixture.refusal(of: request) == .body)
    }

    /// Each would be a good body to a reader that is not as strict.
    @Test(arguments: [
        (#""Tty":false"#, #""Tty":false,"Tty":false"#),
        (#""Tty":false"#, #""Tty":false,"\u0054ty":false"#),
        (#""StopTimeout":10"#, #""StopTimeout":010"#),
        (#""StopTimeout":10"#, #""StopTimeout":10.0"#),
        (#""StopTimeout":10"#, #""StopTimeout":1e1"#),
        (#""StopTimeout":10"#, #""StopTimeout":+10"#),
        (#""StopTimeout":10"#, #""StopTimeout":-0"#),
        (#""StopTimeout":10"#, #""StopTimeout": 10"#),
        (#""StopTimeout":10"#, #""StopTimeout":10,"#),
        (#""StopTimeout":10"#, #""StopTimeout":10/**/"#),
        (#""größer""#, #""größer\u0000""#), (#""größer""#, #""größer\ud800""#),
        (#""größer""#, #""größer\q""#), (#""größer""#, #""größer\u00e""#),
        (#""größer""#, "\"größer\u{1}\""),
        (#"{"Cmd""#, "\u{FEFF}{\"Cmd\""), (#"{"Cmd""#, " {\"Cmd\""),
        (#""/srv"}"#, "\"/srv\"} "), (#""/srv"}"#, "\"/srv\"}{}"), (#""/srv"}"#, #""/srv"}]"#),
        (#""/srv"}"#, #""/srv",}"#), (#""/srv"}"#, #""/srv""#),
        (#""org.astro.note":"größer""#, #""é":"","e\u0301":"""#),
    ])
    func refusesSpellingsThatReadersDifferOn(part: String, other: String) throws {
        var request = GateFixture.create(GateFixture.body)
        let text = String(decoding: request.body ?? [], as: UTF8.self)
        try #require(text.contains(part))
        request.body = Array(text.replacing(part, with: other).utf8)
        #expect(GateFixture.refusal(of: request) == .body)
    }

    @Test func refusesBytesThatAreNoUnicode() {
        var request = GateFixture.create(GateFixture.body)
        let text = String(decoding: request.body ?? [], as: UTF8.self)
        let parts = text.split(separator: "portal", maxSplits: 1).map { Array($0.utf8) }
        request.body = parts[0] + [0xC0, 0xAF] + parts[1]
        #expect(GateFixture.refusal(of: request) == .body)
    }

    @Test func refusesDepthAndSizeBeyondItsBounds() {
        var request = GateFixture.create(GateFixture.body)
        request.body = Array(repeating: UInt8(ascii: "["), count: 1_000_000)
        #expect(GateFixture.refusal(of: request) == .body)
        let large = JSON.string(String(repeating: "x", count: 4 << 20))
        #expect(GateFixture.refusal(of: GateFixture.create { $0.set("Env", to: [large]) }) == .body)
        let usual = JSON.string(String(repeating: "x", count: 1 << 20))
        #expect(GateFixture.refusal(of: GateFixture.create { $0.set("Env", to: [usual]) }) == nil)
    }

    @Test func readsEscapesAsTheEngineDoes() {
        var request = GateFixture.create(GateFixture.body)
        let text = String(decoding: request.body ?? [], as: UTF8.self)
        request.body = Array(
            text.replacing("\"portal\"", with: #""\u0070ortal""#)
                .replacing("UNSET", with: #"\ud83d\ude00\/\"\\\b\f\n\r\t"#).utf8
        )
        #expect(GateFixture.refusal(of: request) == nil)
        request.body = Array(text.replacing("\"CapDrop\"", with: #""\u0043apDrop""#).utf8)
        #expect(GateFixture.refusal(of: request) == nil)
        request.body = Array(text.replacing(#"["ALL"]"#, with: #"["\u0061LL"]"#).utf8)
        #expect(GateFixture.refusal(of: request) == .capability)
    }

    private func expectRefused(_ path: [String], to value: JSON?) {
        let request = GateFixture.create { $0.set(path[...], to: value) }
        #expect(GateFixture.refusal(of: request) != nil, "\(path) \(value?.text ?? "")")
    }

    /// As the engine's reader would still take it: other case, and the letters that fold to ASCII.
    private func respelled(_ key: String) -> [String] {
        [
            key.lowercased(), key.uppercased(), key + "\u{301}",
            key.replacing("K", with: "\u{212A}").replacing("k", with: "\u{212A}"),
            key.replacing("S", with: "\u{17F}").replacing("s", with: "\u{17F}"),
        ].filter { Array($0.utf8) != Array(key.utf8) }
    }

    private func objects(
        of value: JSON,
        at path: [String]
    ) -> [(path: [String], members: [String: JSON])] {
        switch value {
        case .object(let members):
            [(path, members)]
                + members.flatMap { objects(of: $0.value, at: path + [$0.key]) }
        case .array(let elements):
            elements.enumerated().flatMap { objects(of: $0.element, at: path + ["\($0.offset)"]) }
        default: []
        }
    }

    private func leaves(of value: JSON, at path: [String]) -> [[String]] {
        switch value {
        case .object(let members) where !members.isEmpty:
            members.flatMap { leaves(of: $0.value, at: path + [$0.key]) }
        case .array(let elements) where !elements.isEmpty:
            elements.enumerated().flatMap { leaves(of: $0.element, at: path + ["\($0.offset)"]) }
        default: [path]
        }
    }
}
