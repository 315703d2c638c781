import Admission
import ComposeFile
import Model
import TestSupport
import Testing

/// No way of writing an attribute that is denied lets it pass: generated files, each with one of
/// them, carried by anchors, other services, other files and other documents.
@Suite struct HostileFileLawTests {
    /// Where the attribute stands.
    private enum Carrier: CaseIterable {
        case plain, anchor, listOfAnchors, service, file, included, override, document, json
        case dormant
    }

    @Test(arguments: 0..<(HostileAttributes.ofServices.count * Carrier.allCases.count))
    func noSpellingLetsItPass(seed: Int) throws {
        var random = SplitMix64(seed: seed)
        let attributes = HostileAttributes.ofServices
        let attribute = attributes[seed % attributes.count]
        let carrier = Carrier.allCases[seed / attributes.count % Carrier.allCases.count]
        let line = carrier == .json ? attribute.line : respelled(attribute.line, &random)
        var files = files(line, by: carrier)
        if carrier != .json, random.chance(50) {
            files["compose.yaml", default: ""] += "\nx-noise: {privileged: no}\n"
        }
        let findings = denials(of: files)
        #expect(
            findings.contains { attribute.topics.contains(Rule.Topic.of($0)) },
            "\(carrier) \(files): \(findings.map(\.code))"
        )
        #expect(findings.allSatisfy { $0.location != nil }, "\(files)")
    }

    /// What stands beside services, in the file itself, another one, or another document.
    @Test(arguments: HostileAttributes.ofFiles.indices)
    func noFileBringsIt(index: Int) throws {
        let (top, line, topics) = HostileAttributes.ofFiles[index]
        let web = "services:\n  web:\n    image: nginx\n"
        let whole = "services:\n  own:\n    image: nginx\n    \(line)\n\(top)\n"
        let ways: [[String: String]] = [
            ["compose.yaml": whole], ["compose.yaml": web + "---\n" + whole],
            ["compose.yaml": web, "compose.override.yaml": whole],
            ["compose.yaml": "include: [a/b.yaml]\n" + web, "a/b.yaml": whole],
        ]
        let more = ["more.yaml", "a/more.yaml"].map { ($0, "services: {m: {image: nginx}}") }
        for way in ways {
            let files = way.merging(more) { $1 }
            let findings = denials(of: files)
            #expect(
                findings.contains { topics.contains(Rule.Topic.of($0)) },
                "\(files): \(findings.map(\.code))"
            )
            #expect(findings.allSatisfy { $0.location != nil }, "\(files)")
        }
    }

    /// The carriers alone bring nothing that is denied.
    @Test(arguments: ["init: true", "cap_add: [chown]", "tmpfs: [/run]", "scale: 2"])
    func noCarrierIsDenied(line: String) {
        for carrier in Carrier.allCases {
            #expect(denials(of: files(line, by: carrier)).isEmpty, "\(carrier)")
        }
    }

    private func denials(of files: [String: String]) -> [Diagnostic] {
        let commit = Commit(
            id: String(repeating: "0", count: 40),
            author: "",
            seconds: 0,
            message: ""
        )
        let entries = files.mapValues { Snapshot.Entry.file(Array($0.utf8)) }
        let snapshot = Snapshot(commit: commit, entries: entries)
        do {
            _ = try Astro.policy.admit(try StackReading(of: snapshot, at: "", id: Astro.id))
            return []
        } catch {
            return error.diagnostics.filter { $0.severity == .error }
        }
    }

    /// The same in other words: a plain value by a variable's default, or a key in quotes.
    private func respelled(_ line: String, _ random: inout SplitMix64) -> String {
        let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
        let value = parts[1].drop { $0 == " " }
        let isPlain = value.allSatisfy { $0.isLetter || $0.isNumber || "/_".contains($0) }
        switch Int.random(in: 0..<3, using: &random) {
        case 0 where isPlain: return "\(parts[0]): ${NOTHING:-\(value)}"
        case 1: return "\"\(parts[0])\":  \(value)"
        default: return line
        }
    }

    private func files(_ line: String, by carrier: Carrier) -> [String: String] {
        let isImage = line.hasPrefix("image") || line.hasPrefix("\"image\"")
        let image = isImage ? "" : "image: nginx"
        let web = "services:\n  web:\n    image: nginx\n"
        let base = "services:\n  base:\n    \(image)\n    \(line)\n"
        let own = "services:\n  web:\n    \(image)\n"
        switch carrier {
        case .plain: return ["compose.yaml": own + "    \(line)\n"]
        case .dormant:
            let asleep = "  asleep:\n    profiles: [p]\n    \(image)\n    \(line)\n"
            return ["compose.yaml": web + asleep]
        case .anchor: return ["compose.yaml": "x-a: &a\n  \(line)\n" + own + "    <<: *a\n"]
        case .listOfAnchors:
            let anchors = "x-a: &a {init: true}\nx-b: &b\n  \(line)\n"
            return ["compose.yaml": anchors + own + "    <<: [*a, *b]\n"]
        case .service: return ["compose.yaml": base + "  web:\n    extends: base\n"]
        case .file:
            let extended = "services:\n  web:\n    extends: {file: a/b.yaml, service: base}\n"
            return ["compose.yaml": extended, "a/b.yaml": base]
        case .included: return ["compose.yaml": "include: [a/b.yaml]\n" + web, "a/b.yaml": base]
        case .override:
            return ["compose.yaml": web, "compose.override.yaml": own + "    \(line)\n"]
        case .document: return ["compose.yaml": web + "---\n" + own + "    \(line)\n"]
        case .json:
            let body = isImage ? "{\(line)}" : "{\"image\": \"nginx\", \(line)}"
            return ["compose.yaml": "{\"services\": {\"web\": \(body)}}"]
        }
    }
}
