import Admission
import Foundation
import Model

/// A tenant's repository and what policy has to say of it: a folder with the repository's files
/// and `case.json`, which is not one of them.
struct PolicyCase: Sendable {
    let name: String
    let expectation: Expectation
    let snapshot: Snapshot

    /// What a case says of itself.
    struct Expectation: Decodable, Sendable {
        /// `allow`, `mutate` or `deny`.
        var expect: String
        /// What the rule that decides is about.
        var topic: String
        /// The fields that are filled in.
        var mutated: [String]?
        /// What Gyre doesn't do yet, so that the case is still denied.
        var waits: String?
        /// Links of the tree that a plain copy of it doesn't have.
        var links: [String: String]?
        /// By path of a field: what its containers get in the end.
        var facts: [String: Fact]?

        enum CodingKeys: String, CodingKey {
            case expect, mutated, waits, links
            case facts = "assert"
            case topic = "rule-class"
        }
    }

    /// The value of a field, as text; nil when it is not set.
    struct Fact: Decodable, Equatable, Sendable, CustomStringConvertible {
        var text: String?

        init(_ text: String?) { self.text = text }

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if value.decodeNil() {
                text = nil
            } else if let number = try? value.decode(Int64.self) {
                text = String(number)
            } else {
                text = try value.decode(String.self)
            }
        }

        var description: String { text.map { "'\($0)'" } ?? "unset" }
    }

    /// Where `astro.yaml` and the cases are.
    static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Fixtures/policy").standardizedFileURL

    /// More cases, which are not a part of the repository; nil when nobody names any.
    static let namedFolder = ProcessInfo.processInfo.environment["GYRE_POLICY_CORPUS"]
        .map { URL(filePath: $0) }

    /// The cases below `folder`, by name; what begins with `_` is none.
    static func all(in folder: URL) throws -> [PolicyCase] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path()).sorted()
        return try names.filter { !$0.hasPrefix("_") }.map { name in
            let folder = folder.appending(path: name)
            let data = try Data(contentsOf: folder.appending(path: "case.json"))
            let expectation = try JSONDecoder().decode(Expectation.self, from: data)
            let snapshot = try snapshot(of: folder, links: expectation.links ?? [:])
            return PolicyCase(name: name, expectation: expectation, snapshot: snapshot)
        }
    }

    private static func snapshot(of folder: URL, links: [String: String]) throws -> Snapshot {
        var entries: [String: Snapshot.Entry] = links.mapValues { .link($0) }
        let paths = FileManager.default.enumerator(atPath: folder.path())?.compactMap {
            $0 as? String
        }
        for path in paths ?? [] where path != "case.json" && entries[path] == nil {
            let url = folder.appending(path: path)
            guard let data = try? Data(contentsOf: url) else { continue }
            entries[path] = .file(Array(data))
        }
        for path in submodules(entries[".gitmodules"]) { entries[path] = .submodule }
        let commit = Commit(
            id: String(repeating: "0", count: 40),
            author: "",
            seconds: 0,
            message: ""
        )
        return Snapshot(commit: commit, entries: entries)
    }

    /// A folder of files doesn't show where a commit has the commit of another repository.
    private static func submodules(_ modules: Snapshot.Entry?) -> [String] {
        guard case .file(let bytes) = modules else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { line in
            let parts = line.split(separator: "=").map { $0.trimmingCharacters(in: .whitespaces) }
            return parts.count == 2 && parts[0] == "path" ? parts[1] : nil
        }
    }
}
