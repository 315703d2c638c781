import Admission
import ComposeFile
import Foundation
import Model
import Testing

/// Judges a corpus of tenants' repositories from their bytes, as the controller would.
///
/// The corpus isn't part of the repository; `GYRE_POLICY_CORPUS` names it. A case is a folder with
/// a repository's files and `case.json`, which says what policy has to say of them. A file that
/// can't be loaded is denied.
@Suite struct PolicyCorpusTests {
    private static let root = ProcessInfo.processInfo.environment["GYRE_POLICY_CORPUS"].map {
        URL(filePath: $0)
    }

    /// What a case says of itself.
    private struct Expectation: Decodable {
        var expect: String
        var topic: String
        var mutated: [String]?
        var links: [String: String]?

        enum CodingKeys: String, CodingKey {
            case expect, mutated, links
            case topic = "rule-class"
        }
    }

    @Test func decidesAsTheCasesSay() throws {
        guard let root = Self.root else { return print("skipped: no GYRE_POLICY_CORPUS") }
        var counts: [String: Int] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: root.path).sorted() {
            let folder = root.appending(path: name)
            guard let data = try? Data(contentsOf: folder.appending(path: "case.json")) else {
                continue
            }
            let expectation = try JSONDecoder().decode(Expectation.self, from: data)
            let verdict = judge(try snapshot(of: folder, links: expectation.links ?? [:]))
            let isRight = verdict.isRight(of: expectation.expect, expectation.mutated ?? [])
            counts["\(expectation.expect) \(verdict.name)", default: 0] += 1
            print("corpus:", isRight ? "right" : "WRONG", name, expectation.expect, verdict.text)
            if isRight, !verdict.topics.isEmpty, !verdict.topics.contains(expectation.topic) {
                print("corpus: denied for", verdict.topics.sorted(), "not", expectation.topic)
            }
            // What can't be loaded yet is too strict, which is safe; too lax never is.
            if !isRight, expectation.expect == "deny" || verdict.name != "unloadable" {
                Issue.record("\(name): expected \(expectation.expect), got \(verdict.text)")
            }
        }
        print("corpus:", counts.sorted { $0.key < $1.key })
    }

    /// What became of a case.
    private enum Verdict {
        case unloadable(Rejection)
        case denied(Rejection)
        case admitted([Mutation])

        var name: String {
            switch self {
            case .unloadable: "unloadable"
            case .denied: "denied"
            case .admitted: "admitted"
            }
        }

        var text: String {
            switch self {
            case .unloadable(let rejection), .denied(let rejection):
                "\(name) \(Set(rejection.diagnostics.map(\.code)).sorted())"
            case .admitted(let mutations): "\(name) \(mutations.map(\.field.description))"
            }
        }

        /// What the rules that denied are about.
        var topics: Set<String> {
            guard case .denied(let rejection) = self else { return [] }
            let codes = Set(rejection.diagnostics.map(\.code))
            return Set(Rule.restricted.filter { codes.contains($0.id) }.map(\.topic.rawValue))
        }

        func isRight(of expected: String, _ mutated: [String]) -> Bool {
            switch self {
            case .unloadable, .denied: expected == "deny"
            case .admitted(let mutations):
                expected != "deny" && Set(mutations.map(\.field.description)) == Set(mutated)
            }
        }
    }

    private func judge(_ snapshot: Snapshot) -> Verdict {
        let stack: Stack
        do {
            stack = try Stack(reading: snapshot, at: "", id: Astro.id)
        } catch {
            return .unloadable(error)
        }
        do {
            return .admitted(try Astro.policy.admit(stack).mutations)
        } catch {
            return .denied(error)
        }
    }

    private func snapshot(of folder: URL, links: [String: String]) throws -> Snapshot {
        var entries: [String: Snapshot.Entry] = links.mapValues { .link($0) }
        let paths = FileManager.default.enumerator(atPath: folder.path)?.compactMap {
            $0 as? String
        }
        for path in paths ?? [] where path != "case.json" && entries[path] == nil {
            let url = folder.appending(path: path)
            guard let data = try? Data(contentsOf: url) else { continue }
            entries[path] = .file(Array(data))
        }
        let commit = Commit(
            id: String(repeating: "0", count: 40),
            author: "",
            seconds: 0,
            message: ""
        )
        return Snapshot(commit: commit, entries: entries)
    }
}
