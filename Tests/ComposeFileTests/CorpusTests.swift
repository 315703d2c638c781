import ComposeFile
import Foundation
import Model
import Testing

/// Compares the loader with what Docker Compose made of a corpus of cases.
///
/// A few cases are part of the tests; the whole corpus isn't part of the repository, and
/// `GYRE_COMPOSE_CORPUS` names it. A case is a folder with its files, `args`, and one of
/// `expected.json`, `expected.txt` and `expected.err`.
@Suite struct CorpusTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../..").standardizedFileURL

    @Test func ownCases() throws {
        let failed = try compare(Self.root.appending(path: "Tests/Fixtures/Compose"), "own")
        #expect(failed.isEmpty, "\(failed.joined(separator: "\n"))")
    }

    @Test func corpus() throws {
        let environment = ProcessInfo.processInfo.environment
        let corpus =
            environment["GYRE_COMPOSE_CORPUS"].map { URL(filePath: $0) }
            ?? Self.root.appending(path: "../shared/compose/corpus").standardizedFileURL
        guard FileManager.default.fileExists(atPath: corpus.path) else {
            print("compose corpus: skipped, there is none at \(corpus.path)")
            return
        }
        let failed = try compare(corpus.appending(path: "open"), "open")
        #expect(failed.isEmpty, "\(failed.joined(separator: "\n"))")
    }

    private func names(of folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter {
                FileManager.default.fileExists(atPath: folder.appending(path: "\($0)/args").path)
            }
            .sorted()
    }

    /// Prints how many cases of a folder passed; returns what is wrong with the others.
    private func compare(_ folder: URL, _ title: String) throws -> [String] {
        let names = try names(of: folder)
        var failed: [String] = []
        for name in names {
            let sample = try CorpusCase(at: folder.appending(path: name))
            if let problem = try problem(of: sample) { failed.append("\(name): \(problem)") }
        }
        print(
            "compose corpus: \(title): passed \(names.count - failed.count), "
                + "failed \(failed.count), skipped 0"
        )
        return failed
    }

    /// Where the loader differs from Compose; nil when it doesn't.
    private func problem(of sample: CorpusCase) throws -> String? {
        let isRefused = sample.expected("expected.err") != nil
        let answer: CorpusCase.Answer
        do {
            answer = try sample.answer()
        } catch {
            return isRefused ? nil : "is refused: \(error)"
        }
        guard !isRefused else { return "is taken, and Compose refuses it" }
        if let hashes = sample.expected("expected.hash") {
            let ours = try sample.hashes()
            let theirs = try JSON(parsing: Data(hashes.utf8)).objectValue ?? [:]
            for (name, hash) in theirs where hash.stringValue != ours[name] {
                return "the hash of \(name) differs"
            }
        }
        return try difference(answer, sample)
    }

    private func difference(_ answer: CorpusCase.Answer, _ sample: CorpusCase) throws -> String? {
        switch answer {
        case .json(let ours):
            guard let text = sample.expected("expected.json") else { return "nothing to compare" }
            return difference(ours, try JSON(parsing: Data(text.utf8)))
        case .text(let ours):
            let theirs = sample.expected("expected.txt") ?? ""
            return ours.trimmed == theirs.trimmed ? nil : "prints\n\(ours)and not\n\(theirs)"
        case .lines(let ours):
            // Of `--variables` the table is the command's; names are compared here.
            var theirs = (sample.expected("expected.txt") ?? "").split(separator: "\n")
                .map(String.init)
            if theirs.contains(where: { $0.hasPrefix("NAME ") }) {
                theirs = theirs.map { String($0.prefix { $0 != " " }) }.filter { $0 != "NAME" }
            }
            return ours.sorted() == theirs.sorted() ? nil : "prints \(ours) and not \(theirs)"
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

extension String {
    fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
