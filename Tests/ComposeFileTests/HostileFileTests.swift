import ComposeFile
import Model
import Testing

/// Files that are broken or endless on purpose: refused with the place of what is wrong, by work
/// that is bounded whatever they hold.
@Suite struct HostileFileTests {
    private func findings(_ bytes: [UInt8]) -> [String] {
        var sample = Sample("")
        sample.bytes = ["compose.yaml": bytes]
        return sample.findings()
    }

    @Test func encodings() {
        let start = Array("services:\n  s: {image: ".utf8)
        #expect(findings(start + [0xFF] + Array("}".utf8)) == ["2:14 error yaml-encoding"])
        #expect(findings(start + [0xC3]) == ["2:14 error yaml-encoding"])
        // A surrogate, and an overlong slash.
        #expect(findings(start + [0xED, 0xA0, 0x80]) == ["2:14 error yaml-encoding"])
        #expect(findings(start + [0xC0, 0xAF]) == ["2:14 error yaml-encoding"])
        #expect(findings([0xFF, 0xFE, 0x61]) == ["1:1 error yaml-encoding"])
        #expect(findings([0xFF, 0xFE, 0x00, 0xD8]) == ["1:1 error yaml-encoding"])
    }

    /// Compose reads UTF-16; a commit that has it is refused, with all that it says.
    @Test(arguments: [false, true])
    func otherEncodings(isBig: Bool) throws {
        let text = "\u{FEFF}services:\n  s:\n    image: i\n    ports: [x]\n"
        let bytes = text.utf16.flatMap { unit in
            let pair = [UInt8(unit & 0xFF), UInt8(unit >> 8)]
            return isBig ? pair.reversed() : pair
        }
        #expect(findings(bytes) == ["1:1 error other-encoding", "4:13 error invalid-port"])
        var sample = Sample("services: {s: {image: i}}")
        sample.bytes[".env"] = [0xFF, 0xFE, 0x41, 0x00]
        #expect(sample.findings().contains("app/.env:1:1 error other-encoding"))
    }

    /// `compose config` reads it as Docker Compose does.
    @Test func otherEncodingsAreReadForPeople() throws {
        let text = "\u{FEFF}services: {s: {image: i}}"
        var sample = Sample("")
        sample.bytes = [
            "compose.yaml": text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        ]
        #expect(try sample.config()["services"]?["s"]?["image"] == "i")
    }

    @Test func controlCharacters() {
        let start = Array("services:\n  s: {image: a".utf8)
        for byte: UInt8 in [0x00, 0x01, 0x07, 0x1B, 0x7F] {
            #expect(findings(start + [byte, 0x7D]) == ["2:15 error yaml-control-character"])
        }
    }

    @Test func byteOrderMarks() {
        #expect(Sample("\u{FEFF}services: {s: {image: i}}").findings() == [])
        #expect(Sample("\u{FEFF}servces: {}").findings().first?.hasPrefix("1:1 error") == true)
    }

    @Test(arguments: ["\r\n", "\r", "\n"])
    func lineEnds(end: String) {
        let text = ["services:", "  s:", "    image: i", "    imag: x", ""].joined(separator: end)
        #expect(Sample(text).findings() == ["4:5 error unknown-attribute"])
    }

    @Test(arguments: [
        ("services:\n\ts: {image: i}", "2:1 error yaml-syntax"),
        ("services:\n  s:\n  \timage: i", "3:3 error yaml-syntax"),
        ("services:\n  s: {image: i,\timag: x}", "2:17 error unknown-attribute"),
    ])
    func tabs(text: String, expected: String) {
        #expect(Sample(text).findings() == [expected])
    }

    @Test func nesting() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(Sample("x-d: \(deep)").findings() == ["1:69 error yaml-too-deep"])
        let indented = (0..<2000).map { String(repeating: " ", count: $0) + "a:" }
        let block = "x-d:\n" + indented.map { " \($0)\n" }.joined()
        #expect(Sample(block).findings() == ["65:65 error yaml-too-deep"])
    }

    @Test func scalars() throws {
        let text = String(repeating: "x", count: 4 << 20)
        #expect(try Sample(service: "labels: {v: \(text)}").service().labels["v"] == text)
        let long = "services: {}\n#" + String(repeating: "x", count: 16 << 20)
        #expect(Sample(long).findings() == ["1:1 error yaml-too-large"])
    }

    @Test func lists() {
        let million = "x-list: [" + String(repeating: "a,", count: 1_000_001) + "]"
        #expect(Sample(million).findings() == ["1:2000004 error yaml-too-many-nodes"])
    }

    @Test func aliases() {
        var text = "x-0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...12 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            text += "x-\(level): &a\(level) [\(aliases)]\n"
        }
        let found = Sample(text + "services: {}").findings()
        #expect(found == ["7:11 error yaml-alias-budget"])
        let loop = "x-a: &a [*a]\nservices: {}"
        #expect(Sample(loop).findings() == ["1:10 error yaml-recursive-alias"])
    }

    /// `<<` of what was merged itself: as many entries as all of them together.
    @Test func mergeChains() throws {
        var text = "x-0: &a0 {k0: v}\n"
        for level in 1...600 {
            text += "x-\(level): &a\(level) {<<: *a\(level - 1), k\(level): v}\n"
        }
        #expect(Sample(text + "services: {}").findings() == [])
        let wide = "x-b: &b {a: 1, b: 2}\nx-m:\n  <<: ["
        let many = wide + String(repeating: "*b, ", count: 400_000) + "]\nservices: {}"
        #expect(Sample(many).findings() == ["3:799996 error yaml-alias-budget"])
    }

    @Test func circles() {
        let own = "services:\n  a: {extends: b}\n  b: {extends: a}"
        #expect(Sample(own).findings() == ["2:16 error extends-cycle"])
        let other = Sample(
            "services:\n  a: {extends: {file: b.yaml, service: b}}",
            ["b.yaml": "services:\n  b: {extends: {file: compose.yaml, service: a}}"]
        )
        #expect(other.findings() == ["2:7 error extends-cycle"])
        #expect(
            Sample("include: [compose.yaml]\nservices: {}").findings()
                == ["1:11 error include-cycle"]
        )
        let long = Sample(
            "include: [a.yaml]\nservices: {}",
            ["a.yaml": "\ninclude:\n - compose.yaml"]
        )
        #expect(long.findings() == ["app/a.yaml:3:4 error include-cycle"])
    }

    @Test func filesThatMultiply() {
        // Each names the next one twice: two to the power of thirty, were none of them counted.
        var files: [String: String] = [:]
        for level in 0..<30 {
            files["f\(level).yaml"] = "include: [f\(level + 1).yaml, f\(level + 1).yaml]"
        }
        files["f30.yaml"] = "services: {}"
        let found = Sample("include: [f0.yaml]\nservices: {}", files).findings()
        #expect(found.count == 1, "\(found)")
        #expect(found.first?.hasSuffix("1:1 error too-many-files") == true)
    }

    @Test func largeFilesThatAreNamedOften() {
        let names = (0..<300).map { _ in "e.env" }.enumerated().map {
            String(repeating: "./", count: $0.offset) + $0.element
        }
        let text = String(repeating: "#\n", count: 1 << 19)
        let list = names.map { "\n  - \($0)" }.joined()
        let found = Sample(service: "env_file:\(list)", ["e.env": text]).findings()
        #expect(found.map { $0.split(separator: " ").last } == ["too-many-files"])
    }
}

/// Files that are large where looking things up one by one would take forever.
@Suite struct LargeFileTests {
    @Test func manyServicesAndNetworks() throws {
        let services = (0..<3000).map { "  s\($0): {image: i, networks: [n\($0)]}\n" }.joined()
        let networks = (0..<3000).map { "  n\($0):\n" }.joined()
        let stack = try Sample("services:\n\(services)networks:\n\(networks)").load()
        #expect(stack.networks.count == 3000)
    }

    @Test func manyServicesExtendOneFile() throws {
        let services = (0..<1500)
            .map { "  s\($0): {extends: {file: base.yaml, service: s\($0)}}\n" }.joined()
        let base = (0..<1500).map { "  s\($0): {image: i\($0)}\n" }.joined()
        let sample = Sample("services:\n\(services)", ["base.yaml": "services:\n\(base)"])
        #expect(try sample.load().services["s1499"]?.image == "i1499")
    }

    @Test func manyLinks() {
        let links = (0..<20_000).map { "t\($0)" }.joined(separator: ", ")
        let found = Sample(service: "links: [\(links)]").findings()
        #expect(found.first == "4:13 error undefined-reference")
        #expect(found.count == 200)
    }

    @Test func manySlips() {
        let services = (0..<3000).map { "  s\($0): {extends: x\($0)}\n" }.joined()
        let found = Sample("services:\n\(services)").findings()
        #expect(found.first == "2:17 error undefined-reference")
        #expect(found.count == 200)
    }

    /// Compose's way of merging them takes the third power of their number: Docker Compose itself
    /// doesn't come back.
    @Test func manyPools() throws {
        let pools = (0..<5000).map { "{subnet: s\($0)}" }.joined(separator: ", ")
        let text = "networks: {n: {ipam: {config: [\(pools)]}}}"
        let sample = Sample("services: {}\n\(text)\n---\n\(text)")
        let rejection = #expect(throws: Rejection.self) { try sample.config() }
        #expect(rejection?.diagnostics.map(\.code) == ["model-too-large"])
        let once = Sample("services: {}\n\(text)")
        #expect(try once.config()["services"] == [:])
    }

    @Test func manyVariablesOfAFile() throws {
        let own = (0..<20_000).map { "V\($0): \"1\"" }.joined(separator: ", ")
        let file = (0..<20_000).map { "W\($0)=$V\($0)\n" }.joined()
        let service = try Sample(
            service: "environment: {\(own)}\nenv_file: e.env",
            ["e.env": file]
        ).service()
        #expect(service.environment["W19999"] == "1")
    }
}
