import ComposeFile
import Foundation
import Model
import Testing

/// Compares the loader with what Docker Compose made of a corpus of cases.
///
/// The corpus isn't part of the repository; `GYRE_COMPOSE_CORPUS` names it. A case is a folder
/// with its files, `args`, and one of `expected.json` and `expected.err`.
@Suite struct CorpusTests {
    /// What became of one case.
    fileprivate enum Result {
        case equal
        /// Compose takes it; Gyre doesn't handle all of it yet.
        case notSupported
        /// Compose takes it; Gyre refuses it on purpose, with these codes.
        case stricter(Set<String>)
        /// Both refuse it.
        case refused
        case different(String)
        case accepted
    }

    /// Codes of what Gyre refuses and Compose takes, each for the reason given.
    private static let stricterCodes: Set<String> = [
        // A node has neither the repository's files nor a home.
        "bind-of-repository-file", "bind-of-home", "bind-parent-component",
        // The engine would refuse the container.
        "duplicate-port", "port-with-replicas", "invalid-port", "invalid-restart",
        "invalid-volume",
        // Compose drops the value without a word, or it would lift a limit or a deadline.
        "invalid-size", "invalid-duration", "wrong-type",
        // The name is the operator's to give.
        "project-name",
    ]

    @Test func corpus() throws {
        let environment = ProcessInfo.processInfo.environment
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../..").standardizedFileURL
        let corpus =
            environment["GYRE_COMPOSE_CORPUS"].map { URL(filePath: $0) }
            ?? root.appending(path: "../shared/compose/corpus/open").standardizedFileURL
        guard FileManager.default.fileExists(atPath: corpus.path) else {
            print("skipped: there is no corpus at \(corpus.path)")
            return
        }
        var counts: [String: Int] = [:]
        let names = try FileManager.default.contentsOfDirectory(atPath: corpus.path).sorted()
        for name in names {
            guard let sample = try CorpusCase(at: corpus.appending(path: name)) else { continue }
            for (title, result) in try check(sample) {
                counts[result.name, default: 0] += 1
                print("corpus:", result.name, name, title)
                if case .different(let text) = result { Issue.record("\(name): \(text)") }
                if case .accepted = result { Issue.record("\(name): Compose refuses it") }
                if case .stricter(let codes) = result {
                    #expect(codes.isSubset(of: Self.stricterCodes), "\(name)")
                }
            }
        }
        print("corpus:", counts.sorted { $0.key < $1.key }.map { "\($0) \($1)" })
    }

    /// The case as it is, and without what isn't handled, so that the rest is compared too.
    private func check(_ sample: CorpusCase) throws -> [(String, Result)] {
        let whole = try result(of: sample)
        guard let expected = sample.expected, let reduced = sample.withoutRefused(),
            reduced.services != expected["services"]?.objectValue?.count ?? 0
        else { return [("", whole)] }
        return [("", whole), ("(\(reduced.services) services)", try result(of: reduced.sample))]
    }

    private func result(of sample: CorpusCase) throws -> Result {
        do {
            let stack = try sample.load()
            guard let expected = sample.expected else { return .accepted }
            return difference(composeConfig(stack), expected).map { .different($0) } ?? .equal
        } catch {
            guard sample.expected != nil else { return .refused }
            let codes = Set(error.diagnostics.filter { $0.severity == .error }.map(\.code))
            return codes == ["not-supported"]
                ? .notSupported : .stricter(codes.subtracting(["not-supported"]))
        }
    }

    /// Where two configurations differ first; nil when they are the same.
    private func difference(_ ours: JSON, _ theirs: JSON, at path: String = "") -> String? {
        switch (ours, theirs) {
        case (.object(let a), .object(let b)):
            for key in Set(a.keys).union(b.keys).sorted() {
                let place = "\(path).\(key)"
                guard let x = a[key] else { return "\(place) lacks \(b[key]?.text ?? "")" }
                guard let y = b[key] else { return "\(place) should not be: \(x.text)" }
                if let difference = difference(x, y, at: place) { return difference }
            }
            return nil
        case (.array(let a), .array(let b)) where a.count == b.count:
            for (index, pair) in zip(a, b).enumerated() {
                if let found = difference(pair.0, pair.1, at: "\(path)[\(index)]") { return found }
            }
            return nil
        case (.int(let a), .double(let b)) where Double(a) == b: return nil
        case (.double(let a), .int(let b)) where Double(b) == a: return nil
        default: return ours == theirs ? nil : "\(path) is \(ours.text), not \(theirs.text)"
        }
    }
}

extension CorpusTests.Result {
    fileprivate var name: String {
        switch self {
        case .equal: "equal"
        case .notSupported: "not supported"
        case .stricter(let codes): "refused on purpose: \(codes.sorted().joined(separator: ", "))"
        case .refused: "refused by both"
        case .different: "DIFFERENT"
        case .accepted: "ACCEPTED"
        }
    }
}
