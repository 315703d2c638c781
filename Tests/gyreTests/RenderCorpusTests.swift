import Foundation
import Model
import Testing

/// Compares what `gyre render` prints with what Docker Compose sent.
///
/// A few cases are part of the tests; the whole corpus isn't part of the repository, and
/// `GYRE_COMPOSE_CORPUS` names it. Both come from the code that Gyre's own requests come from.
@Suite struct RenderCorpusTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../..").standardizedFileURL

    @Test func ownCases() throws {
        let failed = try compare(Self.root.appending(path: "Tests/Fixtures/Render"), "own engine")
        #expect(failed.isEmpty, "\(failed.joined(separator: "\n"))")
    }

    @Test(.enabled(if: corpus != nil, "there is no corpus"))
    func engineCorpus() throws {
        let corpus = try #require(Self.corpus)
        let failed = try compare(corpus.appending(path: "engine-open"), "engine-open")
        #expect(failed.isEmpty, "\(failed.joined(separator: "\n"))")
    }

    @Test(.enabled(if: corpus != nil, "there is no corpus"))
    func stackCorpus() throws {
        let corpus = try #require(Self.corpus)
        let failed = try compare(corpus.appending(path: "stack-open"), "stack-open")
        #expect(failed.isEmpty, "\(failed.joined(separator: "\n"))")
    }

    private static var corpus: URL? {
        let environment = ProcessInfo.processInfo.environment
        let corpus =
            environment["GYRE_COMPOSE_CORPUS"].map { URL(filePath: $0) }
            ?? root.appending(path: "../shared/compose/corpus").standardizedFileURL
        guard FileManager.default.fileExists(atPath: corpus.path) else {
            print("compose corpus: skipped, there is none at \(corpus.path)")
            return nil
        }
        return corpus
    }

    /// Prints how many cases of a folder passed; returns what is wrong with the others.
    private func compare(_ folder: URL, _ title: String) throws -> [String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter {
                FileManager.default.fileExists(atPath: folder.appending(path: "\($0)/args").path)
            }
            .sorted()
        let failed = try names.compactMap { name -> String? in
            let problem = try problem(of: RenderCase(at: folder.appending(path: name)))
            return problem.map { "\(name): \($0)" }
        }
        print(
            "compose corpus: \(title): passed \(names.count - failed.count), "
                + "failed \(failed.count), skipped 0"
        )
        failed.forEach { print("compose corpus: \(title): \($0)") }
        return failed
    }

    private func problem(of sample: RenderCase) throws -> String? {
        if let theirs = try sample.expected("expected.stack.json") {
            return swarmProblem(of: sample, theirs)
        }
        let files = [
            (APIVersion(1, 41), "expected.create.json"),
            (APIVersion(1, 52), "expected.create-modern.json"),
        ]
        for (api, file) in files {
            guard let theirs = try sample.expected(file) else { continue }
            do {
                let ours = try sample.rendered(api)
                if let difference = difference(ours, theirs) { return "\(api): \(difference)" }
            } catch {
                return "\(api): is refused: \(error)"
            }
        }
        return nil
    }

    private func swarmProblem(of sample: RenderCase, _ theirs: JSON) -> String? {
        let isRefused = theirs["exit"] != 0
        do {
            let ours = try sample.swarm()
            for part in ["networks", "secrets", "configs", "services", "exit"] {
                let found = difference(ours[part] ?? [], theirs[part] ?? [], at: part)
                if let found { return found }
            }
            return nil
        } catch {
            return isRefused ? nil : "is refused: \(error)"
        }
    }

    /// Where two answers differ first; nil when they are the same, but for what the page of
    /// differences names.
    private func difference(_ ours: JSON, _ theirs: JSON) -> String? {
        // An engine that refuses a body ends it there; without one all bodies are printed.
        let isRefusedByEngine = theirs.text.contains("__engine_error")
        let parts = ["networks", "volumes", "containers", "connects"]
        for part in parts where !(isRefusedByEngine && part != "networks" && theirs[part] == []) {
            let ours = CanonicalBody.of(ours[part] ?? []).comparable
            let theirs = CanonicalBody.of(theirs[part] ?? []).comparable
            if let found = difference(ours, theirs, at: part) { return found }
        }
        let exits = (ours["exit"]?.intValue, theirs["exit"]?.intValue)
        return exits.0 == exits.1 || isRefusedByEngine ? nil : "exits with \(exits)"
    }

    private func difference(_ ours: JSON, _ theirs: JSON, at path: String) -> String? {
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
        case (.string("${HASH}"), _) where path.hasSuffix(".config-hash"):
            // Engine ids are hashed, which nobody knows but the engine.
            return nil
        case (.int(let a), .double(let b)) where Double(a) == b: return nil
        default: return ours == theirs ? nil : "\(path) is \(ours.text), not \(theirs.text)"
        }
    }
}

extension JSON {
    /// Without what only an engine can know.
    fileprivate var comparable: JSON {
        switch self {
        case .object(var members):
            members["__engine_error"] = nil
            members["com.docker.compose.image-volume-digest"] = nil
            return .object(members.mapValues(\.comparable))
        case .array(let values): return .array(values.map(\.comparable))
        default: return self
        }
    }
}
