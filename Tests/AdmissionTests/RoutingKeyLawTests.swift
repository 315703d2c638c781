import Admission
import Model
import TestSupport
import Testing

/// However the key of a routing label is written: what Traefik takes for a denied one is denied.
@Suite struct RoutingKeyLawTests {
    /// What Traefik makes of a key.
    private enum Reading: Hashable {
        case ignored
        /// Its container is left out.
        case refused
        /// Nothing of any container is read any more.
        case endsAll
        case parts([String])
    }

    /// Source: paerser 0.2.2, `DecodeToNode`, `sortKeys` and `findTypedField`, by which Traefik 3.7
    /// reads labels; the fields of a sequence have any name for an index.
    private static func reading(of key: String) -> Reading {
        let roots = ["http", "tcp", "udp", "tls", "docker.", "swarm.", "enable"]
        let isRead = roots.map { "traefik." + $0 }.contains { root in
            let start = Array(key.utf8.prefix(root.utf8.count))
            return start.count == root.utf8.count
                && folded(String(decoding: start, as: UTF8.self)) == root
        }
        guard isRead else { return .ignored }
        var parts: [String] = []
        for part in key.unicodeScalars.split(separator: ".", omittingEmptySubsequences: false) {
            guard let first = part.first, first != "[" else { return .refused }
            let name = part.prefix { $0 != "[" }
            guard part.last == "]" else {
                parts.append(folded(String(part)))
                continue
            }
            guard name.count < part.count else { return .endsAll }
            parts += [folded(String(name)), "[]"]
        }
        if let domains = parts.firstIndex(of: "domains"), domains + 1 < parts.count {
            parts[domains + 1] = "[]"
        }
        return .parts(parts)
    }

    /// With letters folded as Go's `EqualFold` does, as far as they become ASCII.
    private static func folded(_ text: String) -> String {
        var folded = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\u{17F}": folded += "s"
            case "\u{212A}": folded += "k"
            case "A"..."Z": folded.unicodeScalars.append(Unicode.Scalar(UInt8(scalar.value) + 32))
            default: folded.unicodeScalars.append(scalar)
            }
        }
        return folded
    }

    /// Values that are denied, by what their keys are read as.
    private static let denied = RoutingLabels.settings.reduce(into: [Reading: Set<String>]()) {
        $0[reading(of: $1.0), default: []].insert($1.1)
    }

    @Test(arguments: 0..<20)
    func whatIsReadAsDeniedIsDenied(seed: Int) {
        var random = SplitMix64(seed: seed)
        for (key, value) in RoutingLabels.settings {
            let key = Self.respelled(key, by: &random)
            let isRead = Self.reading(of: key)
            let isHarmful = isRead != .ignored && Self.denied[isRead]?.contains(value) == true
            guard isHarmful || isRead == .endsAll else { continue }
            #expect(Self.denials(key, value).contains("label-routing"), "\(key)=\(value)")
            #expect(Self.refusal(key, value) == .label, "\(key)=\(value)")
        }
    }

    /// What passes is read as it is written.
    @Test(arguments: 0..<20)
    func whatPassesIsReadAsItIsWritten(seed: Int) {
        var random = SplitMix64(seed: seed)
        for (key, value) in RoutingLabels.admitted {
            let other = Self.respelled(key, by: &random)
            let isRead = Self.reading(of: other)
            guard isRead != .ignored, Self.refusal(other, value) == nil else { continue }
            guard case .parts = isRead else {
                Issue.record("\(other): \(isRead)")
                continue
            }
            let domain = /(?i)tls\.domains\[[0-9]{1,3}\]\.(main|sans)$/
            let plain = other.replacing(domain, with: "tls")
            #expect(plain.wholeMatch(of: /[A-Za-z0-9_.\-]*/) != nil, "\(other)")
        }
    }

    /// What the reading above is taken for.
    @Test func readsAsTraefikDoes() {
        #expect(Self.reading(of: "Traefik.HTTP.x") == .parts(["traefik", "http", "x"]))
        #expect(Self.reading(of: "traefi\u{212A}.http.x") == .ignored)
        #expect(Self.reading(of: "traefik.http.x]") == .endsAll)
        #expect(Self.reading(of: "traefik.http..x") == .refused)
        #expect(Self.reading(of: "traefik.http.[0]") == .refused)
        let indexed = Self.reading(of: "traefik.http.\u{17F}[0]")
        #expect(indexed == .parts(["traefik", "http", "s", "[]"]))
    }

    private static func respelled(_ key: String, by random: inout SplitMix64) -> String {
        var scalars = Array(key.unicodeScalars)
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let place = Int.random(in: 0..<max(1, scalars.count), using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: scalars = scalars.map { random.chance(30) ? uppercased($0) : $0 }
            case 1, 2: scalars = scalars.map { random.chance(30) ? lookalike($0) : $0 }
            case 3:
                let texts = ["]", "[", "[0]", ".", ".x]", "\u{17F}", "\u{200B}", " ", "@", "[]"]
                scalars.insert(contentsOf: Array(random.pick(texts).unicodeScalars), at: place)
            case 4:
                let parts = scalars.split(separator: "[", maxSplits: 1)
                guard parts.count == 2 else { continue }
                let instead: Unicode.Scalar = random.chance(50) ? "." : "]"
                scalars = Array(parts[0]) + [instead] + Array(parts[1])
            default: scalars += Array(random.pick([".x]", "]", ".", "[0]"]).unicodeScalars)
            }
        }
        return String(String.UnicodeScalarView(scalars))
    }

    private static func uppercased(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        ("a"..."z").contains(scalar) ? Unicode.Scalar(UInt8(scalar.value) - 32) : scalar
    }

    private static func lookalike(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar {
        case "s": "\u{17F}"
        case "k": "\u{212A}"
        default: scalar
        }
    }

    private static func denials(_ key: String, _ value: String) -> Set<String> {
        Astro.denials { $0.labels = [rule.0: rule.1].merging([key: value]) { $1 } }
    }

    private static func refusal(_ key: String, _ value: String) -> GateCheck? {
        GateFixture.refusal(
            of: GateFixture.create { body in
                body.set("Labels", rule.0, to: .string(rule.1))
                body.set("Labels", key, to: .string(value))
            }
        )
    }

    private static let rule = ("traefik.http.routers.astro.rule", "Host(`astro.example.org`)")
}
